"""Which class names are derived from which, by the bytes alone: asked before anything is parsed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from .modules import Sources

_CLASS: Final = re.compile(rb"class\s+(\w+)\s*\(([^)]*)\)")
_WORD: Final = re.compile(rb"[A-Za-z_]\w*")


class Inheritance:
    """Names of classes by the names of their bases; names alone may tie together too many."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._derived: dict[str, dict[str, set[Path]]] | None = None

    def below(self, names: Iterable[str]) -> frozenset[str]:
        """The names of all classes derived from classes of some names, at any depth."""
        found: set[str] = set()
        pending = list(names)
        while pending:
            for name in self._index().get(pending.pop(), ()):
                if name not in found:
                    found.add(name)
                    pending.append(name)
        return frozenset(found)

    def files_deriving(self, name: str) -> list[Path]:
        """The files in which a class has a base of that name, in order."""
        derived = self._index().get(name, {})
        return sorted({path for paths in derived.values() for path in paths})

    def aliases(self, names: Iterable[str]) -> frozenset[str]:
        """Other names under which classes are imported."""
        found: set[str] = set()
        for name in names:
            renamed = re.compile(rb"\b" + re.escape(name.encode()) + rb"\s+as\s+(\w+)")
            for path in self._sources.containing(name):
                source = self._sources.read(path)
                found.update(match.decode() for match in renamed.findall(source))
        return frozenset(found)

    def _index(self) -> dict[str, dict[str, set[Path]]]:
        if self._derived is None:
            self._derived = {}
            for path in self._sources.matching(_CLASS):
                for name, bases in _CLASS.findall(self._sources.read(path)):
                    for base in _WORD.findall(bases):
                        names = self._derived.setdefault(base.decode(), {})
                        names.setdefault(name.decode(), set()).add(path)
        return self._derived
