"""One project under one set of settings: its findings, file by file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from .assembly import Assembly
from .baseline import Aside, baseline_of, set_aside
from .findings import Finding, Judged
from .judging import Judging
from .settings import Settings
from .sources import Sources, gather

if TYPE_CHECKING:
    from .cache.memory import Memory
    from .inquiries import Inquiry
    from .program.modules import Shelf
    from .program.program import Program
    from .supply import Supply


class Session:
    """One project under one set of settings, analysed at most once.

    Without ``fixes``, findings come without theirs, in about half the time.
    """

    def __init__(
        self,
        root: Path,
        settings: Settings,
        overlay: Mapping[Path, bytes] | None = None,
        also: Iterable[Path] = (),
        sources: Sources | None = None,
        *,
        fixes: bool = True,
        remembers: bool = False,
        writes: bool = False,
    ) -> None:
        self._root = root
        self._fixes = fixes
        self._settings = settings
        self._baseline = baseline_of(settings)
        self._sources: Sources = sources or gather(root, settings, overlay, also)
        self._project = Assembly(root, settings, self._sources, fixes=fixes)
        self._judging = Judging(self._project, self._baseline)
        self._fresh: dict[Path, Judged] = {}
        self._memory: Memory | None = None
        if remembers:
            self._memory = self._made_memory(is_on_disk=not overlay, writes=writes)
        if self._memory is not None:
            self._project.share_facts(self._memory.shelf)

    def _made_memory(self, *, is_on_disk: bool, writes: bool) -> Memory:
        from .cache.memory import Memory
        from .cache.stamps import of_run

        def stamp() -> bytes:
            baseline = b"" if self._baseline is None else self._baseline.content
            return of_run(self._root, self._settings, baseline, fixes=self._fixes)

        return Memory(self._sources, stamp if is_on_disk else None, writes=writes)

    def findings_in(
        self, path: Path, source: bytes | None = None, *, noqa: bool = False
    ) -> list[Finding]:
        """The findings of one file, per-file ignores applied, ``# noqa`` only where asked for.

        ``source`` is unsaved text that stands for the file.
        """
        path = path.resolve()
        if source is not None or path not in self._sources:
            overlay = {} if source is None else {path: source}
            revised = Session(self._root, self._settings, overlay, (path,), fixes=self._fixes)
            return revised.findings_in(path, noqa=noqa)
        reported, silenced, _ = self.judged(path)
        by_comment = [each for each in silenced if self._judging.is_wanted(each, path)]
        return reported if noqa else sorted(reported + by_comment, key=lambda each: each.sort_key)

    def enabled(self, code: str) -> bool:
        """Whether a rule is selected."""
        return self._settings.enabled(code)

    def judged(self, path: Path) -> Judged:
        """The findings of one of the project's files."""
        known = self.known(path)
        if known is None:
            known = self._fresh[path] = self._judging.judged(path)
        return known

    def known(self, path: Path) -> Judged | None:
        """The findings of a file that has been judged before, by an earlier run, too."""
        found = self._fresh.get(path)
        if found is None and self._memory is not None:
            found = self._memory.known.get(path)
        return found

    @property
    def given_up(self) -> frozenset[Path]:
        """The files that took too long to be judged."""
        return frozenset(self._judging.given_up)

    def learn_findings(
        self, judged: Mapping[Path, Judged], inquiry: Inquiry, given_up: Iterable[Path]
    ) -> None:
        """Take over what another process has found, and what it has asked for that."""
        self._fresh.update(judged)
        self._judging.given_up.update(given_up)
        self._sources.learn(inquiry)

    def inquiry(self) -> Inquiry:
        """What has been asked of the files of the project so far."""
        return self._sources.inquiry()

    def remember(self) -> None:
        """Leave what was found to later runs, if that is wanted."""
        if self._memory is not None:
            given_up = self._judging.given_up
            self._memory.keep({p: each for p, each in self._fresh.items() if p not in given_up})

    def set_aside(self, files: Iterable[Path], known: int) -> Aside:
        """What the baseline did for files, of whose findings it knows so many."""
        if self._baseline is None:
            return Aside()
        return set_aside(self._baseline, known, self._root, files, self._settings.enabled)

    def text(self, path: str) -> str:
        """The text of a file as it is judged; of one that cannot be had, none."""
        return self._sources.text(Path(path))

    @property
    def sources(self) -> Sources:
        """The files of the project, and what stands in them."""
        return self._sources

    @property
    def settings(self) -> Settings:
        """What the project is judged under."""
        return self._settings

    @property
    def fixes(self) -> bool:
        """Whether findings are to have theirs."""
        return self._fixes

    @property
    def root(self) -> Path:
        """Where the project begins."""
        return self._root

    def read(self, path: Path) -> bytes:
        """The bytes of a file as they are judged.  Raises OSError."""
        return self._sources.read(path)

    @property
    def program(self) -> Program:
        """The program, linked on demand."""
        return self._project.program

    @property
    def supply(self) -> Supply:
        """What fixes may use in this project."""
        return self.program.supply

    def revised(self, texts: Mapping[Path, bytes], *, fixes: bool | None = None) -> Session:
        """The same project with other text in some files; no other file is read or parsed again.

        ``fixes``, where it is given, says anew whether findings are to have theirs.
        """
        sources = self._sources.revised(texts)
        wanted = self._fixes if fixes is None else fixes
        session = Session(self._root, self._settings, sources=sources, fixes=wanted)
        session.learn(self)
        return session

    def learn(self, other: Session) -> None:
        """Take over what another session of the project has parsed, where the text is the same."""
        linked = other._project.linked
        if linked is None:
            return
        for path, facts in linked.modules.loaded():
            if path in self._sources and self._holds(path, other._sources.read(path)):
                self.program.modules.supply(path, facts)

    def _holds(self, path: Path, source: bytes) -> bool:
        try:
            return self._sources.read(path) == source
        except OSError:
            return False

    @property
    def files(self) -> tuple[Path, ...]:
        """The files of the project, in order."""
        return self._sources.files

    def __contains__(self, path: Path) -> bool:
        """Whether a path (absolute, resolved) is a file of the project."""
        return path in self._sources

    @property
    def has_shelf(self) -> bool:
        """Whether all processes of this project find the facts of files on one shelf already."""
        return self._memory is not None and self._memory.can_share

    def size(self, path: Path) -> int:
        """The length of a file, in bytes; of one that cannot be read, nothing."""
        return self._sources.size(path)

    def is_candidate(self, path: Path) -> bool:
        """Whether a file may hold findings, by its bytes."""
        return self._judging.is_candidate(path)

    def make_ready(self) -> None:
        """Load what judging needs, before the process is copied."""
        self._judging.make_ready()

    def share_facts(self, shelf: Shelf | None) -> None:
        """Take from and put on a shelf the facts of files; none: no longer."""
        self._project.share_facts(shelf)
