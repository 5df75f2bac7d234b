"""Where names stand in the source, found without asking libcst for positions.

A full ``PositionProvider`` pass costs as much as parsing.  The walk over the tree meets names in
source order, and so does one regular expression over the text; keeping the two in step gives the
position of every name for the price of a search.  Names inside strings and comments are passed
over; so are those inside f-strings, which the walk reads with the finder stopped.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import Final

_TOKEN: Final = re.compile(
    r"\#[^\r\n]*"
    r"|(?:[rRbBuUfFtT]{1,2})?"
    r"(?:\"\"\"(?:[^\\\"]|\\.|\"(?!\"\"))*+(?:\"\"\"|\Z)|'''(?:[^\\']|\\.|'(?!''))*+(?:'''|\Z)"
    r"|\"(?:[^\\\"\r\n]|\\.)*+\"?|'(?:[^\\'\r\n]|\\.)*+'?)"
    r"|\b([^\W\d]\w*)",
    re.DOTALL,
)


class NameFinder:
    """Gives the offset of each name of a text, asked for in source order."""

    def __init__(self, text: str) -> None:
        self._offsets = _names_in(text)
        self._here = 0
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


def _names_in(text: str) -> dict[str, list[int]]:
    """The names that stand in a text, keywords among them, with their offsets."""
    offsets: dict[str, list[int]] = {}
    for match in _TOKEN.finditer(text):
        name = match[1]
        if name is not None:
            offsets.setdefault(name, []).append(match.start())
    return offsets
