"""`ctxlint --fix`: from paths to files that are rewritten, and to what is left to report.

Nothing is written before all rounds are over. What belongs together (files that one intent
changes) is then written together or not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import Final

import msgspec

from . import checking, writing
from .baseline import Aside, Baseline, together
from .checking import Counter, report_on
from .findings import Applicability, Finding, Fix
from .fixes.edits import Edit
from .fixes.fixpoint import Applied, Settled, settle
from .fixes.plans import CRAFT, Craft
from .lookup import LOOKUP, Lookup
from .projects import Progress, Project, Seen, projects_of, read_by, told_of
from .recovery import recover
from .selection import Problem
from .settings import Settings

__all__ = ["Failed", "FixReport", "Rewritten", "Unwritten", "fix", "run"]

_SAFE: Final[frozenset[Applicability]] = frozenset({"safe"})
_ALL: Final[frozenset[Applicability]] = frozenset({"safe", "unsafe"})


class Rewritten(msgspec.Struct, frozen=True):
    """A file that changes: its bytes before and after, and the edits that lead from one to the
    other.  ``links`` counts the other names (hard links) of the file, which keep the old text.
    """

    path: Path
    before: bytes
    after: bytes
    edits: tuple[Edit, ...]
    links: int = 0


class Failed(msgspec.Struct, frozen=True):
    """A finding whose fix was to be applied and could not be."""

    finding: Finding
    reason: str


class Unwritten(msgspec.Struct, frozen=True):
    """Files that were to change together and did not, because of one of them.

    ``left`` are those that hold their new text all the same, as the old one could not be put back.
    """

    path: Path
    reason: str
    files: tuple[Path, ...]
    left: tuple[Path, ...] = ()


class FixReport(msgspec.Struct, frozen=True, kw_only=True):
    """What was fixed, and what is left.

    Attributes:
        fixed: findings whose fix was applied, as they stood when it was.
        remaining: findings in the files as they are now.
        failures: those of them whose fix was to be applied and could not be, with the reason.
        changes: the files that change (or would, where nothing was written).
        unwritten: files that were to change and could not be written; not among ``changes``.
        files: the number of files looked at.
        problems: paths that could not be used.
        aside: what baselines have kept out of the findings.
        halves: changes that an earlier run was killed at, and what has become of them.
    """

    fixed: tuple[Finding, ...]
    remaining: tuple[Finding, ...]
    failures: tuple[Failed, ...]
    changes: tuple[Rewritten, ...]
    unwritten: tuple[Unwritten, ...]
    files: int
    problems: tuple[Problem, ...]
    aside: Aside = Aside()
    halves: tuple[Problem, ...] = ()

    @property
    def texts(self) -> dict[Path, bytes]:
        """The new text of every file that changes."""
        return {each.path: each.after for each in self.changes}


def fix(
    paths: Iterable[Path | str],
    *,
    settings: Settings | None = None,
    unsafe: bool = False,
    write: bool = True,
    sources: Mapping[Path, bytes] | None = None,
    executor: Executor | None = None,
) -> FixReport:
    """Fix what can be fixed in files and directories.

    Args:
        paths: what to fix; no other file is written.
        settings: instead of the nearest ``[tool.ctxlint]``.
        unsafe: apply fixes, too, that may change what the program does beyond its contexts.
        write: replace the files; else the report alone says what would change.
        sources: unsaved text, by path; with it, nothing can be written.
        executor: as for ``check``.

    Raises:
        SettingsError: the settings cannot be used.
        FileNotFoundError: a path does not exist; nothing is written.
    """
    if sources and write:
        raise ValueError("unsaved text cannot be written: pass write=False and save the texts")
    return run(
        [Path(path) for path in paths],
        settings or LOOKUP,
        overlay=sources,
        unsafe=unsafe,
        write=write,
        executor=executor,
        strict=True,
    )


def run(
    paths: Sequence[Path],
    settings: Settings | Lookup = LOOKUP,
    *,
    overlay: Mapping[Path, bytes] | None = None,
    jobs: int = 1,
    executor: Executor | None = None,
    progress: Progress | None = None,
    unsafe: bool = False,
    write: bool = True,
    craft: Craft | None = None,
    kinds: tuple[type, ...] | None = None,
    strict: bool = False,
    only: Callable[[Finding], bool] | None = None,
    remembers: bool = False,
) -> FixReport:
    """Fix files and directories; the arguments are those of `checking.run` and of `fix`.

    ``craft`` makes the edits; ``kinds`` limits the intents that are applied.

    Raises:
        SettingsError: the settings of a project cannot be used.
        FileNotFoundError: a path does not exist, and ``strict`` is given.
    """
    projects = projects_of(paths, settings, overlay=overlay, remembers=remembers, writes=True)
    for problem in (each for project in projects for each in project.problems):
        if strict and problem.fatal:
            raise FileNotFoundError(f"{problem.path}: {problem.message}")
    # Before anything is read: it may rewrite files.
    mended = [each for project in projects if write and (each := recover(project.territory.root))]
    read_by(executor, projects)
    allowed = _ALL if unsafe else _SAFE
    results = []
    asides: list[Aside] = []
    for project in projects:
        look = _Look(project, progress, only, jobs if executor is None else 1)
        objection = project.territory.objection
        results.append(
            settle(look, craft or CRAFT, allowed=allowed, objection=objection, kinds=kinds)
        )
        asides.append(look.aside)
    report = msgspec.structs.replace(_report(projects, results), aside=together(asides))
    if not write:
        return report
    roots = {
        path: project.territory.root
        for project, settled in zip(projects, results, strict=True)
        for path in settled.texts
    }
    report = _written(report, results, roots)
    halves = tuple(told_of(each, tried=True) for each in mended)
    report = msgspec.structs.replace(report, halves=halves)
    if report.unwritten:
        now = checking.run(paths, settings, jobs=jobs, executor=executor, only=only)
        report = msgspec.structs.replace(report, remaining=now.findings, aside=now.aside)
    return report


class _Look:
    """Looks at a project, again and again; its files are read from the disk once.

    ``only`` says of the findings in the files as they are on the disk which are wanted. The others
    are recognised once files have other texts.
    """

    def __init__(
        self,
        project: Project,
        progress: Progress | None,
        only: Callable[[Finding], bool] | None,
        jobs: int,
    ) -> None:
        self._project = project
        self._jobs = jobs
        self._progress = progress
        self._only = only
        self._unwanted: Baseline | None = None
        self.aside = Aside()

    def __call__(self, texts: Mapping[Path, bytes]) -> Seen:
        session = self._project.session.revised(texts) if texts else self._project.session
        counter = Counter(len(self._project.files), self._progress)
        seen = self._project.seen(session, counter.step, self._jobs)
        self.aside = self._project.aside(seen)
        if self._only is None:
            return seen
        if not texts or self._unwanted is None:
            unwanted = [each for each in seen.findings if not self._only(each)]
            nowhere = Baseline(Path.cwd() / "unwanted", {})
            self._unwanted = nowhere.holding(unwanted, seen.text)
        else:
            _, unwanted = self._unwanted.split(seen.findings, seen.text)
        return seen.without(unwanted)


def _report(projects: Sequence[Project], results: Sequence[Settled]) -> FixReport:
    fixed = [finding for each in results for one in each.applied for finding in one.findings]
    remaining: list[Finding] = []
    failures: list[Failed] = []
    for settled in results:
        # By identity: to compare findings is to compare all places of their fixes.
        refused = {id(finding): reason for finding, reason in settled.refused}
        for finding in settled.findings:
            reason = refused.get(id(finding))
            if reason is not None:
                finding = _displayed(finding, reason)
                failures.append(Failed(finding, reason))
            remaining.append(finding)
    report = report_on(projects, remaining)
    return FixReport(
        fixed=tuple(sorted(fixed, key=lambda each: each.sort_key)),
        remaining=report.findings,
        failures=tuple(failures),
        changes=tuple(
            Rewritten(path, settled.originals[path], settled.texts[path], settled.edits[path])
            for settled in results
            for path in sorted(settled.texts)
        ),
        unwritten=(),
        files=report.files,
        problems=report.problems,
        halves=report.halves,
    )


def _displayed(finding: Finding, reason: str) -> Finding:
    """A finding whose fix is told, with the reason for which it was not applied."""
    title = finding.fix.title if finding.fix is not None else "The fix"
    told = Fix("display", f"{title} could not be applied: {reason}")
    return msgspec.structs.replace(finding, fix=told)


def _written(
    report: FixReport, results: Sequence[Settled], roots: Mapping[Path, Path]
) -> FixReport:
    """Write what has changed, group by group; the report of what could be written."""
    by_path = {each.path: each for each in report.changes}
    applied = [each for settled in results for each in settled.applied]
    changes: list[Rewritten] = []
    unwritten: list[Unwritten] = []
    for group in _groups(by_path, applied):
        members = [by_path[path] for path in group]
        counted = [
            msgspec.structs.replace(each, links=writing.other_names(each.path)) for each in members
        ]
        try:
            writing.replace_together(
                [writing.Change(each.path, each.before, each.after) for each in members],
                roots[group[0]],
            )
        except writing.NotWritten as failure:
            unwritten.append(Unwritten(failure.path, failure.reason, group, failure.left))
        else:
            changes += counted
    lost = {path for each in unwritten for path in each.files}
    fixed = [finding for each in applied if not each.files & lost for finding in each.findings]
    return msgspec.structs.replace(
        report,
        fixed=tuple(sorted(fixed, key=lambda each: each.sort_key)),
        changes=tuple(sorted(changes, key=lambda each: each.path)),
        unwritten=tuple(unwritten),
    )


def _groups(paths: Iterable[Path], applied: Iterable[Applied]) -> list[tuple[Path, ...]]:
    """The files that change; together those that intents tie to each other."""
    group_of = {path: {path} for path in paths}
    for each in applied:
        files = [path for path in each.files if path in group_of]
        for path in files[1:]:
            one, other = group_of[files[0]], group_of[path]
            if one is not other:
                one |= other
                for member in other:
                    group_of[member] = one
    groups = {id(group): tuple(sorted(group)) for group in group_of.values()}
    return sorted(groups.values())
