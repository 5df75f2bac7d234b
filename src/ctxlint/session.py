"""One project under one set of settings: its findings, file by file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from .baseline import Aside, baseline_of, set_aside
from .findings import Finding, Judged
from .noqa import NoqaMap
from .rules.codes import CODES, covers
from .settings import Settings
from .sources import Sources, decode, gather

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from . import apis
    from .cache.memory import Memory
    from .inquiries import Inquiry
    from .program.modules import Shelf
    from .program.program import Program
    from .program.sieve import Sieve
    from .rules.rule import Options
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
    ) -> None:
        self._root = root
        self._fixes = fixes
        self._settings = settings
        self._baseline = baseline_of(settings)
        self._sources: Sources = sources or gather(root, settings, overlay, also)
        self._memory = self._made_memory(is_on_disk=not overlay) if remembers else None
        self._fresh: dict[Path, Judged] = {}
        self._program: Program | None = None
        self._options: Options | None = None

    def _made_memory(self, *, is_on_disk: bool) -> Memory:
        from .cache.memory import Memory
        from .cache.stamps import of_run

        def stamp() -> bytes:
            baseline = b"" if self._baseline is None else self._baseline.path.read_bytes()
            return of_run(self._root, self._settings, baseline, fixes=self._fixes)

        return Memory(self._sources, stamp if is_on_disk else None)

    @cached_property
    def _table(self) -> apis.Table:
        from .user_rows import table_of

        return table_of(self._settings)

    @cached_property
    def _sieve(self) -> Sieve:
        from .program.sieve import Sieve

        return Sieve(self._sources, self._table)

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
        by_comment = [each for each in silenced if self._is_wanted(each, path)]
        return reported if noqa else sorted(reported + by_comment, key=lambda each: each.sort_key)

    def enabled(self, code: str) -> bool:
        """Whether a rule is selected."""
        return self._settings.enabled(code)

    def judged(self, path: Path) -> Judged:
        """The findings of one of the project's files."""
        known = self.known(path)
        if known is None:
            known = self._fresh[path] = self._judge(path)
        return known

    def known(self, path: Path) -> Judged | None:
        """The findings of a file that has been judged before, by an earlier run, too."""
        found = self._fresh.get(path)
        if found is None and self._memory is not None:
            found = self._memory.known.get(path)
        return found

    def learn_findings(self, judged: Mapping[Path, Judged], inquiry: Inquiry) -> None:
        """Take over what another process has found, and what it has asked for that."""
        self._fresh.update(judged)
        self._sources.learn(inquiry)

    def inquiry(self) -> Inquiry:
        """What has been asked of the files of the project so far."""
        return self._sources.inquiry()

    def remember(self) -> None:
        """Leave what was found to later runs, if that is wanted."""
        if self._memory is not None:
            self._memory.keep(self._fresh)

    def _judge(self, path: Path) -> Judged:
        raw = self._raw(path)
        found = [each for each in raw if self.enabled(each.code)]
        if self.enabled("CTX901") and not any(each.code == "CTX900" for each in raw):
            found += self._unused_noqa(path, found)
        wanted = [each for each in found if self._is_wanted(each, path)]
        reported = list(self._unsuppressed(wanted, path)) if wanted else []
        kept = {id(each) for each in reported}
        silenced = [each for each in found if id(each) not in kept]
        reported.sort(key=lambda each: each.sort_key)
        if self._baseline is None or not reported:
            return Judged(reported, silenced, [])
        new, known = self._baseline.split(reported, self.text)
        return Judged(new, silenced, known)

    def set_aside(self, files: Iterable[Path], known: int) -> Aside:
        """What the baseline did for files, of whose findings it knows so many."""
        if self._baseline is None:
            return Aside()
        return set_aside(self._baseline, known, self._root, files, self._settings.enabled)

    def text(self, path: str) -> str:
        """The text of a file as it is judged; of one that cannot be had, none."""
        try:
            return decode(self._sources.read(Path(path)))
        except (OSError, ValueError):
            return ""

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
        if other._program is None:
            return
        for path, facts in other._program.modules.loaded():
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

    def _is_wanted(self, finding: Finding, path: Path) -> bool:
        return not any(covers(each, finding.code) for each in self._settings.ignored_in(path))

    def _unsuppressed(self, found: list[Finding], path: Path) -> list[Finding]:
        try:
            text = decode(self._sources.read(path))
        except (OSError, ValueError):
            return found
        noqa = NoqaMap(text)
        return [
            each
            for each in found
            if not (noqa.may_suppress_code(each.line) and noqa.suppresses(each.line, each.code))
        ]

    def _unused_noqa(self, path: Path, found: list[Finding]) -> list[Finding]:
        """The comments of a file that silence none of what is found in it."""
        from .rules.ctx901 import unused

        ignored = self._settings.ignored_in(path)
        judged = [
            code
            for code in CODES
            if self.enabled(code) and not any(covers(each, code) for each in ignored)
        ]
        noqa = NoqaMap(self.text(path.as_posix()))
        told = list(unused(path, noqa, found, judged.__contains__))
        return told if self._fixes else [msgspec.structs.replace(each, fix=None) for each in told]

    def _raw(self, path: Path) -> list[Finding]:
        try:
            reason = self._sources.hazard(path)
        except OSError as error:
            return [unreadable(path, f"cannot be read: {error.strerror or error}")]
        if reason is not None:
            return [unreadable(path, reason)]
        try:
            if not self._sieve.may_report(path) and not self._loses_context(path):
                return [] if self._is_python(path) else self._unparsable(path)
            return self._by_rules(path) + self._unparsable(path)
        except RecursionError:
            return [unreadable(path, "its code is nested or chained too deeply to be analysed")]

    def _is_python(self, path: Path) -> bool:
        """Whether a file can be parsed, as far as that is known or this Python tells."""
        if self._program is not None and self._program.modules.is_loaded(path):
            return True
        return self._sources.compiles(path)

    def _loses_context(self, path: Path) -> bool:
        """Whether a consumer in a file ignores what its items carry.

        That a file takes items says little of it: it is looked at where the queues of the project
        lead to it.
        """
        if not self._settings.enabled("CTX202") or not self._sieve.may_take(path):
            return False
        return any(True for _ in self.program.unheeded.in_file(path))

    def _by_rules(self, path: Path) -> list[Finding]:
        from .rules import RULES

        program, options = self.program, self._rule_options()
        return [
            finding
            for rule in RULES.values()
            if self._settings.enabled(rule.code)
            for finding in rule.check(program, path, options)
        ]

    def _unparsable(self, path: Path) -> list[Finding]:
        """CTX900 if libcst cannot read a file.

        Of files that can hold no other finding, it is asked only where this Python cannot read
        them: libcst knows newer syntax, and takes ten times as long.
        """
        self.program.module(path)
        problem = self.program.modules.unreadable.get(path)
        if problem is None:
            return []
        return [unreadable(path, problem.reason, problem.line, problem.column)]

    def prefetch(self, paths: Iterable[Path], executor: Executor) -> None:
        """Have the files that can hold findings read and parsed by an executor's workers."""
        from .facts.remote import facts_of, restored

        wanted = [path for path in paths if self.is_candidate(path)]
        sources = [self._sources.read(path) for path in wanted]
        for path, data in zip(wanted, executor.map(facts_of, sources), strict=True):
            facts = restored(data) if data is not None else None
            if facts is not None:
                self.program.modules.supply(path, facts)

    def make_ready(self) -> None:
        """Load what judging needs, before the process is copied: rules, and what they ask."""
        from . import rules  # noqa: F401

        self._rule_options()
        self.program.modules  # noqa: B018

    def share_facts(self, shelf: Shelf | None) -> None:
        """Take from and put on a shelf the facts of files; none: no longer."""
        self.program.modules.shelf = shelf

    @property
    def has_shelf(self) -> bool:
        """Whether all processes of this project find the facts of files on one shelf already."""
        return self._memory is not None and self._memory.can_keep

    def size(self, path: Path) -> int:
        """The length of a file, in bytes; of one that cannot be read, nothing."""
        return self._sources.size(path)

    def is_candidate(self, path: Path) -> bool:
        """Whether a file may hold findings, by its bytes."""
        try:
            return self._sieve.may_report(path)
        except OSError:
            return False

    @property
    def program(self) -> Program:
        """The program, linked on demand; libcst is imported with it."""
        if self._program is None:
            from .program.program import Program
            from .supply import supply_of

            supply = supply_of(self._settings, self._root)
            self._program = Program(
                self._sources, self._table, self._sieve, supply, fixes=self._fixes
            )
            if self._memory is not None:
                self._program.modules.shelf = self._memory.shelf
        return self._program

    def _rule_options(self) -> Options:
        if self._options is None:
            from .rules.rule import Options
            from .threading_model import threads_inherit

            self._options = Options(
                threads_inherit=threads_inherit(self._settings.threads_inherit, self._root),
                public_starters=self._settings.public_starters,
                named=frozenset(code for code in CODES if self._settings.names(code)),
            )
        return self._options


def unreadable(path: Path, reason: str, line: int = 1, column: int = 1) -> Finding:
    """CTX900 for a file."""
    return Finding(
        code="CTX900",
        name="unreadable-file",
        message=f"cannot be analysed: {reason}",
        path=path.as_posix(),
        line=line,
        column=column,
        end_line=line,
        end_column=column,
    )
