"""Facts made in another process: bytes of source in, bytes of facts out."""

from __future__ import annotations

import msgspec

from ..hazards import hazard
from .model import Module
from .unreadable import Unreadable


def facts_of(source: bytes) -> bytes | None:
    """The facts of a source, encoded; None where it cannot be read (or not sent).

    Who gets None reads the file itself and is told the reason then.
    """
    from .extract import extract  # imports libcst

    if hazard(source) is not None:
        return None
    try:
        return packed(extract(source))
    except (Unreadable, RecursionError):
        return None


def packed(facts: Module) -> bytes | None:
    """Facts as bytes; None where they are nested too deeply for that."""
    try:
        return msgspec.msgpack.encode(facts)
    except RecursionError:
        return None


def restored(data: bytes) -> Module | None:
    """Facts from `facts_of`; None where they are nested too deeply to be restored."""
    try:
        return msgspec.msgpack.decode(data, type=Module)
    except (RecursionError, msgspec.DecodeError):
        return None
