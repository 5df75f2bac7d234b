"""From paths to the projects that they belong to, each with what of it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from . import hands
from .baseline import Aside
from .findings import Finding
from .journal import NAME
from .layout import project_root, root_of
from .lookup import LOOKUP, Lookup
from .recovery import BrokenOff
from .selection import Problem, printable, refusal_of, select
from .session import Session
from .settings import Settings
from .territory import Territory

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from .supply import Supply

Progress = Callable[[int, int], None]


class Seen:
    """What one look at a project has found in it: all that fixes are made from."""

    def __init__(
        self,
        session: Session,
        findings: Sequence[Finding],
        silenced: Sequence[Finding],
        known: Sequence[Finding],
    ) -> None:
        self.findings: Final = findings
        self.silenced: Final = silenced
        self.known: Final = known
        self._session = session

    def without(self, aside: Sequence[Finding]) -> Seen:
        """The same, some of the findings (the same objects) counted among the known ones."""
        left_out = {id(each) for each in aside}
        findings = [each for each in self.findings if id(each) not in left_out]
        return Seen(self._session, findings, self.silenced, [*self.known, *aside])

    @property
    def supply(self) -> Supply:
        """What fixes may use in the project."""
        return self._session.supply

    def text(self, path: str) -> str:
        """The text of a file as it was judged; of one that cannot be had, none."""
        return self._session.text(path)

    def read(self, path: Path) -> bytes:
        """The bytes of a file as they were judged.  Raises OSError."""
        return self._session.read(path)


class Project(NamedTuple):
    """A project: the files to report on, the paths that could not be used, what may be written."""

    session: Session
    files: tuple[Path, ...]
    problems: tuple[Problem, ...]
    territory: Territory

    def seen(self, session: Session, progress: Callable[[], None], jobs: int = 1) -> Seen:
        """Judge the files, on so many processes at most; ``progress`` is told of each.

        The session is the project's, or one in which some of its files have other texts.
        """
        reported: list[Finding] = []
        silenced: list[Finding] = []
        known: list[Finding] = []
        for _, judged in hands.judged(session, self.files, jobs, progress):
            reported += map(self.territory.limited, judged.reported)
            silenced += judged.silenced
            known += map(self.territory.limited, judged.known)
        session.remember()
        return Seen(session, reported, silenced, known)

    def aside(self, seen: Seen) -> Aside:
        """What the project's baseline did in a look at it."""
        return self.session.set_aside(self.files, len(seen.known))


def projects_of(
    paths: Sequence[Path],
    settings: Settings | Lookup = LOOKUP,
    *,
    overlay: Mapping[Path, bytes] | None = None,
    fixes: bool = True,
    remembers: bool = False,
    writes: bool = False,
) -> list[Project]:
    """The projects around paths, each under the settings that are given, or found for it.

    ``overlay`` holds unsaved text by path; ``fixes`` says whether findings are to have theirs, and
    ``remembers`` whether runs leave what they find out to later ones; ``writes`` says that files
    are going to be rewritten by it.  Raises SettingsError.
    """
    overlay = {path.resolve(): text for path, text in (overlay or {}).items()}
    by_root: dict[Path, list[Path]] = {}
    for path in paths:
        by_root.setdefault(project_root(path), []).append(path)
    nearest = isinstance(settings, Lookup) and settings.is_nearest
    files: dict[Path, set[Path]] = {}
    problems: dict[Path, tuple[Problem, ...]] = {}
    for root, members in by_root.items():
        on_disk = [path for path in members if path.resolve() not in overlay]
        selection = select(on_disk, settings_of(root, settings), root)
        texts = [path for path in members if path.resolve() in overlay]
        unsaved = {path.resolve() for path in texts if refusal_of(path) is None}
        problems[root] = (*selection.problems, *filter(None, map(refusal_of, texts)))
        files.setdefault(root, set())
        homes = {root: root}
        templates: set[Path] = set()
        for path in {*selection.files, *unsaved}:
            # A directory with settings of its own is a project of its own.
            nested = nearest and path.is_relative_to(root)
            home = root_of(path.parent, homes, templates) if nested else root
            files.setdefault(home, set()).add(path)
        problems[root] = (*problems[root], *map(_is_no_toml, sorted(templates)))
    projects: list[Project] = []
    for root, own in files.items():
        chosen = sorted(own)
        effective = settings_of(root, settings)
        session = Session(
            root, effective, overlay, chosen, fixes=fixes, remembers=remembers, writes=writes
        )
        territory = Territory(root, paths, chosen)
        projects.append(Project(session, tuple(chosen), problems.get(root, ()), territory))
    return projects


def read_by(executor: Executor | None, projects: Iterable[Project]) -> None:
    """Have the files of projects looked at by the workers of an executor, if there is one."""
    if executor is not None:
        for project in projects:
            hands.read_by(executor, project.session, project.files)


def _is_no_toml(pyproject: Path) -> Problem:
    message = "is no TOML: the settings of the project around it are used"
    return Problem(printable(pyproject), message, fatal=False, note=True)


def settings_of(root: Path, settings: Settings | Lookup) -> Settings:
    """The settings that are given, or found for a project.  Raises SettingsError."""
    return settings.load(root) if isinstance(settings, Lookup) else settings


def told_of(broken: BrokenOff, *, tried: bool) -> Problem:
    """What users are told of a change of several files that a run was killed at.

    ``tried`` says whether it was to be mended.
    """
    new, old = (", ".join(map(printable, files)) for files in (broken.new, broken.old))
    path = printable(broken.root / broken.old[0])
    if broken.state == "finished":
        message = f"an earlier --fix was broken off and is finished now: {old} has its new text"
        return Problem(path, message, fatal=False, note=True)
    if broken.state == "undone":
        message = f"an earlier --fix was broken off and is taken back: {new} has its old text"
        return Problem(path, message, fatal=False, note=True)
    message = f"an earlier --fix was broken off: {new} has its new text, and {old} has not; "
    if not tried:
        message += "`ctxlint --fix` here finishes that or takes it back"
    else:
        message += (
            "edited or made read-only since, they are left alone: bring them together by hand (the "
            f"old texts lie beside them as .ctxlint-*-old.tmp), and delete {NAME} in the project"
        )
    return Problem(path, message, fatal=True)
