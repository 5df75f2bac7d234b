"""Where names stand in the source, found without asking libcst for positions.

A full ``PositionProvider`` pass costs as much as parsing.  The walk over the tree meets names in
source order, and so does one regular expression over the text; keeping the two in step gives the
position of every name for the price of a search.  Names inside strings and comments are passed
over; so are those inside f-strings, which the walk reads with the finder stopped.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import Final

_TOKEN: Final = re.compile(
    r"\#[^\r\n]*"
    r"|(?:[rRbBuUfFtT]{1,2})?"
    r"(?:\"\"\"(?:[^\\\"]|\\.|\"(?!\"\"))*+(?:\"\"\"|\Z)|'''(?:[^\\']|\\.|'(?!''))*+(?:'''|\Z)"
    r"|\"(?:[^\\\"\r\n]|\\.)*+\"?|'(?:[^\\'\r\n]|\\.)*+'?)"
    r"|\b([^\W\d]\w*)",
    re.DOTALL,
)
_LINE_END: Final = re.compile(r"\r\n?|\n")


class NameFinder:
    """Gives the offset of each name of a text, or of pieces of it, asked for in source order."""

    def __init__(self, text: str, spans: Sequence[tuple[int, int]] | None = None) -> None:
        spans = spans or ((0, len(text)),)
        self._offsets = names_in(text, spans)
        self._here = spans[0][0]
        self._stopped = 0

    def find(self, name: str) -> int:
        """The offset of the next ``name``; the last known offset where there is none."""
        if self._stopped:
            return self._here
        offsets = self._offsets.get(name)
        if offsets is not None:
            index = bisect_left(offsets, self._here)
            if index < len(offsets):
                found = offsets[index]
                self._here = found + 1
                return found
        return self._here

    @property
    def here(self) -> int:
        """Just behind the start of the last name found."""
        return self._here

    def stop(self) -> None:
        """Enter text whose names the search does not see (an f-string)."""
        self._stopped += 1

    def resume(self) -> None:
        """Leave the text that `stop` entered."""
        self._stopped -= 1


def names_in(text: str, spans: Iterable[tuple[int, int]]) -> dict[str, list[int]]:
    """The names that stand in some pieces of a text, keywords among them, with their offsets."""
    offsets: dict[str, list[int]] = {}
    for begin, end in spans:
        for match in _TOKEN.finditer(text, begin, end):
            name = match[1]
            if name is not None:
                if name in offsets:
                    offsets[name].append(match.start())
                else:
                    offsets[name] = [match.start()]
    return offsets


def line_starts(text: str) -> tuple[int, ...]:
    """Offsets of the first character of every line, as Python counts lines."""
    return (0, *(match.end() for match in _LINE_END.finditer(text)))
