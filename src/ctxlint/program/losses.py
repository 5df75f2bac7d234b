"""Losses: request work given to a thread or a pool that sees nothing of the request's context."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from .. import apis
from ..facts import model as m
from .evidence import Evidence, Read
from .pools import Pool, Pools
from .scope import Scope
from .scopes import Reach
from .spawns import Spawn
from .values import External, FunctionValue, Invocation, Partial, Value

if TYPE_CHECKING:
    from .program import Program

_THREADS: Final = frozenset({"threading.Thread", "threading.Timer", "_thread.start_new_thread"})
_CALLBACK: Final = "concurrent.futures.Future.add_done_callback"


class Loss(Struct, frozen=True):
    """What is known of one spawn whose callee starts with an empty context.

    A question that an earlier answer made pointless stays None.
    """

    spawn: Spawn
    pool: Pool | None
    carried: str | None
    read: Read | None = None
    reach: Reach | None = None

    @property
    def is_leak(self) -> bool:
        return self.read is not None and self.reach is not None and self.reach.in_request


class Losses:
    """Judges the spawns that cross into another thread; memoised."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._resolver = program.resolver
        self.evidence: Final = Evidence(program)
        self._pools = Pools(program.resolver, program.contexts)
        self._judged: dict[Spawn, Loss] = {}

    def in_file(self, path: Path) -> Iterator[Loss]:
        """The leaking spawns of one file, in source order."""
        program = self._program
        module = program.module(path) if program.sieve.may_lose(path) else None
        for spawn in program.spawns.in_module(module) if module is not None else ():
            if crosses(spawn):
                loss = self.judge(spawn)
                if loss.is_leak:
                    yield loss

    def judge(self, spawn: Spawn) -> Loss:
        """Answer the questions about one spawn, cheapest first."""
        if spawn not in self._judged:
            self._judged[spawn] = self._judge(spawn)
        return self._judged[spawn]

    def _judge(self, spawn: Spawn) -> Loss:
        pool = self._pools.of(spawn) if spawn.kind == "executor" else None
        carried = self._carried(spawn, pool)
        if carried is not None:
            return Loss(spawn, pool, carried)
        read = self.evidence.of(spawn)
        if read is None or self._outlives(spawn):
            return Loss(spawn, pool, None, read)
        reach = self._program.scopes.reach(spawn.call, spawn.module, through_workers=False)
        return Loss(spawn, pool, None, read, reach)

    def _outlives(self, spawn: Spawn) -> bool:
        """Whether it is a worker, or a timer that arms itself again, and no part of the request."""
        if self.evidence.following.outlives(spawn):
            return True
        return spawn.kind == "timer" and self._program.timers.chain(spawn) is not None

    # --- what sees to the context ----------------------------------------------------------------

    def _carried(self, spawn: Spawn, pool: Pool | None) -> str | None:
        """Why nothing is lost, as a phrase; None if something may be."""
        if pool == "processes":
            return "it runs in another process, to which no context can be sent"
        if pool == "carrying":
            return "the pool sees to the context itself"
        if spawn.row.detached or spawn.runner is not None or spawn.keyword("context") is not None:
            return "it is given a context"
        callee = spawn.callee
        given = self._resolver.evaluate(callee, spawn.scope) if callee is not None else ()
        if any(self._carries(value) for value in (*given, *spawn.values)):
            return "it runs in a context that it is given"
        return None

    def _carries(self, value: Value) -> bool:
        if isinstance(value, Partial):
            value = value.target
        if isinstance(value, External):
            return value.name == apis.CONTEXT_RUN
        if isinstance(value, Invocation):
            value = value.function
        return isinstance(value, FunctionValue) and self._is_wrapped(value.scope)

    def _is_wrapped(self, function: Scope) -> bool:
        """Whether a decorator has the function run in a context captured before."""
        where = function.parent or function
        for decorator in function.decorators:
            for value in self._resolver.evaluate(decorator, where):
                if isinstance(value, External) and value.name in apis.CARRYING_DECORATORS:
                    return True
        wrappers = self.evidence.following.wrappers(function)
        return any(self._enters_context(each) for each in wrappers)

    def _enters_context(self, function: Scope) -> bool:
        return any(
            isinstance(node, m.Call)
            and any(
                isinstance(value, External) and value.name == apis.CONTEXT_RUN
                for value in self._resolver.evaluate(node.func, function)
            )
            for node in function.nodes
        )


def crosses(spawn: Spawn) -> bool:
    """Whether what is spawned runs in another thread, which starts with an empty context."""
    if spawn.kind == "executor":
        return spawn.row.name != _CALLBACK
    return spawn.row.name in _THREADS
