"""Sentinels: items that only say "stop" or "nothing there", and the tests that tell them apart.

A sentinel is known by what a test compares it with: a constant, the last part of a name, or a
class.
"""

from __future__ import annotations

from collections.abc import Set
from typing import TYPE_CHECKING, Final

from ..facts import model as m
from .scope import Scope
from .trees import last_name, walk
from .values import ClassValue, FunctionValue, Instance, Literal

if TYPE_CHECKING:
    from .program import Program

Mark = tuple[str, object]
"""``("constant", None)``, ``("name", "STOP")``, ``("kind", "Stop")`` or ``("false", None)``."""

FALSE: Final[Mark] = ("false", None)
_EQUAL: Final = ("is", "==")
_LEAVING: Final = (m.Break, m.Continue, m.Return, m.Raise)
_MAX_DEPTH: Final = 4


def leaves(body: m.Body) -> bool:
    """Whether a body ends by leaving: nothing behind it is reached from there."""
    return bool(body) and isinstance(body[-1], _LEAVING)


class Sentinels:
    """Compares items with what tests look for."""

    def __init__(self, program: Program) -> None:
        self._program: Final = program

    def mark(self, expression: m.Expression, scope: Scope) -> Mark | None:
        """By what an expression is told from other items; None where it cannot be."""
        if isinstance(expression, m.Constant):
            return ("constant", expression.value)
        if isinstance(expression, m.Call):
            given = expression.args or expression.keywords
            return None if given else ("kind", last_name(expression.func))
        if not isinstance(expression, m.Name | m.Attribute):
            return None
        values = self._program.resolver.evaluate(expression, scope)
        only = values[0] if len(values) == 1 else None
        if isinstance(only, Literal) and isinstance(only.node, m.Constant):
            return ("constant", only.node.value)
        return ("name", last_name(expression))

    # --- tests ---------------------------------------------------------------------------------

    def tested(self, test: m.Expression, item: str, scope: Scope) -> set[Mark] | None:
        """What a test of an item catches, whatever else it asks; None if it is no such test."""
        if isinstance(test, m.Boolean) and test.operator == "or":
            parts = [self.tested(each, item, scope) for each in test.operands]
            others = [e for e, found in zip(test.operands, parts, strict=True) if found is None]
            if len(others) == len(parts) or not all(_is_plain(each, item) for each in others):
                return None
            return {mark for part in parts if part is not None for mark in part}
        if isinstance(test, m.Not):
            return {FALSE} if is_item(test.operand, item) else None
        if isinstance(test, m.Compare):
            return self._compared(test, item, scope)
        if isinstance(test, m.Call) and last_name(test.func) == "isinstance":
            return self._kinds(test, item)
        return None

    def _compared(self, test: m.Compare, item: str, scope: Scope) -> set[Mark] | None:
        if len(test.operands) != 2:
            return None
        left, right = test.operands
        (operator,) = test.operators
        if operator == "in" and is_item(left, item) and isinstance(right, m.Sequence):
            others = right.elements
        elif operator in _EQUAL and is_item(left, item):
            others = (right,)
        elif operator in _EQUAL and is_item(right, item):
            others = (left,)
        else:
            return None
        marks = [self.mark(each, scope) for each in others if not isinstance(each, m.Call)]
        known = {mark for mark in marks if mark is not None}
        return known if len(marks) == len(others) and None not in marks else None

    @staticmethod
    def _kinds(test: m.Call, item: str) -> set[Mark] | None:
        if len(test.args) != 2 or not is_item(test.args[0], item):
            return None
        kinds = test.args[1]
        each = kinds.elements if isinstance(kinds, m.Sequence) else (kinds,)
        return {("kind", last_name(kind)) for kind in each if last_name(kind)}

    # --- items ---------------------------------------------------------------------------------

    def catches(self, tested: Set[Mark], mark: Mark | None) -> bool:
        """Whether a test that looks for some marks finds a sentinel."""
        if mark is None:
            return False
        return mark in tested or (mark[0] == "constant" and not mark[1] and FALSE in tested)

    def may_be(
        self, item: m.Expression, scope: Scope, tested: Set[Mark], depth: int = _MAX_DEPTH
    ) -> bool:
        """Whether an item is seen to be, on some way, what a test looks for."""
        if depth == 0:
            return False
        if self.catches(tested, self.mark(item, scope)):
            return True
        return any(
            self.may_be(each, where, tested, depth - 1) for each, where in self._ways(item, scope)
        )

    def _ways(self, item: m.Expression, scope: Scope) -> list[tuple[m.Expression, Scope]]:
        """The expressions of which an item is one."""
        if isinstance(item, m.Conditional):
            return [(item.body, scope), (item.orelse, scope)]
        if isinstance(item, m.Boolean):
            return [(each, scope) for each in item.operands]
        if not isinstance(item, m.Name):
            return []
        home = self._program.resolver.binding_scope(item.id, scope)
        found: list[tuple[m.Expression, Scope]] = []
        for binding in home.bindings[item.id] if home is not None else ():
            if home is None or (binding.value is None and binding.kind != "parameter"):
                continue
            if binding.value is not None and binding.kind in ("value", "parameter"):
                found.append((binding.value, home))
            if isinstance(binding.node, m.Parameter):
                found += self._program.calls.arguments(home, binding.node)
        return found

    def is_true(self, item: m.Expression, scope: Scope) -> bool:
        """Whether an item surely counts as true."""
        if isinstance(item, m.Sequence | m.Mapping):
            held = item.elements if isinstance(item, m.Sequence) else item.values
            return bool(held) and not any(isinstance(each, m.Starred) for each in held)
        if isinstance(item, m.Lambda):
            return True
        if isinstance(item, m.Constant):
            return bool(item.value)
        values = self._program.resolver.evaluate(item, scope)
        return bool(values) and all(
            isinstance(value, FunctionValue | ClassValue)
            or (isinstance(value, Instance) and self._is_plain_object(value))
            for value in values
        )

    def _is_plain_object(self, value: Instance) -> bool:
        """An object of a class of the project that says nothing of its length or truth."""
        classes = self._program.resolver.classes
        return (
            isinstance(value.of, Scope)
            and classes.method(value.of, "__len__") is None
            and classes.method(value.of, "__bool__") is None
            and not any(base.startswith("builtins.") for base in classes.external_bases(value.of))
        )


def is_item(expression: m.Expression, item: str) -> bool:
    """Whether an expression is the item itself."""
    return isinstance(expression, m.Name) and expression.id == item


def _is_plain(expression: m.Expression, item: str) -> bool:
    """Whether an expression neither knows the item nor runs code of any weight."""
    for node in walk(expression):
        if isinstance(node, m.Name) and node.id == item:
            return False
        if isinstance(node, m.Await | m.Yield | m.Lambda | m.Comprehension):
            return False
        if isinstance(node, m.Call) and last_name(node) not in ("is_set", "done", "empty"):
            return False
    return True
