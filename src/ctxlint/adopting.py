"""`--write-baseline` and `--add-noqa`: how a project with findings begins to use ctxlint."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import click

from ctxlint import writing
from ctxlint.asked import Asked
from ctxlint.baseline import Baseline, parsed
from ctxlint.checking import Counter
from ctxlint.commands import exit_code
from ctxlint.findings import Finding
from ctxlint.layout import project_root
from ctxlint.output import Failure
from ctxlint.projects import Project, Seen, projects_of, read_by
from ctxlint.reports import diff
from ctxlint.reports.colors import has_colors
from ctxlint.reports.excerpts import one_line, shown_path
from ctxlint.reports.progress import Bar
from ctxlint.settings import SettingsError
from ctxlint.silencing import Silenced, silenced


def adopt(asked: Asked) -> int:
    """Do what was asked."""
    flag = "--add-noqa" if asked.add_noqa else "--write-baseline"
    if asked.diff_base is not None and not asked.add_noqa:
        raise Failure(f"{flag} and --diff-base are two things to do: give one of them")
    if asked.stdin is not None:
        raise Failure(f"{flag} is about files: it does not take standard input")
    return add_noqa(asked) if asked.add_noqa else write_baseline(asked)


def write_baseline(asked: Asked) -> int:
    """Write what is found to a file of known findings.

    Entries that this run cannot judge, since their file is not among the paths or their rule is
    not selected, stay.
    """
    path = _place(asked)
    before = path.read_bytes() if path.exists() else None
    old = _old(path, before)
    looks = _looks(asked)
    projects = [project for project, _ in looks]
    found = _found(looks, old)
    judged = _Judged(asked.targets, projects)
    kept = old.only(lambda file, code: file.exists() and not judged(file, code))
    new = Baseline(path, {**kept.entries, **found.entries})
    if new.text() != before:
        try:
            writing.put(path, new.text())
        except writing.NotWritten as failure:
            raise _refused(path, failure.reason) from None
    if not asked.quiet:
        click.echo(_told(path, old, new, before is None))
    return _exit_code(asked, projects, failed=False)


def add_noqa(asked: Asked) -> int:
    """Silence findings by comments: 1 if some are left, 2 if a file could not be written."""
    looks = _looks(asked)
    only = asked.only()
    results = [
        _silenced(project, seen, path, findings)
        for project, seen in looks
        for path, findings in _by_file(seen.findings, only)
    ]
    changed = [each for each in results if each.edits]
    unwritten: list[writing.NotWritten] = []
    if asked.diff:
        diff.render(changed, Path.cwd().as_posix(), sys.stdout, colors=has_colors(sys.stdout))
    else:
        unwritten = [failure for each in changed if (failure := _not_written(each)) is not None]
    for failure in unwritten:
        click.echo(f"ctxlint: error: {_shown(failure.path)}: {one_line(failure.reason)}", err=True)
    left = [one for each in results for one in each.left]
    for finding, reason in left:
        place = f"{_shown(Path(finding.path))}:{finding.line}:{finding.column}"
        click.echo(f"ctxlint: note: {place}: {finding.code} stays: {one_line(reason)}", err=True)
    if not asked.quiet:
        failed = {failure.path for failure in unwritten}
        done = [each for each in changed if each.path not in failed]
        click.echo(_added(done, asked.diff), err=asked.diff)
    code = _exit_code(asked, [project for project, _ in looks], failed=bool(left))
    return 2 if unwritten else code


def _silenced(project: Project, seen: Seen, path: Path, findings: Sequence[Finding]) -> Silenced:
    objection = project.territory.objection(path)
    try:
        source = seen.read(path)
    except OSError as error:
        source, objection = b"", (error.strerror or str(error)).lower()
    if objection is not None:
        return Silenced(path, source, source, (), 0, tuple((each, objection) for each in findings))
    return silenced(path, source, findings)


def _by_file(
    findings: Iterable[Finding], only: Callable[[Finding], bool] | None
) -> list[tuple[Path, list[Finding]]]:
    groups: dict[Path, list[Finding]] = {}
    for each in findings:
        if only is None or only(each):
            groups.setdefault(Path(each.path), []).append(each)
    return sorted(groups.items())


def _not_written(each: Silenced) -> writing.NotWritten | None:
    try:
        writing.replace_together([writing.Change(each.path, each.before, each.after)])
    except writing.NotWritten as failure:
        return failure
    return None


def _added(changed: Sequence[Silenced], would: bool) -> str:
    number = sum(each.silenced for each in changed)
    if not number:
        return "No problem was silenced."
    problems = f"{number:,} problem{'' if number == 1 else 's'}"
    files = f"{len(changed):,} file{'' if len(changed) == 1 else 's'}"
    return f"{'Would silence' if would else 'Silenced'} {problems} by comments in {files}."


def _exit_code(asked: Asked, projects: Sequence[Project], *, failed: bool) -> int:
    problems = [problem for project in projects for problem in project.problems]
    return exit_code(asked, problems, sum(len(each.files) for each in projects), failed)


def _place(asked: Asked) -> Path:
    """Where the baseline is to be: inside the project, as its paths are relative to it."""
    if asked.write_baseline == "-":
        raise Failure("--write-baseline - is no file: known findings are kept in one")
    path = Path(os.path.abspath(asked.write_baseline or ""))
    roots = [project_root(target) for target in asked.targets]
    if not any(path.resolve().is_relative_to(root) for root in roots):
        raise _refused(path, f"it lies outside the project ({roots[0]}); put it inside")
    try:
        writing.check_replaceable(path)
    except writing.NotWritten as failure:
        raise _refused(path, failure.reason) from None
    return path


def _old(path: Path, source: bytes | None) -> Baseline:
    try:
        return Baseline(path, {}) if source is None else parsed(path, source)
    except SettingsError as error:
        raise Failure(f"--write-baseline replaces only what it has written: {error}") from None


def _found(looks: Sequence[tuple[Project, Seen]], old: Baseline) -> Baseline:
    entries = {}
    for _, seen in looks:
        entries.update(old.holding(seen.findings, seen.text).entries)
    return Baseline(old.path, entries)


def _looks(asked: Asked) -> list[tuple[Project, Seen]]:
    """Look at the projects of the paths."""
    projects = projects_of(asked.targets, asked.lookup, fixes=False)
    with asked.workers() as executor, Bar(wanted=not asked.quiet) as bar:
        read_by(executor, projects)
        jobs = asked.jobs if executor is None else 1
        counter = Counter(sum(len(project.files) for project in projects), bar)
        return [(each, each.seen(each.session, counter.step, jobs)) for each in projects]


class _Judged:
    """Whether a run has judged a rule in a file: also in one that it has left out."""

    def __init__(self, targets: Iterable[Path], projects: Sequence[Project]) -> None:
        self._targets = [target.resolve() for target in targets]
        self._projects = projects

    def __call__(self, path: Path, code: str) -> bool:
        selected = any(each.session.enabled(code) for each in self._projects)
        return selected and any(path.is_relative_to(target) for target in self._targets)


def _told(path: Path, old: Baseline, new: Baseline, is_first: bool) -> str:
    problems = f"{len(new):,} known problem{'' if len(new) == 1 else 's'}"
    if is_first:
        setting = shown_path(path.as_posix(), project_root(path).as_posix())
        use = f'baseline = "{setting}" in [tool.ctxlint]'
        return f"Wrote {problems} to {_shown(path)}. To use it: --baseline, or {use}."
    added = sum(max(n - old.entries.get(each, 0), 0) for each, n in new.entries.items())
    gone = sum(max(n - new.entries.get(each, 0), 0) for each, n in old.entries.items())
    if not added and not gone:
        return f"{_shown(path)} is up to date: {problems}."
    return f"Wrote {problems} to {_shown(path)}: {added:,} new, {gone:,} gone."


def _refused(path: Path, reason: str) -> Failure:
    return Failure(f"--write-baseline {_shown(path)}: {one_line(reason)}")


def _shown(path: Path) -> str:
    return shown_path(path.as_posix(), Path.cwd().as_posix())
