"""Queues that can only be rewritten together, and what speaks against rewriting them at all."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from ..facts import model as m
from .exchanges import assigned_elsewhere
from .flow import Flow
from .index import ModuleIndex
from .makers import maker
from .queues import Get, Put, Queue
from .scope import Scope
from .takings import Hindrance, place
from .trees import last_name
from .uses import named_uses
from .values import (
    ClassValue,
    Container,
    External,
    FunctionValue,
    Instance,
    Literal,
    Value,
    is_none,
)

if TYPE_CHECKING:
    from .program import Program

PRIORITY: Final = frozenset({"asyncio.PriorityQueue", "queue.PriorityQueue"})
_EXACT: Final = PRIORITY | {
    "asyncio.Queue",
    "asyncio.LifoQueue",
    "queue.Queue",
    "queue.LifoQueue",
    "queue.SimpleQueue",
}
_USING: Final = frozenset({"put", "put_nowait", "get", "get_nowait"})
_REACHING: Final = frozenset({"getattr", "setattr", "delattr", "object", "patch", "attrgetter"})


class Component(Struct, frozen=True, eq=False):
    """Queues that share puts, gets or names, with every reference to them, in tests, too."""

    queues: tuple[Queue, ...]

    @property
    def puts(self) -> list[Put]:
        """Every put, once, in the order of files."""
        found = {put.call: put for queue in self.queues for put in queue.puts}
        return sorted(found.values(), key=lambda put: (put.module.path, put.call.at))

    @property
    def gets(self) -> list[Get]:
        """Every get, once, in the order of files."""
        found = {get.node: get for queue in self.queues for get in queue.gets}
        return sorted(found.values(), key=lambda get: (get.module.path, _at(get.node)))

    @property
    def slots(self) -> set[tuple[Scope, str]]:
        """The names and attributes that hold one of the queues."""
        return {slot for queue in self.queues for slot in queue.slots}

    @property
    def made(self) -> set[m.Call]:
        """The calls that make the queues."""
        return {queue.made for queue in self.queues}

    @property
    def occurrences(self) -> set[m.Node]:
        """All expressions that can be one of the queues."""
        return {node for queue in self.queues for node in queue.occurrences}

    @property
    def public(self) -> str | None:
        """A name by which code outside the project can reach a queue."""
        names = sorted(
            f"{scope.name}.{name}" if scope.is_class else name
            for scope, name in self.slots
            if (scope.is_class or scope.parent is None) and not name.startswith("_")
        )
        return names[0] if names else None


class Components:
    """Puts queues together; each component is counted once."""

    def __init__(self, program: Program) -> None:
        self._program: Final = program
        self._found: dict[Queue, Component] = {}
        self._members: dict[Queue, list[Queue]] = {}

    def of(self, queue: Queue) -> Component:
        """The component that a queue belongs to, every reference counted."""
        if queue not in self._found:
            members = self.members(queue)
            component = Component(tuple(self._census(each) for each in members))
            for each in members:
                self._found[each] = component
        return self._found[queue]

    def members(self, queue: Queue) -> list[Queue]:
        """The queues of that component, as found outside tests: no reference is counted for it."""
        if queue not in self._members:
            members = self._connected(queue)
            for each in members:
                self._members[each] = members
        return self._members[queue]

    def _connected(self, queue: Queue) -> list[Queue]:
        found, pending = {queue}, [queue]
        while pending:
            for mark in _marks(pending.pop()):
                for other in self._marked.get(mark, ()):
                    if other not in found:
                        found.add(other)
                        pending.append(other)
        return sorted(found, key=lambda each: (each.module.path, each.made.at))

    @cached_property
    def _marked(self) -> dict[object, list[Queue]]:
        """The queues by what they must not share."""
        found: dict[object, list[Queue]] = {}
        for queue in self._program.queues.all():
            for mark in _marks(queue):
                found.setdefault(mark, []).append(queue)
        return found

    def _census(self, queue: Queue) -> Queue:
        program = self._program
        counted = Queue(queue.made, queue.module, queue.type)
        receivers = program.queues.receivers
        Flow(program.resolver, program.calls, program.table, counted, receivers, census=True).run()
        return counted

    # --- what speaks against it ----------------------------------------------------------------

    def check(self, component: Component) -> None:
        """Raise Hindrance unless every reference to the queues is known, and is to these only."""
        for queue in component.queues:
            self._check_type(queue)
        for queue in component.queues:
            for node, module in queue.escapes:
                raise Hindrance(f"the queue is used in an unknown way at {place(module, node)}")
            for node, module in queue.unsure:
                raise Hindrance(f"{place(module, node)} may use the same queue")
        for scope, name in sorted(component.slots, key=lambda each: (each[0].dotted, each[1])):
            self._check_strings(scope, name)
            self._check_computed(scope)
            for value, where in self._values(scope, name):
                self._check_value(value, where, component)
            self._check_callers(scope, name, component)

    def _check_type(self, queue: Queue) -> None:
        func = maker(queue.made)
        values = self._program.resolver.evaluate(func, queue.scope)
        if not all(isinstance(value, External) for value in values):
            raise Hindrance(f"{last_name(func)} is a queue of the project's own")
        if queue.type not in _EXACT:
            raise Hindrance(f"it is a {queue.type}, not a plain queue")

    def _check_strings(self, scope: Scope, name: str) -> None:
        """Attributes are also reached by their names: ``getattr(store, "_queue")``."""
        if not scope.is_class:
            return
        for module in self._program.modules.with_word(name):
            for node in module.strings(name):
                call = module.parents.get(node)
                if isinstance(call, m.Call) and last_name(call.func) in _REACHING:
                    raise Hindrance(f"{place(module, call)} reaches the queue by its name")

    def _check_computed(self, scope: Scope) -> None:
        """... and by names made at run time: ``getattr(self, f"_{lane}").put(item)``."""
        for node in scope.module.uses("getattr"):
            call = scope.module.parents.get(node)
            if not isinstance(call, m.Call) or call.func is not node or len(call.args) < 2:
                continue
            used = scope.module.parents.get(call)
            if isinstance(used, m.Attribute) and used.attr in _USING:
                if not isinstance(call.args[1], m.Constant):
                    raise Hindrance(f"{place(scope.module, call)} may reach the queue by a name")

    def _values(self, scope: Scope, name: str) -> Iterator[tuple[m.Expression, Scope]]:
        """All that a name or an attribute is assigned, by its own class and by others."""
        found = [(binding, scope) for binding in scope.bindings.get(name, ())]
        if scope.is_class:
            found = self._program.resolver.classes.members(scope, name)
        for binding, where in found:
            if binding.value is not None and binding.kind != "function":
                yield binding.value, where
        if scope.is_class:
            yield from assigned_elsewhere(scope, name, self._program)

    def _check_value(self, value: m.Expression, scope: Scope, component: Component) -> None:
        """Whatever else a name can hold must be a queue of the component, or nothing."""
        for each in _alternatives(value):
            values = self._program.resolver.evaluate(each, scope)
            if each in component.occurrences:
                if not all(self._is_ours(v, component) for v in values):
                    raise Hindrance(f"{place(scope.module, each)} may be another queue")
                continue
            if self._is_given_from_outside(each, scope, component):
                raise Hindrance(f"{place(scope.module, each)} takes a queue from outside")
            if not values and not _is_empty(each):
                raise Hindrance(f"{place(scope.module, each)} may be another queue")
            if not all(self._is_ours(v, component) for v in values):
                raise Hindrance(f"{place(scope.module, each)} may be another queue")

    def _is_given_from_outside(
        self, node: m.Expression, scope: Scope, component: Component
    ) -> bool:
        """Whether an expression is a parameter that none of the queues is passed for."""
        if not isinstance(node, m.Name):
            return False
        home = self._program.resolver.binding_scope(node.id, scope)
        if home is None or (home, node.id) in component.slots:
            return False
        return any(binding.kind == "parameter" for binding in home.bindings[node.id])

    def _is_ours(self, value: Value, component: Component) -> bool:
        if isinstance(value, Literal):
            return is_none(value) or not isinstance(value.node, m.Constant)
        if isinstance(value, Container):
            return all(self._is_ours(each, component) for each in value.items)
        if not isinstance(value, Instance):
            return False
        if value.origin is None:
            return value.of in _EXACT
        return value.origin in component.made

    def _check_callers(self, scope: Scope, name: str, component: Component) -> None:
        """Whoever calls a function that is given the queue must give it one of these."""
        parameter = _parameter(scope, name)
        if parameter is None:
            return
        for given, where in self._program.calls.arguments(scope, parameter):
            if _is_empty(given) or given in component.occurrences:
                continue
            values = self._program.resolver.evaluate(given, where)
            if not values or not all(self._is_ours(v, component) for v in values):
                raise Hindrance(f"{scope.label}() is given another queue, too")
        for module, node in self._test_uses(scope):
            raise Hindrance(f"{place(module, node)} tests {scope.label}() with a queue of its own")

    def _test_uses(self, function: Scope) -> Iterator[tuple[ModuleIndex, m.Node]]:
        """The calls of a function in tests, where the call graph does not look."""
        owner = function.owner
        made = owner is not None and function.name == "__init__"
        name = owner.name if owner is not None and made else function.name
        for module in self._program.modules.with_word(name):
            if not self._program.calls.is_test(module):
                continue
            for node in named_uses(name, module):
                call = module.parents.get(node)
                given = isinstance(call, m.Call) and call.func is node and bool(call.args)
                if given and self._may_mean(node, module, function):
                    yield module, node

    def _may_mean(self, node: m.Expression, module: ModuleIndex, function: Scope) -> bool:
        values = self._program.resolver.evaluate(node, module.scope_of(node))
        scopes = [v.scope for v in values if isinstance(v, FunctionValue | ClassValue)]
        return not values or function in scopes or function.owner in scopes


def _marks(queue: Queue) -> set[object]:
    """What two queues must not share to be apart."""
    return {
        *(put.call for put in queue.puts),
        *(get.node for get in queue.gets),
        *queue.slots,
    }


def _alternatives(value: m.Expression) -> list[m.Expression]:
    """The expressions of which a value is one: ``given or Queue()``."""
    if isinstance(value, m.Boolean):
        return [part for each in value.operands for part in _alternatives(each)]
    if isinstance(value, m.Conditional):
        return [*_alternatives(value.body), *_alternatives(value.orelse)]
    return [value]


def _is_empty(value: m.Expression) -> bool:
    """None, or a collection that is filled later."""
    if isinstance(value, m.Constant):
        return value.value is None
    return isinstance(value, m.Mapping | m.Sequence | m.Comprehension)


def _parameter(scope: Scope, name: str) -> m.Parameter | None:
    if scope.function is None:
        return None
    return next((each for each in scope.function.parameters if each.name == name), None)


def _at(node: m.Node) -> int:
    at: object = getattr(node, "at", 0)
    return at if isinstance(at, int) else 0
