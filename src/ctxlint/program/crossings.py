"""Crossings: functions that run in a context that is not their caller's, and how they get there.

A pool's thread, a thread and the callback of a pool's future start with a context of their own. A
function runs there if every use of it, followed through wrappers, partials and parameters, ends at
such a spawn: one that also runs where its caller does may copy that caller's context.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from .. import apis
from ..facts import model as m
from .arguments import argument_for, passed_beside
from .calls import CallGraph
from .index import ModuleIndex
from .places import Place
from .resolve import Resolver
from .scope import Scope
from .spawns import Spawn, Spawns
from .trees import last_name, offset
from .uses import Use, alternatives_around
from .values import External, FunctionValue, Partial, Values

_SUBMIT: Final = "concurrent.futures.Executor.submit"
_MAX_STEPS: Final = 8


class Crossing(Struct, frozen=True):
    """One way on which a function gets to the far side.

    ``spawn`` is None where a Thread subclass runs it; ``steps`` lead from the spawn to the
    function.
    """

    spawn: Spawn | None
    steps: tuple[Place, ...]

    @property
    def runner(self) -> str:
        """What runs the function, for messages."""
        if self.spawn is None or self.spawn.kind == "thread":
            return "thread"
        if self.spawn.row.name.endswith(".add_done_callback"):
            return "thread that completes the future"
        return "timer's thread" if self.spawn.kind == "timer" else "pool's thread"


Crossed = tuple[Crossing, ...]


class Crossings:
    """Follows functions forward from their uses to the spawns that run them; memoised."""

    def __init__(
        self,
        resolver: Resolver,
        calls: CallGraph,
        spawns: Spawns,
        is_prepared: Callable[[Scope, m.Node], bool],
    ) -> None:
        self._resolver = resolver
        self._calls = calls
        self._spawns = spawns
        self._is_prepared = is_prepared

    def of(self, function: Scope) -> Crossed:
        """How a function gets to the far side; empty if it may also run elsewhere, or unknown."""
        return self._resolver.fixpoint.solve(
            ("crossings", function), lambda: self._of(function), ()
        )

    def spawn_at(self, call: m.Call, module: ModuleIndex) -> Spawn | None:
        """The spawn that a call makes, ``submit`` taken for an executor's where nobody knows."""
        return self._spawns.at(call, module) or self._spawns.by_name(
            call, module, "submit", _SUBMIT
        )

    def _of(self, function: Scope) -> Crossed:
        if self._calls.is_thread_run(function):
            text = f"{function.label} is what the thread runs"
            return (Crossing(None, (Place(function.module, function.at, text),)),)
        return self._all(self._used(use, function) for use in self._calls.uses(function))

    @staticmethod
    def _all(ways: Iterable[Crossed]) -> Crossed:
        """Every way, if every one of them is a crossing."""
        found: list[Crossing] = []
        for way in ways:
            if not way:
                return ()
            found += way
        return tuple(found)

    def _used(self, use: Use, function: Scope) -> Crossed:
        if not use.certain:
            return ()
        if use.call is not None:
            return self._called(use.call, use.module, function)
        if isinstance(use.module.parents.get(use.node), m.Function):
            return ()  # a decorator: what it returns is not the function's own run
        return self._handed(use.node, use.module)

    def _called(self, call: m.Call, module: ModuleIndex, function: Scope) -> Crossed:
        """A call runs where its caller does; that of a coroutine function where it is awaited."""
        scope = module.scope_of(call)
        definition = function.function
        if definition is not None and definition.is_async:
            holder = module.parents.get(call)
            if isinstance(holder, m.Call) and holder.func is not call:
                spawn = self.spawn_at(holder, module)
                if spawn is not None and self._crosses(spawn):
                    return (self._start(spawn),) if self._runs_coroutine(spawn) else ()
        if scope.function is None or self._is_prepared(scope, call):
            return ()
        step = Place(module, offset(call), f"{scope.label} calls {function.label}")
        return tuple(_longer(each, step) for each in self.of(scope))

    def _runs_coroutine(self, spawn: Spawn) -> bool:
        """``submit(asyncio.run, job())``"""
        callee = spawn.callee
        values = self._resolver.evaluate(callee, spawn.scope) if callee is not None else ()
        runners = apis.RUNNERS - {apis.CONTEXT_RUN}  # which has a context to run it in
        return any(isinstance(v, External) and v.name in runners for v in values)

    # --- callables handed on -------------------------------------------------------------------

    def _handed(self, node: m.Expression, module: ModuleIndex) -> Crossed:
        """Where a callable goes: to a spawn, under another name, to a function, back to callers."""
        return self._resolver.fixpoint.solve(
            ("handed", node), lambda: self._find_handed(node, module), ()
        )

    def _find_handed(self, node: m.Expression, module: ModuleIndex) -> Crossed:
        node = alternatives_around(node, module)
        parent = module.parents.get(node)
        if isinstance(parent, m.Assign) and parent.value is node:
            return self._assigned(parent, module)
        if isinstance(parent, m.Return):
            return self._returned(module.scope_of(node))
        call = module.parents.get(parent) if isinstance(parent, m.Keyword) else parent
        if not isinstance(call, m.Call) or call.func is node:
            return self._called_by_name(call, module) if isinstance(call, m.Call) else ()
        spawn = self.spawn_at(call, module)
        if spawn is not None and spawn.callee is node:
            return (self._start(spawn),) if self._crosses(spawn) else ()
        callee = spawn.callee if spawn is not None else call.func
        if callee is None:
            return ()
        values = self._resolver.evaluate(callee, module.scope_of(call))
        if any(isinstance(v, External) and v.name == "functools.partial" for v in values):
            return self._handed(call, module) if call.args[0] is node else ()
        return self._passed(node, callee, values, module)

    def _called_by_name(self, call: m.Call, module: ModuleIndex) -> Crossed:
        """A callable called under another name, or by the function that was given it."""
        scope = module.scope_of(call)
        if scope.function is None or self._is_prepared(scope, call):
            return ()
        return self.of(scope)

    def _assigned(self, statement: m.Assign, module: ModuleIndex) -> Crossed:
        """All that is done with a local name."""
        target = statement.targets[0]
        scope = module.scope_of(statement)
        if len(statement.targets) != 1 or not isinstance(target, m.Name):
            return ()
        return self._name(target.id, scope)

    def _name(self, name: str, home: Scope) -> Crossed:
        module = home.module
        return self._all(
            self._handed(node, module)
            for node in module.uses(name)
            if isinstance(node, m.Name)
            and self._resolver.binding_scope(name, module.scope_of(node)) is home
            and not _only_asks(node, module)
        )

    def _returned(self, maker: Scope) -> Crossed:
        """What the callers of a function do with the callable that it makes."""
        return self._all(self._made(use) for use in self._calls.uses(maker))

    def _made(self, use: Use) -> Crossed:
        decorated = use.module.parents.get(use.node)
        if isinstance(decorated, m.Function):
            return self.of(use.module.scopes[decorated])
        return self._handed(use.call, use.module) if use.call is not None and use.certain else ()

    def _passed(
        self, node: m.Expression, callee: m.Expression, values: Values, module: ModuleIndex
    ) -> Crossed:
        """What a function of the project does with a callable that it is given."""
        functions = [each for each in map(_function, values) if each is not None]
        return self._all(self._given(node, callee, each, module) for each in functions)

    def _given(
        self, node: m.Expression, callee: m.Expression, function: Scope, module: ModuleIndex
    ) -> Crossed:
        call = module.parents.get(callee)
        beside = (
            (call.args, call.keywords)
            if isinstance(call, m.Call) and call.func is callee
            else passed_beside(callee, module)
        )
        for parameter in function.function.parameters if function.function is not None else ():
            if beside is not None and argument_for(function, parameter, *beside) is node:
                step = Place(module, offset(node), f"{function.label} gets it")
                return tuple(_longer(each, step) for each in self._name(parameter.name, function))
        return ()

    # --- spawns --------------------------------------------------------------------------------

    @staticmethod
    def _crosses(spawn: Spawn) -> bool:
        """Whether what a spawn starts begins with a context that is not the spawner's."""
        if spawn.row.detached or spawn.runner is not None or spawn.keyword("context") is not None:
            return False
        return spawn.kind in ("executor", "thread") or spawn.row.name == "threading.Timer"

    @staticmethod
    def _start(spawn: Spawn) -> Crossing:
        text = f"{spawn.scope.label} hands it to {spawn.row.name.rpartition('.')[2]}()"
        return Crossing(spawn, (Place(spawn.module, spawn.call.at, text),))


def _only_asks(node: m.Name, module: ModuleIndex) -> bool:
    """Whether a use only looks at a callable, or is where the name gets its value."""
    parent = module.parents.get(node)
    if isinstance(parent, m.Attribute):
        return parent.attr.startswith("__")
    if isinstance(parent, m.Call) and node in parent.args:
        return last_name(parent.func) in ("callable", "iscoroutinefunction", "isinstance", "repr")
    if isinstance(parent, m.Assign):
        return node in parent.targets
    return isinstance(parent, m.Compare | m.Not | m.If | m.Formatted)


def _function(value: object) -> Scope | None:
    if isinstance(value, Partial):
        value = value.target
    return value.scope if isinstance(value, FunctionValue) else None


def _longer(crossing: Crossing, step: Place) -> Crossing:
    if len(crossing.steps) >= _MAX_STEPS:
        return crossing
    return replace(crossing, steps=(*crossing.steps, step))
