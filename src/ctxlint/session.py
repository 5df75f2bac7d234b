"""One project under one set of settings: its findings, file by file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import Executor
from pathlib import Path
from typing import TYPE_CHECKING

from .findings import Finding
from .noqa import NoqaMap
from .program import sieve
from .rules.codes import CODES, covers
from .settings import Settings
from .sources import Sources, decode, gather
from .user_rows import table_of

if TYPE_CHECKING:
    from .program.program import Program
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
    ) -> None:
        self._root = root
        self._fixes = fixes
        self._settings = settings
        self._sources: Sources = sources or gather(root, settings, overlay, also)
        self._table = table_of(settings)
        self._sieve = sieve.Sieve(self._sources, self._table)
        self._program: Program | None = None
        self._options: Options | None = None

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
        reported, silenced = self.judged(path)
        by_comment = [each for each in silenced if self._is_wanted(each, path)]
        return reported if noqa else sorted(reported + by_comment, key=lambda each: each.sort_key)

    def judged(self, path: Path) -> tuple[list[Finding], list[Finding]]:
        """The findings of one of the project's files: those to report, and those silenced, be it
        by a comment or by ``per-file-ignores``.  What is not selected is neither.
        """
        found = [each for each in self._raw(path) if self._settings.enabled(each.code)]
        wanted = [each for each in found if self._is_wanted(each, path)]
        reported = self._unsuppressed(wanted, path) if wanted else []
        kept = {id(each) for each in reported}
        silenced = [each for each in found if id(each) not in kept]
        return sorted(reported, key=lambda each: each.sort_key), silenced

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

    def revised(self, texts: Mapping[Path, bytes]) -> Session:
        """The same project with other text in some files; no other file is read or parsed again."""
        sources = self._sources.revised(texts)
        session = Session(self._root, self._settings, sources=sources, fixes=self._fixes)
        if self._program is not None:
            for path, facts in self._program.modules.loaded():
                if path not in texts:
                    session.program.modules.supply(path, facts)
        return session

    def _is_wanted(self, finding: Finding, path: Path) -> bool:
        return not any(covers(each, finding.code) for each in self._settings.ignored_in(path))

    def _unsuppressed(self, found: list[Finding], path: Path) -> list[Finding]:
        try:
            text = decode(self._sources.read(path))
        except (OSError, ValueError):
            return found
        suppressions = NoqaMap(text)
        return [each for each in found if not suppressions.suppresses(each.line, each.code)]

    def _raw(self, path: Path) -> list[Finding]:
        try:
            reason = self._sources.hazard(path)
        except OSError as error:
            return [unreadable(path, f"cannot be read: {error.strerror or error}")]
        if reason is not None:
            return [unreadable(path, reason)]
        try:
            if not self._sieve.may_report(path) and not self._loses_context(path):
                return [] if self._sources.compiles(path) else self._unparsable(path)
            return self._by_rules(path) + self._unparsable(path)
        except RecursionError:
            return [unreadable(path, "its code is nested or chained too deeply to be analysed")]

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

        wanted = [path for path in paths if self._is_candidate(path)]
        sources = [self._sources.read(path) for path in wanted]
        for path, data in zip(wanted, executor.map(facts_of, sources), strict=True):
            facts = restored(data) if data is not None else None
            if facts is not None:
                self.program.modules.supply(path, facts)

    def _is_candidate(self, path: Path) -> bool:
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
