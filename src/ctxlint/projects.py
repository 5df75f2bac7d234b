"""From paths to the projects that they belong to, each with what of it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from . import settings as settings_module
from .findings import Finding
from .session import Session
from .settings import Settings
from .sources import Problem, project_root, select
from .territory import Territory

if TYPE_CHECKING:
    from .supply import Supply

Progress = Callable[[int, int], None]

_FILES_WORTH_A_PROCESS: Final = 200


class Seen:
    """What one look at a project has found in it: all that fixes are made from."""

    def __init__(
        self, session: Session, findings: Sequence[Finding], silenced: Sequence[Finding]
    ) -> None:
        self.findings: Final = findings
        self.silenced: Final = silenced
        self._session = session

    @property
    def supply(self) -> Supply:
        """What fixes may use in the project."""
        return self._session.supply

    def read(self, path: Path) -> bytes:
        """The bytes of a file as they were judged.  Raises OSError."""
        return self._session.read(path)


class Project(NamedTuple):
    """A project: the files to report on, the paths that could not be used, what may be written."""

    session: Session
    files: tuple[Path, ...]
    problems: tuple[Problem, ...]
    territory: Territory

    def seen(self, session: Session, progress: Callable[[], None]) -> Seen:
        """Judge the files, one by one; ``progress`` is told of each.

        The session is the project's, or one in which some of its files have other texts.
        """
        reported: list[Finding] = []
        silenced: list[Finding] = []
        for path in self.files:
            found, quiet = session.judged(path)
            reported += map(self.territory.limited, found)
            silenced += quiet
            progress()
        return Seen(session, reported, silenced)


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
