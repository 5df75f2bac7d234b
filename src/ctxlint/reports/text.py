"""The forms of one line for each finding: concise, in flake8's shape, and pylint."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TextIO

from ctxlint.baseline import Aside
from ctxlint.findings import Finding
from ctxlint.reports import View
from ctxlint.reports.colors import painted
from ctxlint.reports.excerpts import one_line, shown_path
from ctxlint.rules.codes import BY_HAND


def render(findings: Sequence[Finding], view: View, stream: TextIO) -> None:
    """Write `path:line:column: CODE message` lines."""
    for finding in findings:
        path = shown_path(finding.path, view.directory)
        place = f"{painted(path, 'bold', view.colors)}:{finding.line}:{finding.column}"
        code = painted(finding.code, "bold red", view.colors)
        stream.write(f"{place}: {code} {one_line(finding.message)}\n")


def render_like_pylint(findings: Sequence[Finding], view: View, stream: TextIO) -> None:
    """Write `path:line: [CODE] message` lines, the shape of flake8's `pylint` format.

    They are for programs that read pylint's output, so they have no colours.
    """
    for finding in findings:
        place = f"{shown_path(finding.path, view.directory)}:{finding.line}"
        stream.write(f"{place}: [{finding.code}] {one_line(finding.message)}\n")


def with_trail(finding: Finding, view: View) -> Iterator[str]:
    """Return a finding in lines of plain text: the concise one, and the steps of its trail."""
    place = f"{shown_path(finding.path, view.directory)}:{finding.line}:{finding.column}"
    yield f"{place}: {finding.code} {one_line(finding.message)}"
    for number, step in enumerate(finding.trail, 1):
        place = f"{shown_path(step.path, view.directory)}:{step.line}:{step.column}"
        yield f"{number}. {place}  {one_line(step.message)}"


def summary(findings: Sequence[Finding], files: int) -> str:
    """Return the closing line of the text forms."""
    checked = _count(files, "file")
    if not findings:
        return f"No problems found in {checked}."
    return f"Found {_places(findings)} ({checked} checked)."


def after_fixing(
    fixed: Sequence[Finding], changed: int, left: Sequence[Finding], files: int, would: bool
) -> str:
    """Return the closing line of a run that has fixed something, or, with ``would``, might."""
    done = "Would fix" if would else "Fixed"
    told = f"{done} {_count(len(fixed), 'problem')} in {_count(changed, 'file')}"
    where = _count(len({finding.path for finding in left}), "file")
    rest = f"{len(left):,} left in {where}" if left else "none left"
    return f"{told}; {rest} ({_count(files, 'file')} checked)."


def set_aside(aside: Aside, directory: str) -> str | None:
    """Return what baselines have kept out of a report; None when that is nothing."""
    told = []
    names = ", ".join(shown_path(path.as_posix(), directory) for path in aside.files)
    if aside.known:
        verb = "is" if aside.known == 1 else "are"
        told.append(f"{_count(aside.known, 'known problem')} {verb} not shown ({names})")
    if aside.gone:
        entries = "entry" if aside.gone == 1 else "entries"
        verb = "is" if aside.gone == 1 else "are"
        told.append(
            f"{aside.gone:,} {entries} of {names} {verb} gone, which --write-baseline takes out"
        )
    return "; ".join(told) + "." if told else None


def hint(findings: Sequence[Finding], unsafe: bool) -> str | None:
    """Return what --fix could do about findings; None when it can do nothing.

    ``unsafe`` says that --unsafe-fixes is given.
    """
    if all(finding.fix is None for finding in findings):  # nobody has looked for fixes
        may_fix = any(finding.code not in BY_HAND for finding in findings)
        return "Add --diff to see what --fix would do." if may_fix else None
    fixes = Counter(finding.fix.applicability for finding in findings if finding.fix is not None)
    safe, more = fixes["safe"], fixes["unsafe"]
    if not more or unsafe:
        flags = "--fix --unsafe-fixes" if more else "--fix"
        return f"{safe + more:,} fixable with {flags}." if safe + more else None
    if not safe:
        return f"{more:,} fixable with --fix --unsafe-fixes."
    return f"{safe:,} fixable with --fix ({more:,} more with --unsafe-fixes)."


def by_hand(findings: Sequence[Finding]) -> Iterator[str]:
    """Yield how to find out why findings are left to people, and what would help some of them."""
    titles = [
        f.fix.title for f in findings if f.fix is not None and f.fix.applicability == "display"
    ]
    waiting = sum("--write-helpers" in title for title in titles)
    if waiting:
        verb = "waits" if waiting == 1 else "wait"
        where = "`ctxlint --write-helpers PATH` writes them into the project"
        yield f"{waiting:,} {verb} for run-time helpers: {where}."
    if left := len(titles) - waiting:
        yield f"{left:,} to be fixed by hand: --output-format full says why."


def _places(findings: Sequence[Finding]) -> str:
    files = _count(len({finding.path for finding in findings}), "file")
    return f"{_count(len(findings), 'problem')} in {files}"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
