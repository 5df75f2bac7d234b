"""The bodies of functions that nobody has read yet, found by the words that stand in them."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from .index import Scope


class Pieces:
    """What of one module's text is still unread: whose bodies, and where they stand."""

    def __init__(self, text: str) -> None:
        self._text: Final = text
        self._unread: dict[int, tuple[int, Scope]] = {}
        self._starts: list[int] | None = None
        self._asked: set[re.Pattern[str]] = set()

    def add(self, span: tuple[int, int], scope: Scope) -> None:
        """Note a function whose body was left out of the facts."""
        self._unread[span[0]] = (span[1], scope)

    def taken(self, span: tuple[int, int]) -> None:
        """Forget a body: it is being read."""
        del self._unread[span[0]]

    def holding(self, word: str) -> list[Scope]:
        """The functions in whose unread bodies an identifier stands as a whole word."""
        text, found = self._text, []
        at = text.find(word) if self._unread else -1
        while at >= 0:
            end = at + len(word)
            whole = not _continues(text[at - 1 : at]) and not _continues(text[end : end + 1])
            body = self._at(at) if whole else None
            if body is not None:
                end, scope = body
                found.append(scope)
            at = text.find(word, end)
        return found

    def matching(self, pattern: re.Pattern[str]) -> list[Scope]:
        """The functions in whose unread bodies a pattern begins to match.

        Who asks reads them, so that none are left to be found for the same pattern again.
        """
        if pattern in self._asked or not self._unread:
            return []
        self._asked.add(pattern)
        found: dict[Scope, None] = {}
        for match in pattern.finditer(self._text):
            body = self._at(match.start())
            if body is not None:
                found[body[1]] = None
        return list(found)

    def all(self) -> list[Scope]:
        """Every function whose body is unread."""
        return [scope for _, scope in self._unread.values()]

    def _at(self, offset: int) -> tuple[int, Scope] | None:
        """The unread body around an offset: where it ends, and whose it is."""
        if self._starts is None:  # all bodies are known before the first is asked for
            self._starts = sorted(self._unread)
        index = bisect_right(self._starts, offset) - 1
        body = self._unread.get(self._starts[index]) if index >= 0 else None
        return body if body is not None and offset < body[0] else None


def _continues(character: str) -> bool:
    return character.isalnum() or character == "_"
