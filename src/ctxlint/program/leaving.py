"""What leaving a ``with`` ends: task groups, exit stacks, and what ``__aenter__`` started."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ..facts import model as m
from .calls import CallGraph
from .classes import is_self
from .index import ModuleIndex
from .resolve import Resolver
from .scope import Scope
from .suites import seat_of
from .trees import last_name, mentions, walk
from .uses import Use
from .values import FunctionValue

ENDING: Final = frozenset({"cancel", "join", "result", "cancel_and_wait", "aclose", "stop", "set"})
STACKS: Final = frozenset(
    {"callback", "push_async_callback", "enter_async_context", "enter_context", "push"}
)
_ENTERING: Final = ("__aenter__", "__enter__")
_LEAVING: Final = ("__aexit__", "__exit__")
_MAX_DEPTH: Final = 4


class Leaving:
    """Knows what a ``with`` statement waits for, or ends, when it is left."""

    def __init__(self, resolver: Resolver, calls: CallGraph) -> None:
        self._resolver = resolver
        self._calls = calls

    # --- groups and stacks ---------------------------------------------------------------------

    def group(self, group: m.Expression, scope: Scope, depth: int = _MAX_DEPTH) -> str | None:
        """A task group opened by a ``with`` in this function, or by every caller that passes it."""
        if isinstance(group, m.Attribute):
            return self.entered(scope, {group.attr})
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
                if isinstance(entered, m.Call) and last_name(entered.func) in STACKS:
                    return self._entered_stack(entered, home)
            if binding.kind == "parameter" and isinstance(binding.node, m.Parameter):
                passed = list(self._calls.arguments(home, binding.node))
                if passed and all(self.group(e, where, depth - 1) for e, where in passed):
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

    # --- objects used by ``with`` --------------------------------------------------------------

    def entered(self, scope: Scope, attributes: set[str]) -> str | None:
        """What ``__aenter__`` starts and ``__aexit__`` ends lives as long as the ``with``."""
        method = scope.enclosing_method
        if method is None or not attributes or not self._only_on_entry(method):
            return None
        return self._left(method, attributes)

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

    # --- callers that start, and end in a finally ----------------------------------------------

    def by_callers(self, scope: Scope, attributes: set[str]) -> str | None:
        """``self._start()`` before a ``try`` whose ``finally`` ends it, wherever it is called."""
        if scope.owner is None or not attributes:
            return None
        uses = self._calls.uses(scope)
        if uses and all(self._ends_around(use, attributes) for use in uses):
            return "the finally of every caller ends it"
        return None

    def _ends_around(self, use: Use, attributes: set[str]) -> bool:
        call, caller = use.call, use.scope
        if call is None or not isinstance(call.func, m.Attribute):
            return False
        if not is_self(call.func.value, caller):
            return False
        return any(
            isinstance(node, m.Call) and self.ends_in(node, caller, attributes)
            for guard in _guards(call, use.module)
            for node in walk(*guard.final)
        )

    def ends_in(self, call: m.Call, scope: Scope, attributes: set[str]) -> bool:
        """Whether a call in a ``finally``, of another method of the same object, surely ends what
        the object keeps."""
        func = call.func
        if not isinstance(func, m.Attribute) or not is_self(func.value, scope):
            return False
        if not self._by_state(call, scope, attributes):
            return False
        return any(
            isinstance(value, FunctionValue)
            and self._ends_attribute(value.scope, attributes, _MAX_DEPTH)
            for value in self._resolver.evaluate(func, scope)
        )

    def _ends_attribute(self, function: Scope, attributes: set[str], depth: int) -> bool:
        """Whether a method surely ends what is kept in one of some attributes of ``self``."""
        aliases = set(attributes)
        for statement in function.statements:
            if isinstance(statement, m.Assign) and statement.value is not None:
                if mentions(statement.value, attributes, m.Attribute):
                    aliases.update(t.id for t in statement.targets if isinstance(t, m.Name))
            if isinstance(statement, m.For):
                if mentions(statement.iter, attributes, m.Attribute):
                    aliases.update(n.id for n in walk(statement.target) if isinstance(n, m.Name))
        for statement in function.statements:
            if _says_stop(statement, attributes) and self._by_state(statement, function, aliases):
                return True
        for node in function.nodes:
            if self._ends_one(node, aliases) and self._by_state(node, function, aliases):
                return True
            if depth and isinstance(node, m.Call) and isinstance(node.func, m.Attribute):
                if is_self(node.func.value, function) and self._by_state(node, function, aliases):
                    for value in self._resolver.evaluate(node.func, function):
                        if isinstance(value, FunctionValue) and self._ends_attribute(
                            value.scope, attributes, depth - 1
                        ):
                            return True
        return False

    @staticmethod
    def _ends_one(node: m.Node, names: set[str]) -> bool:
        if isinstance(node, m.Await):
            return mentions(node.value, names)
        if isinstance(node, m.Call) and isinstance(node.func, m.Attribute):
            ending = node.func.attr in ENDING or node.func.attr in _LEAVING
            return ending and mentions(node.func.value, names)
        return False

    def _by_state(self, node: m.Node, function: Scope, aliases: set[str]) -> bool:
        """Whether only the object's state, not its configuration, decides that a node runs.

        What decides about a ``try`` decides about its ``finally`` as well.
        """
        inner = node
        for around in function.module.ancestors(node):
            if isinstance(around, m.Try) and inner in around.final:
                break
            inner = around
            test = around.test if isinstance(around, m.If) else None
            if test is None or mentions(test, aliases):
                continue
            if any(self._is_configured(each, function) for each in walk(test)):
                return False
        return True

    def _is_configured(self, node: m.Node, function: Scope) -> bool:
        """``self.option`` that only the constructor sets, from a parameter."""
        method = function.enclosing_method
        if not isinstance(node, m.Attribute) or method is None or method.owner is None:
            return False
        if not is_self(node.value, function):
            return False
        members = self._resolver.classes.members(method.owner, node.attr)
        return bool(members) and all(
            where.name == "__init__" and _from_parameter(binding.value, where)
            for binding, where in members
        )


def _guards(call: m.Call, module: ModuleIndex) -> Iterator[m.Try]:
    """The ``try`` statements that a call stands in, or right before."""
    inner: m.Node = call
    for around in module.ancestors(call):
        if isinstance(around, m.Try) and inner in around.body:
            yield around
        if isinstance(inner, m.Evaluate | m.Assign):
            behind = seat_of(inner, module).behind
            if behind and isinstance(behind[0], m.Try):
                yield behind[0]
        inner = around


def _says_stop(statement: m.Statement, attributes: set[str]) -> bool:
    """``self._running = False``, for a flag that the worker asks."""
    return (
        isinstance(statement, m.Assign)
        and isinstance(statement.value, m.Constant)
        and isinstance(statement.value.value, bool)
        and any(isinstance(t, m.Attribute) and t.attr in attributes for t in statement.targets)
    )


def _from_parameter(value: m.Expression | None, where: Scope) -> bool:
    if value is None:
        return False
    names = {n.id for n in walk(value) if isinstance(n, m.Name)}
    function = where.function
    return function is not None and any(p.name in names for p in function.parameters)
