"""Files replaced as a whole, together or not at all.

The new text is written beside the file, forced to the disk and moved into its place: whoever
reads the file sees the old one or the new one. A group of files is prepared before the first of
them is replaced, and where one fails after all, those before it get their old text back. What a
killed process leaves half done, the journal of the project tells to the next one.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

import msgspec

from . import recovery
from .journal import Journal

_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
_WRITABLE: Final = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH


class Change(msgspec.Struct, frozen=True):
    """A file (its path resolved, free of links), what stood in it, and what is to stand there."""

    path: Path
    before: bytes
    after: bytes


class NotWritten(Exception):
    """A group of files that was not replaced; the message says why.

    ``path`` is the file at fault. ``left`` are those of the group that hold their new text all
    the same, since putting back the old one failed too: mostly none.
    """

    def __init__(self, path: Path, reason: str, left: Sequence[Path] = ()) -> None:
        super().__init__(reason)
        self.path = path
        self.reason = reason
        self.left = tuple(left)


def check_replaceable(path: Path) -> None:
    """Find out, before the work for it is done, whether `put` could succeed. Raises NotWritten."""
    with _blamed_on(path):
        if (target := _replaced(path)) is not None:
            with _beside(target, b""):
                pass


def put(path: Path, text: bytes) -> None:
    """Let a file, new or not, hold a text: all of it, or what it held before. Raises NotWritten.

    A link is followed; what is no file (a pipe, a terminal) is written to as it is.
    """
    with _blamed_on(path):
        if (target := _replaced(path)) is not None:
            with _beside(target, text) as new:
                os.replace(new, target)
        else:
            with open(path, "wb") as stream:
                stream.write(text)


def _replaced(path: Path) -> Path | None:
    """The file that a new one is to take the place of, there or not; None for what is no file."""
    if path.is_dir():
        raise NotWritten(path, "it is a directory")
    if path.exists() and not path.is_file():
        return None
    target = Path(os.path.realpath(path))
    if target.exists():
        _examine(target)
    elif not target.parent.is_dir():
        raise NotWritten(path, f"make the directory {path.parent} first")
    return target


def replace_together(group: Sequence[Change], root: Path | None = None) -> None:
    """Replace all files of a group, or none. Raises NotWritten.

    ``root`` is that of their project, where a journal of it is kept: without one, nobody sees what
    a killed process has left half written.
    """
    if not group:
        return
    with ExitStack() as stack:
        with _blamed_on(group[0].path):
            texts = [(change.path, change.before, change.after) for change in group]
            journal = stack.enter_context(recovery.opened(root, texts))
        _replace(group, journal)


def _replace(group: Sequence[Change], journal: Journal) -> None:
    with ExitStack() as stack:
        prepared: list[tuple[Change, str, str | None]] = []
        for number, change in enumerate(group):
            with _blamed_on(change.path):
                _examine(change.path)
                name = journal.note.new(journal.root, number).name
                new = stack.enter_context(_beside(change.path, change.after, name))
                # One file is replaced or is not; among several, one may have to be restored.
                old = None
                if len(group) > 1:
                    name = journal.note.old(journal.root, number).name
                    old = stack.enter_context(_beside(change.path, change.before, name))
            prepared.append((change, new, old))
        with _blamed_on(group[0].path):
            journal.moving()
        try:
            _move(prepared)
        finally:
            journal.over()  # before anything is removed of which it tells


def _move(prepared: Sequence[tuple[Change, str, str | None]]) -> None:
    for change, _, _ in prepared:
        _compare(change)
    done: list[tuple[Change, str | None]] = []
    try:
        for change, new, old in prepared:
            _compare(change)
            done.append((change, old))  # first: what is restored without need does no harm
            with _blamed_on(change.path):
                os.replace(new, change.path)
    except NotWritten as failure:
        left = _restored(done)
        raise NotWritten(failure.path, failure.reason, left) from None
    except BaseException:  # Ctrl-C between two files
        _restored(done)
        raise


def _restored(done: Sequence[tuple[Change, str | None]]) -> list[Path]:
    """Put the old files back; those for which that failed."""
    left: list[Path] = []
    for change, old in reversed(done):
        with contextlib.suppress(OSError, KeyboardInterrupt):  # also a second Ctrl-C
            if old is not None:
                os.replace(old, change.path)
        try:
            if change.path.read_bytes() != change.before:
                left.append(change.path)
        except OSError:
            left.append(change.path)
    return left


def _examine(path: Path) -> None:
    """Refuse what must not be replaced, though the directory would allow it."""
    found = os.lstat(path)
    if not stat.S_ISREG(found.st_mode) or path.resolve() != path:
        raise NotWritten(path, "it is no longer the regular file that was read")
    if not found.st_mode & _WRITABLE or not os.access(path, os.W_OK):
        raise NotWritten(path, "it is read-only")


def _compare(change: Change) -> None:
    with _blamed_on(change.path):
        if change.path.read_bytes() != change.before or change.path.is_symlink():
            raise NotWritten(change.path, "it has been changed on the disk meanwhile")


@contextmanager
def _beside(path: Path, text: bytes, called: str = "") -> Iterator[str]:
    """A file with a text beside another one, like it in everything else, or beside where it will
    be; removed in the end, unless it was moved."""
    name = os.path.join(path.parent, called or f".ctxlint-{os.urandom(8).hex()}.tmp")
    try:
        descriptor = os.open(name, _NEW, 0o600)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise NotWritten(path, f"no file can be made beside it: {reason}") from None
    try:
        with open(descriptor, "wb") as file:
            file.write(text)
            file.flush()
            _dress(name, path)
            os.fsync(file.fileno())
        yield name
    finally:
        with contextlib.suppress(OSError):  # mostly because it was moved
            os.unlink(name)


def _dress(name: str, path: Path) -> None:
    """Give a new file the owner, mode and attributes of the one that it is to replace, if any."""
    if not path.exists():
        mask = os.umask(0)  # it is told to who sets it, and to nobody else
        os.umask(mask)
        os.chmod(name, 0o666 & ~mask)
        return
    found = os.stat(path)
    if hasattr(os, "chown"):  # pragma: no branch (Windows has none)
        with contextlib.suppress(PermissionError):  # as far as one may: the mode counts more
            os.chown(name, -1, found.st_gid)
            os.chown(name, found.st_uid, -1)
    shutil.copystat(path, name)
    os.utime(name)  # the time is a new one, or compiled files would be taken for up to date


@contextmanager
def _blamed_on(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise NotWritten(path, (error.strerror or str(error)).lower()) from None


def other_names(path: Path) -> int:
    """How many hard links lead to a file besides its path; they keep the old text."""
    try:
        return os.stat(path).st_nlink - 1
    except OSError:
        return 0
