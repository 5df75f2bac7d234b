"""The bodies of functions that nobody has looked into yet, found by the words in them."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from .surroundings import Search

if TYPE_CHECKING:
    from .scope import Scope


class Pieces:
    """What of one module's text is left to look into: whose bodies, and where they stand."""

    def __init__(self, text: str) -> None:
        self._text: Final = text
        self._left: dict[int, tuple[int, Scope]] = {}
        self._starts: list[int] | None = None
        self._asked: set[Search[str] | re.Pattern[str]] = set()

    def add(self, span: tuple[int, int], scope: Scope) -> None:
        """Note a function whose body is not looked into."""
        self._left[span[0]] = (span[1], scope)

    def taken(self, span: tuple[int, int]) -> None:
        """Forget a body: it is being looked into."""
        del self._left[span[0]]

    def holding(self, word: str) -> list[Scope]:
        """The functions in whose other bodies an identifier stands as a whole word."""
        text, found = self._text, []
        at = text.find(word) if self._left else -1
        while at >= 0:
            end = at + len(word)
            whole = not _continues(text[at - 1 : at]) and not _continues(text[end : end + 1])
            body = self._at(at) if whole else None
            if body is not None:
                end, scope = body
                found.append(scope)
            at = text.find(word, end)
        return found

    def matching(self, finder: Search[str] | re.Pattern[str]) -> list[Scope]:
        """The functions in whose other bodies something is found.

        Who asks looks into them, so that none are left to be found in the same way again.
        """
        if finder in self._asked or not self._left:
            return []
        self._asked.add(finder)
        found: dict[Scope, None] = {}
        for start in _starts(finder, self._text):
            body = self._at(start)
            if body is not None:
                found[body[1]] = None
        return list(found)

    def all(self) -> list[Scope]:
        """Every function whose body is left."""
        return [scope for _, scope in self._left.values()]

    def _at(self, offset: int) -> tuple[int, Scope] | None:
        """The body around an offset: where it ends, and whose it is."""
        if self._starts is None:  # all bodies are known before the first is asked for
            self._starts = sorted(self._left)
        index = bisect_right(self._starts, offset) - 1
        body = self._left.get(self._starts[index]) if index >= 0 else None
        return body if body is not None and offset < body[0] else None


def _starts(finder: Search[str] | re.Pattern[str], text: str) -> Iterator[int]:
    if isinstance(finder, Search):
        yield from finder.starts(text)
    else:
        yield from (match.start() for match in finder.finditer(text))


def _continues(character: str) -> bool:
    return character.isalnum() or character == "_"
