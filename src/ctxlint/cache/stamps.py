"""What findings depend on besides the files of the project."""

from __future__ import annotations

import os
import sys
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import msgspec

from .. import __version__
from ..declared import all_declared
from ..digests import digest
from ..settings import Settings

_FORMAT: Final = b"1"
"""To be changed with what entries are made of, where the version of ctxlint does not tell."""

_ENCODER: Final = msgspec.msgpack.Encoder(order="deterministic")


@cache
def of_code() -> bytes:
    """What stands for this ctxlint, this Python, and the libcst that it reads newer syntax with.

    Of ctxlint not only its version counts: it may run from a checkout that is being edited.
    """
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    libcst = find_spec("libcst")
    parts = [
        _FORMAT,
        __version__.encode(),
        sys.version.encode(),
        *_states(package),
        _state(libcst.origin) if libcst is not None and libcst.origin else b"",
    ]
    return digest(*parts)


def of_run(root: Path, settings: Settings, baseline: bytes, *, fixes: bool) -> bytes:
    """What stands for all else that the findings of a project depend on: what was asked for, and
    what the project declares of itself."""
    where = os.getcwd() if settings.per_file_ignores and not settings.root else ""
    return digest(
        of_code(),
        os.fsencode(root),
        _ENCODER.encode((settings, settings.root, where, fixes)),
        _ENCODER.encode(all_declared(root)),
        baseline,
    )


def _states(directory: str) -> list[bytes]:
    """The state of each module below a directory."""
    found: list[bytes] = []
    pending = [directory]
    while pending:
        with os.scandir(pending.pop()) as entries:
            for entry in entries:
                if entry.name.endswith(".py"):
                    known = entry.stat()
                    told = f"{entry.path}\0{known.st_mtime_ns}\0{known.st_size}"
                    found.append(os.fsencode(told))
                elif entry.is_dir() and entry.name != "__pycache__":
                    pending.append(entry.path)
    return sorted(found)


def _state(path: str) -> bytes:
    try:
        known = os.stat(path)
    except OSError:
        return b""
    return os.fsencode(f"{path}\0{known.st_mtime_ns}\0{known.st_size}")
