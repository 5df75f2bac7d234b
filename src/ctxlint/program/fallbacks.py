"""Fallbacks by truth: ``context or copy_context()``, where an empty context counts as none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from msgspec import Struct

from .. import apis
from ..facts import model as m
from .index import ModuleIndex
from .scope import Scope
from .trees import dotted_name, last_name, walk
from .values import External, Instance, Value, is_none
from .values import Literal as Written

if TYPE_CHECKING:
    from .program import Program

Form = Literal["or", "if", "if not"]


class Fallback(Struct, frozen=True):
    """A copy that stands in for a context which is asked for its truth.

    ``tested`` is the context, ``node`` what is to be rewritten: the whole of an ``or``, else the
    test.  ``twice`` tells whether asking for it twice gives the same answer; ``certain`` whether
    nothing but None and contexts are known to be tested.
    """

    node: m.Expression
    tested: m.Expression
    copy: m.Call | m.Name
    form: Form
    module: ModuleIndex
    twice: bool
    certain: bool


class Fallbacks:
    """Finds the copies that stand in for a false context."""

    def __init__(self, program: Program) -> None:
        self._program: Final = program

    def in_file(self, path: Path) -> Iterator[Fallback]:
        """The fallbacks of one file, in source order."""
        module = self._program.module(path) if self._program.sieve.may_capture(path) else None
        if module is None:
            return
        for copy in _alternatives(module):
            if self._program.captures.copied_in(copy, module.scope_of(copy)) is not None:
                found = self._around(copy, module)
                if found is not None:
                    yield found

    def _around(self, copy: m.Call | m.Name, module: ModuleIndex) -> Fallback | None:
        parent = module.parents.get(copy)
        if isinstance(parent, m.Boolean) and parent.operator == "or":
            if parent.operands[-1] is copy:
                return self._judged(parent, parent.operands[-2], copy, "or", module)
        elif isinstance(parent, m.Conditional) and parent.test is not copy:
            tested, negated = _condition(parent.test)
            chosen = parent.orelse if negated else parent.body
            if chosen is not copy and (_same(tested, chosen) or _same(tested, _copied(chosen))):
                return self._judged(parent.test, tested, copy, _form(negated), module)
        elif isinstance(parent, m.Assign):
            return self._assigned(parent, copy, module)
        return None

    def _assigned(
        self, statement: m.Assign, copy: m.Call | m.Name, module: ModuleIndex
    ) -> Fallback | None:
        """``if not context: context = copy_context()``"""
        around = module.parents.get(statement)
        if not isinstance(around, m.If) or len(statement.targets) != 1:
            return None
        tested, negated = _condition(around.test)
        target = statement.targets[0]
        if negated and statement in around.body and _same(tested, target):
            return self._judged(around.test, tested, copy, "if not", module)
        other = around.body if statement in around.orelse else around.orelse
        in_right_branch = (statement in around.body) is negated
        if in_right_branch and any(
            isinstance(each, m.Assign)
            and each.value is not None
            and _same(tested, each.value)
            and _same(target, each.targets[0])
            for each in other
        ):
            return self._judged(around.test, tested, copy, _form(negated), module)
        return None

    # --- what is tested ------------------------------------------------------------------------

    def _judged(
        self,
        node: m.Expression,
        tested: m.Expression,
        copy: m.Call | m.Name,
        form: Form,
        module: ModuleIndex,
    ) -> Fallback | None:
        """The finding, unless what is tested is known to be something else than a context."""
        scope = module.scope_of(copy)
        if not isinstance(tested, _HOLDERS):
            return None
        values = self._program.resolver.evaluate(tested, scope)
        known = any(map(_is_context, values))
        if not known and not (all(map(_is_open, values)) and self._is_undeclared(tested, scope)):
            return None
        likely = known or self._is_optional(tested, scope)
        if not likely and isinstance(copy, m.Name):
            return None
        certain = likely and not any(map(_is_false, values))
        twice = dotted_name(tested) is not None and not self._is_property(tested, scope)
        return Fallback(node, tested, copy, form, module, twice, certain)

    def _is_optional(self, tested: m.Expression, scope: Scope) -> bool:
        """A parameter that is None by default, and nothing else is known of it."""
        return any(
            isinstance(each.default, m.Constant) and each.default.value is None
            for each in self._parameters(tested, scope)
        )

    def _is_undeclared(self, tested: m.Expression, scope: Scope) -> bool:
        """Whether no annotation says that it is something else."""
        return all(
            each.annotation is None or any(map(_may_mean_context, walk(each.annotation)))
            for each in self._parameters(tested, scope)
        )

    def _parameters(self, tested: m.Expression, scope: Scope) -> list[m.Parameter]:
        """The parameter that a name is."""
        if not isinstance(tested, m.Name):
            return []
        home = self._program.resolver.binding_scope(tested.id, scope)
        bindings = home.bindings[tested.id] if home is not None else []
        return [each.node for each in bindings if isinstance(each.node, m.Parameter)]

    def _is_property(self, tested: m.Expression, scope: Scope) -> bool:
        """Whether reading an attribute runs code."""
        return isinstance(tested, m.Attribute) and any(
            isinstance(value, Instance)
            and isinstance(value.of, Scope)
            and self._program.resolver.classes.method(value.of, tested.attr) is not None
            for value in self._program.resolver.evaluate(tested.value, scope)
        )


def _alternatives(module: ModuleIndex) -> list[m.Call | m.Name]:
    """The calls without arguments, and the names in an ``or``, that are one of two outcomes.

    It is cheap to ask this first: there are few of them.
    """
    found: list[m.Call | m.Name] = []
    for call in module.calls():
        parent = module.parents.get(call)
        if not (call.args or call.keywords) and (
            isinstance(parent, m.Boolean | m.Conditional)
            or (isinstance(parent, m.Assign) and isinstance(module.parents.get(parent), m.If))
        ):
            found.append(call)
    found += (node for node in module.names() if isinstance(module.parents.get(node), m.Boolean))
    return sorted(found, key=lambda each: each.at)


def _copied(expression: m.Expression) -> m.Expression:
    """What ``context.copy()`` copies."""
    if isinstance(expression, m.Call) and isinstance(expression.func, m.Attribute):
        if expression.func.attr == "copy":
            return expression.func.value
    return expression


_HOLDERS: Final = (m.Name, m.Attribute, m.Call, m.Subscript, m.Assigned, m.Await)


def _is_context(value: Value) -> bool:
    return isinstance(value, Instance) and value.of == apis.CONTEXT


def _is_open(value: Value) -> bool:
    """Whether a value says nothing of what is tested: None, or a library's result."""
    if isinstance(value, Instance):
        return isinstance(value.of, str) and value.of.endswith("()")
    return isinstance(value, External) or is_none(value)


def _may_mean_context(node: m.Node) -> bool:
    """Whether a part of an annotation leaves room for a context."""
    words = node.value if isinstance(node, m.Constant) else None
    name = last_name(node) if isinstance(node, m.Name | m.Attribute) else words
    return isinstance(name, str) and any(word in name for word in ("Context", "Any", "object"))


def _is_false(value: Value) -> bool:
    """A false value that is not None: the fallback may be meant for it."""
    return isinstance(value, Written) and not is_none(value)


def _condition(test: m.Expression) -> tuple[m.Expression, bool]:
    return (test.operand, True) if isinstance(test, m.Not) else (test, False)


def _form(negated: bool) -> Form:
    return "if not" if negated else "if"


def _same(one: m.Expression, other: m.Expression) -> bool:
    name = dotted_name(one.target if isinstance(one, m.Assigned) else one)
    return name is not None and name == dotted_name(other)
