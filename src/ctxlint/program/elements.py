"""Elements: what iterating over a collection, or subscripting it, gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..facts import model as m
from . import searches
from .classes import self_name
from .scope import Scope
from .trees import last_name
from .values import (
    ClassValue,
    Container,
    External,
    Instance,
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
        return same or self.of(values) or self.stored(node.value, scope)

    def stored(self, container: m.Expression, scope: Scope) -> Values:
        """What is stored in a collection that is known by a name: ``self.makers[key] = maker``."""
        homes: list[Scope] = []
        if isinstance(container, m.Name):
            home = self._resolver.binding_scope(container.id, scope)
            homes = [home] if home is not None else []
        elif isinstance(container, m.Attribute):
            owners = self._resolver.evaluate(container.value, scope)
            homes = [
                cls
                for owner in owners
                if isinstance(owner, Instance) and isinstance(owner.of, Scope)
                for cls in self._resolver.classes.lineage(owner.of)
            ]
        name = last_name(container)
        return union(*(self._stored_in(home, name) for home in homes))

    def _stored_in(self, home: Scope, name: str) -> Values:
        return self._resolver.fixpoint.solve(
            ("stored", home, name), lambda: self._find_stored(home, name), ()
        )

    def _find_stored(self, home: Scope, name: str) -> Values:
        module = home.module
        found: list[Values] = []
        for node in module.uses(name, searches.stored(name)):
            target = module.parents.get(node)
            if not isinstance(target, m.Subscript) or target.value is not node:
                continue
            assign = module.parents.get(target)
            if not isinstance(assign, m.Assign) or target not in assign.targets:
                continue
            if assign.value is not None and _is_of(node, home, self):
                found.append(self._resolver.evaluate(assign.value, module.scope_of(assign)))
        return union(*found)

    def is_bound_in(self, name: m.Name, home: Scope) -> bool:
        """Whether a name means what a scope binds."""
        return self._resolver.binding_scope(name.id, home.module.scope_of(name)) is home

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


def _is_of(node: m.Name | m.Attribute, home: Scope, elements: Elements) -> bool:
    """Whether a use means the name of a scope, or the attribute of a class's objects."""
    if isinstance(node, m.Name):
        return elements.is_bound_in(node, home)
    method = home.module.scope_of(node).enclosing_method
    if method is None or method.owner is not home or not isinstance(node.value, m.Name):
        return False
    return node.value.id == self_name(method)
