"""The whole way once: sources → facts → program → rules → findings.

What the command line, the flake8 plugin and the Python API call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from .baseline import Aside, together
from .findings import Finding
from .graph import Graph, merged
from .intents import Intent
from .judging import unreadable
from .lookup import LOOKUP, Lookup
from .projects import Progress, Project, Seen, projects_of, read_by, told_of
from .recovery import broken_off
from .selection import Problem
from .session import Session
from .settings import Settings

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from .apis import Table
    from .fixes.previews import Preview

__all__ = ["Report", "Session", "check", "explain_site", "report_on", "run", "worth_reading"]


class Report(msgspec.Struct, frozen=True):
    """What a run found: findings in order, the number of files, and unusable paths.

    ``previews`` says what fixes would change, by their intents, where somebody asked for it;
    ``aside`` what baselines have kept out of the findings; ``graph`` how context travels, where
    that was asked for; ``halves`` tells of changes that an earlier run was killed at.
    """

    findings: tuple[Finding, ...]
    files: int
    problems: tuple[Problem, ...]
    previews: Mapping[Intent, tuple[Preview, ...]] = {}
    aside: Aside = Aside()
    graph: Graph | None = None
    halves: tuple[Problem, ...] = ()


def run(
    paths: Sequence[Path],
    settings: Settings | Lookup = LOOKUP,
    *,
    overlay: Mapping[Path, bytes] | None = None,
    jobs: int = 1,
    executor: Executor | None = None,
    progress: Progress | None = None,
    fixes: bool = True,
    previews: bool = False,
    only: Callable[[Finding], bool] | None = None,
    graph: bool = False,
    remembers: bool = False,
) -> Report:
    """Check files and directories.

    ``overlay`` holds unsaved text by path.  ``jobs`` processes at most share the work where that
    pays; instead, the workers of ``executor`` look at every file by itself, and the program is
    linked here.  Findings are the same for any number.  ``progress`` is told (done, total) files.

    Without ``fixes``, findings come without theirs, in about half the time; with ``previews``, it
    is also said what each fix would change, and with ``graph``, how context travels.  ``only``
    limits the findings.  With ``remembers``, what is found out is left to later runs, in a
    directory of each project, and what earlier ones have left is used.  Paths of several projects
    are each checked within their own.

    Raises:
        SettingsError: the settings of a project cannot be used.
    """
    projects = projects_of(paths, settings, overlay=overlay, fixes=fixes, remembers=remembers)
    read_by(executor, projects)
    counter = Counter(sum(len(project.files) for project in projects), progress)
    findings: list[Finding] = []
    shown: dict[Intent, tuple[Preview, ...]] = {}
    asides: list[Aside] = []
    graphs: list[Graph] = []
    for project in projects:
        # What is drawn asks everything once more: of who has judged it himself, for nothing.
        alone = graph or executor is not None
        seen = project.seen(project.session, counter.step, 1 if alone else jobs)
        asides.append(project.aside(seen))
        if only is not None:
            seen = seen.without([each for each in seen.findings if not only(each)])
        findings += seen.findings
        if previews:
            shown |= _previews(seen, project)
        if graph:
            graphs.append(_travels(seen, project))
    report = report_on(projects, findings)
    drawn = merged(graphs) if graph else None
    return msgspec.structs.replace(report, previews=shown, aside=together(asides), graph=drawn)


def _previews(seen: Seen, project: Project) -> dict[Intent, tuple[Preview, ...]]:
    from .fixes.plans import CRAFT  # with libcst, which a plain check does without
    from .fixes.previews import previews

    return previews(seen, CRAFT, project.territory.objection)


def _travels(seen: Seen, project: Project) -> Graph:
    from .travels import travels

    session = project.session
    quiet = (*seen.silenced, *seen.known)
    return travels(session.program, project.files, seen.findings, quiet, session.root)


def report_on(projects: Sequence[Project], findings: Iterable[Finding]) -> Report:
    """The report of what was found in projects, unusable paths included."""
    problems = [problem for project in projects for problem in project.problems]
    told = [_of_problem(each) for each in problems if not (each.fatal or each.note)]
    found = sorted([*findings, *told], key=lambda each: each.sort_key)
    files = sum(len(each.files) for each in projects)
    broken = [each for project in projects if (each := broken_off(project.territory.root))]
    halves = tuple(told_of(each, tried=False) for each in broken)
    return Report(tuple(found), files, tuple(problems), halves=halves)


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
        executor: any ``concurrent.futures.Executor``; its workers look at every file by itself,
            and the program is linked here.  Findings are the same with any or none.
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
    """The text of ``--why FILE:LINE``."""
    from .why import answer

    path = path.resolve()
    [project] = projects_of([path], settings, overlay=overlay)
    if project.problems:
        return f"{path.name}: {project.problems[0].message}."
    return answer(project.session, path, line)


def worth_reading(source: bytes) -> bool:
    """Whether a file, whatever its project, can hold a finding, by its bytes.

    A file that cannot costs no import of libcst.  Rows of the user's are not asked.
    """
    from .program import glance

    return glance.worth_reading(source, _builtin_table())


@cache
def _builtin_table() -> Table:
    from . import apis

    return apis.table()


def _of_problem(problem: Problem) -> Finding:
    path = Path(problem.path)
    return unreadable(path if path.is_absolute() else Path.cwd() / path, problem.message)
