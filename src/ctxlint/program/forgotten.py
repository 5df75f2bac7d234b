"""Tasks that outlive the request that starts them, without being workers: nobody waits for them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from ..facts import model as m
from .index import ModuleIndex
from .places import Place
from .scope import Scope
from .scopes import Reach
from .spawns import Spawn
from .timers import started_function
from .trees import last_name, offset

if TYPE_CHECKING:
    from .program import Judgement, Program

_KEEPING: Final = frozenset({"add", "append", "appendleft", "insert", "extend"})
_HANDLING: Final = frozenset({"add_done_callback", "set_name", "cancel", "done", "cancelled"})
_DROPPING: Final = frozenset({"discard", "remove", "pop", "clear", "popleft"})
_TELLING: Final = frozenset({"set_result", "set_exception", "set", "put_nowait"})
_CLOSING: Final = re.compile(
    r"stop|clos|shut|exit|teardown|finish|clean|disconnect|dispose|cancel|drain|kill|del__"
)
_WAITS: Final = frozenset({"sleep", "sleep_until", "wait"})


class Forgotten(Struct, frozen=True):
    """A task that goes on behind its request: why nobody waits for it, and who starts it."""

    judgement: Judgement
    reason: str
    reach: Reach
    steps: tuple[Place, ...]


class ForgottenTasks:
    """Finds out what becomes of the tasks that spawns return."""

    def __init__(self, program: Program) -> None:
        self._program = program

    def of(self, judgement: Judgement) -> Forgotten | None:
        """Why a task outlives its request; None if it may not, or is a worker. Cheapest first."""
        spawn, program = judgement.spawn, self._program
        if spawn.kind != "task" or spawn.row.group or spawn.row.awaited or spawn.row.detached:
            return None
        reason = self._kept(spawn.call, spawn.module, set())
        if reason is None or judgement.bounded is not None:
            return None
        if judgement.worker_alone is not None or judgement.chain is not None:
            return None
        if program.detachment.of(spawn) is not None or judgement.reached.passed:
            return None
        if program.scopes.per_item(spawn.call, spawn.module) is not None:
            return None  # what is started for each item is the item's own handling
        reach = program.scopes.reach(spawn.call, spawn.module, through_workers=False)
        if not reach.in_request:
            return None
        return Forgotten(judgement, reason, reach, tuple(self._steps(spawn)))

    def _steps(self, spawn: Spawn) -> Iterator[Place]:
        """Where the tasks that are started wait before they work."""
        for value in spawn.values:
            function = started_function(value)
            wait = _waits_first(function) if function is not None else None
            if function is not None and wait is not None:
                yield Place(function.module, wait.at, f"{function.label} waits before it works")

    # --- what becomes of the task --------------------------------------------------------------

    def _kept(self, task: m.Expression, module: ModuleIndex, seen: set[str]) -> str | None:
        """Where a task, or a collection with it, is kept while nobody waits; None if one may."""
        node: m.Node = task
        parent = module.parents.get(node)
        while isinstance(parent, m.Sequence | m.Comprehension | m.Conditional | m.Boolean):
            node, parent = parent, module.parents.get(parent)
        if isinstance(parent, m.Evaluate):
            return "its result is thrown away"
        if isinstance(parent, m.Assign) and parent.value is node:
            return self._all(parent.targets, module, seen)
        if isinstance(parent, m.Call) and node in parent.args:
            if isinstance(parent.func, m.Attribute) and parent.func.attr in _KEEPING:
                return self._all((parent.func.value,), module, seen)
        if isinstance(parent, m.Attribute) and parent.attr in _HANDLING:
            call = module.parents.get(parent)
            if isinstance(call, m.Call) and isinstance(module.parents.get(call), m.Evaluate):
                return None if self._tells(call, module) else "its result is thrown away"
        return None

    def _tells(self, call: m.Call, module: ModuleIndex) -> bool:
        """Whether a callback tells somebody how the task ended: ``future.set_result(...)``."""
        if last_name(call.func) != "add_done_callback" or not call.args:
            return False
        values = self._program.resolver.evaluate(call.args[0], module.scope_of(call))
        return any(
            isinstance(node, m.Call) and last_name(node.func) in _TELLING
            for value in values
            if (function := started_function(value)) is not None
            for node in function.nodes
        )

    def _all(
        self, targets: tuple[m.Expression, ...], module: ModuleIndex, seen: set[str]
    ) -> str | None:
        reasons = [self._in(target, module, seen) for target in targets]
        return reasons[0] if reasons and None not in reasons else None

    def _in(self, target: m.Expression, module: ModuleIndex, seen: set[str]) -> str | None:
        """Whether a variable, or an attribute, only holds the task."""
        while isinstance(target, m.Subscript):
            target = target.value
        if isinstance(target, m.Attribute):
            entering = module.scope_of(target).name in ("__enter__", "__aenter__")
            if entering or self._is_waited_for(target.attr, module):
                return None  # whoever enters will leave
            return f"nobody waits for what {last_name(target.value)}.{target.attr} holds"
        if not isinstance(target, m.Name):
            return None
        if target.id in seen:
            return f"nobody waits for {target.id}"
        seen.add(target.id)
        scope = module.scope_of(target)
        home = self._program.resolver.binding_scope(target.id, scope)
        if home is None or home.function is None:
            waited = self._is_waited_for(target.id, module)
            return None if waited else f"nobody waits for what {target.id} holds"
        return self._in_local(target, home, seen)

    def _in_local(self, target: m.Name, home: Scope, seen: set[str]) -> str | None:
        """Whether no use of a local variable waits for the task, or hands it on."""
        kept = "its result is thrown away"
        for use in home.module.uses(target.id):
            if use is target or not isinstance(use, m.Name):
                continue
            if self._program.resolver.binding_scope(use.id, home.module.scope_of(use)) is not home:
                continue
            if self._only_looks(use, home.module):
                continue
            found = self._kept(use, home.module, seen)
            if found is None:
                return None
            kept = found
        return kept

    def _is_waited_for(self, name: str, module: ModuleIndex) -> bool:
        """Whether a module waits for what a name holds, or may, other than where it closes."""
        return any(
            not self._only_looks(use, module)
            and not _CLOSING.search(module.scope_of(use).name.lower())
            for use in module.uses(name)
        )

    def _only_looks(self, use: m.Name | m.Attribute, module: ModuleIndex) -> bool:
        """Whether a use asks or tells the task something, or only is what is assigned to."""
        node: m.Node = use
        parent = module.parents.get(node)
        while isinstance(parent, m.Subscript) and parent.value is node:
            node, parent = parent, module.parents.get(parent)
        if isinstance(parent, m.Attribute):
            call = module.parents.get(parent)
            handling = parent.attr in _HANDLING
            if handling and isinstance(call, m.Call) and self._tells(call, module):
                return False
            return handling or parent.attr in _KEEPING | _DROPPING
        if isinstance(parent, m.Call) and parent.func is not node:
            return last_name(parent.func) in _DROPPING | {"len", "bool", "isinstance"}
        if isinstance(parent, m.Assign):
            return node in parent.targets
        return isinstance(parent, m.If | m.While | m.Not | m.Compare | m.Boolean | m.Conditional)


def _waits_first(function: Scope) -> m.Await | None:
    """The wait with which a coroutine function begins its work, if it does."""
    for node in function.nodes:
        if isinstance(node, m.Await):
            is_wait = isinstance(node.value, m.Call) and last_name(node.value.func) in _WAITS
            return node if is_wait and offset(node) else None
    return None
