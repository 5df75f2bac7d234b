"""``ast`` expressions → facts."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Final, cast

from .. import model as m
from ..building import formatted, literal, start

if TYPE_CHECKING:
    from ..lines import Lines

_OPERATORS: Final[dict[type[ast.cmpop], str]] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Is: "is",
    ast.IsNot: "is not",
    ast.In: "in",
    ast.NotIn: "not in",
}


class ExpressionReader:
    """Turns expressions into facts.

    ``yields`` counts the ``yield`` of the function that is being read.
    """

    def __init__(self, lines: Lines) -> None:
        self.yields = 0
        self._lines: Final = lines
        self._starts: Final = lines.starts if lines.is_ascii else None
        self._string: int | None = None
        self._readers: dict[type, Callable[[ast.AST], m.Expression]] = {
            cls: cast("Callable[[ast.AST], m.Expression]", reader) for cls, reader in self._table()
        }

    def _table(self) -> Iterable[tuple[type, object]]:
        yield ast.Name, self._name
        yield ast.Attribute, self._attribute
        yield ast.Call, self._call
        yield ast.Constant, self._constant
        yield ast.Starred, self._starred
        for display in (ast.Tuple, ast.List, ast.Set):
            yield display, self._display
        yield ast.Dict, self._dict
        yield ast.Lambda, self._lambda
        yield ast.Await, self._await
        for wait in (ast.Yield, ast.YieldFrom):
            yield wait, self._yield
        yield ast.Compare, self._comparison
        yield ast.BoolOp, self._boolean
        yield ast.UnaryOp, self._unary
        yield ast.BinOp, self._binary
        yield ast.IfExp, self._conditional
        yield ast.Subscript, self._subscript
        yield ast.Slice, self._slice
        for comprehension in (ast.ListComp, ast.SetComp, ast.GeneratorExp):
            yield comprehension, self._comprehension
        yield ast.DictComp, self._dict_comprehension
        yield ast.NamedExpr, self._named
        yield ast.JoinedStr, self._formatted
        if sys.version_info >= (3, 14):  # pragma: no cover (Python 3.14 and later)
            yield ast.TemplateStr, self._formatted

    def read(self, node: ast.expr) -> m.Expression:
        return self._readers[type(node)](node)

    def optional(self, node: ast.expr | None) -> m.Expression | None:
        return None if node is None else self.read(node)

    def all(self, nodes: Iterable[ast.expr]) -> tuple[m.Expression, ...]:
        return tuple([self._readers[type(node)](node) for node in nodes])

    def place(self, node: ast.expr | ast.stmt | ast.excepthandler | ast.arg | ast.pattern) -> int:
        """Where a node begins; of what stands in an f-string, where that begins.

        Before Python 3.12, nodes of f-strings have no true positions
        (https://docs.python.org/3/whatsnew/3.12.html#pep-701-syntactic-formalization-of-f-strings).
        """
        if self._string is not None:
            return self._string
        if self._starts is not None:
            return self._starts[node.lineno - 1] + node.col_offset
        return self._lines.offset(node.lineno, node.col_offset)

    # --- names and calls -----------------------------------------------------------------------

    def _name(self, node: ast.Name) -> m.Expression:
        return m.Name(node.id, self.place(node))

    def _attribute(self, node: ast.Attribute) -> m.Expression:
        value = self.read(node.value)
        return m.Attribute(value, node.attr, start(value))

    def _call(self, node: ast.Call) -> m.Expression:
        func = self.read(node.func)
        return m.Call(func, self.all(node.args), self.keywords(node.keywords), start(func))

    def keywords(self, nodes: Iterable[ast.keyword]) -> tuple[m.Keyword, ...]:
        return tuple([m.Keyword(each.arg, self.read(each.value)) for each in nodes])

    def _starred(self, node: ast.Starred) -> m.Expression:
        return m.Starred(self.read(node.value))

    def _await(self, node: ast.Await) -> m.Expression:
        return m.Await(self.read(node.value), self.place(node))

    def _yield(self, node: ast.Yield | ast.YieldFrom) -> m.Expression:
        self.yields += 1
        return m.Yield(self.optional(node.value), self.place(node))

    def _lambda(self, node: ast.Lambda) -> m.Expression:
        at = self.place(node)
        outer, self.yields = self.yields, 0
        parameters = self.parameters(node.args)
        body = self.read(node.body)
        result = m.Function(
            name="<lambda>",
            parameters=parameters,
            decorators=(),
            returns=None,
            body=(m.Return(body, start(body)),),
            is_async=False,
            is_generator=self.yields > 0,
            at=at,
        )
        self.yields = outer
        return m.Lambda(result, at)

    def parameters(self, node: ast.arguments) -> tuple[m.Parameter, ...]:
        """All parameters, in source order."""
        return tuple(
            [
                m.Parameter(
                    each.arg,
                    kind,
                    self.optional(each.annotation),
                    self.optional(default),
                    self.place(each),
                )
                for each, kind, default in _parameters(node)
            ]
        )

    # --- literals ------------------------------------------------------------------------------

    def _constant(self, node: ast.Constant) -> m.Expression:
        return literal(node.value, self.place(node))

    def _formatted(self, node: ast.JoinedStr) -> m.Expression:
        at = self.place(node)
        outer, self._string = self._string, at
        operands = tuple(self._fields(node.values))
        self._string = outer
        first = node.values[0] if node.values else None
        return formatted(first.value if isinstance(first, ast.Constant) else "", operands, at)

    def _fields(self, parts: Iterable[ast.expr]) -> Iterator[m.Expression]:
        """The expressions of an f-string's fields, those of their formats behind them."""
        for part in parts:
            if isinstance(part, ast.Constant):
                continue
            field = cast("ast.FormattedValue", part)  # or Interpolation, of the same shape
            yield self.read(field.value)
            if isinstance(field.format_spec, ast.JoinedStr):
                yield from self._fields(field.format_spec.values)

    def _display(self, node: ast.Tuple | ast.List | ast.Set) -> m.Expression:
        elements = self.all(node.elts)
        return m.Sequence(elements, start(elements[0]) if elements else self.place(node))

    def _dict(self, node: ast.Dict) -> m.Expression:
        keys = tuple([self.optional(key) for key in node.keys])
        return m.Mapping(keys, self.all(node.values), self.place(node))

    # --- operators -----------------------------------------------------------------------------

    def _comparison(self, node: ast.Compare) -> m.Expression:
        operands = (self.read(node.left), *self.all(node.comparators))
        operators = tuple([_OPERATORS[type(each)] for each in node.ops])
        return m.Compare(operands, operators, start(operands[0]))

    def _boolean(self, node: ast.BoolOp) -> m.Expression:
        """``(a or b) or c`` is ``a or b or c``."""
        operands = list(node.values)
        while isinstance(first := operands[0], ast.BoolOp) and type(first.op) is type(node.op):
            operands[:1] = first.values
        read = self.all(operands)
        return m.Boolean("and" if isinstance(node.op, ast.And) else "or", read, start(read[0]))

    def _binary(self, node: ast.BinOp) -> m.Expression:
        """The operands of ``a + b + c``, flat: a long chain must not be a deep one."""
        rights: list[ast.expr] = []
        current: ast.expr = node
        while isinstance(current, ast.BinOp):
            rights.append(current.right)
            current = current.left
        operands = (self.read(current), *self.all(reversed(rights)))
        return m.Opaque(operands, start(operands[0]))

    def _unary(self, node: ast.UnaryOp) -> m.Expression:
        operand = self.read(node.operand)
        if isinstance(node.op, ast.Not):
            return m.Not(operand, self.place(node))
        return m.Opaque((operand,), start(operand))

    def _conditional(self, node: ast.IfExp) -> m.Expression:
        body = self.read(node.body)
        return m.Conditional(self.read(node.test), body, self.read(node.orelse), start(body))

    def _subscript(self, node: ast.Subscript) -> m.Expression:
        value = self.read(node.value)
        return m.Subscript(value, self.read(node.slice), start(value))

    def _slice(self, node: ast.Slice) -> m.Expression:
        parts = (node.lower, node.upper, node.step)
        return m.Opaque(self.all(part for part in parts if part is not None), self.place(node))

    def _named(self, node: ast.NamedExpr) -> m.Expression:
        target = self.read(node.target)
        return m.Assigned(target, self.read(node.value), start(target))

    # --- comprehensions ------------------------------------------------------------------------

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp) -> m.Expression:
        element = self.read(node.elt)
        return m.Comprehension((element,), self._clauses(node.generators), self.place(node))

    def _dict_comprehension(self, node: ast.DictComp) -> m.Expression:
        elements = (self.read(node.key), self.read(node.value))
        return m.Comprehension(elements, self._clauses(node.generators), self.place(node))

    def _clauses(self, nodes: Iterable[ast.comprehension]) -> tuple[m.Clause, ...]:
        return tuple(
            [
                m.Clause(
                    self.read(node.target),
                    self.read(node.iter),
                    self.all(node.ifs),
                    bool(node.is_async),
                )
                for node in nodes
            ]
        )


def _parameters(node: ast.arguments) -> Iterator[tuple[ast.arg, str, ast.expr | None]]:
    """Parameters with their kinds and defaults."""
    positional = [(each, "/") for each in node.posonlyargs] + [(each, "") for each in node.args]
    without = len(positional) - len(node.defaults)
    for index, (each, kind) in enumerate(positional):
        yield each, kind, node.defaults[index - without] if index >= without else None
    if node.vararg is not None:
        yield node.vararg, "*", None
    for each, default in zip(node.kwonlyargs, node.kw_defaults, strict=True):
        yield each, "kw", default
    if node.kwarg is not None:
        yield node.kwarg, "**", None
