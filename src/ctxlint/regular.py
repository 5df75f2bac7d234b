"""Reading files that a project names: certain to be files, and of a size that memory can take.

A project may name a pipe, on which a reader waits for ever, or a device, which never ends.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import Final

MOST_BYTES: Final = 256 * 2**20
"""Of a source: far beyond what is analysed, and a text that is refused is read before."""
MOST_OF_SETTINGS: Final = 8 * 2**20
"""Of a file that says something of a project; a baseline may be longer."""

_FLAGS: Final = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


def content(path: Path | str, most: int = MOST_BYTES) -> bytes:
    """The bytes of a regular file. Raises OSError, also for what is none, or is too long."""
    # Asked first: to open a device may do anything. Asked again: it may be another file by then.
    _check(os.stat(path), path, most)
    handle = os.open(path, _FLAGS)
    with open(handle, "rb", buffering=0) as file:
        _check(os.fstat(handle), path, most)
        return file.readall()


def _check(found: os.stat_result, path: Path | str, most: int) -> None:
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, "not a regular file", str(path))
    if found.st_size > most:
        raise OSError(errno.EFBIG, f"longer than {most // 2**20} MB", str(path))
