"""The projects of the open documents, kept from one run to the next.

A run reads and parses anew only what has changed since the last one. Where somebody has written
to the disk, files are read again, and those that are as before are not parsed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from ..findings import Finding
from ..layout import Search, project_root
from ..lookup import Lookup
from ..projects import told_of
from ..recovery import broken_off
from ..session import Session
from ..settings import Settings, SettingsError
from ..sources import Sources, gather
from ..territory import Territory
from .documents import Document


class Outdated(Exception):
    """The texts have changed since the run began: nobody waits for its result."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The open documents at one moment.

    ``revision`` counts the moments, ``disk`` those at which the disk may have changed.
    ``folders`` are the only ones to report on; without any, all.
    """

    revision: int
    disk: int
    documents: tuple[Document, ...]
    folders: tuple[Path, ...] = ()


@dataclass(slots=True)
class Kept:
    """A project as the last run has left it."""

    root: Path
    settings: Settings
    session: Session
    disk: int
    texts: Mapping[Path, bytes]
    _fixing: Session | None = field(default=None, repr=False)

    @property
    def fixing(self) -> Session:
        """The same session, but findings have their fixes: that takes twice the time."""
        if self._fixing is None:
            self._fixing = self.session.revised({}, fixes=True)
        return self._fixing

    @property
    def territory(self) -> Territory:
        """An editor writes what the user lets it write: any file of the project."""
        return Territory(self.root, [self.root], self.session.files)


@dataclass(frozen=True, slots=True)
class Judged:
    """What was found in one document."""

    document: Document
    findings: tuple[Finding, ...]
    project: Kept


@dataclass(frozen=True, slots=True)
class Results:
    """What was found in the documents of a snapshot, by URI, and what is wrong with settings."""

    snapshot: Snapshot
    judged: Mapping[str, Judged]
    problems: tuple[str, ...]


class Desk:
    """Keeps projects.  Not for two threads at a time."""

    def __init__(self, lookup: Lookup) -> None:
        self._lookup: Final = lookup
        self._kept: dict[Path, Kept] = {}
        self._check: Callable[[], None] = _patient

    def heed(self, check: Callable[[], None]) -> None:
        """Call ``check`` often from now on; it raises Outdated when nobody waits any more."""
        self._check = check

    def judge(self, snapshot: Snapshot) -> Results:
        """The findings of the open documents.  Raises Outdated."""
        judged: dict[str, Judged] = {}
        problems: list[str] = []
        by_root: dict[Path, list[Document]] = {}
        for document in snapshot.documents:
            if _is_wanted(document, snapshot):
                by_root.setdefault(project_root(document.path), []).append(document)
        self._kept = {root: kept for root, kept in self._kept.items() if root in by_root}
        for root, documents in by_root.items():
            broken = broken_off(root)
            if broken is not None:
                half = told_of(broken, tried=False)
                problems.append(f"{half.path}: {half.message}")
            try:
                settings = self._lookup.load(root)
                kept = self._current(root, settings, snapshot, documents)
            except (SettingsError, OSError) as error:  # a baseline, a directory that is locked
                problems.append(str(error))
                continue
            self._kept[root] = kept
            for document in documents:
                if document.path in kept.session:
                    self._check()
                    found = tuple(kept.session.judged(document.path)[0])
                    judged[document.uri] = Judged(document, found, kept)
        return Results(snapshot, judged, tuple(problems))

    def _current(
        self, root: Path, settings: Settings, snapshot: Snapshot, documents: Iterable[Document]
    ) -> Kept:
        known = self._kept.get(root)
        texts = {each.path: each.source for each in documents}
        if known is None or known.settings != settings or known.disk != snapshot.disk:
            session = self._begun(root, settings, texts)
            if known is not None:
                session.learn(known.session)
            return Kept(root, settings, session, snapshot.disk, texts)
        changed = {path: text for path, text in texts.items() if known.texts.get(path) != text}
        closed = known.texts.keys() - texts.keys()
        if not changed and not closed:
            return known
        if closed or any(path not in known.session for path in changed):
            session = self._begun(root, settings, texts)  # there are other files than before
            session.learn(known.session)
        else:
            session = known.session.revised(changed)
        return Kept(root, settings, session, snapshot.disk, texts)

    def _begun(self, root: Path, settings: Settings, texts: Mapping[Path, bytes]) -> Session:
        # A file that lies in the user's home directory or above it is no project's.
        alone = Path.home().is_relative_to(root)
        listed = Sources(root, ()) if alone else gather(root, settings)
        search = Search(root, settings)
        # What is on the disk and not listed is excluded. What is not there yet may be new.
        overlay = {
            path: text
            for path, text in texts.items()
            if alone or path in listed or not (path.exists() or search.excludes(path))
        }
        sources = Sources(listed.root, listed.files, overlay, lambda: self._check())
        return Session(root, settings, sources=sources, fixes=False)


def _patient() -> None:
    """Nothing: a run that somebody waits for."""


def _is_wanted(document: Document, snapshot: Snapshot) -> bool:
    folders: Sequence[Path] = snapshot.folders
    return not folders or any(document.path.is_relative_to(folder) for folder in folders)
