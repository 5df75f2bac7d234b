"""Real files, with statements deleted, doubled, swapped, and moved to where they do not belong."""

from __future__ import annotations

import ast
import importlib.util
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from hypothesis import strategies as st

from ctxlint.checking import worth_reading

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
PACKAGES = (
    "anyio",
    "starlette",
    "structlog",
    "opentelemetry",
    "trio",
    "sentry_sdk",
    "tornado",
    "distributed",
    "pygls",
    "httpcore",
)
_LARGEST = 40_000
FOLDERS: list[Path] = []
"""More folders of real files: the long run is told them."""

Mutation = tuple[str, int, int]
"""What is done to which statement, and to which other one."""


class Subject(NamedTuple):
    """A real file in the project that it is looked at in."""

    name: str
    files: dict[str, bytes]


@cache
def subjects() -> tuple[Subject, ...]:
    """Files of the fixtures, each among its neighbours; of installed packages and of what else is
    to be looked at, each alone.
    """
    return (*_fixtures(), *_installed(), *(each for path in FOLDERS for each in _beneath(path)))


def _fixtures() -> Iterator[Subject]:
    for folder in sorted(path for path in FIXTURES.glob("*/*") if path.is_dir()):
        files = {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in sorted(folder.rglob("*.py"))
        }
        for name in files:
            yield Subject(name, files)


def _installed() -> Iterator[Subject]:
    for package in PACKAGES:
        found = importlib.util.find_spec(package)
        for place in (found.submodule_search_locations or ()) if found else ():
            yield from _beneath(Path(place))


def _beneath(folder: Path) -> Iterator[Subject]:
    for path in sorted(folder.rglob("*.py")):
        source = path.read_bytes() if path.stat().st_size < _LARGEST else b""
        if worth_reading(source) and "test" not in path.parts:
            yield Subject(path.name, {path.name: source})


mutations = st.lists(
    st.tuples(
        st.sampled_from(("delete", "double", "swap", "copy", "move", "dedent")),
        st.integers(0, 10_000),
        st.integers(0, 10_000),
    ),
    min_size=1,
    max_size=6,
)


def mutated(source: bytes, steps: list[Mutation]) -> bytes:
    """The file after each of the mutations; statements are taken as whole lines."""
    for kind, one, other in steps:
        try:
            statements = _statements(source)
        except (SyntaxError, ValueError):
            return source
        if len(statements) < 2:
            return source
        first, second = statements[one % len(statements)], statements[other % len(statements)]
        lines = source.splitlines(keepends=True)
        source = b"".join(_changed(kind, lines, first, second))
    return source


Extent = tuple[int, int]
"""The first line of a statement, and the first one behind it."""


def _statements(source: bytes) -> list[Extent]:
    return sorted(
        {
            (min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))]) - 1, end)
            for node in ast.walk(ast.parse(source))
            if isinstance(node, ast.stmt) and (end := node.end_lineno) is not None
        }
    )


def _changed(kind: str, lines: list[bytes], one: Extent, other: Extent) -> list[bytes]:
    (a, b), (c, d) = sorted((one, other))
    chosen = lines[one[0] : one[1]]
    at = other[0]
    fitted = _indented(chosen, lines[at])
    if kind == "double":
        return [*lines[: one[1]], *chosen, *lines[one[1] :]]
    if kind == "swap" and b <= c:
        first, second = _indented(lines[c:d], lines[a]), _indented(lines[a:b], lines[c])
        return [*lines[:a], *first, *lines[b:c], *second, *lines[d:]]
    if kind == "copy":
        return [*lines[:at], *fitted, *lines[at:]]
    if kind == "move" and not one[0] <= at < one[1]:
        left = [line for number, line in enumerate(lines) if not one[0] <= number < one[1]]
        at -= (one[1] - one[0]) if at >= one[1] else 0
        return [*left[:at], *fitted, *left[at:]]
    if kind == "dedent":
        return [
            *lines[: one[0]],
            *(line.removeprefix(b"    ") for line in chosen),
            *lines[one[1] :],
        ]
    return _emptied(lines, one)


def _emptied(lines: list[bytes], extent: Extent) -> list[bytes]:
    """Without a statement; what it was the only one of a suite of is left to a ``pass``."""
    first = lines[extent[0]]
    blank = first[: len(first) - len(first.lstrip())] + b"pass\n"
    whole = [*lines[: extent[0]], *lines[extent[1] :]]
    try:
        ast.parse(b"".join(whole))
    except (SyntaxError, ValueError):
        return [*lines[: extent[0]], blank, *lines[extent[1] :]]
    return whole


def _indented(chosen: list[bytes], neighbour: bytes) -> list[bytes]:
    """Lines with the indentation of their new neighbour."""
    old = len(chosen[0]) - len(chosen[0].lstrip())
    new = neighbour[: len(neighbour) - len(neighbour.lstrip())]
    return [new + line[old:] if line.strip() else line for line in chosen]
