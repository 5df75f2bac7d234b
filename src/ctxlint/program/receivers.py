"""Whose attributes are used as queues: each place is looked at once, whatever queues are followed.

Many classes keep a queue in an attribute of the same name. To go through all uses of the name for
each of them would take time that grows with the square of their number.
"""

from __future__ import annotations

from typing import Final

from ..facts import model as m
from .calls import CallGraph
from .index import ModuleIndex
from .resolve import Resolver
from .scope import Scope
from .searches import queue_member
from .uses import named_uses
from .values import ClassValue, Instance, Values

Place = tuple[m.Name | m.Attribute, ModuleIndex]
_Numbered = dict[int, Place]


class _Uses:
    """The uses of one attribute by the classes of the objects that have it; in order of number.

    Where nothing is known of the object: by the module, and by the member of it that is used.
    """

    def __init__(self) -> None:
        self.of_class: Final[dict[Scope, _Numbered]] = {}
        self.of_subclasses: Final[dict[Scope, _Numbered]] = {}
        self.unknown: Final[dict[ModuleIndex, _Numbered]] = {}
        self.moving: Final[dict[str, _Numbered]] = {}


class Receivers:
    """Finds the uses of attributes, and of names that modules import; each kind is found once."""

    def __init__(self, resolver: Resolver, calls: CallGraph) -> None:
        self._resolver: Final = resolver
        self._calls: Final = calls
        self._attributes: Final[dict[tuple[str, frozenset[str] | None], _Uses]] = {}
        self._globals: Final[dict[str, dict[m.Node, list[Place]]]] = {}

    def members(self, cls: Scope, name: str, verbs: frozenset[str]) -> list[Place]:
        """Where ``x.name`` is used as a queue with some verbs, x being an object of a class."""
        found = self._of_class(self._uses(name, verbs), cls, name)
        return [found[number] for number in sorted(found)]

    def counted(
        self, cls: Scope, name: str, moving: frozenset[str]
    ) -> tuple[list[Place], list[Place]]:
        """Every such ``x.name`` of the project, tests too; and those of which it is not sure, for
        nothing is known of x, and items are put to it or got from it."""
        uses = self._uses(name, None)
        found = self._of_class(uses, cls, name)
        unsure: _Numbered = {}
        for verb in moving:
            unsure |= uses.moving.get(verb, {})
        return (
            [found[number] for number in sorted(found)],
            [unsure[number] for number in sorted(unsure.keys() - found.keys())],
        )

    def _of_class(self, uses: _Uses, cls: Scope, name: str) -> _Numbered:
        found = {**uses.of_subclasses.get(cls, {})}
        for ancestor in self._resolver.classes.lineage(cls):
            found |= uses.of_class.get(ancestor, {})
        if name.startswith("_"):
            found |= uses.unknown.get(cls.module, {})
        return found

    def _uses(self, name: str, verbs: frozenset[str] | None) -> _Uses:
        """Those with some verbs outside tests, or all."""
        known = self._attributes.get((name, verbs))
        if known is None:
            known = self._attributes[name, verbs] = _Uses()
            number = 0
            for module in self._modules(name, verbs):
                for node in module.uses(name):
                    if isinstance(node, m.Attribute):
                        number += 1
                        self._note(known, number, node, module)
        return known

    def _modules(self, name: str, verbs: frozenset[str] | None) -> list[ModuleIndex]:
        modules = self._resolver.modules
        if verbs is None:
            return modules.with_word(name)
        found = modules.matching(queue_member(name, verbs))
        return [module for module in found if not self._calls.is_test(module)]

    def _note(self, uses: _Uses, number: int, node: m.Attribute, module: ModuleIndex) -> None:
        values = self._resolver.evaluate(node.value, module.scope_of(node))
        place = node, module
        if not values:
            uses.unknown.setdefault(module, {})[number] = place
            parent = module.parents.get(node)
            if isinstance(parent, m.Attribute):
                uses.moving.setdefault(parent.attr, {})[number] = place
        for cls in _classes_of(values):
            uses.of_class.setdefault(cls, {})[number] = place
            for ancestor in self._resolver.classes.lineage(cls):
                uses.of_subclasses.setdefault(ancestor, {})[number] = place

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


def _classes_of(values: Values) -> list[Scope]:
    """The project's classes among values, and those of objects among them."""
    found = (
        value.of if isinstance(value, Instance) else value.scope
        for value in values
        if isinstance(value, Instance | ClassValue)
    )
    return [each for each in found if isinstance(each, Scope)]
