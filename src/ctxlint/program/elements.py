"""Elements: what iterating over a collection, or subscripting it, gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..facts import model as m
from .index import Scope
from .values import (
    ClassValue,
    Container,
    External,
    Literal,
    Values,
    union,
)

if TYPE_CHECKING:
    from .resolve import Resolver


class Elements:
    """Resolves what collections hold; part of the `Resolver`."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver

    def at(self, node: m.Subscript, scope: Scope) -> Values:
        """What ``value[index]`` is."""
        values = self._resolver.evaluate(node.value, scope)
        if isinstance(node.index, m.Constant) and isinstance(node.index.value, int):
            return self.item(values, node.index.value)
        same = tuple(v for v in values if isinstance(v, External | ClassValue))
        return same or self.of(values)

    def item(self, values: Values, index: int) -> Values:
        """What each value holds at a position."""
        found: list[Values] = []
        for value in values:
            if isinstance(value, Container):
                found.append(value.items[index : index + 1] if value.items else ())
            elif isinstance(value, Literal) and isinstance(value.node, m.Sequence):
                elements = value.node.elements[index : index + 1]
                found += [self._resolver.evaluate(each, value.scope) for each in elements]
            elif isinstance(value, Literal):
                found.append(self.of((value,)))
        return union(*found)

    def of(self, values: Values) -> Values:
        """What iterating over (or subscripting) each value gives."""
        found: list[Values] = []
        for value in values:
            if isinstance(value, Container):
                found.append(value.items)
            elif isinstance(value, Literal):
                node = value.node
                if isinstance(node, m.Sequence):
                    found += [self._resolver.evaluate(each, value.scope) for each in node.elements]
                elif isinstance(node, m.Mapping):
                    found += [self._resolver.evaluate(each, value.scope) for each in node.values]
                elif isinstance(node, m.Comprehension):
                    found.append(self._resolver.evaluate(node.elements[-1], value.scope))
        return union(*found)
