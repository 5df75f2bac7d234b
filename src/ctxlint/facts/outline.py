"""What of a module is read first: all of it but the bodies of its functions.

libcst's time goes with the length of the text, and of most functions nothing is ever asked but
that they are there.  So a module's text is cut: its *outline*, in which the bodies of functions
are left out, is parsed when somebody asks for the module, and each body when somebody asks for it.
Functions inside functions belong to the body that they stand in.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from .lines import Line, logical_lines
from .tokens import names_in

Span = tuple[int, int]
"""Where a piece of text begins and ends."""

_SHORTEST: Final = 60
"""A body of fewer characters is not worth a call of the parser of its own."""
_SAYS_SOMETHING: Final = re.compile(r"(?!(?:raise|pass|type|None|True|False)\b)\w++(?![\"'])")
"""A statement that leaves facts; not ``...``, a docstring, ``raise``."""
_YIELD: Final = re.compile(r"\byield\b")
_INNER: Final = frozenset({"def", "lambda"})


@dataclass(frozen=True, slots=True)
class LeftOut:
    """The body of a function, not read yet."""

    span: Span
    is_generator: bool


@dataclass(frozen=True, slots=True)
class Outline:
    """A module's text without some bodies: what to parse, where it comes from, what is missing.

    ``bodies`` are found by the place of the ``def`` (or ``async``) of their functions.
    """

    text: str
    spans: tuple[Span, ...]
    bodies: dict[int, LeftOut]


def whole(text: str) -> Outline:
    """The outline that leaves nothing out."""
    return Outline(text, ((0, len(text)),), {})


def outline(text: str) -> Outline:
    """Cut the bodies of functions out of a module that is known to be valid Python."""
    lines = logical_lines(text)
    if lines is None:
        return whole(text)
    parts: list[str] = []
    spans: list[Span] = []
    bodies: dict[int, LeftOut] = {}
    kept, index = 0, 0
    while index < len(lines):
        line, index = lines[index], index + 1
        if not line.defines:
            continue
        behind = _behind(lines, index, line.width)
        if behind == index:
            continue
        begin = lines[index].start
        end = lines[behind].start if behind < len(lines) else len(text)
        generates = _generates(text, begin, end)
        if end - begin < _SHORTEST or generates is None or _is_stub(text, lines[index:behind]):
            continue
        parts += (text[kept:begin], text[line.start : line.code], " pass\n")
        spans.append((kept, begin))
        bodies[line.code] = LeftOut((begin, end), generates)
        kept, index = end, behind
    return Outline("".join((*parts, text[kept:])), (*spans, (kept, len(text))), bodies)


def _behind(lines: list[Line], index: int, width: int) -> int:
    """The first line from ``index`` on that is not indented more than ``width``."""
    while index < len(lines) and lines[index].width > width:
        index += 1
    return index


def _is_stub(text: str, body: list[Line]) -> bool:
    """Whether a body may say nothing, as that of an abstract method: a part of the outline."""
    return all(_SAYS_SOMETHING.match(text, line.code) is None for line in body)


def _generates(text: str, begin: int, end: int) -> bool | None:
    """Whether a function with this body is a generator; None where only a parser can tell."""
    if text.find("yield", begin, end) < 0 or _YIELD.search(text, begin, end) is None:
        return False
    names = names_in(text, ((begin, end),))
    if "yield" not in names or not _INNER.isdisjoint(names):
        return None
    return True
