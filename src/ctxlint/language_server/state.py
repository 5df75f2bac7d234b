"""What the server knows at one moment, and the runs that find out more.

All but ``_judged`` and what it calls runs on the event loop's thread.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final, TypeVar

from ..fixes.previews import Preview
from ..lookup import Lookup
from .cures import Cure, all_safe, cures
from .desk import Desk, Judged, Outdated, Results, Snapshot
from .documents import Document
from .worker import Worker

Result = TypeVar("Result")


class State:
    """The open documents, what was found in them, and the worker that looks."""

    def __init__(self, lookup: Lookup) -> None:
        self._desk: Final = Desk(lookup)
        self._worker: Final = Worker()
        self._documents: dict[str, Document] = {}
        self._revision = 0
        self._disk = 0
        self._results: Results | None = None
        self._cures: dict[str, tuple[Cure, ...]] = {}

    @property
    def by_path(self) -> dict[Path, Document]:
        """The open documents, by the files that they are."""
        return {each.path: each for each in self._documents.values()}

    def put(self, document: Document) -> None:
        """A document was opened, or has another text."""
        self._documents[document.uri] = document
        self._revision += 1

    def drop(self, uri: str) -> bool:
        """A document was closed; whether it was known."""
        self._revision += 1
        return self._documents.pop(uri, None) is not None

    def doubt_the_disk(self) -> None:
        """Files, or settings, may have changed."""
        self._revision += 1
        self._disk += 1

    def is_current(self, results: Results) -> bool:
        """Whether nothing has changed since these results."""
        return results.snapshot.revision == self._revision

    async def results(self, folders: Iterable[Path]) -> Results:
        """What is found in the documents as they are now.

        Raises Outdated when they change meanwhile.
        """
        if self._results is not None and self.is_current(self._results):
            return self._results
        snapshot = self._snapshot(folders)
        return await self._worker.run(lambda: self._judged(snapshot))

    async def cures_of(self, judged: Judged) -> tuple[Cure, ...]:
        """What the fix of each finding in a document would change.  Raises Outdated."""
        revision = self._revision

        def job() -> tuple[Cure, ...]:
            self._heed(revision)
            uri = judged.document.uri
            if uri not in self._cures:
                self._cures[uri] = cures(judged)
            return self._cures[uri]

        return await self._worker.run(job)

    async def safe_fixes_of(self, judged: Judged) -> tuple[Preview, ...]:
        """What all safe fixes of a document would change together.  Raises Outdated."""
        revision = self._revision

        def job() -> tuple[Preview, ...]:
            self._heed(revision)
            return all_safe(judged)

        return await self._worker.run(job)

    def _snapshot(self, folders: Iterable[Path]) -> Snapshot:
        documents = tuple(self._documents.values())
        return Snapshot(self._revision, self._disk, documents, tuple(folders))

    def _judged(self, snapshot: Snapshot) -> Results:
        known = self._results
        if known is not None and known.snapshot.revision == snapshot.revision:
            return known
        self._heed(snapshot.revision)
        results = self._results = self._desk.judge(snapshot)
        self._cures = {}
        return results

    def _heed(self, revision: int) -> None:
        """Let the run that begins end as soon as anything changes."""

        def check() -> None:
            if self._revision != revision:
                raise Outdated

        self._desk.heed(check)
        check()
