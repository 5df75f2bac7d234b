"""From paths to the projects that they belong to, each with what of it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import Final, NamedTuple

from . import settings as settings_module
from .findings import Finding
from .session import Session
from .settings import Settings
from .sources import Problem, project_root, select
from .territory import Territory

Progress = Callable[[int, int], None]

_FILES_WORTH_A_PROCESS: Final = 200


class Project(NamedTuple):
    """A project: the files to report on, the paths that could not be used, what may be written."""

    session: Session
    files: tuple[Path, ...]
    problems: tuple[Problem, ...]
    territory: Territory

    def judged(
        self, session: Session, progress: Callable[[], None]
    ) -> tuple[list[Finding], list[Finding]]:
        """The findings in the files, to be reported and silenced; ``progress`` is told of each.

        The session is the project's, or one in which some of its files have other texts.
        """
        reported: list[Finding] = []
        silenced: list[Finding] = []
        for path in self.files:
            found, quiet = session.judged(path)
            reported += map(self.territory.limited, found)
            silenced += quiet
            progress()
        return reported, silenced


def projects_of(
    paths: Sequence[Path],
    settings: Settings | None = None,
    *,
    isolated: bool = False,
    overrides: Mapping[str, object] | None = None,
    overlay: Mapping[Path, bytes] | None = None,
    fixes: bool = True,
) -> list[Project]:
    """The projects around paths, each under its own settings unless these are given.

    ``overlay`` holds unsaved text by path; ``fixes`` says whether findings are to have theirs.
    Raises SettingsError.
    """
    overlay = {path.resolve(): text for path, text in (overlay or {}).items()}
    by_root: dict[Path, list[Path]] = {}
    for path in paths:
        by_root.setdefault(project_root(path), []).append(path)
    projects: list[Project] = []
    for root, members in by_root.items():
        chosen = settings or settings_module.load(root, isolated=isolated, overrides=overrides)
        on_disk = [path for path in members if path.resolve() not in overlay]
        selection = select(on_disk, chosen, root)
        files = sorted({*selection.files, *(p.resolve() for p in members if p not in on_disk)})
        session = Session(root, chosen, overlay, files, fixes=fixes)
        territory = Territory(root, members, files)
        projects.append(Project(session, tuple(files), selection.problems, territory))
    return projects


def prefetch(projects: Iterable[Project], jobs: int, executor: Executor | None) -> None:
    """Parse on several processors where that pays: starting a process costs some 50 files."""
    projects = list(projects)
    if executor is not None:
        for project in projects:
            project.session.prefetch(project.files, executor)
    elif jobs > 1 and any(len(each.files) >= _FILES_WORTH_A_PROCESS for each in projects):
        from concurrent.futures import ProcessPoolExecutor
        from multiprocessing import get_context

        # Spawned, not forked: a fork copies whatever threads the caller has, half way.
        with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
            prefetch(projects, 1, pool)
