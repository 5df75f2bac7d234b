"""Walking a lean syntax tree: what is below a node, and the names that expressions spell."""

from __future__ import annotations

from collections.abc import Iterator, Set
from typing import Final

from ..facts import model as m

STATEMENTS: Final = (
    m.Evaluate,
    m.Assign,
    m.Augment,
    m.Return,
    m.Raise,
    m.Break,
    m.Continue,
    m.If,
    m.While,
    m.For,
    m.With,
    m.Try,
    m.Match,
    m.Import,
    m.Declare,
    m.Function,
    m.Class,
)
_FIELDS: dict[type[m.Node], tuple[str, ...]] = {}
_PLAIN: Final = frozenset(
    {"prefix", "at", "id", "attr", "name", "kind", "operator", "operators", "is_async"}
)


def children(node: m.Node) -> list[m.Node]:
    """The nodes directly below a node, in source order."""
    cls = type(node)
    fields = _FIELDS.get(cls)
    if fields is None:
        fields = tuple(field for field in cls.__struct_fields__ if field not in _PLAIN)
        _FIELDS[cls] = fields
    found: list[m.Node] = []
    for field in fields:
        value: object = getattr(node, field)
        if isinstance(value, m.Node):
            found.append(value)
        elif type(value) is tuple:
            found.extend(each for each in value if isinstance(each, m.Node))
    return found


def walk(*roots: m.Node) -> Iterator[m.Node]:
    """The nodes below ``roots`` and themselves, in source order, not entering other functions.

    A nested function or class is yielded and not entered, for it runs at another time.
    """
    stack = list(reversed(roots))
    while stack:
        node = stack.pop()
        yield node
        if not isinstance(node, m.Function | m.Class):
            stack.extend(reversed(children(node)))


def own_statements(body: m.Body) -> Iterator[m.Statement]:
    """Every statement of a body at any depth, nested functions and classes not entered.

    In source order, and without recursion: an ``elif`` chain is as deep as it is long.
    """
    stack = list(reversed(body))
    while stack:
        statement = stack.pop()
        yield statement
        for inner in reversed(list(suites(statement))):
            stack.extend(reversed(inner))


def suites(statement: m.Statement) -> Iterator[m.Body]:
    """The bodies directly inside a compound statement (not of functions and classes)."""
    if isinstance(statement, m.If | m.While | m.For):
        yield statement.body
        yield statement.orelse
    elif isinstance(statement, m.With):
        yield statement.body
    elif isinstance(statement, m.Try):
        yield statement.body
        for handler in statement.handlers:
            yield handler.body
        yield statement.orelse
        yield statement.final
    elif isinstance(statement, m.Match):
        for case in statement.cases:
            yield case.body


def last_name(expression: m.Expression) -> str:
    """The last name of a dotted expression, calls looked through; empty if there is none."""
    if isinstance(expression, m.Call):
        expression = expression.func
    if isinstance(expression, m.Attribute):
        return expression.attr
    return expression.id if isinstance(expression, m.Name) else ""


def dotted_name(expression: m.Expression) -> str | None:
    """``a.b.c`` for such an expression, else None."""
    parts: list[str] = []
    while isinstance(expression, m.Attribute):
        parts.append(expression.attr)
        expression = expression.value
    if not isinstance(expression, m.Name):
        return None
    parts.append(expression.id)
    return ".".join(reversed(parts))


def mentions(
    expression: m.Node,
    names: Set[str],
    kind: type[m.Node] | tuple[type[m.Node], ...] = (m.Name, m.Attribute),
) -> bool:
    """Whether one of some names stands in an expression, by itself or as an attribute."""
    return any(
        isinstance(node, kind)
        and isinstance(node, m.Name | m.Attribute)
        and last_name(node) in names
        for node in walk(expression)
    )


def offset(node: m.Node) -> int:
    """Where a node begins in its file; 0 for the kinds that keep no position."""
    value: object = getattr(node, "at", 0)
    return value if isinstance(value, int) else 0
