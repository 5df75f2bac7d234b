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
    only facts are kept.
    """

    def __init__(self, sources: Sources, stamp: Callable[[], bytes] | None) -> None:
        self._sources: Final = sources
        self._directory: Final = Directory(sources.root)
        self._runs: Final = None if stamp is None else Runs(self._directory, stamp)

    @cached_property
    def known(self) -> Mapping[Path, Judged]:
        """What an earlier run has found, by file, as far as it still holds."""
        return {} if self._runs is None else self._runs.recall(self._sources)

    @property
    def can_keep(self) -> bool:
        """Whether anything can be left to later runs."""
        return self._directory.can_write

    @cached_property
    def shelf(self) -> KeptFacts:
        """The facts that are kept."""
        return KeptFacts(self._directory, stamps.of_code, self._sources.digest)

    def keep(self, judged: Mapping[Path, Judged]) -> None:
        """Keep what was found in files besides what was known."""
        if self._runs is not None and judged:
            self._runs.keep(self._sources, {**self.known, **judged})
        self._directory.tidy()
