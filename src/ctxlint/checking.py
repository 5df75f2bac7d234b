"""The whole way once: sources → facts → program → rules → findings.

What the command line, the flake8 plugin and the Python API call.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Executor
from functools import cache
from pathlib import Path

import msgspec

from . import apis
from .findings import Finding
from .graph import Graph, merged
from .lookup import LOOKUP, Lookup
from .program import sieve
from .projects import Progress, Project, prefetch, projects_of
from .session import Session, unreadable
from .settings import Settings
from .sources import Problem

__all__ = ["Report", "Session", "check", "explain_site", "report_on", "run", "worth_reading"]


class Report(msgspec.Struct, frozen=True):
    """What a run found: findings in order, the number of files, and unusable paths.

    ``graph`` is how context travels, where that was asked for.
    """

    findings: tuple[Finding, ...]
    files: int
    problems: tuple[Problem, ...]
    graph: Graph | None = None


def run(
    paths: Sequence[Path],
    settings: Settings | Lookup = LOOKUP,
    *,
    overlay: Mapping[Path, bytes] | None = None,
    jobs: int = 1,
    executor: Executor | None = None,
    progress: Progress | None = None,
    fixes: bool = True,
    graph: bool = False,
) -> Report:
    """Check files and directories.

    ``overlay`` holds unsaved text by path.  ``jobs`` processes, or the workers of ``executor``,
    parse the files where that pays; findings are the same for any number.  ``progress`` is told
    (done, total) files.  Without ``fixes``, findings come without theirs, in about half the time.
    Paths of several projects are each checked within their own.  With ``graph``, how context
    travels is told as well.

    Raises:
        SettingsError: the settings of a project cannot be used.
    """
    projects = projects_of(paths, settings, overlay=overlay, fixes=fixes)
    prefetch(projects, jobs, executor)
    counter = Counter(sum(len(project.files) for project in projects), progress)
    findings: list[Finding] = []
    graphs: list[Graph] = []
    for project in projects:
        reported, silenced = project.judged(project.session, counter.step)
        findings += reported
        if graph:
            graphs.append(_travels(project, reported, silenced))
    report = report_on(projects, findings)
    return msgspec.structs.replace(report, graph=merged(graphs)) if graph else report


def _travels(project: Project, reported: Sequence[Finding], silenced: Sequence[Finding]) -> Graph:
    from .travels import travels

    session = project.session
    return travels(session.program, project.files, reported, silenced, session.root)


def report_on(projects: Sequence[Project], findings: Iterable[Finding]) -> Report:
    """The report of what was found in projects, unusable paths included."""
    problems = [problem for project in projects for problem in project.problems]
    told = [_of_problem(each) for each in problems if not each.fatal]
    found = sorted([*findings, *told], key=lambda each: each.sort_key)
    return Report(tuple(found), sum(len(each.files) for each in projects), tuple(problems))


class Counter:
    """Tells (done, total) files to who wants to know."""

    def __init__(self, total: int, progress: Progress | None) -> None:
        self._done, self._total, self._progress = 0, total, progress

    def step(self) -> None:
        """One more file is done."""
        self._done += 1
        if self._progress is not None:
            self._progress(self._done, self._total)


def check(
    paths: Iterable[Path | str],
    *,
    settings: Settings | None = None,
    executor: Executor | None = None,
    sources: Mapping[Path, bytes] | None = None,
) -> list[Finding]:
    """The findings of files and directories, in order.

    Args:
        paths: what to report on; the project around each is reasoned over.
        settings: instead of the nearest ``[tool.ctxlint]``.
        executor: any ``concurrent.futures.Executor``; its workers read and parse the files, and
            the program is linked here.  Findings are the same with any or none.
        sources: unsaved text, by path.

    Raises:
        SettingsError: the settings cannot be used.
        FileNotFoundError: a path does not exist.
    """
    named = [Path(path) for path in paths]
    report = run(named, settings or LOOKUP, overlay=sources, executor=executor)
    for problem in report.problems:
        if problem.fatal:
            raise FileNotFoundError(f"{problem.path}: {problem.message}")
    return list(report.findings)


def explain_site(
    path: Path,
    line: int,
    settings: Settings | Lookup = LOOKUP,
    *,
    overlay: Mapping[Path, bytes] | None = None,
) -> str:
    """The text of ``--why FILE:LINE``: what each question of the design's section 4 answered."""
    from .explain import explain

    path = path.resolve()
    [project] = projects_of([path], settings, overlay=overlay)
    if project.problems:
        return f"{path}: {project.problems[0].message}"
    session = project.session
    told = explain(session.program, path, line)
    reported = any(each.line == line for each in session.findings_in(path, noqa=True))
    if "Verdict: a leak." in told and not reported:
        told += (
            "\nNot reported: `# noqa`, `per-file-ignores` or the selection of rules silences it."
        )
    return told


def worth_reading(source: bytes) -> bool:
    """Whether a file, whatever its project, can hold a finding, by its bytes.

    A file that cannot costs no import of libcst.  Rows of the user's are not asked.
    """
    return sieve.worth_reading(source, _builtin_table())


@cache
def _builtin_table() -> apis.Table:
    return apis.table()


def _of_problem(problem: Problem) -> Finding:
    path = Path(problem.path)
    return unreadable(path if path.is_absolute() else Path.cwd() / path, problem.message)
