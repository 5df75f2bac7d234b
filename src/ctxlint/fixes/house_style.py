"""What a project's formatters are set to: how long lines may be, and whose modules are whose."""

from __future__ import annotations

import configparser
import sys
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Final

import msgspec

from .. import pyproject

_USUAL: Final = (88, 100, 120)
_RUFF_FILES: Final = ("ruff.toml", ".ruff.toml")
_INI_FILES: Final = ("setup.cfg", "tox.ini", ".flake8", ".isort.cfg")
_MAX_EXTENDS: Final = 8

Origin = int
FUTURE, STANDARD, THIRD_PARTY, FIRST_PARTY, RELATIVE = range(5)


class HouseStyle(msgspec.Struct, frozen=True, kw_only=True):
    """How a project wants its imports: the settings of ruff, black, isort or flake8.

    ``line_length`` is None where none of them says it.
    """

    line_length: int | None = None
    first_party: frozenset[str] = frozenset()
    third_party: frozenset[str] = frozenset()
    roots: tuple[Path, ...] = ()

    def limit(self, text: str) -> int:
        """How long the lines of a file may be: as settings say, or as those are that it has."""
        if self.line_length is not None:
            return self.line_length
        longest = max(map(len, text.splitlines()), default=0)
        return next((usual for usual in _USUAL if longest <= usual), _USUAL[-1])

    def origin(self, module: str) -> Origin:
        """The section that an absolute import of a module belongs to."""
        top = module.partition(".")[0]
        if top == "__future__":
            return FUTURE
        if top in self.first_party:
            return FIRST_PARTY
        if top in self.third_party:
            return THIRD_PARTY
        if top in sys.stdlib_module_names:
            return STANDARD
        return FIRST_PARTY if any(_holds(root, top) for root in self.roots) else THIRD_PARTY


@lru_cache(maxsize=256)
def house_style(directory: Path) -> HouseStyle:
    """What holds for the files of a directory; the nearest file that says something wins."""
    length: int | None = None
    first: frozenset[str] = frozenset()
    third: frozenset[str] = frozenset()
    roots = [_above_package(directory)]
    for above in (directory, *directory.parents):
        for said in _said(above):
            length = length or said.line_length
            first = first or said.first_party
            third = third or said.third_party
        if (above / "pyproject.toml").is_file() or (above / ".git").exists():
            roots += [above, above / "src"]
        if (above / ".git").exists():
            break
    return HouseStyle(
        line_length=length,
        first_party=first,
        third_party=third,
        roots=tuple(dict.fromkeys(roots)),
    )


class _Said(msgspec.Struct, frozen=True):
    """What one table of one file says."""

    line_length: int | None
    first_party: frozenset[str] = frozenset()
    third_party: frozenset[str] = frozenset()


def _said(directory: Path) -> Iterator[_Said]:
    for name in _RUFF_FILES:
        yield from _of_ruff(directory / name)
    data = _read(directory / "pyproject.toml")
    for tool in ("ruff", "black", "isort"):
        table = pyproject.table(data, "tool", tool)
        yield _of_table(table, pyproject.table(table, "lint", "isort") or table)
    for name in _INI_FILES:
        length = _of_ini(directory / name)
        if length is not None:
            yield _Said(length)


def _of_ruff(path: Path) -> Iterator[_Said]:
    """A file of ruff's own, and those that it extends."""
    for _ in range(_MAX_EXTENDS):
        data = _read(path)
        if path.name == "pyproject.toml":
            data = pyproject.table(data, "tool", "ruff")
        yield _of_table(data, pyproject.table(data, "lint", "isort"))
        extended = data.get("extend")
        if not isinstance(extended, str):
            return
        path = path.parent / extended


def _of_table(table: dict[str, object], sections: dict[str, object]) -> _Said:
    lengths = [table.get(key) for key in ("line-length", "line_length")]
    given = [each for each in lengths if isinstance(each, int) and each > 0]
    first, third = (
        frozenset(pyproject.strings(sections.get(f"known-{whose}-party")))
        | frozenset(pyproject.strings(sections.get(f"known_{whose}_party")))
        for whose in ("first", "third")
    )
    return _Said(given[0] if given else None, first, third)


def _read(path: Path) -> dict[str, object]:
    try:
        return pyproject.read(path) or {}
    except pyproject.BadToml:
        return {}


def _of_ini(path: Path) -> int | None:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read(path, encoding="utf-8")
    except (configparser.Error, UnicodeDecodeError, OSError):
        return None
    for section, key in (
        ("isort", "line_length"),
        ("settings", "line_length"),
        ("flake8", "max-line-length"),
        ("flake8", "max_line_length"),
    ):
        value = parser.get(section, key, fallback="").strip()
        if value.isdecimal() and int(value) > 0:
            return int(value)
    return None


def _above_package(directory: Path) -> Path:
    """The directory that holds the outermost package around a directory, or the directory."""
    while (directory / "__init__.py").is_file() and directory.parent != directory:
        directory = directory.parent
    return directory


def _holds(root: Path, name: str) -> bool:
    return (root / name).is_dir() or (root / f"{name}.py").is_file()
