"""The directory ``.ctxlint_cache`` of a project: entries written whole, and checked when read.

Whatever is wrong with it (broken off, foreign, full, not ours) means that there is no such entry.
Several runs may use it at once: an entry is moved into its place, and the last one wins.
"""

from __future__ import annotations

import contextlib
import os
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ..digests import LENGTH, digest

NAME: Final = ".ctxlint_cache"
MOST_BYTES: Final = 256 * 2**20
"""What the entries may take together; beyond it, the oldest go."""

_TAG: Final = b"""Signature: 8a477f597d28d172789f06886806bc55
# What ctxlint keeps from one run to the next. It can be deleted at any time.
# About cache directory tags see https://bford.info/cachedir/
"""
_MARKS: Final = {"CACHEDIR.TAG": _TAG, ".gitignore": b"*\n"}
_LEFT_OVER: Final = 3600.0  # seconds after which nobody is still writing a file
_NEW: Final = ".new"
_NO_LINK: Final = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
_AT_ONCE: Final = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)  # an entry may be a pipe


class Directory:
    """The cache of the project at a root, made when something is first written to it."""

    def __init__(self, root: Path, most: int = MOST_BYTES) -> None:
        self._path = os.path.join(root, NAME)
        self._most = most
        self._is_writable: bool | None = None
        self._can_read = _is_ours(self._path)
        self._has_grown = False

    @property
    def can_write(self) -> bool:
        """Whether it is there, or could be made, and is ours to write to."""
        if self._is_writable is None:
            self._is_writable = self._is_made()
        return self._is_writable

    def read(self, kind: str, key: bytes) -> bytes | None:
        """What was written under a key; None unless it is all there."""
        if not self._can_read:
            return None
        try:
            handle = os.open(self._entry(kind, key), _AT_ONCE | _NO_LINK)
            with open(handle, "rb", buffering=0) as file:
                found = os.fstat(handle)
                if not stat.S_ISREG(found.st_mode) or found.st_size > self._most:
                    return None
                data = file.readall()
        except OSError:
            return None
        content = data[LENGTH:]
        return content if digest(content) == data[:LENGTH] else None

    def write(self, kind: str, key: bytes, content: bytes) -> None:
        """Keep something under a key, if that is possible."""
        if not self.can_write:
            return
        path, data = self._entry(kind, key), digest(content) + content
        try:
            try:
                self._put(path, data)
            except FileNotFoundError:  # the first of its kind
                os.makedirs(os.path.dirname(path), exist_ok=True)
                self._put(path, data)
        except OSError:
            self._is_writable = False  # full, or no longer ours: once is enough to know
        self._has_grown = True

    def tidy(self) -> None:
        """Remove what is beyond the bound, the oldest first, and what killed runs have left."""
        if not self._has_grown:
            return
        entries = sorted(self._entries(), reverse=True)
        now, taken = time.time(), 0
        for written, size, path in entries:
            taken += size
            is_left_over = path.endswith(_NEW) and now - written > _LEFT_OVER
            if taken > self._most or is_left_over:
                with contextlib.suppress(OSError):
                    os.unlink(path)

    def _entries(self) -> Iterator[tuple[float, int, str]]:
        """When each entry was written, its size and its path."""
        for kind in os.scandir(self._path) if self._can_read else ():
            if not kind.is_dir(follow_symlinks=False):
                continue
            with contextlib.suppress(OSError), os.scandir(kind.path) as entries:
                for entry in entries:
                    with contextlib.suppress(OSError):
                        found = entry.stat(follow_symlinks=False)
                        if stat.S_ISREG(found.st_mode):
                            yield found.st_mtime, found.st_size, entry.path

    def _entry(self, kind: str, key: bytes) -> str:
        return os.path.join(self._path, kind, key.hex())

    def _is_made(self) -> bool:
        """Make the directory, if it is not there; whether it is, and ours."""
        try:
            with contextlib.suppress(FileExistsError):
                os.mkdir(self._path, 0o755)
            if not _is_ours(self._path):
                return False
            for name, content in _MARKS.items():
                path = os.path.join(self._path, name)
                if not os.path.lexists(path):
                    self._put(path, content)
        except OSError:
            return False
        self._can_read = True
        return True

    @staticmethod
    def _put(path: str, data: bytes) -> None:
        """Write a file whole.  Raises OSError."""
        new = f"{path}.{os.getpid():x}-{time.monotonic_ns():x}{_NEW}"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NO_LINK
        try:
            with open(os.open(new, flags, 0o644), "wb", buffering=0) as file:
                left = memoryview(data)
                while left:
                    left = left[file.write(left) :]
            os.replace(new, path)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(new)
            raise


def _is_ours(path: str) -> bool:
    """Whether it is a directory, no link to one, that nobody else could have filled."""
    try:
        found = os.lstat(path)
    except OSError:
        return False
    if not stat.S_ISDIR(found.st_mode):
        return False
    user = getattr(os, "geteuid", None)
    return user is None or (found.st_uid == user() and not found.st_mode & stat.S_IWOTH)
