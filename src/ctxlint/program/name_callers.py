"""Names of functions that may call one of some names, by the text alone.

A call can only lead to a function through names that this finds: what is called by other
names need not be resolved to know that it does not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Final

from ..questions import questions_of_word

if TYPE_CHECKING:
    from .modules import Sources

_MAX_NAMES: Final = 80
_BEHIND: Final = re.compile(rb"\s*\(|\s+as\s+([A-Za-z_]\w*)")
"""What stands behind a name that is called, or imported under another one."""
_BLOCK: Final = re.compile(rb"^([ \t]*)(?:async[ \t]+)?def[ \t]+([A-Za-z_]\w*)", re.MULTILINE)
_INDENT: Final = re.compile(rb"[ \t]*")
_WORD: Final = re.compile(rb"\w")


class NameCallers:
    """Finds these names; each name is looked for once."""

    def __init__(self, sources: Sources) -> None:
        self._sources: Final = sources
        self._callers: dict[str, frozenset[str]] = {}

    def leading_to(self, names: Iterable[str], levels: int) -> frozenset[str]:
        """The names themselves, what they are imported as, and the functions that call them."""
        found = set(names)
        new = set(found)
        for _ in range(levels):
            callers: set[str] = set()
            for name in sorted(new):
                callers |= self._callers_of(name) - found
                if len(found) + len(callers) > _MAX_NAMES:
                    return frozenset(found)
            found |= callers
            new = callers
        return frozenset(found)

    def _callers_of(self, name: str) -> frozenset[str]:
        known = self._callers.get(name)
        if known is None:
            known = self._callers[name] = frozenset(self._search(name))
        return known

    def _search(self, name: str) -> Iterator[str]:
        for callers in self._sources.answers(callers_in(name)).values():
            yield from callers


@questions_of_word
def callers_in(name: str) -> Callable[[bytes], tuple[str, ...]]:
    """What a name is imported as, and the functions that may call it."""
    word = name.encode()

    def found(source: bytes) -> Iterator[bytes]:
        at = source.find(word)
        while at >= 0:
            end = at + len(word)
            spoken = _BEHIND.match(source, end)
            if spoken is not None and not _is_other_word(source, at):
                around = spoken[1] or _function_around(source, at)
                if around is not None:
                    yield around
            at = source.find(word, end)

    return lambda source: tuple(each.decode(errors="replace") for each in found(source))


def _is_other_word(source: bytes, at: int) -> bool:
    """Whether what stands at an offset is the end of a longer word, or being defined."""
    return source[at - 4 : at] == b"def " or _WORD.match(source[max(at - 1, 0) : at]) is not None


def _function_around(source: bytes, at: int) -> bytes | None:
    """The function in which an offset stands: the last one above it that is less indented."""
    line = source.rfind(b"\n", 0, at) + 1
    indent = _INDENT.match(source, line)
    width = len(indent[0]) if indent is not None else 0
    above = source.rfind(b"def ", 0, line)
    while above >= 0 and width:
        start = source.rfind(b"\n", 0, above) + 1
        block = _BLOCK.match(source, start)
        if block is not None and len(block[1]) < width:
            return block[2]
        above = source.rfind(b"def ", 0, start)
    return None
