"""Whose attributes are used as queues: each place is looked at once, whatever queues are followed.

Many classes keep a queue in an attribute of the same name. To go through all uses of the name for
each of them would take time that grows with the square of their number.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from ..facts import model as m
from .calls import CallGraph
from .index import ModuleIndex
from .resolve import Resolver
from .scope import Scope
from .searches import queue_member
from .uses import named_uses
from .values import ClassValue, Instance, Value, Values

Place = tuple[m.Name | m.Attribute, ModuleIndex]
_Numbered = dict[int, Place]


class _Uses:
    """The uses of one attribute by the classes of the objects that have it; in order of number."""

    def __init__(self) -> None:
        self.of_class: Final[dict[Scope, _Numbered]] = {}
        self.of_subclasses: Final[dict[Scope, _Numbered]] = {}
        self.unknown: Final[dict[ModuleIndex, _Numbered]] = {}


class Receivers:
    """Finds the uses of attributes, and of names that modules import; each kind is found once."""

    def __init__(self, resolver: Resolver, calls: CallGraph) -> None:
        self._resolver: Final = resolver
        self._calls: Final = calls
        self._attributes: Final[dict[tuple[str, frozenset[str]], _Uses]] = {}
        self._globals: Final[dict[str, dict[m.Node, list[Place]]]] = {}

    def members(self, cls: Scope, name: str, verbs: frozenset[str]) -> list[Place]:
        """Where ``x.name`` is used as a queue with some verbs, x being an object of a class."""
        uses = self._attributes.get((name, verbs))
        if uses is None:
            uses = self._attributes[name, verbs] = self._uses(name, verbs)
        found = {**uses.of_subclasses.get(cls, {})}
        for ancestor in self._resolver.classes.lineage(cls):
            found |= uses.of_class.get(ancestor, {})
        if name.startswith("_"):
            found |= uses.unknown.get(cls.module, {})
        return [found[number] for number in sorted(found)]

    def _uses(self, name: str, verbs: frozenset[str]) -> _Uses:
        uses = _Uses()
        number = 0
        for module in self._resolver.modules.matching(queue_member(name, verbs)):
            for node in () if self._calls.is_test(module) else module.uses(name):
                if isinstance(node, m.Attribute):
                    number += 1
                    self._note(uses, number, node, module)
        return uses

    def _note(self, uses: _Uses, number: int, node: m.Attribute, module: ModuleIndex) -> None:
        values = self._resolver.evaluate(node.value, module.scope_of(node))
        if not values:
            uses.unknown.setdefault(module, {})[number] = (node, module)
        for cls in classes_of(values):
            uses.of_class.setdefault(cls, {})[number] = (node, module)
            for ancestor in self._resolver.classes.lineage(cls):
                uses.of_subclasses.setdefault(ancestor, {})[number] = (node, module)

    def counted(
        self, cls: Scope, name: str, moving: frozenset[str]
    ) -> Iterator[tuple[m.Attribute, ModuleIndex, bool]]:
        """Every ``x.name`` of the project's, tests too, where x is an object of a class; and,
        not sure to be meant, where nothing is known of x and items are put to it or got from it."""
        for module in self._resolver.modules.with_word(name):
            for node in module.uses(name):
                if isinstance(node, m.Attribute):
                    values = self._resolver.evaluate(node.value, module.scope_of(node))
                    if self._belongs(values, node, cls, module):
                        yield node, module, True
                    elif not values and _member_of(node, module) in moving:
                        yield node, module, False

    def _belongs(self, values: Values, node: m.Attribute, cls: Scope, module: ModuleIndex) -> bool:
        known = classes_of(values)
        if known:
            return any(self._resolver.classes.related(each, cls) for each in known)
        return not values and node.attr.startswith("_") and module is cls.module

    def globals(self, made: m.Node, home: Scope, name: str) -> list[Place]:
        """Where other modules use a module's global for what one call makes."""
        by_origin = self._globals.get(name)
        if by_origin is None:
            by_origin = self._globals[name] = self._by_origin(name)
        return [each for each in by_origin.get(made, ()) if each[1] is not home.module]

    def _by_origin(self, name: str) -> dict[m.Node, list[Place]]:
        found: dict[m.Node, list[Place]] = {}
        for module in self._resolver.modules.with_word(name):
            for node in named_uses(name, module):
                values = self._resolver.evaluate(node, module.scope_of(node))
                origins = [value.origin for value in values if isinstance(value, Instance)]
                for origin in dict.fromkeys(origins):
                    if origin is not None:
                        found.setdefault(origin, []).append((node, module))
        return found


def classes_of(values: Iterable[Value]) -> list[Scope]:
    """The project's classes among values, and those of objects among them."""
    found = (
        value.of if isinstance(value, Instance) else value.scope
        for value in values
        if isinstance(value, Instance | ClassValue)
    )
    return [each for each in found if isinstance(each, Scope)]


def _member_of(node: m.Attribute, module: ModuleIndex) -> str | None:
    """The ``member`` of ``x.name.member``."""
    parent = module.parents.get(node)
    return parent.attr if isinstance(parent, m.Attribute) else None
