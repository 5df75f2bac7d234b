"""Where a statement stands, and what may as well happen outside an item's context."""

from __future__ import annotations

from collections.abc import Iterator, Set

from msgspec import Struct

from ..facts import model as m
from .index import ModuleIndex
from .trees import children, last_name, suites, walk

# What is asked of queues, events and futures reads no context variable.
_WEIGHTLESS = frozenset({"task_done", "is_set", "done", "empty", "qsize", "full"})


class Seat(Struct, frozen=True):
    """A statement's place: the suite, where in it, and the statement or function around it."""

    holder: m.Node | None
    suite: m.Body
    index: int

    @property
    def behind(self) -> m.Body:
        """The statements of the suite behind this one."""
        return self.suite[self.index + 1 :]


def seat_of(statement: m.Node, module: ModuleIndex) -> Seat:
    """Where a statement stands."""
    holder = module.parents.get(statement)
    return next(
        Seat(holder, suite, index)
        for suite in _suites(holder, module)
        for index, each in enumerate(suite)
        if each is statement
    )


def _suites(holder: m.Node | None, module: ModuleIndex) -> Iterator[m.Body]:
    if holder is None:
        yield module.facts.body
    elif isinstance(holder, m.Function | m.Class):
        yield module.scopes[holder].body
    elif isinstance(holder, m.Handler | m.Case):
        yield holder.body
    else:
        yield from suites(holder)


def names_in(*nodes: m.Node) -> set[str]:
    """Every name that is read or bound below some nodes, in nested functions, too."""
    return {node.id for node in everything(*nodes) if isinstance(node, m.Name)}


def everything(*roots: m.Node) -> Iterator[m.Node]:
    """All nodes below some, those of nested functions among them."""
    pending = list(reversed(roots))
    while pending:
        node = pending.pop()
        yield node
        pending += reversed(children(node))


def may_stay_outside(body: m.Body, names: Set[str]) -> bool:
    """Whether a body does its work as well outside an item's context.

    It does if it does not know the item and calls nothing of which nothing is known.
    """
    if names_in(*body) & names:
        return False
    for node in walk(*body):
        if isinstance(node, m.Call) and last_name(node) not in _WEIGHTLESS:
            return False
        if isinstance(node, m.Await | m.Yield | m.With | m.For):
            return False
    return True
