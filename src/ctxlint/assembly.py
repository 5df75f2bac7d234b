"""One project put together: its files, what is known of other people's functions, the program.

Each part is made when somebody asks for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from .patience import Patience
from .settings import Settings
from .sources import Sources

if TYPE_CHECKING:
    from . import apis
    from .facts.model import Module
    from .program.modules import Shelf
    from .program.program import Program
    from .program.sieve import Sieve


class Assembly:
    """The parts of one project under one set of settings.

    Without ``fixes``, findings come without theirs, in about half the time.  On ``shelf`` are the
    facts of files that others have read.
    """

    def __init__(self, root: Path, settings: Settings, sources: Sources, *, fixes: bool) -> None:
        self.root: Final = root
        self.settings: Final = settings
        self.sources: Final = sources
        self.fixes: Final = fixes
        self.patience: Final = Patience(len(sources.files))
        self._program: Program | None = None
        self._parsed: Mapping[Path, Module] = {}
        self._shelf: Shelf | None = None

    @cached_property
    def table(self) -> apis.Table:
        """What is known of functions: ours, and the user's rows."""
        from .user_rows import table_of

        return table_of(self.settings)

    @cached_property
    def sieve(self) -> Sieve:
        """Which files can hold findings at all."""
        from .program.sieve import Sieve

        return Sieve(self.sources, self.table)

    @property
    def program(self) -> Program:
        """The program, linked on demand; libcst is imported with it."""
        if self._program is None:
            from .program.program import Program
            from .supply import supply_of

            supply = supply_of(self.settings, self.root)
            self._program = Program(
                self.sources, self.table, self.sieve, supply, self.patience, fixes=self.fixes
            )
            self._program.modules.shelf = self._shelf
            for path, facts in self._parsed.items():
                self._program.modules.supply(path, facts)
            self._parsed = {}
        return self._program

    @property
    def linked(self) -> Program | None:
        """The program, if anybody has asked for it."""
        return self._program

    def link_anew(self) -> None:
        """Have the program linked once more: what was broken off has left half an answer in it."""
        if self._program is not None:
            self._parsed = dict(self._program.modules.loaded())
            self._program = None

    def share_facts(self, shelf: Shelf | None) -> None:
        """Take from and put on a shelf the facts of files; none: no longer."""
        self._shelf = shelf
        if self._program is not None:
            self._program.modules.shelf = shelf
