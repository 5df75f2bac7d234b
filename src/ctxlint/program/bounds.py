"""What bounds a spawn: who waits for the worker, or ends it, within the same call or ``with``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from ..facts import model as m
from .arguments import argument_for
from .calls import CallGraph
from .classes import self_name
from .index import Scope, dotted_name, last_name, own_statements, walk
from .resolve import Resolver
from .spawns import Spawn
from .values import FunctionValue, Instance

_WAITING: Final = frozenset(
    {"gather", "wait", "wait_for", "shield", "as_completed", "timeout", "result", "join", "run"}
)
_ENDING: Final = frozenset({"cancel", "join", "result", "cancel_and_wait", "aclose", "stop"})
_STACKS: Final = frozenset(
    {"callback", "push_async_callback", "enter_async_context", "enter_context", "push"}
)
_ENTERING: Final = ("__aenter__", "__enter__")
_LEAVING: Final = ("__aexit__", "__exit__")
_MAX_DEPTH: Final = 4


@dataclass(frozen=True, slots=True)
class Handle:
    """Where the result of a spawn is kept: a local name or an attribute of ``self``."""

    name: str
    attribute: bool


class Bounds:
    """Decides whether a spawn is bounded."""

    def __init__(self, resolver: Resolver, calls: CallGraph) -> None:
        self._resolver = resolver
        self._calls = calls

    def of(self, spawn: Spawn) -> str | None:
        """Why the worker cannot outlive its spawner, as a phrase; None if it can."""
        if spawn.group is not None:
            reason = self._group(spawn.group, spawn.scope, _MAX_DEPTH)
            if reason is not None:
                return reason
        if spawn.row.awaited:
            return None
        if spawn.row.waits or self._is_awaited(spawn.call, spawn.scope):
            return "it is awaited where it is started"
        handles = list(self._handles(spawn.call, spawn.scope))
        for handle in handles:
            reason = self._ended_here(handle, spawn.scope, spawn.call.at)
            if reason is not None:
                return reason
        return self._by_object(spawn, [h.name for h in handles if h.attribute])

    # --- groups --------------------------------------------------------------------------------

    def _group(self, group: m.Expression, scope: Scope, depth: int) -> str | None:
        """A task group opened by a ``with`` in this function, or by every caller that passes it."""
        if isinstance(group, m.Attribute):
            return self._group_attribute(group, scope)
        if not isinstance(group, m.Name) or depth == 0:
            return None
        home = self._resolver.binding_scope(group.id, scope)
        if home is None or home.function is None:
            return None
        for binding in home.bindings[group.id]:
            if binding.kind == "entered":
                return "its task group is opened in the same function"
            if binding.kind == "value" and isinstance(binding.value, m.Await):
                entered = binding.value.value
                if isinstance(entered, m.Call) and last_name(entered.func) in _STACKS:
                    return self._entered_stack(entered, home)
            if binding.kind == "parameter" and isinstance(binding.node, m.Parameter):
                passed = list(self._calls.arguments(home, binding.node))
                if passed and all(self._group(e, where, depth - 1) for e, where in passed):
                    return "its task group is opened by the caller"
        return None

    def _entered_stack(self, call: m.Call, scope: Scope) -> str | None:
        stack = call.func.value if isinstance(call.func, m.Attribute) else None
        if not isinstance(stack, m.Name):
            return None
        bindings = scope.bindings.get(stack.id, ())
        if any(binding.kind == "entered" for binding in bindings):
            return "its task group is closed by an exit stack of the same function"
        return None

    def _group_attribute(self, group: m.Attribute, scope: Scope) -> str | None:
        """``self._group`` bounds what ``__aenter__`` starts if ``__aexit__`` closes it."""
        method = scope.enclosing_method
        if method is None or not self._only_on_entry(method):
            return None
        return self._left(method, {group.attr})

    # --- the same call -------------------------------------------------------------------------

    def _is_awaited(self, call: m.Call, scope: Scope) -> bool:
        """``await create_task()``, ``await gather(create_task(), ...)``, ``spawn().result()``."""
        parents = scope.module.parents
        node: m.Node = call
        parent = parents.get(node)
        while parent is not None:
            if isinstance(parent, m.Await):
                return True
            if isinstance(parent, m.Attribute):
                return parent.attr in ("result", "join")
            if isinstance(parent, m.Call):
                if parent.func is not node and last_name(parent.func) not in _WAITING:
                    return False
            elif not isinstance(parent, m.Starred | m.Sequence | m.Comprehension):
                return False
            node, parent = parent, parents.get(parent)
        return False

    def _handles(self, call: m.Call, scope: Scope) -> Iterator[Handle]:
        """Where the spawn's result goes."""
        module = scope.module
        node: m.Node = call
        parent = module.parents.get(node)
        while isinstance(
            parent,
            m.Sequence
            | m.Comprehension
            | m.Starred
            | m.Conditional
            | m.Call
            | m.Assigned
            | m.Boolean,
        ):
            if isinstance(parent, m.Assigned):
                yield from _handles_in(parent.target)
            if isinstance(parent, m.Call) and isinstance(parent.func, m.Attribute):
                if parent.func.attr in ("append", "add", "extend", "insert"):
                    yield from _handles_in(parent.func.value)
                elif parent.func is not node:
                    return
            node, parent = parent, module.parents.get(parent)
        if isinstance(parent, m.Assign):
            for target in parent.targets:
                yield from _handles_in(target)
        elif isinstance(parent, m.Attribute) and parent.attr == "start":
            return

    def _ended_here(self, handle: Handle, scope: Scope, after: int) -> str | None:
        """Whether the function that spawns also waits for the worker or ends it."""
        names = {handle.name}
        for statement in own_statements(scope.body):
            if isinstance(statement, m.For):
                if any(_mentions(statement.iter, name, handle.attribute) for name in names):
                    names.update(n.id for n in walk(statement.target) if isinstance(n, m.Name))
            if (
                isinstance(statement, m.Assign)
                and statement.value is not None
                and statement.at > after
            ):
                if any(_mentions(statement.value, name, handle.attribute) for name in names):
                    names.update(t.id for t in statement.targets if isinstance(t, m.Name))
        for node in walk(*scope.body):
            reason = self._ends(node, names, handle, scope)
            if reason is not None:
                return reason
        return None

    def _ends(self, node: m.Node, names: set[str], handle: Handle, scope: Scope) -> str | None:
        def ours(expression: m.Expression) -> bool:
            return any(
                _mentions(expression, name, handle.attribute or (name != handle.name and False))
                or _mentions(expression, name, False)
                for name in names
            )

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
        if isinstance(node, m.Call) and any(ours(each) for each in node.args):
            if last_name(node.func) in _STACKS:
                return "an exit stack of its spawner ends it"
            if self._in_finally(node, scope) or self._is_certain(node, scope, names):
                if self._helper_ends(node, ours, scope):
                    return f"{last_name(node.func)}() ends it"
        return None

    def _helper_ends(self, call: m.Call, ours: object, scope: Scope) -> bool:
        """Whether a function of the project awaits or cancels the task it is given."""
        if not callable(ours):
            return False
        for value in self._resolver.evaluate(call.func, scope):
            if not isinstance(value, FunctionValue) or value.scope.function is None:
                continue
            for parameter in value.scope.function.parameters:
                passed = argument_for(value.scope, parameter, call.args, call.keywords)
                if parameter.kind == "*" and call.args:
                    passed = call.args[0]
                if passed is not None and ours(passed) and _ends_parameter(value.scope, parameter):
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
        inner: m.Node = node
        for around in scope.module.ancestors(node):
            if isinstance(around, m.Handler):
                return False
            if isinstance(around, m.If | m.Case | m.Conditional):
                test = around.test if isinstance(around, m.If | m.Conditional) else None
                if test is None or not any(
                    _mentions(test, name, False) or _mentions(test, name, True) for name in names
                ):
                    return False
            inner = around
        return inner is not node or True

    # --- objects used by ``with`` --------------------------------------------------------------

    def _by_object(self, spawn: Spawn, attributes: list[str]) -> str | None:
        """What ``__aenter__`` starts and ``__aexit__`` ends lives as long as the ``with``."""
        method = spawn.scope.enclosing_method
        if method is None or not attributes or not self._only_on_entry(method):
            return None
        return self._left(method, set(attributes))

    def _only_on_entry(self, method: Scope, depth: int = _MAX_DEPTH) -> bool:
        """Whether a method is ``__aenter__`` or called by nothing else."""
        if method.name in _ENTERING:
            return True
        if depth == 0 or method.owner is None:
            return False
        uses = self._calls.uses(method)
        return bool(uses) and all(
            use.scope.owner is not None
            and self._resolver.classes.related(use.scope.owner, method.owner)
            and self._only_on_entry(use.scope, depth - 1)
            for use in uses
        )

    def _left(self, method: Scope, attributes: set[str]) -> str | None:
        owner = method.owner
        if owner is None or self._is_entered_by_hand(owner):
            return None
        classes = self._resolver.classes
        for leaving in _LEAVING:
            found = classes.method(owner, leaving)
            if found is None:
                continue
            family = [found, *classes.overrides(owner, leaving)]
            if all(self._ends_attribute(each, attributes, _MAX_DEPTH) for each in family):
                return f"{leaving} ends it"
        return None

    def _is_entered_by_hand(self, owner: Scope) -> bool:
        """Whether somebody calls ``x.__aenter__()``: then no ``with`` says when it is left."""
        for name in _ENTERING:
            method = self._resolver.classes.method(owner, name)
            if method is None:
                continue
            for use in self._calls.uses(method):
                func = use.call.func if use.call is not None else None
                if isinstance(func, m.Attribute) and last_name(func.value) != "super":
                    return True
        return False

    def _ends_attribute(self, function: Scope, attributes: set[str], depth: int) -> bool:
        """Whether a method surely ends what is kept in one of some attributes of ``self``."""
        aliases = set(attributes)
        for statement in own_statements(function.body):
            if isinstance(statement, m.Assign) and statement.value is not None:
                if any(_mentions(statement.value, name, True) for name in attributes):
                    aliases.update(t.id for t in statement.targets if isinstance(t, m.Name))
            if isinstance(statement, m.For):
                if any(_mentions(statement.iter, name, True) for name in attributes):
                    aliases.update(n.id for n in walk(statement.target) if isinstance(n, m.Name))
        for node in walk(*function.body):
            if self._ends_one(node, aliases, function) and self._by_state(node, function, aliases):
                return True
            if depth and isinstance(node, m.Call) and isinstance(node.func, m.Attribute):
                if _is_self(node.func.value, function) and self._by_state(node, function, aliases):
                    for value in self._resolver.evaluate(node.func, function):
                        if isinstance(value, FunctionValue) and self._ends_attribute(
                            value.scope, attributes, depth - 1
                        ):
                            return True
        return False

    @staticmethod
    def _ends_one(node: m.Node, names: set[str], function: Scope) -> bool:
        def ours(expression: m.Expression) -> bool:
            return any(
                _mentions(expression, n, True) or _mentions(expression, n, False) for n in names
            )

        if isinstance(node, m.Await):
            return ours(node.value)
        if isinstance(node, m.Call) and isinstance(node.func, m.Attribute):
            ending = node.func.attr in _ENDING or node.func.attr in _LEAVING
            return ending and ours(node.func.value)
        return False

    def _by_state(self, node: m.Node, function: Scope, aliases: set[str]) -> bool:
        """Whether only the object's state, not its configuration, decides that a node runs."""
        for around in function.module.ancestors(node):
            test = around.test if isinstance(around, m.If) else None
            if test is None or any(
                _mentions(test, name, True) or _mentions(test, name, False) for name in aliases
            ):
                continue
            if any(self._is_configured(each, function) for each in walk(test)):
                return False
        return True

    def _is_configured(self, node: m.Node, function: Scope) -> bool:
        """``self.option`` that only the constructor sets, from a parameter."""
        method = function.enclosing_method
        if not isinstance(node, m.Attribute) or method is None or method.owner is None:
            return False
        if not _is_self(node.value, function):
            return False
        members = self._resolver.classes.members(method.owner, node.attr)
        return bool(members) and all(
            where.name == "__init__" and _from_parameter(binding.value, where)
            for binding, where in members
        )


def _from_parameter(value: m.Expression | None, where: Scope) -> bool:
    if value is None:
        return False
    names = {n.id for n in walk(value) if isinstance(n, m.Name)}
    function = where.function
    return function is not None and any(p.name in names for p in function.parameters)


def _is_self(node: m.Expression, scope: Scope) -> bool:
    method = scope.enclosing_method
    return isinstance(node, m.Name) and method is not None and node.id == self_name(method)


def _handles_in(target: m.Expression) -> Iterator[Handle]:
    if isinstance(target, m.Name):
        yield Handle(target.id, attribute=False)
    elif isinstance(target, m.Attribute):
        yield Handle(target.attr, attribute=True)
    elif isinstance(target, m.Subscript):
        yield from _handles_in(target.value)
    elif isinstance(target, m.Sequence):
        for element in target.elements:
            yield from _handles_in(element)


def _mentions(expression: m.Expression, name: str, attribute: bool) -> bool:
    """Whether an expression speaks of a handle."""
    for node in walk(expression):
        if attribute and isinstance(node, m.Attribute) and node.attr == name:
            return True
        if not attribute and isinstance(node, m.Name) and node.id == name:
            return True
    return False


def _waits(awaited: m.Expression) -> bool:
    """Whether what is awaited waits for the handle inside it, rather than using it otherwise."""
    if isinstance(awaited, m.Call):
        name = last_name(awaited.func)
        return name in _WAITING or _is_awaiter(name)
    return True


def _is_awaiter(name: str) -> bool:
    return "cancel" in name or "wait" in name or "gather" in name or name in ("sleep_until_done",)


def _ends_parameter(function: Scope, parameter: m.Parameter) -> bool:
    names = {parameter.name}
    for statement in own_statements(function.body):
        if isinstance(statement, m.For) and _mentions(statement.iter, parameter.name, False):
            names.update(n.id for n in walk(statement.target) if isinstance(n, m.Name))
    for node in walk(*function.body):
        if isinstance(node, m.Await) and any(_mentions(node.value, n, False) for n in names):
            return True
        if isinstance(node, m.Call) and isinstance(node.func, m.Attribute):
            if node.func.attr in _ENDING and last_name(node.func.value) in names:
                return True
    return False


def describe(expression: m.Expression) -> str:
    """A short text for an expression in messages."""
    return dotted_name(expression) or last_name(expression) or "it"


def instance_of(value: object, *types: str) -> bool:
    """Whether a value is an object of one of some external types."""
    return isinstance(value, Instance) and value.of in types
