"""Where the lines of a text begin, and the way from Python's positions to offsets."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import accumulate
from typing import Final

_LINE_END: Final = re.compile(r"\r\n?|\n")


def line_starts(text: str) -> tuple[int, ...]:
    """Offsets of the first character of every line, as Python counts lines."""
    if "\r" not in text:  # the same five times as fast
        *lengths, _ = (len(line) + 1 for line in text.split("\n"))
        return tuple(accumulate(lengths, initial=0))
    return (0, *(match.end() for match in _LINE_END.finditer(text)))


class Lines:
    """The lines of a text.

    In ASCII, an offset is the column behind the line's start; ``starts`` has these.

    ``ast`` counts lines from 1 and columns in bytes of UTF-8
    (https://docs.python.org/3/library/ast.html#ast.AST.col_offset); facts count code points.
    """

    def __init__(self, text: str, starts: Sequence[int]) -> None:
        self._text: Final = text
        self.starts: Final = starts
        self.is_ascii: Final = text.isascii()

    def start(self, line: int) -> int:
        """The offset of a line's first character; behind the last line, that of the end."""
        index = line - 1
        return self.starts[index] if index < len(self.starts) else len(self._text)

    def offset(self, line: int, column: int) -> int:
        """The offset of a place that ``ast`` tells."""
        start = self.starts[line - 1]
        text = self._text[start : start + column]  # at least as long as the part in question
        return start + (column if text.isascii() else len(text.encode()[:column].decode()))
