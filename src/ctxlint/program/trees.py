"""Walking a lean syntax tree: what is below a node, and the names that expressions spell."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Set
from operator import attrgetter
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
_DEFINITIONS: Final = frozenset({m.Function, m.Class})
_COMPOUND: Final[frozenset[type[m.Node]]] = frozenset(
    {m.If, m.While, m.For, m.With, m.Try, m.Match}
)
_KINDS: Final = frozenset(m.Node.__subclasses__())
_PLAIN: Final = frozenset(
    {"prefix", "at", "id", "attr", "name", "kind", "operator", "operators", "is_async"}
)


def _getter(kind: type[m.Node]) -> Callable[[m.Node], tuple[object, ...]]:
    """What gives the fields of a kind of node that can hold nodes."""
    fields = [field for field in kind.__struct_fields__ if field not in _PLAIN]
    if not fields:
        return lambda _: ()
    # `attrgetter` of one name gives no tuple; the class is no node.
    return attrgetter(*fields) if len(fields) > 1 else attrgetter(*fields, "__class__")


_GETTERS: Final = {kind: _getter(kind) for kind in _KINDS}


LEAVES: Final[frozenset[type[m.Node]]] = frozenset({m.Name, m.Constant})
"""Every second node is one of these, and has nothing below."""


def children(node: m.Node) -> list[m.Node]:
    """The nodes directly below a node, in source order."""
    found: list[m.Node] = []
    for value in _GETTERS[node.__class__](node):
        # Every node of every module passes here: `isinstance` would take twice as long.
        if value.__class__ is tuple:
            found += [each for each in value if each.__class__ in _KINDS]
        elif value.__class__ in _KINDS:
            found.append(value)
    return found


def walk(*roots: m.Node) -> Iterator[m.Node]:
    """The nodes below ``roots`` and themselves, in source order, not entering other functions.

    A nested function or class is yielded and not entered, for it runs at another time.
    """
    stack = list(reversed(roots))
    while stack:
        node = stack.pop()
        yield node
        kind = node.__class__
        if kind not in LEAVES and kind not in _DEFINITIONS:
            below = children(node)
            below.reverse()
            stack += below


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


def suites(statement: m.Node) -> Iterator[m.Body]:
    """The bodies directly inside a compound statement (not of functions and classes)."""
    if statement.__class__ not in _COMPOUND:
        return
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
