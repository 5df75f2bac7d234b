"""How names get their values: what each statement of a scope binds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal

from ..facts import model as m
from .trees import walk

BindingKind = Literal[
    "value", "element", "entered", "function", "class", "import", "parameter", "other"
]

BINDING: Final[frozenset[type[m.Node]]] = frozenset(
    {m.Assign, m.For, m.With, m.Function, m.Class, m.Import, m.Try}
)
"""The statements that bind names by themselves, and not only by what is assigned within them."""


class Binding:
    """One way a name gets its value.

    ``value``: the expression assigned (``path`` steps into a tuple); ``element``: iterated over;
    ``entered``: the target of a with statement; ``node`` is the statement or parameter.
    """

    __slots__ = ("annotation", "kind", "node", "path", "value")

    def __init__(
        self,
        kind: BindingKind,
        node: m.Node,
        value: m.Expression | None = None,
        path: tuple[int, ...] = (),
        annotation: m.Expression | None = None,
    ) -> None:
        self.kind: Final = kind
        self.node: Final = node
        self.value: Final = value
        self.path: Final = path
        self.annotation: Final = annotation


def bound_by(statement: m.Statement, *, walrus: bool) -> Iterator[tuple[str, Binding]]:
    """The names that a statement itself binds, those in statements below it left aside.

    Its expressions are looked through only with ``walrus``.
    """
    if isinstance(statement, m.Assign):
        for target in statement.targets:
            yield from _targets(target, "value", statement, statement.value, statement.annotation)
    elif isinstance(statement, m.For):
        yield from _targets(statement.target, "element", statement, statement.iter)
    elif isinstance(statement, m.With):
        for item in statement.items:
            if item.target is not None:
                yield from _targets(item.target, "entered", statement, item.context)
    elif isinstance(statement, m.Function):
        yield statement.name, Binding("function", statement)
        return
    elif isinstance(statement, m.Class):
        yield statement.name, Binding("class", statement)
        return
    elif isinstance(statement, m.Import):
        for imported in statement.names:
            bound = imported.alias or imported.name.split(".")[0]
            yield bound, Binding("import", statement)
        return
    elif isinstance(statement, m.Try):
        for handler in statement.handlers:
            if handler.name is not None:
                yield handler.name, Binding("other", handler)
    if not walrus:
        return
    for expression in _own_expressions(statement):
        for node in walk(expression):
            if isinstance(node, m.Assigned):
                yield from _targets(node.target, "value", node, node.value)


def _own_expressions(statement: m.Statement) -> Iterator[m.Expression]:
    if isinstance(statement, m.If | m.While):
        yield statement.test
    elif isinstance(statement, m.For):
        yield statement.iter
    elif isinstance(statement, m.With):
        for item in statement.items:
            yield item.context
    elif isinstance(statement, m.Assign | m.Augment | m.Evaluate | m.Return | m.Raise):
        if statement.value is not None:
            yield statement.value
    elif isinstance(statement, m.Match):
        yield statement.subject


def _targets(
    target: m.Expression,
    kind: BindingKind,
    node: m.Node,
    value: m.Expression | None,
    annotation: m.Expression | None = None,
    path: tuple[int, ...] = (),
) -> Iterator[tuple[str, Binding]]:
    if isinstance(target, m.Name):
        yield target.id, Binding(kind, node, value, path, annotation)
    elif isinstance(target, m.Sequence):
        for index, element in enumerate(target.elements):
            yield from _targets(element, kind, node, value, None, (*path, index))
    elif isinstance(target, m.Starred):
        yield from _targets(target.value, "other", node, value)
