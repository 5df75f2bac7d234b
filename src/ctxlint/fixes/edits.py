"""Edits: byte ranges of a file and what is to stand there instead."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec


class Edit(msgspec.Struct, frozen=True, order=True):
    """Replace the bytes ``start:end`` of a file by ``text``; an insertion has ``start == end``."""

    start: int
    end: int
    text: bytes


class Unfixable(Exception):
    """An intent that cannot be applied to the text as it stands; the message says why."""


def spliced(source: bytes, edits: Iterable[Edit]) -> bytes:
    """The source with all edits applied. Raises ValueError where two of them overlap."""
    parts: list[bytes] = []
    end = 0
    for edit in sorted(edits):
        if edit.start < end:
            raise ValueError("edits overlap")
        parts += (source[end : edit.start], edit.text)
        end = edit.end
    return b"".join((*parts, source[end:]))


def overlap(one: Sequence[Edit], other: Sequence[Edit]) -> bool:
    """Whether any two edits touch the same bytes, or insert at the same place."""
    return any(
        (a.start < b.end and b.start < a.end) or a.start == b.start for a in one for b in other
    )
