"""libcst expressions → facts, visited in source order so that the name finder keeps step."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, cast

import libcst as cst

from .. import model as m
from ..building import formatted, literal, start
from .names import NameFinder

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_FORMATTED = (cst.FormattedString, cst.TemplatedString)
_FIELDS = (cst.FormattedStringExpression, cst.TemplatedStringExpression)
_OPERATORS: dict[type[cst.CSTNode], str] = {
    cst.Equal: "==",
    cst.NotEqual: "!=",
    cst.LessThan: "<",
    cst.LessThanEqual: "<=",
    cst.GreaterThan: ">",
    cst.GreaterThanEqual: ">=",
    cst.Is: "is",
    cst.IsNot: "is not",
    cst.In: "in",
    cst.NotIn: "not in",
}


class ExpressionReader:
    """Turns expressions into facts.  One per module; `finder` is shared with the statements."""

    def __init__(self, finder: NameFinder) -> None:
        self.finder = finder
        self.yields = 0
        self._readers: dict[type, Callable[[cst.CSTNode], m.Expression]] = {
            cls: cast("Callable[[cst.CSTNode], m.Expression]", reader)
            for cls, reader in self._table()
        }

    def _table(self) -> Iterable[tuple[type, object]]:
        yield cst.Name, self._name
        yield cst.Attribute, self._attribute
        yield cst.Call, self._call
        yield cst.SimpleString, self._string
        yield cst.ConcatenatedString, self._string
        yield cst.FormattedString, self._formatted
        yield cst.Integer, self._integer
        for display in (cst.Tuple, cst.List, cst.Set):
            yield display, self._display
        yield cst.Dict, self._dict
        yield cst.Lambda, self._lambda
        yield cst.Await, self._await
        yield cst.Yield, self._yield
        yield cst.Comparison, self._comparison
        yield cst.BooleanOperation, self._boolean
        yield cst.UnaryOperation, self._unary
        yield cst.BinaryOperation, self._binary
        yield cst.IfExp, self._conditional
        yield cst.Subscript, self._subscript
        for comprehension in (cst.ListComp, cst.SetComp, cst.GeneratorExp):
            yield comprehension, self._comprehension
        yield cst.DictComp, self._dict_comprehension
        yield cst.NamedExpr, self._named
        yield cst.TemplatedString, self._formatted

    def read(self, node: cst.CSTNode) -> m.Expression:
        reader = self._readers.get(type(node))
        if reader is None:
            return m.Opaque((), self.finder.here)
        return reader(node)

    def optional(self, node: cst.CSTNode | None) -> m.Expression | None:
        return None if node is None else self.read(node)

    # --- names and calls -----------------------------------------------------------------------

    def _name(self, node: cst.Name) -> m.Expression:
        at = self.finder.find(node.value)
        if node.value in ("None", "True", "False"):
            return m.Constant({"None": None, "True": True, "False": False}[node.value], at)
        return m.Name(node.value, at)

    def _attribute(self, node: cst.Attribute) -> m.Expression:
        value = self.read(node.value)
        self.finder.find(node.attr.value)
        return m.Attribute(value, node.attr.value, start(value))

    def _call(self, node: cst.Call) -> m.Expression:
        func = self.read(node.func)
        args: list[m.Expression] = []
        keywords: list[m.Keyword] = []
        for arg in node.args:
            if arg.keyword is not None:
                self.finder.find(arg.keyword.value)
                keywords.append(m.Keyword(arg.keyword.value, self.read(arg.value)))
            elif arg.star == "**":
                keywords.append(m.Keyword(None, self.read(arg.value)))
            else:
                value = self.read(arg.value)
                args.append(m.Starred(value) if arg.star else value)
        return m.Call(func, tuple(args), tuple(keywords), start(func))

    def _await(self, node: cst.Await) -> m.Expression:
        at = self.finder.find("await")
        return m.Await(self.read(node.expression), at)

    def _yield(self, node: cst.Yield) -> m.Expression:
        self.yields += 1
        at = self.finder.find("yield")
        value = node.value.item if isinstance(node.value, cst.From) else node.value
        return m.Yield(self.optional(value), at)

    def _lambda(self, node: cst.Lambda) -> m.Expression:
        at = self.finder.find("lambda")
        outer, self.yields = self.yields, 0
        parameters = self.parameters(node.params)
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

    def parameters(self, node: cst.Parameters) -> tuple[m.Parameter, ...]:
        """All parameters, in source order."""
        found = [self._parameter(each, "/") for each in node.posonly_params]
        found += [self._parameter(each, "") for each in node.params]
        if isinstance(node.star_arg, cst.Param):
            found.append(self._parameter(node.star_arg, "*"))
        found += [self._parameter(each, "kw") for each in node.kwonly_params]
        if node.star_kwarg is not None:
            found.append(self._parameter(node.star_kwarg, "**"))
        return tuple(found)

    def _parameter(self, node: cst.Param, kind: str) -> m.Parameter:
        at = self.finder.find(node.name.value)
        annotation = None if node.annotation is None else self.read(node.annotation.annotation)
        return m.Parameter(node.name.value, kind, annotation, self.optional(node.default), at)

    # --- literals ------------------------------------------------------------------------------

    def _string(self, node: cst.SimpleString | cst.ConcatenatedString) -> m.Expression:
        value = node.evaluated_value
        if value is not None or not isinstance(node, cst.ConcatenatedString):
            return literal(value, self.finder.here)
        here = self.finder.here
        parts: list[cst.CSTNode] = []
        current: cst.CSTNode = node
        while isinstance(current, cst.ConcatenatedString):
            parts.append(current.left)
            current = current.right
        return self._joined((*parts, current), here)

    def _formatted(self, node: cst.FormattedString | cst.TemplatedString) -> m.Expression:
        return self._joined((node,), self.finder.here)

    def _joined(self, strings: Sequence[cst.CSTNode], here: int) -> m.Expression:
        """f-strings, and others that stand beside them: their fields, and the text before these."""
        self.finder.stop()
        parts = [
            part
            for each in strings
            for part in (each.parts if isinstance(each, _FORMATTED) else (each,))
        ]
        operands = tuple(self._fields(parts))
        self.finder.resume()
        text: list[str] = []
        for part in parts:
            if isinstance(part, cst.SimpleString):
                text.append(str(part.evaluated_value))
            elif isinstance(part, cst.FormattedStringText):
                text.append(part.value.replace("{{", "{").replace("}}", "}"))
            else:
                break
        return formatted("".join(text), operands, here)

    def _fields(self, parts: Iterable[cst.CSTNode]) -> Iterator[m.Expression]:
        for part in parts:
            if isinstance(part, _FIELDS):
                yield self.read(part.expression)
                yield from self._fields(part.format_spec or ())

    def _integer(self, node: cst.Integer) -> m.Expression:
        return literal(node.evaluated_value, self.finder.here)

    def _display(self, node: cst.Tuple | cst.List | cst.Set) -> m.Expression:
        here = self.finder.here
        elements = tuple(
            m.Starred(self.read(each.value))
            if type(each) is cst.StarredElement
            else self.read(each.value)
            for each in node.elements
        )
        # Brackets have no name to be found by, and tuples often have no brackets.
        return m.Sequence(elements, start(elements[0]) if elements else here)

    def _dict(self, node: cst.Dict) -> m.Expression:
        at = self.finder.here
        keys: list[m.Expression | None] = []
        values: list[m.Expression] = []
        for each in node.elements:
            keys.append(self.read(each.key) if isinstance(each, cst.DictElement) else None)
            values.append(self.read(each.value))
        return m.Mapping(tuple(keys), tuple(values), at)

    # --- operators -----------------------------------------------------------------------------

    def _comparison(self, node: cst.Comparison) -> m.Expression:
        operands = [self.read(node.left)]
        operators: list[str] = []
        for each in node.comparisons:
            operators.append(_OPERATORS[type(each.operator)])
            if isinstance(each.operator, cst.NotIn | cst.IsNot):
                self.finder.find("not")
            operands.append(self.read(each.comparator))
        return m.Compare(tuple(operands), tuple(operators), start(operands[0]))

    def _boolean(self, node: cst.BooleanOperation) -> m.Expression:
        operator = "and" if isinstance(node.operator, cst.And) else "or"
        operands = self._spine(node, cst.BooleanOperation, type(node.operator))
        return m.Boolean(operator, operands, start(operands[0]))

    def _binary(self, node: cst.BinaryOperation) -> m.Expression:
        operands = self._spine(node, cst.BinaryOperation, None)
        return m.Opaque(operands, start(operands[0]))

    def _spine(
        self,
        node: cst.BooleanOperation | cst.BinaryOperation,
        cls: type[cst.BooleanOperation | cst.BinaryOperation],
        operator: type[cst.CSTNode] | None,
    ) -> tuple[m.Expression, ...]:
        """The operands of ``a + b + c``, flat: a long chain must not be a deep one."""
        rights: list[cst.BaseExpression] = []
        current: cst.BaseExpression = node
        while isinstance(current, cls) and (operator is None or type(current.operator) is operator):
            rights.append(current.right)
            current = current.left
        return (self.read(current), *(self.read(right) for right in reversed(rights)))

    def _unary(self, node: cst.UnaryOperation) -> m.Expression:
        if isinstance(node.operator, cst.Not):
            at = self.finder.find("not")
            return m.Not(self.read(node.expression), at)
        operand = self.read(node.expression)
        return m.Opaque((operand,), start(operand))

    def _conditional(self, node: cst.IfExp) -> m.Expression:
        body = self.read(node.body)
        test = self.read(node.test)
        return m.Conditional(test, body, self.read(node.orelse), start(body))

    def _subscript(self, node: cst.Subscript) -> m.Expression:
        value = self.read(node.value)
        indices = [self._index(element.slice) for element in node.slice]
        index = indices[0] if len(indices) == 1 else m.Sequence(tuple(indices), start(value))
        return m.Subscript(value, index, start(value))

    def _index(self, node: cst.BaseSlice) -> m.Expression:
        if isinstance(node, cst.Index):
            return self.read(node.value)
        parts = (node.lower, node.upper, node.step) if isinstance(node, cst.Slice) else ()
        return m.Opaque(tuple(self.read(p) for p in parts if p is not None), self.finder.here)

    def _named(self, node: cst.NamedExpr) -> m.Expression:
        target = self.read(node.target)
        return m.Assigned(target, self.read(node.value), start(target))

    # --- comprehensions ------------------------------------------------------------------------

    def _comprehension(self, node: cst.ListComp | cst.SetComp | cst.GeneratorExp) -> m.Expression:
        at = self.finder.here
        element = self.read(node.elt)
        return m.Comprehension((element,), self._clauses(node.for_in), at)

    def _dict_comprehension(self, node: cst.DictComp) -> m.Expression:
        at = self.finder.here
        elements = (self.read(node.key), self.read(node.value))
        return m.Comprehension(elements, self._clauses(node.for_in), at)

    def _clauses(self, node: cst.CompFor | None) -> tuple[m.Clause, ...]:
        clauses: list[m.Clause] = []
        while node is not None:
            target = self.read(node.target)
            iterated = self.read(node.iter)
            conditions = tuple(self.read(each.test) for each in node.ifs)
            clauses.append(m.Clause(target, iterated, conditions, node.asynchronous is not None))
            node = node.inner_for_in
        return tuple(clauses)
