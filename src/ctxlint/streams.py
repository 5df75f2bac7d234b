"""Standard output and error as they can be: closed, full, or of few letters."""

from __future__ import annotations

import errno
import io
import os
import sys
from typing import Final, TextIO

# What the disk, or whatever else is behind a stream, can answer to a write.
_NOT_WRITTEN: Final = {
    *(errno.ENOSPC, errno.EIO, errno.EFBIG, errno.EBADF),
    *([errno.EDQUOT] if hasattr(errno, "EDQUOT") else []),
}


def make_ready() -> None:
    """Let whatever is printed be printable, also where nobody listens."""
    # A stream that the caller has closed (`>&-`) is None. Opened at once, it takes its old number:
    # otherwise the next file would, and be printed into.
    sys.stdout = sys.stdout or _nowhere()
    sys.stderr = sys.stderr or _nowhere()
    for stream in (sys.stdout, sys.stderr):
        # Code may hold what the stream's encoding cannot express; it is printed all the same.
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def _nowhere() -> TextIO:
    return io.TextIOWrapper(io.FileIO(os.devnull, "w"), "utf-8")


def flush() -> None:
    """Write what is still held back, as far as anybody takes it."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            continue  # closed, or the reader has gone: nobody is left to tell


def give_up_output() -> None:
    """Print nothing any more: Python would complain when it closes standard output."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def not_written(error: Exception) -> str | None:
    """What to tell of an error that comes from printing; None for any other.

    Errors about files name them.
    """
    if not isinstance(error, OSError) or error.filename is not None:
        return None
    if error.errno not in _NOT_WRITTEN:
        return None
    give_up_output()
    return f"output cannot be written: {(error.strerror or str(error)).lower()}"
