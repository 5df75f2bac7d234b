"""Facts made in another process: bytes of source in, bytes of facts out."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final

import msgspec

from .. import __version__
from ..digests import digest
from ..hazards import hazard
from ..syntax import compiles
from .model import Module
from .unreadable import Unreadable

_USED: Final = ("encoding", "hazards", "recursion", "syntax")
"""What reading files uses besides this room."""


class Told(msgspec.Struct, array_like=True):
    """What another process tells of one file: its facts, and whether Python can read it.

    ``None`` and False mean that nothing is known: who asks looks himself.
    """

    facts: bytes | None = None
    valid: bool = False


class Batch(msgspec.Struct, array_like=True):
    """What another process tells of some files, and who it is."""

    reader: str
    files: list[Told]


@cache
def reader() -> str:
    """Who makes facts here; those of others may be different ones.

    Of ctxlint, its version and what its readers are made of: it may run from a checkout.
    """
    here = Path(__file__).parent
    used = (*here.rglob("*.py"), *(here.parent / f"{name}.py" for name in _USED))
    code = digest(*(path.read_bytes() for path in sorted(used)))
    python = f"{sys.version_info[0]}.{sys.version_info[1]}"
    return f"ctxlint {__version__} ({code.hex()[:8]}), Python {python}"


def read_all(sources: Sequence[bytes]) -> bytes:
    """The stage of a run that looks at every file by itself: for some files, as a `Batch`."""
    return msgspec.msgpack.encode(Batch(reader(), [_read(source) for source in sources]))


def _read(source: bytes) -> Told:
    facts = facts_of(source)
    return Told() if facts is None else Told(facts, compiles(source))


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
