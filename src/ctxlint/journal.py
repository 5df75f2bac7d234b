"""What is being written in a project, noted there, so that a later run sees what was broken off.

Files that belong together are moved into their places one after the other: a process that is
killed in between leaves some of them new and others old. So it notes in ``.ctxlint_unfinished``
which files it is about to replace, and beside each of them lie its old and its new text until all
is done. Whoever holds that file's lock is the one who writes.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import stat
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec

from .digests import LENGTH, digest

NAME: Final = ".ctxlint_unfinished"

PREPARING: Final = b"P"
MOVING: Final = b"M"
OVER: Final = b"O"

_LONGEST: Final = 4 * 2**20
_PATIENCE: Final = 10.0  # seconds: writing takes far less
_STEP: Final = 0.02
_TOKEN: Final = re.compile(r"[0-9a-f]{16}")
# Without waiting: the file of a note may be a pipe that somebody has put there.
_FLAGS: Final = (
    getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
)
_UNLINKS_OPEN_FILES: Final = sys.platform != "win32"


class Member(msgspec.Struct, frozen=True, array_like=True):
    """A file to be replaced: its path in the project, and what stands for its texts."""

    path: bytes
    before: bytes
    after: bytes


class Note(msgspec.Struct, frozen=True, array_like=True):
    """All files that are replaced together, and a word in the names of those beside them."""

    token: str
    members: tuple[Member, ...]

    def path(self, root: Path, number: int) -> Path:
        """A member itself."""
        return root / os.fsdecode(self.members[number].path)

    def new(self, root: Path, number: int) -> Path:
        """The file beside a member that holds its new text until it takes the member's place."""
        return self.path(root, number).parent / f".ctxlint-{self.token}-{number}-new.tmp"

    def old(self, root: Path, number: int) -> Path:
        """The file beside a member that holds its old text until all members are replaced."""
        return self.path(root, number).parent / f".ctxlint-{self.token}-{number}-old.tmp"


class Journal:
    """A note and the file that it is kept in; without one, it is kept in name only."""

    def __init__(self, root: Path, note: Note, handle: int | None) -> None:
        self.root: Final = root
        self.note: Final = note
        self._handle: Final = handle

    def begin(self) -> None:
        """Note what is going to be replaced. Raises OSError."""
        if self._handle is not None:
            content = msgspec.msgpack.encode(self.note)
            data = PREPARING + digest(content) + content
            if os.write(self._handle, data) != len(data):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def moving(self) -> None:
        """From now on, files are being replaced. Raises OSError."""
        if self._handle is not None:
            mark(self._handle, MOVING)
            if len(self.note.members) > 1:
                os.fsync(self._handle)

    def over(self) -> None:
        """From now on, there is nothing to finish any more."""
        if self._handle is not None:
            with contextlib.suppress(OSError):
                mark(self._handle, OVER)


def mark(handle: int, phase: bytes) -> None:
    """Write how far a change has come. Raises OSError."""
    os.lseek(handle, 0, os.SEEK_SET)
    os.write(handle, phase)


def read(handle: int) -> tuple[bytes, Note] | None:
    """How far a change has come, and what was noted of it; None where nothing was, or no sense."""
    os.lseek(handle, 0, os.SEEK_SET)
    with open(handle, "rb", closefd=False, buffering=0) as file:
        data = file.read(_LONGEST) or b""
    phase, told, content = data[:1], data[1 : 1 + LENGTH], data[1 + LENGTH :]
    if digest(content) != told:
        return None  # killed while it noted: nothing was begun
    try:
        note = msgspec.msgpack.decode(content, type=Note)
    except (msgspec.DecodeError, RecursionError):
        return None
    is_ours = _TOKEN.fullmatch(note.token) and all(_is_relative(each.path) for each in note.members)
    return (phase, note) if is_ours else None


def _is_relative(path: bytes) -> bool:
    found = Path(os.fsdecode(path))
    return b"\0" not in path and not found.is_absolute() and ".." not in found.parts


@contextmanager
def locked(root: Path, patience: float = _PATIENCE, *, looks: bool = False) -> Iterator[int]:
    """The file of a project's note, made if need be, while nobody else has it.

    Who only ``looks`` leaves it as it is; for anybody else it is gone in the end, unless something
    stands in it that is not over.  Raises OSError.
    """
    path = root / NAME
    handle = _taken(path, time.monotonic() + patience, looks)
    try:
        yield handle
    finally:
        is_done = not looks and os.pread(handle, 1, 0) in (b"", OVER)
        if is_done and _UNLINKS_OPEN_FILES:
            path.unlink(missing_ok=True)
        os.close(handle)
        if is_done and not _UNLINKS_OPEN_FILES:  # pragma: no cover (Windows)
            with contextlib.suppress(OSError):  # another process has it
                path.unlink(missing_ok=True)


def _taken(path: Path, until: float, looks: bool) -> int:
    flags = _FLAGS | (os.O_RDONLY if looks else os.O_RDWR | os.O_CREAT)
    while True:
        handle = os.open(path, flags, 0o600)
        try:
            found = os.fstat(handle)
            if not stat.S_ISREG(found.st_mode) or not _is_own(found):
                raise PermissionError(errno.EPERM, f"{NAME} is somebody else's", str(path))
            if _is_locked(handle) and _is_still(path, found):
                return handle
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)
        if time.monotonic() >= until:
            raise BlockingIOError(errno.EAGAIN, "another ctxlint is writing there", str(path))
        time.sleep(_STEP)


def _is_own(found: os.stat_result) -> bool:
    return not hasattr(os, "geteuid") or found.st_uid == os.geteuid()


def _is_still(path: Path, found: os.stat_result) -> bool:
    """Whether an opened file is the one at its path: who had it before may have removed it."""
    try:
        return os.path.samestat(os.lstat(path), found)
    except FileNotFoundError:
        return False


def _is_locked(handle: int) -> bool:
    """Lock a file for this process, if nobody else has."""
    try:
        if sys.platform == "win32":  # pragma: no cover (Windows)
            import msvcrt

            os.lseek(handle, 2**30, os.SEEK_SET)  # beyond what is read and written
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
            os.lseek(handle, 0, os.SEEK_SET)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:
        return True  # a file system without locks
    return True
