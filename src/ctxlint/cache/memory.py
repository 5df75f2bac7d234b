"""All that is kept of one project: the facts of its modules, and what the last run has found."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Final

from ..findings import Judged
from ..sources import Sources
from . import stamps
from .directory import Directory
from .runs import Runs
from .shelf import KeptFacts


class Memory:
    """What one session of a project can know of earlier ones, and leaves to later ones.

    ``stamp`` tells what findings depend on besides the files of the project; where there is none,
    only facts are kept.  ``writes`` says that files are going to be rewritten: what lies about in a
    project must not decide what is written into it, so that nothing is known but that there is
    nothing to fix.
    """

    def __init__(
        self, sources: Sources, stamp: Callable[[], bytes] | None, *, writes: bool = False
    ) -> None:
        self._sources: Final = sources
        self._writes: Final = writes
        self._directory: Final = Directory(sources.root)
        self._runs: Final = None if stamp is None else Runs(self._directory, stamp)

    @cached_property
    def known(self) -> Mapping[Path, Judged]:
        """What an earlier run has found, by file, as far as it still holds."""
        found = {} if self._runs is None else self._runs.recall(self._sources)
        return {} if self._writes and any(map(_is_fixable, found.values())) else found

    @property
    def can_share(self) -> bool:
        """Whether several processes of one run find the facts of files here."""
        return not self._writes and self._directory.can_write

    @cached_property
    def shelf(self) -> KeptFacts | None:
        """The facts that are kept."""
        if self._writes:
            return None
        return KeptFacts(self._directory, stamps.of_code, self._sources.digest)

    def keep(self, judged: Mapping[Path, Judged]) -> None:
        """Keep what was found in files besides what was known."""
        if self._runs is not None and judged:
            self._runs.keep(self._sources, {**self.known, **judged})
        self._directory.tidy()


def _is_fixable(judged: Judged) -> bool:
    return any(
        finding.fix is not None and finding.fix.intent is not None
        for findings in judged
        for finding in findings
    )
