"""Looking for uses of a word by what stands around it."""

from __future__ import annotations

import re
import sys
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import AnyStr, Final, Generic

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
        word, edge = self.word, self.edge
        if len(text) > _LONG and edge is not _ANYWHERE:
            places = _places_in(text).of(word)
            if places is not None:
                yield from self._among(places, text, start, end)
                return
        at = text.find(word, start, end)
        while at >= 0:
            last = at + len(word)
            # Most of what is found is a part of a longer word.
            whole = edge.match(text, last) and edge.match(text, at)
            if whole and self._is_use(text, at, start, end):
                yield at
            at = text.find(word, last, end)

    def _among(self, places: Sequence[int], text: AnyStr, start: int, end: int) -> Iterator[int]:
        """The same, where it is known where the word stands."""
        for index in range(bisect_left(places, start), len(places)):
            at = places[index]
            if at + len(self.word) > end:
                return
            if self._is_use(text, at, start, end):
                yield at

    def _is_use(self, text: AnyStr, at: int, start: int, end: int) -> bool:
        begin = -1
        for kind in self.kinds:
            if kind.behind is not None and not kind.behind.match(text, at + len(self.word), end):
                continue
            if kind.before is None or kind.before.search(text, max(at - 1, start), at):
                return True
            begin = self._begin(text, at, start) if begin < 0 else begin
            if begin < at and kind.before.search(text, begin, at):
                return True
        return False

    def _begin(self, text: AnyStr, at: int, start: int) -> int:
        """Where that begins which stands before a word: the line above, behind space or a dot."""
        last = text[max(at - 1, start) : at]
        if not last.isspace() and last != self.dot:
            return at
        return self._line_above(text, at, start)

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


class _Places:
    """Where the words of one long text stand, once so many have been looked for that this pays.

    To go through all of the text for each name in it takes time that grows with the square of its
    length.
    """

    def __init__(self, text: str | bytes) -> None:
        self._text = text
        self._asked = 0
        self._found: dict[str | bytes, list[int]] | None = None

    def of(self, word: str | bytes) -> Sequence[int] | None:
        """Where a word stands as a whole; None where that has to be looked for."""
        self._asked += 1
        if self._asked <= _MANY or not _is_word(word):
            return None
        if self._found is None:
            self._found = {}
            for match in _words_of(self._text):
                self._found.setdefault(match[0], []).append(match.start())
        return self._found.get(word, ())


@lru_cache(maxsize=8)
def _places_in(text: str | bytes) -> _Places:
    return _Places(text)


def _is_word(word: str | bytes) -> bool:
    pattern = _WORD if isinstance(word, str) else _WORD_IN_BYTES
    return pattern.fullmatch(word) is not None  # type: ignore[arg-type]  # each its own kind


def _words_of(text: str | bytes) -> Iterator[re.Match[str]] | Iterator[re.Match[bytes]]:
    return _WORD.finditer(text) if isinstance(text, str) else _WORD_IN_BYTES.finditer(text)


_LONG: Final = 1 << 17
_MANY: Final = 64
_WORD: Final = re.compile(r"\w+")
_WORD_IN_BYTES: Final = re.compile(rb"\w+")
_EDGE_IN_BYTES = re.compile(rb"\b")
_EDGE = re.compile(r"\b")
_ANYWHERE = re.compile("")
