"""Lays out one line of source in a given number of terminal cells, keeping a span of it in view."""

from __future__ import annotations

import msgspec
from rich.cells import cell_len

from ctxlint.reports.excerpts import visible

_TAB = 4
_CUT = "…"


class Laid(msgspec.Struct, frozen=True):
    """A line ready to print, and the cells (from 0) that its span takes up there."""

    text: str
    start: int
    width: int


def lay_out(line: str, start: int, end: int, width: int) -> Laid:
    """Fit `line` into `width` cells so that code points [start, end) (from 0) can be seen.

    Tabs become spaces and control characters become pictures of themselves.  What does not fit
    is cut off at either end, and an ellipsis put in its place; an empty span is one cell wide.
    """
    pieces = pieces_of(line)
    start = min(max(start, 0), len(pieces))
    end = min(max(end, start), len(pieces))
    first, last = _window(pieces, start, end, width)
    head = _CUT if first else ""
    tail = _CUT if last < len(pieces) else ""
    text = head + "".join(pieces[first:last]) + tail
    before = cell_len(head + "".join(pieces[first:start]))
    span = cell_len("".join(pieces[start : min(end, last)]))
    return Laid(text.rstrip(), before, max(span, 1))


def pieces_of(line: str) -> list[str]:
    """What is shown for each code point: tabs as spaces, control characters as pictures."""
    if line.isascii() and line.isprintable():
        return list(line)
    pieces: list[str] = []
    cells = 0
    for character in line:
        piece = " " * (_TAB - cells % _TAB) if character == "\t" else visible(character)
        pieces.append(piece)
        cells += cell_len(piece)
    return pieces


def _window(pieces: list[str], start: int, end: int, width: int) -> tuple[int, int]:
    """The code points [first, last) to show: all of them, or as many as fit around the span."""
    widths = [cell_len(piece) for piece in pieces]
    if sum(widths) <= width:
        return 0, len(pieces)
    room = max(width - 2, 8)
    first = 0
    if sum(widths[:end]) > room:
        # A quarter of the room for what leads up to the span; the span itself comes first.
        first = start
        lead = 0
        while first > 0 and lead + widths[first - 1] <= room // 4:
            first -= 1
            lead += widths[first]
    last, used = first, 0
    while last < len(pieces) and used + widths[last] <= room:
        used += widths[last]
        last += 1
    return first, last
