"""From the gets of queues to the spawns of the workers that take their items."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from ..facts import model as m
from .queues import Get, Queue
from .scope import Scope
from .spawns import Spawn
from .uses import Use, alternatives_around

if TYPE_CHECKING:
    from .program import Judgement, Program

_MAX_CALLERS: Final = 40


class Consumers:
    """Finds all spawns of a queue's consumers; a finding needs to know but one."""

    def __init__(self, program: Program) -> None:
        self._program: Final = program
        self._spawning_calls: Final[dict[Queue, frozenset[m.Call]]] = {}

    def spawning(self, queue: Queue) -> frozenset[m.Call]:
        """The calls that spawn a queue's consumers, as far as they are found outside tests."""
        if queue not in self._spawning_calls:
            calls = frozenset(spawn.call for spawn in self.spawns(queue.gets))
            self._spawning_calls[queue] = calls
        return self._spawning_calls[queue]

    def leaking(self, gets: Iterable[Get]) -> list[Judgement]:
        """The spawns that keep their starter's context and take items off a queue."""
        judged = (self._program.judge(spawn) for spawn in self.spawns(gets))
        return [each for each in judged if each.leaks]

    def spawns(self, gets: Iterable[Get]) -> list[Spawn]:
        """All spawns of functions in which some gets run, each once."""
        found: dict[object, Spawn] = {}
        seen: set[Scope] = set()
        for get in gets:
            for spawn in self._above(get.scope, seen):
                found.setdefault(spawn.call, spawn)
        return list(found.values())

    def _above(self, scope: Scope, seen: set[Scope]) -> Iterator[Spawn]:
        if scope in seen or len(seen) > _MAX_CALLERS or scope.function is None:
            return
        seen.add(scope)
        for use in self._program.calls.uses(scope):
            spawns = self._spawns_of(use)
            yield from spawns
            if not spawns and (use.call is not None or use.certain):
                yield from self._above(use.scope, seen)

    def _spawns_of(self, use: Use) -> list[Spawn]:
        """The spawn that a use of a consumer makes, or those a function makes of its argument."""
        spawn = self._program.scopes.spawning(use)
        if spawn is not None:
            return [spawn]
        module = use.module
        given = alternatives_around(use.call if use.call is not None else use.node, module)
        call = module.parents.get(given)
        if not isinstance(call, m.Call) or call.func is given:
            return []
        spawn = self._program.spawns.at(call, module)
        return [spawn] if spawn is not None else list(self._program.wrappers.all_spawning(use))
