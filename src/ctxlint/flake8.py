"""The flake8 plugin: what `ctxlint` reports for a file, in flake8's report.

It adds nothing of its own.  Findings, `per-file-ignores` and rule selection are those of
`[tool.ctxlint]`; `# noqa` and flake8's own selection are left to flake8.  What is off unless it is
selected is looked for where either selects it by its whole code.  A file that flake8
itself cannot read or parse gets flake8's E902 or E999 and never comes here; CTX900 is reported
for what flake8 takes and ctxlint cannot: undecodable text (flake8 falls back to latin-1) and code
nested too deeply to be parsed safely.
"""

from __future__ import annotations

import gc
import io
import os
import sys
import tokenize
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from multiprocessing import parent_process
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from ctxlint.rules.codes import ON_REQUEST

if TYPE_CHECKING:
    import argparse
    import ast

    from ctxlint.checking import Session
    from ctxlint.findings import Finding
    from ctxlint.settings import Settings

_STDIN: Final = "-"
# flake8's default for --stdin-display-name: text that belongs to no file of the project.
_NAMELESS: Final = "stdin"


class Plugin:
    """One file, as flake8 hands it over; flake8 makes one object for each file."""

    # What flake8 was asked to look at, set in every process before its first file.
    _named: frozenset[Path] = frozenset()
    _stdin_name: str | None = None
    # Rules that are off unless somebody selects them, and that flake8 was told to select.
    _requested: tuple[str, ...] = ()

    def __init__(self, tree: ast.AST, filename: str, lines: Sequence[str]) -> None:
        """Take a file's name and lines; `tree` only tells flake8 to call this once per file."""
        self._filename = filename
        self._lines = lines

    @classmethod
    def parse_options(cls, options: argparse.Namespace) -> None:
        """Remember the paths on the command line: the project is looked for from there."""
        names = options.filenames or ["."]
        cls._named = frozenset(Path(name).resolve() for name in names if name != _STDIN)
        cls._stdin_name = options.stdin_display_name if _STDIN in names else None
        selected = {*(options.select or ()), *(options.extend_select or ())}
        cls._requested = tuple(sorted(selected & ON_REQUEST))
        if _is_run_by_flake8(options):
            _look_ahead(cls._named, cls._requested, options)

    def run(self) -> Iterator[tuple[int, int, str, type[Plugin]]]:
        """Yield line (from 1), column (from 0) and text of each finding.

        Raises flake8's ExecutionError, which ends the run with one clear message, when the
        settings cannot be used or ctxlint itself fails.
        """
        for finding in self._findings():
            text = _printed(f"{finding.code} {finding.message}")
            yield finding.line, finding.column - 1, text, type(self)

    def _findings(self) -> list[Finding]:
        from flake8.exceptions import ExecutionError  # type: ignore[import-untyped]

        from ctxlint.settings import SettingsError

        try:
            return self._checked()
        except SettingsError as error:
            raise ExecutionError(_printed(f"ctxlint: {error}")) from None
        except Exception as error:
            what = f"{type(error).__name__}: {error}"
            told = (
                f"ctxlint: internal error in {self._filename}: {what}; "
                f"run `ctxlint {self._filename}` and report what it prints"
            )
            raise ExecutionError(_printed(told)) from error

    def _checked(self) -> list[Finding]:
        name = f"{_NAMELESS}.py" if self._filename == _NAMELESS else self._filename
        path = Path(name).resolve()
        target = self._target(path)
        project = _project(_home(path.parent, _root(target)), self._requested)
        chosen = target == path or path in _selected(target, self._requested)
        if path.suffix == ".pyi" or not chosen:
            return []
        return project.session.findings_in(path, self._source())

    def _source(self) -> bytes | None:
        """The text of standard input; None for a file, which is read as it is on the disk."""
        if self._filename != self._stdin_name:
            return None
        text = "".join(self._lines)
        declaration = io.BytesIO("".join(self._lines[:2]).encode("utf-8"))
        try:
            return text.encode(tokenize.detect_encoding(declaration.readline)[0])
        except (SyntaxError, UnicodeError):
            return text.encode("utf-8", "replace")

    def _target(self, path: Path) -> Path:
        """The path on the command line that brought the file in: itself, or a directory."""
        if self._filename == self._stdin_name:
            return path
        return next((target for target in (path, *path.parents) if target in self._named), path)


@contextmanager
def _no_garbage_looked_for() -> Iterator[None]:
    """What is made in the meantime lives until the end: neither here nor in the processes that are
    copies of this one is it looked through, which would copy the memory that they share."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_enabled:
            gc.enable()


class _Project(NamedTuple):
    settings: Settings
    session: Session


# flake8 keeps nothing for its plugins: what is known of a project is known to a process.  The first
# one judges all files before it makes others, which are copies of it, or recall what it has left.


def _is_run_by_flake8(options: argparse.Namespace) -> bool:
    """Whether this is the first process of the command, which will check files.

    Other programs make flake8's objects without having it check anything.
    """
    program = Path(sys.argv[0])
    is_command = program.stem == "flake8" or program.parent.name == "flake8"
    return is_command and parent_process() is None and not getattr(options, "bug_report", False)


def _look_ahead(
    named: frozenset[Path], requested: tuple[str, ...], options: argparse.Namespace
) -> None:
    """Judge all files of this invocation."""
    from ctxlint import hands

    jobs = 1 if getattr(options.jobs, "n_jobs", None) == 1 else os.cpu_count() or 1
    # What goes wrong is told at the first file that it happens to again.
    with _no_garbage_looked_for(), suppress(Exception):
        files: dict[Session, list[Path]] = {}
        for target in sorted(named):
            chosen = _selected(target, requested) if target.is_dir() else {target}
            for path in sorted(chosen):
                project = _project(_home(path.parent, _root(target)), requested)
                if path.suffix != ".pyi" and path in project.session:
                    files.setdefault(project.session, []).append(path)
        for session, own in files.items():
            for _ in hands.judged(session, own, jobs, lambda: None):
                pass
            session.remember()


@cache
def _root(target: Path) -> Path:
    from ctxlint.layout import project_root

    return project_root(target)


@cache
def _home(directory: Path, root: Path) -> Path:
    """The project of a directory: with settings of its own, it is one inside the other."""
    from ctxlint.layout import root_of

    return root_of(directory, {root: root}, set()) if directory.is_relative_to(root) else root


@cache
def _project(root: Path, requested: tuple[str, ...]) -> _Project:
    from ctxlint.checking import Session
    from ctxlint.layout import is_loose
    from ctxlint.lookup import Lookup
    from ctxlint.selection import select

    if parent_process() is None:  # once, also where other processes look at files, too
        _tell_of_halves(root)
    effective = Lookup(overrides={"extend-select": requested or None}).load(root)
    # What was named by its directory is looked at together, also where no project is around it.
    directories = [each for each in Plugin._named if each.is_dir() and _root(each) == root]
    named = select(directories, effective, root).files if is_loose(root) else ()
    return _Project(effective, Session(root, effective, also=named, fixes=False, remembers=True))


def _tell_of_halves(root: Path) -> None:
    """Say that an earlier ``ctxlint --fix`` was killed between two files, if one was."""
    from ctxlint.recovery import broken_off

    broken = broken_off(root)
    if broken is not None:
        from ctxlint.projects import told_of

        half = told_of(broken, tried=False)
        sys.stderr.write(_printed(f"ctxlint: {half.path}: {half.message}") + "\n")


def _printed(text: str) -> str:
    """A text as flake8 may print it: it does so as it is, whatever that does to a terminal."""
    if text.isascii() and text.isprintable():
        return text
    from ctxlint.reports.excerpts import one_line

    return one_line(text)


@cache
def _selected(target: Path, requested: tuple[str, ...]) -> frozenset[Path]:
    """The files that `ctxlint` would report on when given this directory."""
    from ctxlint.selection import select

    root = _root(target)
    return frozenset(select([target], _project(root, requested).settings, root).files)
