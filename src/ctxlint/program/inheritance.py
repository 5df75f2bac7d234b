"""Which class names are derived from which, by the bytes alone: asked before anything is parsed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from .searches import other_names
from .sightings import derivations, holders

if TYPE_CHECKING:
    from .modules import Sources


class Inheritance:
    """Names of classes by the names of their bases; names alone may tie together too many."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._derived: dict[str, dict[str, set[Path]]] | None = None
        self._below: dict[str, frozenset[str]] = {}
        self._files_below: dict[str, frozenset[Path]] = {}
        self._aliases: dict[str, frozenset[str]] = {}
        self._holders: dict[str, frozenset[str]] = {}

    def below(self, names: Iterable[str]) -> frozenset[str]:
        """The names of all classes derived from classes of some names, at any depth."""
        return frozenset().union(*map(self._below_one, names))

    def _below_one(self, base: str) -> frozenset[str]:
        known = self._below.get(base)
        if known is None:
            found: set[str] = set()
            pending = [base]
            while pending:
                for name in self._index().get(pending.pop(), ()):
                    if name not in found:
                        found.add(name)
                        pending.append(name)
            known = self._below[base] = frozenset(found)
        return known

    def files_below(self, base: str) -> frozenset[Path]:
        """The files in which classes are derived from one of that name, at any depth."""
        known = self._files_below.get(base)
        if known is None:
            bases = (base, *self._below_one(base))
            index = self._index()
            known = self._files_below[base] = frozenset(
                path for each in bases for paths in index.get(each, {}).values() for path in paths
            )
        return known

    def files_deriving(self, name: str) -> list[Path]:
        """The files in which a class has a base of that name, in order."""
        derived = self._index().get(name, {})
        return sorted({path for paths in derived.values() for path in paths})

    def aliases(self, names: Iterable[str]) -> frozenset[str]:
        """Other names under which classes are imported."""
        found: set[str] = set()
        for name in names:
            known = self._aliases.get(name)
            if known is None:
                known = self._aliases[name] = frozenset(self._renamed(name))
            found |= known
        return frozenset(found)

    def holders(self, names: Iterable[str]) -> frozenset[str]:
        """Names by which modules hand out objects of classes of some names."""
        found: set[str] = set()
        for name in names:
            known = self._holders.get(name)
            if known is None:
                known = self._holders[name] = frozenset(self._held(name))
            found |= known
        return frozenset(found)

    def _held(self, name: str) -> Iterator[str]:
        for path in self._sources.containing(name):
            yield from self._sources.ask(holders(name), path)

    def _renamed(self, name: str) -> Iterator[str]:
        for names in self._sources.answers(other_names(name)).values():
            yield from names

    def _index(self) -> dict[str, dict[str, set[Path]]]:
        if self._derived is None:
            self._derived = {}
            for path, told in self._sources.answers(derivations, "class").items():
                for derivation in told:
                    name, *bases = derivation.split()
                    for base in bases:
                        names = self._derived.setdefault(base, {})
                        names.setdefault(name, set()).add(path)
        return self._derived
