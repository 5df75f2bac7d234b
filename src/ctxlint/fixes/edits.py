"""Edits: byte ranges of a file and what is to stand there instead."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence

import msgspec


class Edit(msgspec.Struct, frozen=True, order=True):
    """Replace the bytes ``start:end`` of a file by ``text``; an insertion has ``start == end``."""

    start: int
    end: int
    text: bytes


class Unfixable(Exception):
    """An intent that cannot be applied to the text as it stands; the message says why."""


class Overlapping(ValueError):
    """Edits that change the same bytes."""


def ordered(edits: Iterable[Edit]) -> tuple[Edit, ...]:
    """Edits by place; insertions at one place stay in the order in which they are given.

    Raises Overlapping where two of them overlap.
    """
    found = tuple(sorted(edits, key=lambda each: (each.start, each.end)))
    end = 0
    for edit in found:
        if edit.start < end or edit.end < edit.start:
            raise Overlapping("edits overlap")
        end = edit.end
    return found


def spliced(source: bytes, edits: Iterable[Edit]) -> bytes:
    """The source with all edits applied. Raises Overlapping where two of them overlap."""
    parts: list[bytes] = []
    end = 0
    for edit in ordered(edits):
        parts += (source[end : edit.start], edit.text)
        end = edit.end
    return b"".join((*parts, source[end:]))


def composed(first: Sequence[Edit], second: Iterable[Edit]) -> tuple[Edit, ...]:
    """One set of edits that does what ``first`` and then, to its result, ``second`` do.

    What two edits leave nothing between becomes one edit.
    """
    found: list[Edit] = []
    pieces = _Pieces(first)
    start, text = 0, b""
    for edit in ordered(second):
        for piece in pieces.until(edit.start):
            start, text = _add(found, start, text, piece)
        for _ in pieces.until(edit.end):
            pass  # what stood there is gone
        text += edit.text
    for piece in pieces.until(None):
        start, text = _add(found, start, text, piece)
    return tuple(found)


_Piece = tuple[int, int, bytes]
"""The range of the original that stays, or, where it is empty, new text."""


def _add(found: list[Edit], start: int, text: bytes, piece: _Piece) -> tuple[int, bytes]:
    """Note a piece of the result: the end of what stays, and the new text since then."""
    begin, end, new = piece
    if begin == end:
        return start, text + new
    if start != begin or text:
        found.append(Edit(start, begin, text))
    return end, b""


class _Pieces:
    """The result of edits, in pieces from left to right."""

    def __init__(self, edits: Sequence[Edit]) -> None:
        self._queue: list[_Piece] = []
        end = 0
        for edit in edits:
            self._queue += ((end, edit.start, b""), (edit.start, edit.start, edit.text))
            end = edit.end
        # How long the original is does not matter: its end is further away than any edit.
        self._queue.append((end, _FAR, b""))
        self._queue = [piece for piece in self._queue if piece[0] < piece[1] or piece[2]]
        self._queue.reverse()
        self._at = 0

    def until(self, place: int | None) -> Iterable[_Piece]:
        """Take the pieces up to an offset of the result, cut there; all for None."""
        while self._queue and (place is None or self._at < place):
            begin, end, text = self._queue.pop()
            length = end - begin or len(text)
            if place is not None and self._at + length > place:
                cut = place - self._at
                if text:
                    self._queue.append((begin, end, text[cut:]))
                    text = text[:cut]
                else:
                    self._queue.append((begin + cut, end, b""))
                    end = begin + cut
                length = cut
            self._at += length
            yield begin, end, text


_FAR = 1 << 62


class Claims:
    """The places of one file that edits have taken, so that others keep off them."""

    def __init__(self) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []

    def free(self, edits: Iterable[Edit]) -> bool:
        """Whether edits touch no byte that is taken, nor insert where others begin."""
        return all(self._is_free(edit) for edit in edits)

    def take(self, edits: Iterable[Edit]) -> None:
        """Take the places of edits that are free, in their order."""
        for edit in ordered(edits):
            at = bisect_right(self._starts, edit.start)
            self._starts.insert(at, edit.start)
            self._ends.insert(at, edit.end)

    def _is_free(self, edit: Edit) -> bool:
        at = bisect_left(self._starts, edit.start)
        if at and self._ends[at - 1] > edit.start:
            return False
        if at == len(self._starts):
            return True
        return self._starts[at] != edit.start and self._starts[at] >= edit.end


class Moves:
    """Where the places of a text are to be found once edits have been applied to it."""

    def __init__(self, edits: Iterable[Edit]) -> None:
        self._edits = ordered(edits)
        self._starts = [edit.start for edit in self._edits]
        self._moved = [0]
        for edit in self._edits:
            grown = len(edit.text) - (edit.end - edit.start)
            self._moved.append(self._moved[-1] + grown)

    def range_of(self, low: int, high: int) -> tuple[int, int]:
        """Between which offsets what stood between two is now: new text at either end included."""
        return self._of(low)[0], self._of(high)[1]

    def replaced_with(self, place: int) -> tuple[int, int]:
        """The range of the old text that an edit replaces around a place; else the place alone."""
        at = bisect_left(self._starts, place + 1) - 1
        if at >= 0 and self._edits[at].end > place:
            return self._edits[at].start, self._edits[at].end - 1
        return place, place

    def _of(self, place: int) -> tuple[int, int]:
        at = bisect_left(self._starts, place)
        first = last = place + self._moved[at]
        if at and self._edits[at - 1].end > place:
            before = self._edits[at - 1]
            first = before.start + self._moved[at - 1]
            last = first + len(before.text)
        while at < len(self._edits) and self._starts[at] == place:
            last = place + self._moved[at] + len(self._edits[at].text)
            at += 1
        return first, last
