"""One function on the way from a set to its callers: for what turn it sets, and whether always."""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from ..facts import model as m
from .index import ModuleIndex
from .places import Place
from .scope import Scope
from .stores import Store, Touch
from .suites import seat_of
from .tokens import Kept
from .trees import walk

if TYPE_CHECKING:
    from .program import Program

_ENDS: Final = (m.Function, m.Class)


class Level(Struct, frozen=True):
    """A call that sets, by itself or through the functions it calls, seen in its function."""

    call: m.Call
    scope: Scope
    kept: Kept
    steps: tuple[Place, ...]
    sometimes: bool

    @property
    def module(self) -> ModuleIndex:
        return self.scope.module

    @property
    def statement(self) -> m.Node:
        return self.module.statement_of(self.call)


class Levels:
    """Answers about levels."""

    def __init__(self, program: Program) -> None:
        self._program: Final = program
        self._stores: Final = program.stores
        self._restoring: Final = program.restoring

    def extent(self, level: Level) -> m.Node | None:
        """The loop for whose turn something is set, else the function."""
        loop = self._program.scopes.per_item(level.call, level.module)
        return loop if loop is not None else level.scope.node

    def is_cleared_before(self, level: Level, store: Store) -> bool:
        """Whether every item begins by taking back what the last one set."""
        extent = self.extent(level)
        node: m.Node | None = level.statement
        while node is not extent and node is not None and not isinstance(node, _ENDS):
            seat = seat_of(node, level.module)
            for statement in seat.suite[: seat.index]:
                if isinstance(statement, m.Evaluate | m.Assign):
                    for call in walk(statement):
                        if isinstance(call, m.Call) and self._restoring.takes_back(
                            call, level.scope, store, leaving=False
                        ):
                            return True
            node = seat.holder
            if isinstance(node, m.Handler | m.Case):
                node = level.module.parents.get(node)
        return False

    def is_known_to_nested(self, level: Level, store: Store) -> bool:
        """Whether a function inside this one takes it back, or knows the token: a callback."""
        return any(
            level.kept.is_named_in(each.node) or self._restoring.function_takes_back(each, store)
            for each in level.scope.inner
            if each.function is not None and each.node is not None
        )

    def is_own(self, touch: Touch) -> bool:
        """``if (cache := var.get()) is None: var.set(Cache())``: the context's own object, or one
        that is made from what was there.
        """
        scope, store = touch.scope, touch.store
        names = self._stores.names_read(scope, store)
        if touch.value is not None and store.row is None:
            if _names(touch.value) & names or self._stores.reads(touch.value, scope, store):
                return True
        for around in scope.module.ancestors(touch.call):
            if isinstance(around, m.If):
                if self._stores.reads(around.test, scope, store) or _names(around.test) & names:
                    return True
        return False

    def is_conditional(self, level: Level, touch: Touch) -> bool:
        """Whether a turn or call can end without the set: an ``if`` whose other branch has none."""
        extent, inner = self.extent(level), level.statement
        read = self._stores.names_read(level.scope, touch.store)
        ancestors = level.module.ancestors(level.statement)
        for around in takewhile(lambda each: each is not extent, ancestors):
            if isinstance(around, m.If):
                if self._stores.reads(around.test, level.scope, touch.store):
                    return False
                if _names(around.test) & read:
                    return False
                other = around.orelse if inner in around.body else around.body
                if not self._sets(other, level.scope, touch.store):
                    return True
            if isinstance(around, m.Match | m.Handler):
                return False
            inner = around
        return False

    def _sets(self, body: m.Body, scope: Scope, store: Store) -> bool:
        return any(
            isinstance(node, m.Call)
            and any(touch.store.is_same(store) for touch in self._stores.of_call(node, scope))
            for node in walk(*body)
        )


def _names(node: m.Node) -> frozenset[str]:
    return frozenset(each.id for each in walk(node) if isinstance(each, m.Name))
