"""The modules of a project: found by import path, parsed only when somebody asks."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final, Protocol, TypeVar

from ..encoding import decode
from ..facts import model as m
from ..facts.extract import extract
from ..facts.unreadable import Unreadable
from ..questions import Answer, Question
from .index import ModuleIndex
from .purposes import Purposes

T = TypeVar("T", bound=Answer)


class Sources(Protocol):
    """What is needed of `ctxlint.sources.Sources`: bytes that can be searched like grep."""

    @property
    def root(self) -> Path: ...
    @property
    def files(self) -> tuple[Path, ...]: ...
    def read(self, path: Path) -> bytes: ...
    def hazard(self, path: Path) -> str | None: ...
    def compiles(self, path: Path) -> bool: ...
    def containing(self, *words: str) -> tuple[Path, ...]: ...
    def matching(self, question: Question[bool], *words: str) -> tuple[Path, ...]: ...
    def answers(self, question: Question[T], *words: str) -> Mapping[Path, T]: ...
    def ask(self, question: Question[T], path: Path) -> T: ...


class Shelf(Protocol):
    """Where the facts of files are to be had that others have made, and are left for others."""

    def take(self, path: Path) -> m.Module | None: ...
    def put(self, path: Path, facts: m.Module) -> None: ...


class Modules:
    """Loads modules on demand and resolves import paths to files of the project."""

    def __init__(self, sources: Sources) -> None:
        self.sources: Final = sources
        self.purposes: Final = Purposes(sources.root)
        self.shelf: Shelf | None = None
        self.unreadable: Final[dict[Path, Unreadable]] = {}
        self._loaded: dict[Path, ModuleIndex | None] = {}
        self._by_stem: dict[str, list[Path]] = {}
        self._packages: set[Path] = set()
        self._imports: dict[tuple[str, Path], Path | None] = {}
        self._supplied: dict[Path, m.Module] = {}
        self._parts: dict[Path, tuple[str, ...]] = {}
        for path in sources.files:
            is_package = path.name == "__init__.py"
            if is_package:
                self._packages.add(path.parent)
            self._by_stem.setdefault(path.parent.name if is_package else path.stem, []).append(path)

    def load(self, path: Path) -> ModuleIndex | None:
        """The module at a path; None if it cannot be read (then `unreadable` says why)."""
        if path in self._loaded:
            return self._loaded[path]
        self._loaded[path] = None
        try:
            facts = self._facts(path)
        except Unreadable as error:
            self.unreadable[path] = error
            return None
        except OSError as error:
            self.unreadable[path] = Unreadable(f"cannot be read: {error.strerror or error}")
            return None
        text = decode(self.sources.read(path))
        module = ModuleIndex(self._name(path), path, facts, text)
        self._loaded[path] = module
        return module

    def is_loaded(self, path: Path) -> bool:
        """Whether a module has been read, and could be."""
        return self._loaded.get(path) is not None

    def _facts(self, path: Path) -> m.Module:
        reason = self.sources.hazard(path)
        if reason is not None:
            raise Unreadable(reason)
        known = self._supplied.pop(path, None)
        if known is None and self.shelf is not None:
            known = self.shelf.take(path)
        if known is not None:
            return known
        facts = extract(self.sources.read(path))
        if self.shelf is not None:
            self.shelf.put(path, facts)
        return facts

    def matching(self, question: Question[bool]) -> list[ModuleIndex]:
        """All modules of whose source something is true, parsed."""
        return self.load_all(self.sources.matching(question))

    def supply(self, path: Path, facts: m.Module) -> None:
        """Take the facts of a file that were made elsewhere, so that it need not be parsed here."""
        self._supplied[path] = facts

    def loaded(self) -> Iterator[tuple[Path, m.Module]]:
        """The facts of all files that were parsed, here or elsewhere."""
        yield from self._supplied.items()
        for path, module in self._loaded.items():
            if module is not None:
                yield path, module.facts

    def text(self, module: ModuleIndex) -> str:
        """The decoded source of a module, with offsets as its facts count them."""
        return module.text

    def with_word(self, *words: str) -> list[ModuleIndex]:
        """All modules in whose source any of some identifiers occurs, parsed."""
        return self.load_all(self.sources.containing(*words))

    def load_all(self, paths: Iterable[Path]) -> list[ModuleIndex]:
        """Those modules of some paths that can be read."""
        found = (self.load(path) for path in paths)
        return [module for module in found if module is not None]

    def imported(self, dotted: str, importer: Path, level: int = 0) -> ModuleIndex | None:
        """The project's module that an import statement names, if there is one."""
        path = self.locate(dotted, importer, level)
        return None if path is None else self.load(path)

    def locate(self, dotted: str, importer: Path, level: int = 0) -> Path | None:
        """The file of an imported module; relative imports count from the importer."""
        if level:
            base = importer.parent
            for _ in range(level - 1):
                base = base.parent
            return self._file_at(base.joinpath(*dotted.split(".")) if dotted else base)
        key = (dotted, importer)
        if key not in self._imports:
            self._imports[key] = self._locate_absolute(dotted, importer)
        return self._imports[key]

    def _file_at(self, base: Path) -> Path | None:
        package = base / "__init__.py"
        if base in self._packages:
            return package
        if not base.name:  # more dots than there are directories
            return None
        module = base.with_name(base.name + ".py")
        return module if module in self._by_stem.get(base.name, ()) else None

    def _locate_absolute(self, dotted: str, importer: Path) -> Path | None:
        """Match an import path against the ends of file paths.

        That finds ``src/`` layouts, monorepos and namespace packages without knowing
        ``sys.path``; the directory that the path starts from must not itself be a package.
        """
        parts = tuple(dotted.split("."))
        if parts[0] in sys.stdlib_module_names:
            return None
        best: tuple[int, Path] | None = None
        for path in self._by_stem.get(parts[-1], ()):
            known = self._parts.get(path)
            if known is None:
                known = self._parts[path] = _bare(path).parts
            if known[-len(parts) :] != parts:
                continue
            start = _bare(path).parents[len(parts) - 1]
            if start in self._packages or not start.is_relative_to(self.sources.root):
                continue
            shared = _shared_depth(path, importer)
            if best is None or shared > best[0]:
                best = (shared, path)
        return None if best is None else best[1]

    def _name(self, path: Path) -> str:
        bare = _bare(path)
        base = bare.parent
        if base in self._packages:
            while base in self._packages:
                base = base.parent
        elif bare.is_relative_to(self.sources.root) and bare not in self._packages:
            base = self.sources.root
        try:
            parts = bare.relative_to(base).parts
        except ValueError:
            parts = (bare.name,)
        return ".".join(parts[1:] if len(parts) > 1 and parts[0] == "src" else parts)


def _bare(path: Path) -> Path:
    """The path of a package, or of a module without its suffix."""
    return path.parent if path.name == "__init__.py" else path.with_suffix("")


def _shared_depth(one: Path, other: Path) -> int:
    depth = 0
    for left, right in zip(one.parts, other.parts, strict=False):
        if left != right:
            break
        depth += 1
    return depth
