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

    What pip has installed says by itself what it is made of, wherever and whenever that was; of a
    checkout, which may be edited, the state of each module counts.
    """
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    code = _recorded("ctxlint", os.path.dirname(package)) or _states(package)
    libcst = find_spec("libcst")
    reader = b""
    if libcst is not None and libcst.origin:
        directory = os.path.dirname(libcst.origin)
        reader = _recorded("libcst", os.path.dirname(directory)) or _states(directory)
    return digest(_FORMAT, __version__.encode(), sys.version.encode(), code, reader)


def of_run(root: Path, settings: Settings, baseline: bytes, *, fixes: bool) -> bytes:
    """What stands for all else that the findings of a project depend on: what was asked for, and
    what the project declares of itself."""
    where = os.getcwd() if settings.per_file_ignores and not settings.root else ""
    return digest(
        of_code(),
        os.fsencode(root),
        _ENCODER.encode((settings, where, fixes)),
        _ENCODER.encode(all_declared(root)),
        baseline,
    )


def _recorded(name: str, site: str) -> bytes:
    """What stands for the files of a distribution that is installed in a directory, if one is.

    https://packaging.python.org/en/latest/specifications/recording-installed-packages/: RECORD has
    the digest of each of them.
    """
    with os.scandir(site) as entries:
        homes = [each.path for each in entries if each.name.startswith(f"{name}-")]
    for home in sorted(homes):
        if home.endswith(".dist-info"):
            try:
                with open(os.path.join(home, "RECORD"), "rb") as file:
                    recorded = file.read()
            except OSError:
                continue
            if f"\n{name}/".encode() in b"\n" + recorded:  # not of what is installed elsewhere
                return digest(recorded)
    return b""


def _states(directory: str) -> bytes:
    """What stands for the state of each module below a directory."""
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
    return digest(*sorted(found))
