"""Scopes: a module, a class or a function, and what stands in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from heapq import merge
from operator import itemgetter
from typing import TYPE_CHECKING, Final

from ..facts import model as m
from .bindings import BINDING, Binding, bound_by
from .searches import assigned_attributes
from .surroundings import Search
from .trees import last_name, own_statements, walk

if TYPE_CHECKING:
    from .index import ModuleIndex

_WALRUS: Final = re.compile(":=")
_PLACE: Final = itemgetter(0)


class Scope:
    """A module, a class or a function (``node`` is None for a module).

    ``inner`` are the scopes directly in it, as far as its body is looked into; ``owner`` is the
    class that a method is defined in.
    """

    def __init__(
        self,
        module: ModuleIndex,
        node: m.Function | m.Class | None,
        parent: Scope | None,
        order: int,
    ) -> None:
        self.module: Final = module
        self.node: Final = node
        self.parent: Final = parent
        self.function: Final = node if isinstance(node, m.Function) else None
        self.is_class: Final = isinstance(node, m.Class)
        self.owner: Final = parent if parent is not None and parent.is_class else None
        self.order: Final = order
        self.inner: Final[list[Scope]] = []
        self._held: Final[dict[Search[str] | re.Pattern[str], bool]] = {}
        if parent is not None:
            parent.inner.append(self)

    def __repr__(self) -> str:
        return f"<{self.module.name}:{self.qualname}>"

    @cached_property
    def body(self) -> m.Body:
        """The statements; those of a function may be indexed when they are asked for."""
        if self.node is None:
            return self.module.facts.body
        if self.function is not None and self.function.lines is not None:
            self.module.index_body(self, self.function)
        return self.node.body

    @cached_property
    def statements(self) -> tuple[m.Statement, ...]:
        """The statements at any depth, in source order, other functions and classes not entered."""
        return tuple(own_statements(self.body))

    @cached_property
    def nodes(self) -> tuple[m.Node, ...]:
        """All that stands in the body, in source order, other functions and classes not entered."""
        return tuple(walk(*self.body))

    @cached_property
    def tries(self) -> tuple[m.Try, ...]:
        """The ``try`` statements at any depth, in source order."""
        return tuple(each for each in self.statements if isinstance(each, m.Try))

    def calls_named(self, *names: str) -> Iterator[m.Call]:
        """The calls of some names in the body (see `last_name`), in source order."""
        found = [self._calls[name] for name in dict.fromkeys(names) if name in self._calls]
        return (call for _, call in (found[0] if len(found) == 1 else merge(*found, key=_PLACE)))

    @cached_property
    def _calls(self) -> dict[str, list[tuple[int, m.Call]]]:
        found: dict[str, list[tuple[int, m.Call]]] = {}
        for number, node in enumerate(self.nodes):
            if isinstance(node, m.Call):
                found.setdefault(last_name(node.func), []).append((number, node))
        return found

    def may_hold(self, finder: Search[str] | re.Pattern[str]) -> bool:
        """False where something is not found in a body, which then need not be looked into."""
        span = self.node.lines if isinstance(self.node, m.Function) else None
        if span is None:
            return True
        known = self._held.get(finder)
        if known is None:
            known = self._held[finder] = bool(finder.search(self.module.text, *span))
        return known

    def may_assign(self, name: str) -> bool:
        """False where no attribute of some name is assigned in a body."""
        return self._assigned is None or name in self._assigned

    @cached_property
    def _assigned(self) -> frozenset[str] | None:
        """The attributes that are assigned by the text of a body; None where that is not known."""
        span = self.node.lines if isinstance(self.node, m.Function) else None
        return None if span is None else assigned_attributes(self.module.text, *span)

    @property
    def name(self) -> str:
        return self.module.name if self.node is None else self.node.name

    @cached_property
    def qualname(self) -> str:
        if self.parent is None:
            return ""
        prefix = self.parent.qualname
        return f"{prefix}.{self.name}" if prefix else self.name

    @property
    def dotted(self) -> str:
        """The full dotted name, module included."""
        return f"{self.module.name}.{self.qualname}" if self.parent else self.module.name

    @property
    def label(self) -> str:
        """How messages name it: ``Class.method``, ``function`` or the module."""
        return self.qualname or f"module {self.module.name}"

    @property
    def at(self) -> int:
        return 0 if self.node is None else self.node.at

    @cached_property
    def enclosing_method(self) -> Scope | None:
        """The nearest method this scope is or stands in: whose ``self`` it sees."""
        scope: Scope | None = self
        while scope is not None and scope.owner is None:
            scope = scope.parent
        return scope

    @cached_property
    def decorators(self) -> tuple[m.Expression, ...]:
        return () if self.node is None else self.node.decorators

    def decorated_with(self, *names: str) -> bool:
        """Whether a decorator's last name is one of ``names``."""
        return any(last_name(each) in names for each in self.decorators)

    @cached_property
    def bindings(self) -> dict[str, list[Binding]]:
        found: dict[str, list[Binding]] = {}
        function = self.function
        if function is not None:
            for parameter in function.parameters:
                found[parameter.name] = [
                    Binding("parameter", parameter, parameter.default, (), parameter.annotation)
                ]
        has_walrus = self.module.has_walrus and self.may_hold(_WALRUS)
        for statement in self.statements:
            if not has_walrus and statement.__class__ not in BINDING:
                continue
            for name, binding in bound_by(statement, walrus=has_walrus):
                found.setdefault(name, []).append(binding)
        return found

    @cached_property
    def declared_outer(self) -> frozenset[str]:
        """Names declared global or nonlocal here."""
        return frozenset(
            name
            for statement in self.statements
            if isinstance(statement, m.Declare)
            for name in statement.names
        )

    def declared_in(self, name: str) -> Scope | None:
        """The scope whose name a function means that declares it global or nonlocal."""
        is_global = any(
            isinstance(statement, m.Declare) and statement.is_global and name in statement.names
            for statement in self.statements
        )
        if is_global:
            return self.module.top
        here = self.parent
        while here is not None and here.parent is not None:
            if not here.is_class and name in here.bindings and name not in here.declared_outer:
                return here
            here = here.parent
        return None
