"""Looking for uses of a word by what stands around it."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from typing import AnyStr, Generic

from msgspec import Struct


class Around(Struct, Generic[AnyStr], frozen=True):
    """What stands before a word and behind it in one kind of use; None where it may be anything.

    ``before`` has to end with the end of what it is tried on. That is the character before the
    word, and only where that is space or a dot, all from the line above.
    """

    before: re.Pattern[AnyStr] | None = None
    behind: re.Pattern[AnyStr] | None = None


class Search(Struct, Generic[AnyStr], frozen=True):
    """Uses of one word, each of some kind.

    The word is looked for first: to find it is far cheaper than to match a pattern, and a pattern
    that holds it would have to be compiled for each word. ``edge`` stands on both sides of it.
    """

    word: AnyStr
    kinds: tuple[Around[AnyStr], ...]
    edge: re.Pattern[AnyStr]
    newline: AnyStr
    dot: AnyStr

    def search(self, text: AnyStr, start: int = 0, end: int = sys.maxsize) -> bool:
        """Whether there is such a use in a part of some text."""
        return next(self.starts(text, start, end), None) is not None

    def starts(self, text: AnyStr, start: int = 0, end: int = sys.maxsize) -> Iterator[int]:
        """Where the word stands in such a use, in a part of some text."""
        word, length, edge = self.word, len(self.word), self.edge
        at = text.find(word, start, end)
        while at >= 0:
            last = at + length
            # Most of what is found is a part of a longer word.
            if edge.match(text, last) and edge.match(text, at):
                for kind in self.kinds:
                    if kind.behind is not None and not kind.behind.match(text, last, end):
                        continue
                    if kind.before is None or self._is_behind(kind.before, text, at, start):
                        yield at
                        break
            at = text.find(word, last, end)

    def _is_behind(self, before: re.Pattern[AnyStr], text: AnyStr, at: int, start: int) -> bool:
        if before.search(text, max(at - 1, start), at) is not None:
            return True
        last = text[max(at - 1, start) : at]
        if not last.isspace() and last != self.dot:
            return False
        return before.search(text, self._line_above(text, at, start), at) is not None

    def _line_above(self, text: AnyStr, at: int, start: int) -> int:
        """Where the line above the one of an offset begins, lines of nothing but space aside."""
        line = text.rfind(self.newline, start, at)
        above = text.rfind(self.newline, start, line) if line >= 0 else -1
        while above >= 0 and text[above:line].isspace():
            above = text.rfind(self.newline, start, above)
        return above + 1 if above >= 0 else start


def lines_with(word: bytes, source: bytes) -> Iterator[bytes]:
    """The lines of a file in which a word stands, each with the line above it."""
    at = source.find(word)
    while at >= 0:
        above = source.rfind(b"\n", 0, max(source.rfind(b"\n", 0, at), 0))
        end = source.find(b"\n", at)
        end = len(source) if end < 0 else end
        yield source[above + 1 : end]
        at = source.find(word, end)


def in_bytes(word: str, *kinds: Around[bytes]) -> Search[bytes]:
    """A search for a whole word in the bytes of a file."""
    return Search(word.encode(), kinds, _EDGE_IN_BYTES, b"\n", b".")


def in_text(word: str, *kinds: Around[str]) -> Search[str]:
    """A search for a whole word in the text of a module."""
    return Search(word, kinds, _EDGE, "\n", ".")


def beginning(word: str, *kinds: Around[str]) -> Search[str]:
    """A search in the text of a module for what begins, and need not end, with a word."""
    return Search(word, kinds, _ANYWHERE, "\n", ".")


_EDGE_IN_BYTES = re.compile(rb"\b")
_EDGE = re.compile(r"\b")
_ANYWHERE = re.compile("")
