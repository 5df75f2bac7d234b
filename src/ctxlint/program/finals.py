"""What a ``finally`` takes back, and what can leave it before that."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from ..facts import model as m
from .index import ModuleIndex
from .suites import seat_of
from .trees import children, last_name, offset, walk
from .ways import WayOut

BROAD: Final = frozenset({"Exception", "BaseException"})
"""Exceptions whose handlers deal with whatever fails."""


def reset_in(final: m.Body, takes_back: Callable[[m.Call], bool]) -> m.Call | None:
    """The first call of a ``finally`` that takes back, if there is one."""
    return next((call for call in calls_in(*final) if takes_back(call)), None)


def ways_before(reset: m.Call, final: m.Body, module: ModuleIndex) -> Iterator[WayOut]:
    """What can leave a ``finally`` before the reset in it: awaits, returns, raises."""
    node: m.Node | None = module.statement_of(reset)
    while node is not None and not isinstance(node, m.While | m.For):
        seat = seat_of(node, module)
        for each in seat.suite[: seat.index]:
            yield from _leaving(each)
        if node in final:
            return
        holder = seat.holder
        node = module.parents.get(holder) if isinstance(holder, m.Handler | m.Case) else holder
        if isinstance(node, m.With) and node.is_async:
            yield WayOut("await", offset(node))


def _leaving(statement: m.Statement) -> Iterator[WayOut]:
    """What can leave a statement, under a condition or not, unless its failures are dealt with."""
    stack: list[m.Node] = [statement]
    while stack:
        node = stack.pop()
        if isinstance(node, m.Try | m.Function | m.Class):
            continue
        if isinstance(node, m.With) and any(suppresses(each.context) for each in node.items):
            continue
        if isinstance(node, m.Await):
            yield WayOut("await", offset(node))
        elif isinstance(node, m.Return):
            yield WayOut("return", offset(node))
        elif isinstance(node, m.Raise):
            yield WayOut("raise", offset(node))
        stack += reversed(children(node))


def suppresses(context: m.Expression) -> bool:
    """``suppress(Exception)``."""
    return (
        isinstance(context, m.Call)
        and last_name(context.func) == "suppress"
        and any(last_name(each) in BROAD for each in context.args)
    )


def calls_in(*roots: m.Node) -> Iterator[m.Call]:
    """The calls below some nodes, in source order, those of nested functions left out."""
    return (node for node in walk(*roots) if isinstance(node, m.Call))
