"""Which files are reported on: those that were named, and what stands in the way of it."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from pathlib import Path

import msgspec

from ctxlint.layout import Search
from ctxlint.settings import Settings


class Problem(msgspec.Struct, frozen=True):
    """A path that could not be used, in one line.

    A fatal one means that what was asked for cannot be done (exit 2), a note that nothing is
    wrong; any other is reported as CTX900. `path` is printable: bytes that are no text are
    written as escapes.
    """

    path: str
    message: str
    fatal: bool
    note: bool = False


class Selection(msgspec.Struct, frozen=True):
    """The files to report on, absolute, resolved and sorted, and what stood in the way."""

    files: tuple[Path, ...]
    problems: tuple[Problem, ...]


def select(paths: Sequence[Path], settings: Settings, root: Path) -> Selection:
    """The files to report on: those named, and the Python files of the directories named.

    A file that is named is taken whatever it is called, and a directory even if it is ignored,
    unless `force-exclude` is set; stub files and notebooks never are.
    """
    search = Search(root, settings)
    files: set[str] = set()
    problems: list[Problem] = []
    for path in paths:
        problem = _problem_of(path)
        if problem is not None:
            problems.append(problem)
        elif settings.force_exclude and search.excludes(path.resolve()):
            continue
        elif path.is_dir():
            files.update(search.files(path.resolve()))
        elif (refusal := refusal_of(path)) is not None:
            problems.append(refusal)
        else:
            files.add(str(path.resolve()))
    for directory, error in search.unlisted:
        problems.append(_problem(directory, f"cannot be listed: {_reason(error)}"))
    return Selection(tuple(map(Path, sorted(files))), tuple(problems))


def printable(path: Path | str) -> str:
    """A path as text that can be printed and encoded: bytes that are no UTF-8 become escapes."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def refusal_of(path: Path) -> Problem | None:
    """Why a file is not read though it is named: by its kind; None if it is."""
    kind = path.suffix.lower()
    if kind == ".pyi":
        message = "not checked: stub files hold no code that runs"
        return Problem(printable(path), message, fatal=False, note=True)
    if kind == ".ipynb":
        message = "notebooks are not supported: `jupyter nbconvert --to script` makes a .py file"
        return _problem(path, message, fatal=True)
    return None


def _problem_of(path: Path) -> Problem | None:
    try:
        mode = os.stat(path).st_mode
    except (OSError, ValueError) as error:
        if os.path.islink(path):
            return _problem(path, "a symbolic link that leads nowhere")
        missing = not isinstance(error, PermissionError)
        return _problem(path, _reason(error), fatal=missing)
    if stat.S_ISDIR(mode) or stat.S_ISREG(mode):
        return None
    return _problem(path, "not a regular file")


def _problem(path: Path | str, message: str, *, fatal: bool = False) -> Problem:
    return Problem(printable(path), message, fatal)


def _reason(error: OSError | ValueError) -> str:
    reason = error.strerror if isinstance(error, OSError) else None
    return (reason or "no such file or directory").lower()
