"""What bounds a spawn: who waits for the worker, or ends it, within the same call or ``with``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Set
from functools import partial
from typing import Final

from msgspec import Struct

from ..facts import model as m
from .arguments import argument_for, rest_for
from .calls import CallGraph
from .classes import is_self, self_name
from .closing import closed_by_spawner
from .index import ModuleIndex
from .leaving import ENDING, STACKS, Leaving
from .resolve import Resolver
from .scope import Scope
from .spawns import Spawn
from .timers import started_function
from .trees import last_name, mentions, walk
from .values import FunctionValue

WAITING: Final = frozenset(
    {"gather", "wait", "wait_for", "shield", "as_completed", "timeout", "result", "join", "run"}
)
_COLLECTING: Final = frozenset({"append", "add", "extend", "insert"})
_Speaks = Callable[[m.Expression], bool]


class Handle(Struct, frozen=True):
    """Where the result of a spawn is kept: a local name or an attribute of ``self``."""

    name: str
    attribute: bool

    @property
    def kind(self) -> type[m.Name | m.Attribute]:
        return m.Attribute if self.attribute else m.Name


class Bounds:
    """Decides whether a spawn is bounded."""

    def __init__(self, resolver: Resolver, calls: CallGraph) -> None:
        self._resolver = resolver
        self._leaving = Leaving(resolver, calls)

    def of(self, spawn: Spawn) -> str | None:
        """Why the worker cannot outlive its spawner, as a phrase; None if it can."""
        if spawn.group is not None:
            reason = self._leaving.group(spawn.group, spawn.scope)
            if reason is not None:
                return reason
        closed = closed_by_spawner(spawn)
        if closed is not None or spawn.row.awaited:
            return closed
        started = tuple(_thread_started(spawn))
        return self.of_result(spawn.call, spawn.module, started, _asked_by_worker(spawn))

    def of_result(
        self,
        call: m.Call,
        module: ModuleIndex,
        more: tuple[Handle, ...] = (),
        asked: Set[str] = frozenset(),
    ) -> str | None:
        """The same of what a call returns: the task or thread that it has started.

        ``more`` is where else that is kept, ``asked`` the attributes that the worker itself asks.
        """
        scope = module.scope_of(call)
        if self._is_awaited(call, scope):
            return "it is awaited where it is started"
        handles = [*handles_of(call, module), *more]
        for handle in handles:
            reason = self._ended_here(handle, scope, call.at)
            if reason is not None:
                return reason
        kept = [*handles, *_kept_as(handles, scope)]
        attributes = {handle.name for handle in kept if handle.attribute} | asked
        leaving = self._leaving
        return leaving.entered(scope, attributes) or leaving.by_callers(scope, attributes)

    def _is_awaited(self, call: m.Call, scope: Scope) -> bool:
        """``await create_task()``, ``await gather(create_task(), ...)``, ``spawn().result()``."""
        parents = scope.module.parents
        node: m.Node = call
        parent = parents.get(node)
        while isinstance(parent, m.Call | m.Starred | m.Sequence | m.Comprehension):
            if isinstance(parent, m.Call) and parent.func is not node:
                if last_name(parent.func) not in WAITING:
                    return False
            node, parent = parent, parents.get(parent)
        if isinstance(parent, m.Attribute):
            return parent.attr in ("result", "join")
        return isinstance(parent, m.Await)

    def _ended_here(self, handle: Handle, scope: Scope, after: int) -> str | None:
        """Whether the function that spawns also waits for the worker or ends it."""
        names = {handle.name}
        for statement in scope.statements:
            if isinstance(statement, m.For):
                if mentions(statement.iter, names, handle.kind):
                    names.update(n.id for n in walk(statement.target) if isinstance(n, m.Name))
            if (
                isinstance(statement, m.Assign)
                and statement.value is not None
                and statement.at > after
            ):
                if mentions(statement.value, names, handle.kind):
                    names.update(t.id for t in statement.targets if isinstance(t, m.Name))
        for node in scope.nodes:
            reason = self._ends(node, names, handle, scope)
            if reason is not None:
                return reason
        return None

    def _ends(self, node: m.Node, names: set[str], handle: Handle, scope: Scope) -> str | None:
        kinds = (m.Name, m.Attribute) if handle.attribute else m.Name
        ours: _Speaks = partial(mentions, names=names, kind=kinds)
        if isinstance(node, m.Await) and ours(node.value):
            if self._is_certain(node, scope, names) and _waits(node.value):
                return "its spawner awaits it"
        if isinstance(node, m.Call) and isinstance(node.func, m.Attribute):
            limited = bool(node.args or node.keywords)
            if node.func.attr in ("join", "result") and not limited and ours(node.func.value):
                if self._is_certain(node, scope, names):
                    return "its spawner joins it"
            if node.func.attr == "cancel" and ours(node.func.value):
                if self._in_finally(node, scope):
                    return "its spawner cancels it in a finally"
            if handle.attribute and self._in_finally(node, scope):
                if self._leaving.ends_in(node, scope, names):
                    return f"the finally of its spawner calls {node.func.attr}(), which ends it"
        if isinstance(node, m.Call) and any(ours(each) for each in _given(node)):
            if last_name(node.func) in STACKS:
                return "an exit stack of its spawner ends it"
            if self._in_finally(node, scope) or self._is_certain(node, scope, names):
                if self._helper_ends(node, ours, scope):
                    return f"{last_name(node.func)}() ends it"
        return None

    def _helper_ends(self, call: m.Call, ours: _Speaks, scope: Scope) -> bool:
        """Whether a function of the project awaits or cancels the task it is given."""
        for value in self._resolver.evaluate(call.func, scope):
            if not isinstance(value, FunctionValue) or value.scope.function is None:
                continue
            for parameter in value.scope.function.parameters:
                one = argument_for(value.scope, parameter, call.args, call.keywords)
                passed = (one, *rest_for(value.scope, parameter, call.args))
                if any(each is not None and ours(each) for each in passed):
                    if _ends_parameter(value.scope, parameter):
                        return True
        return False

    @staticmethod
    def _in_finally(node: m.Node, scope: Scope) -> bool:
        inner: m.Node = node
        for around in scope.module.ancestors(node):
            if isinstance(around, m.Try) and inner in around.final:
                return True
            inner = around
        return False

    def _is_certain(self, node: m.Node, scope: Scope, names: set[str]) -> bool:
        """Whether a statement runs on the normal path: under no condition but the task's own."""
        for around in scope.module.ancestors(node):
            if isinstance(around, m.Handler | m.Case):
                return False
            if isinstance(around, m.If | m.Conditional) and not mentions(around.test, names):
                return False
        return True


def _given(call: m.Call) -> tuple[m.Expression, ...]:
    return (*call.args, *(keyword.value for keyword in call.keywords))


def handles_of(call: m.Call, module: ModuleIndex) -> Iterator[Handle]:
    """Where a spawn's result goes."""
    node: m.Node = call
    parent = module.parents.get(node)
    while isinstance(
        parent,
        m.Sequence | m.Comprehension | m.Starred | m.Conditional | m.Call | m.Assigned | m.Boolean,
    ):
        if isinstance(parent, m.Assigned):
            yield from _handles_in(parent.target)
        if isinstance(parent, m.Call) and isinstance(parent.func, m.Attribute):
            if parent.func.attr in _COLLECTING:
                yield from _handles_in(parent.func.value)
            else:
                return
        node, parent = parent, module.parents.get(parent)
    if isinstance(parent, m.Assign):
        for target in parent.targets:
            yield from _handles_in(target)


def _thread_started(spawn: Spawn) -> Iterator[Handle]:
    """Where the object of a Thread class is kept that is started: ``thread.start()``."""
    func = spawn.call.func
    if spawn.started is None or not isinstance(func, m.Attribute):
        return
    for handle in _handles_in(func.value):
        if spawn.scope.owner is None or handle.name != self_name(spawn.scope):
            yield handle
            for statement in spawn.scope.statements:  # for thread in threads: thread.start()
                if isinstance(statement, m.For) and last_name(statement.target) == handle.name:
                    yield from _handles_in(statement.iter)


def _kept_as(handles: list[Handle], scope: Scope) -> Iterator[Handle]:
    """Where a function keeps what it first gave a local name: ``self._threads.append(thread)``."""
    names = {handle.name for handle in handles if not handle.attribute}
    if not names:
        return
    for node in scope.nodes:
        if isinstance(node, m.Call) and isinstance(node.func, m.Attribute):
            given = any(isinstance(each, m.Name) and each.id in names for each in node.args)
            if given and node.func.attr in _COLLECTING:
                yield from _handles_in(node.func.value)
    for statement in scope.statements:
        if isinstance(statement, m.Assign) and isinstance(statement.value, m.Name):
            if statement.value.id in names:
                for target in statement.targets:
                    yield from _handles_in(target)


def _asked_by_worker(spawn: Spawn) -> set[str]:
    """The attributes by which the object that spawns a worker of its own tells it to stop."""
    owner = spawn.scope.owner
    found: set[str] = set()
    for value in spawn.values if owner is not None else ():
        worker = started_function(value)
        if worker is None or worker.owner is not owner:
            continue
        for statement in worker.statements:
            if isinstance(statement, m.While):
                asked = [node for node in walk(statement.test) if isinstance(node, m.Attribute)]
                found.update(node.attr for node in asked if is_self(node.value, worker))
    return found


def _handles_in(target: m.Expression) -> Iterator[Handle]:
    if isinstance(target, m.Name):
        yield Handle(target.id, attribute=False)
    elif isinstance(target, m.Attribute):
        yield Handle(target.attr, attribute=True)
    elif isinstance(target, m.Subscript | m.Starred):
        yield from _handles_in(target.value)
    elif isinstance(target, m.Sequence):
        for element in target.elements:
            yield from _handles_in(element)


def _waits(awaited: m.Expression) -> bool:
    """Whether what is awaited waits for the handle inside it, rather than using it otherwise."""
    if isinstance(awaited, m.Call):
        name = last_name(awaited.func)
        return name in WAITING or _is_awaiter(name)
    return True


def _is_awaiter(name: str) -> bool:
    return "cancel" in name or "wait" in name or "gather" in name or name in ("sleep_until_done",)


def _ends_parameter(function: Scope, parameter: m.Parameter) -> bool:
    names = {parameter.name}
    for statement in function.statements:
        if isinstance(statement, m.For) and mentions(statement.iter, {parameter.name}, m.Name):
            names.update(n.id for n in walk(statement.target) if isinstance(n, m.Name))
    for node in function.nodes:
        if isinstance(node, m.Await) and mentions(node.value, names, m.Name):
            return True
        if isinstance(node, m.Call) and isinstance(node.func, m.Attribute):
            if node.func.attr in ENDING and last_name(node.func.value) in names:
                return True
    return False
