"""`--fix` and `--diff`: what they write, print and return."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from ctxlint.asked import Asked
from ctxlint.commands import exit_code, tell_more, tells
from ctxlint.output import Failure
from ctxlint.reports.excerpts import one_line, shown_path
from ctxlint.reports.text import after_fixing, by_hand, hint, set_aside, summary

if TYPE_CHECKING:
    from ctxlint.fixing import FixReport
    from ctxlint.reports import View


def fix(asked: Asked) -> int:
    """Fix files, and report what is left: 1 for findings, 2 where something could not be written.

    Of standard input the resulting text is printed, and everything else on standard error.
    """
    from ctxlint.fixing import run
    from ctxlint.reports.progress import Bar

    if asked.stdin is not None and len(asked.targets) > 1:
        raise Failure("standard input is fixed by itself: name no other paths with it")
    overlay = asked.overlay()
    fixes_stdin = bool(overlay) and not asked.diff
    begun = time.monotonic()
    output = asked.output
    with output.opened(sys.stderr if fixes_stdin else sys.stdout) as stream:
        with asked.workers() as executor, Bar(wanted=not asked.quiet) as bar, _ending_tidily():
            report = run(
                asked.targets,
                asked.lookup,
                overlay=overlay,
                jobs=asked.jobs,
                executor=executor,
                progress=bar,
                unsafe=asked.unsafe_fixes,
                only=asked.only(),
                write=not asked.diff and not overlay,
                remembers=not asked.no_cache,
            )
        texts = {**overlay, **report.texts}
        view = output.view(stream, texts)
        if asked.diff:
            _print_diff(report, view, stream)
        else:
            for text in (texts[path] for path in overlay):
                sys.stdout.buffer.write(text)
                sys.stdout.flush()
            output.write(report.remaining, view, stream)
    if asked.verbose:
        tell_more(asked, report.files, time.monotonic() - begun)
    for line in _told(asked, report):
        click.echo(line, err=True)
    if tells(asked) and report.files:
        for line in _numbers(asked, report):
            click.echo(line, err=output.file is None or fixes_stdin)
    failed = bool(report.changes) if asked.diff else bool(report.remaining)
    code = exit_code(asked, report.problems, report.files, failed)
    return 2 if report.unwritten else code


@contextmanager
def _ending_tidily() -> Iterator[None]:
    """What asks a process to end lets it clear away first what it has begun to write."""

    def end(number: int, frame: object) -> None:
        raise SystemExit(128 + number)

    main = threading.current_thread() is threading.main_thread()
    names = ("SIGTERM", "SIGHUP") if main else ()  # no other thread may
    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
    changed: list[int] = []
    try:
        for number in numbers:
            if signal.getsignal(number) == signal.SIG_DFL:  # `nohup` stays `nohup`
                signal.signal(number, end)
                changed.append(number)
        yield
    finally:
        for number in changed:
            signal.signal(number, signal.SIG_DFL)


def _print_diff(report: FixReport, view: View, stream: TextIO) -> None:
    from ctxlint.reports import diff

    diff.render(report.changes, view.directory, stream, colors=view.colors)
    stream.flush()


def _told(asked: Asked, report: FixReport) -> Iterator[str]:
    """What went otherwise than asked."""
    for each in report.unwritten:
        others = [path for path in each.files if path not in (each.path, *each.left)]
        files = ", ".join(map(_shown, others))
        also = f"; {files} would have changed with it and did not either" if files else ""
        yield f"ctxlint: error: {_shown(each.path)}: not written: {each.reason}{also}"
        for path in each.left:
            yield (
                f"ctxlint: error: {_shown(path)}: holds its half of that change, as its old text "
                "could not be put back: restore it, and run ctxlint again"
            )
    for change in report.changes:
        if change.links and not asked.diff:
            names = "another name" if change.links == 1 else f"{change.links} other names"
            told = f"{names} of this file (hard links) keep the old text"
            yield f"ctxlint: note: {_shown(change.path)}: {told}"
    if not tells(asked):
        return
    for failed in report.failures:
        finding = failed.finding
        place = f"{_shown(Path(finding.path))}:{finding.line}:{finding.column}"
        told = f"{finding.code} could not be fixed: {one_line(failed.reason)}"
        yield f"ctxlint: note: {place}: {told}"


def _numbers(asked: Asked, report: FixReport) -> Iterator[str]:
    """The summary."""
    if report.fixed:
        changed = len(report.changes)
        yield after_fixing(report.fixed, changed, report.remaining, report.files, asked.diff)
    else:
        yield summary(report.remaining, report.files)
    kept = set_aside(report.aside, Path.cwd().as_posix())
    yield from filter(None, (kept, hint(report.remaining, asked.unsafe_fixes)))
    if asked.diff or asked.output.fixes_shown(sys.stdout) == "none":
        yield from by_hand(report.remaining)


def _shown(path: Path) -> str:
    return shown_path(path.as_posix(), Path.cwd().as_posix())
