"""Changes of several files that a run was killed at: seen, and finished or undone.

A note is believed only as far as it names ordinary files of the project whose texts have the
digests that it tells: a project may come from strangers.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import msgspec

from .digests import digest
from .journal import MOVING, NAME, OVER, Journal, Member, Note, locked, mark, read

State = Literal["unfinished", "finished", "undone"]


class BrokenOff(msgspec.Struct, frozen=True):
    """A change that was broken off between two files: those with their new text, and the others,
    by their paths in the project.  ``state`` says what has become of it since.
    """

    root: Path
    new: tuple[str, ...]
    old: tuple[str, ...]
    state: State


def broken_off(root: Path) -> BrokenOff | None:
    """The change that an earlier run was killed at, if one is unfinished. Nothing is written."""
    if not os.path.lexists(root / NAME):
        return None
    try:
        with locked(root, 0, looks=True) as handle:
            found = _progress(root, handle)
    except OSError:
        return None  # whoever has it is at work
    return None if found is None else found.told("unfinished")


def recover(root: Path) -> BrokenOff | None:
    """Finish what an earlier run was killed at, or undo it, and clear away what it has left.

    It stays *unfinished* where files have been edited since, so that neither can be.
    """
    if not os.path.lexists(root / NAME):
        return None
    try:
        with locked(root) as handle:
            return _settled(root, handle)
    except OSError:
        return broken_off(root)


@contextmanager
def opened(root: Path | None, texts: Sequence[tuple[Path, bytes, bytes]]) -> Iterator[Journal]:
    """The journal for files that are to be replaced: their paths, old and new texts.

    It is in name only without a root, and for a single file where none can be kept.
    Raises OSError.
    """
    members = tuple(
        Member(os.fsencode(os.path.relpath(path, root) if root else path), digest(old), digest(new))
        for path, old, new in texts
    )
    note = Note(os.urandom(8).hex(), members)
    if root is None:
        yield Journal(Path(), note, None)
        return
    with contextlib.ExitStack() as stack:
        handle: int | None = None
        try:
            handle = stack.enter_context(locked(root))
        except OSError as error:
            # One file needs no journal; several could be left half written.
            if len(texts) > 1 or isinstance(error, BlockingIOError):
                raise
        journal = Journal(root, note, handle)
        if handle is not None and _settled(root, handle) is not None:
            reason = "an earlier change was only half written: run ctxlint --fix again"
            raise OSError(errno.EBUSY, reason)
        try:
            journal.begin()
            yield journal
        finally:
            journal.over()


class _Progress(msgspec.Struct, frozen=True):
    """How far a change has come: the numbers of its members by what became of them."""

    root: Path
    note: Note
    waiting: tuple[int, ...]
    replaced: tuple[int, ...]
    restored: tuple[int, ...]

    def told(self, state: State) -> BrokenOff | None:
        """The change, if some files have their new text, and others have not."""
        others = sorted((*self.waiting, *self.restored))
        if not self.replaced or not others:
            return None
        return BrokenOff(self.root, self._paths(self.replaced), self._paths(others), state)

    def _paths(self, numbers: Sequence[int]) -> tuple[str, ...]:
        return tuple(os.fsdecode(self.note.members[each].path) for each in numbers)

    def mended(self) -> State:
        """Give the remaining files their new text, or those that have it their old one.

        Only files are replaced that hold what they held when the change was broken off.
        """
        note, root = self.note, self.root
        with contextlib.suppress(OSError):  # of what has become read-only: it can be tried again
            ahead = [
                (note.new(root, each), note.path(root, each), note.members[each])
                for each in self.waiting
            ]
            if not self.restored and all(
                _holds(path, member.before) and _holds(new, member.after)
                for new, path, member in ahead
            ):
                for new, path, _ in ahead:
                    os.replace(new, path)
                return "finished"
            back = [
                (note.old(root, each), note.path(root, each), note.members[each])
                for each in self.replaced
            ]
            if all(
                _holds(path, member.after) and _holds(old, member.before)
                for old, path, member in back
            ):
                for old, path, _ in back:
                    os.replace(old, path)
                return "undone"
        return "unfinished"


def _settled(root: Path, handle: int) -> BrokenOff | None:
    """Mend what is half written, and clear away the rest. Raises OSError."""
    found = _progress(root, handle)
    told = None
    if found is not None:
        told = found.told("unfinished")
        if told is not None:
            state = found.mended()
            if state == "unfinished":
                return told
            told = found.told(state)
        mark(handle, OVER)
        _clear(root, found.note)
    os.ftruncate(handle, 0)
    os.lseek(handle, 0, os.SEEK_SET)
    return told


def _progress(root: Path, handle: int) -> _Progress | None:
    noted = read(handle)
    if noted is None:
        return None
    phase, note = noted
    waiting: list[int] = []
    replaced: list[int] = []
    restored: list[int] = []
    for number in range(len(note.members) if phase == MOVING else 0):
        if os.path.lexists(note.new(root, number)):
            waiting.append(number)
        elif os.path.lexists(note.old(root, number)):
            replaced.append(number)
        else:
            restored.append(number)
    return _Progress(root, note, tuple(waiting), tuple(replaced), tuple(restored))


def _clear(root: Path, note: Note) -> None:
    """Remove what lies beside the files of a change that is over."""
    for number in range(len(note.members)):
        for path in (note.new(root, number), note.old(root, number)):
            if path.parent.resolve() == path.parent:
                with contextlib.suppress(OSError):
                    path.unlink()


def _holds(path: Path, expected: bytes) -> bool:
    """Whether a path is that of a regular file, reached by no link, whose text has a digest.

    Raises OSError.
    """
    is_file = stat.S_ISREG(os.lstat(path).st_mode)
    return is_file and path.parent.resolve() == path.parent and _digest(path) == expected


def _digest(path: Path) -> bytes:
    return digest(path.read_bytes())
