"""What calls store in the current context, and what values they store there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, Literal

from msgspec import Struct

from .. import apis
from ..facts import model as m
from .contexts import Variable
from .index import ModuleIndex
from .scope import Scope
from .searches import beginning_with
from .trees import dotted_name, last_name, mentions, walk
from .values import External, FunctionValue

if TYPE_CHECKING:
    from .program import Program

Kind = Literal["set", "reset"]
_MAX_DEPTH: Final = 3
_EMPTY: Final = frozenset({"dict", "list", "set", "tuple", "str", "frozenset", "Context"})


class Store(Struct, frozen=True):
    """What is set: a context variable, or what a library keeps in one (``row``).

    ``name`` is how the code spells a variable of which nothing else is known.
    """

    variable: Variable | None
    name: str
    row: apis.ContextSetter | None = None

    @property
    def label(self) -> str:
        """How messages name it."""
        if self.row is not None:
            return self.row.label
        named = self.variable is not None and self.variable.name is not None
        return self.variable.label if named and self.variable is not None else self.name

    def is_same(self, other: Store) -> bool:
        """Whether what sets one of them overwrites the other, as far as is known."""
        if self.row is not None or other.row is not None:
            return self.row is other.row
        if self.variable is not None and other.variable is not None:
            return self.variable == other.variable
        return self.name == other.name


class Touch(Struct, frozen=True):
    """A call that sets or takes back; ``value`` is what it sets."""

    kind: Kind
    store: Store
    call: m.Call
    scope: Scope
    value: m.Expression | None


class Stores:
    """Tells what calls and functions set and take back; memoised."""

    def __init__(self, program: Program) -> None:
        self._program: Final = program
        self._touches: dict[m.Call, tuple[Touch, ...]] = {}
        self._own: dict[Scope, tuple[Touch, ...]] = {}

    # --- calls ---------------------------------------------------------------------------------

    def of_call(self, call: m.Call, scope: Scope) -> tuple[Touch, ...]:
        """What a call does by itself, functions of the project left aside."""
        if call not in self._touches:
            found = tuple(self._of_call(call, scope)) if last_name(call.func) in _WORDS else ()
            self._touches[call] = found
        return self._touches[call]

    def _of_call(self, call: m.Call, scope: Scope) -> Iterator[Touch]:
        if last_name(call.func) == "set" and self.is_replay(call, scope):
            store = Store(None, "a captured context's variables")
            yield Touch("set", store, call, scope, _value(call))
            return
        for value in self._program.resolver.evaluate(call.func, scope):
            if not isinstance(value, External):
                continue
            for row in apis.CONTEXT_SETTERS:
                if value.name in (row.name, *row.resets):
                    kind: Kind = "set" if value.name == row.name else "reset"
                    yield Touch(kind, Store(None, row.name, row), call, scope, _value(call))
        for access in self._program.contexts.touched(call, scope):
            if access.kind not in ("set", "reset"):
                continue
            spelled = dotted_name(call.func.value) if isinstance(call.func, m.Attribute) else None
            store = Store(access.variable, spelled or "a context variable")
            yield Touch(access.kind, store, call, scope, _value(call))

    def is_replay(self, call: m.Call, scope: Scope) -> bool:
        """``variable.set(value)`` in ``for variable, value in context.items()``."""
        func = call.func
        if not isinstance(func, m.Attribute) or not isinstance(func.value, m.Name):
            return False
        for around in scope.module.ancestors(call):
            if isinstance(around, m.For) and mentions(around.target, {func.value.id}, m.Name):
                node = around.iter
                while isinstance(node, m.Call | m.Attribute):
                    node = node.func if isinstance(node, m.Call) else node.value
                return self._program.captures.is_context(node, scope)
        return False

    def in_function(self, function: Scope) -> tuple[Touch, ...]:
        """All that a function does itself, nested functions left out."""
        if function not in self._own:
            calls = [node for node in function.nodes if isinstance(node, m.Call)]
            self._own[function] = tuple(t for call in calls for t in self.of_call(call, function))
        return self._own[function]

    def in_module(self, module: ModuleIndex) -> Iterator[Touch]:
        """What the functions of a module do, in source order; one for each call."""
        for call in module.calls(SETTING):
            scope = module.scope_of(call)
            if scope.function is not None:
                yield from self.of_call(call, scope)[:1]

    # --- values --------------------------------------------------------------------------------

    def is_clearing(self, touch: Touch) -> bool:
        """Whether a set writes nothing, or what was there before: it is never a leak itself."""
        value = touch.value
        if touch.kind != "set" or touch.store.row is not None or value is None:
            return False
        if is_nothing(value):
            return True
        if _is_empty(value):
            return not self._starts_as_none(touch.store)
        return self.was_read(value, touch)

    def was_read(self, value: m.Expression, touch: Touch) -> bool:
        """Whether a value is what the variable held: a name bound from its ``get()``."""
        if isinstance(value, m.Name):
            return any(
                binding.value is not None and self.reads(binding.value, touch.scope, touch.store)
                for binding in touch.scope.bindings.get(value.id, ())
            )
        return False

    def reads(self, expression: m.Node, scope: Scope, store: Store) -> bool:
        """Whether an expression asks for what is stored, or is a name for the answer."""
        return any(
            isinstance(node, m.Call)
            and (self._gets(node, scope, store) or self._asks_helper(node, scope, store))
            for node in walk(expression)
        )

    def _gets(self, call: m.Call, scope: Scope, store: Store) -> bool:
        if last_name(call.func) != "get" or not isinstance(call.func, m.Attribute):
            return False
        name = dotted_name(call.func.value) or ""
        return any(
            Store(access.variable, name).is_same(store)
            for access in self._program.contexts.touched(call, scope)
        )

    def _asks_helper(self, call: m.Call, scope: Scope, store: Store) -> bool:
        """``get_user()``, which asks for the variable itself."""
        return "get" in last_name(call.func) and any(
            isinstance(node, m.Call) and self._gets(node, value.scope, store)
            for value in self._program.resolver.evaluate(call.func, scope)
            if isinstance(value, FunctionValue)
            for node in value.scope.nodes
        )

    def names_read(self, scope: Scope, store: Store) -> frozenset[str]:
        """The names that a function binds to what is stored, or to what it makes of that."""
        values = [
            (name, binding.value)
            for name, bindings in scope.bindings.items()
            for binding in bindings
            if binding.value is not None
        ]
        found = {name for name, value in values if self.reads(value, scope, store)}
        for _ in range(_MAX_DEPTH if found else 0):
            found |= {name for name, value in values if mentions(value, found, m.Name)}
        return frozenset(found)

    def _starts_as_none(self, store: Store) -> bool:
        """Whether the variable is None by default: an empty collection is then a value."""
        if store.variable is None:
            return False
        return any(
            keyword.name == "default" and _is_none(keyword.value)
            for keyword in store.variable.made.keywords
        )


_WORDS: Final = frozenset(
    {"set", "reset"}
    | {name.rpartition(".")[2] for row in apis.CONTEXT_SETTERS for name in (row.name, *row.resets)}
)

SETTING: Final = re.compile(rf"{beginning_with(_WORDS)}\s*\(")
"""What stands in a function that sets or takes back something by itself."""


def _value(call: m.Call) -> m.Expression | None:
    if call.args:
        return call.args[0]
    return call.keywords[0].value if call.keywords else None


def _is_none(node: m.Expression) -> bool:
    return isinstance(node, m.Constant) and node.value is None


def is_nothing(node: m.Expression) -> bool:
    """``None``, ``False``, ``0``, an empty string."""
    return isinstance(node, m.Constant) and not node.value


def _is_empty(node: m.Expression) -> bool:
    if isinstance(node, m.Sequence):
        return not node.elements
    if isinstance(node, m.Mapping):
        return not node.keys
    return isinstance(node, m.Call) and not node.args and last_name(node.func) in _EMPTY
