"""The rules put to one file, and what the user has said of their findings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from .assembly import Assembly
from .baseline import Baseline
from .encoding import decode
from .findings import Finding, Judged
from .patience import OutOfPatience
from .rules.codes import CODES, covers
from .settings import Settings
from .sources import Sources

if TYPE_CHECKING:
    from .rules.rule import Options


class Judging:
    """Judges the files of one project."""

    def __init__(self, project: Assembly, baseline: Baseline | None) -> None:
        self._project: Final = project
        self._settings: Final[Settings] = project.settings
        self._sources: Final[Sources] = project.sources
        self._baseline: Final = baseline
        self._options: Options | None = None
        self.given_up: Final[set[Path]] = set()
        """The files that took too long: of them, another run may find out more."""

    def judged(self, path: Path) -> Judged:
        """The findings of one of the project's files."""
        raw = self._raw(path)
        found = [each for each in raw if self.enabled(each.code)]
        if self.enabled("CTX901") and not any(each.code == "CTX900" for each in raw):
            found += self._unused_noqa(path, found)
        wanted = [each for each in found if self.is_wanted(each, path)]
        reported = list(self._unsuppressed(wanted, path)) if wanted else []
        kept = {id(each) for each in reported}
        silenced = [each for each in found if id(each) not in kept]
        reported.sort(key=lambda each: each.sort_key)
        if self._baseline is None or not reported:
            return Judged(reported, silenced, [])
        new, known = self._baseline.split(reported, self._text)
        return Judged(new, silenced, known)

    def enabled(self, code: str) -> bool:
        """Whether a rule is selected."""
        return self._settings.enabled(code)

    def is_wanted(self, finding: Finding, path: Path) -> bool:
        """Whether `per-file-ignores` leaves a finding of a file."""
        return not any(covers(each, finding.code) for each in self._settings.ignored_in(path))

    def _unsuppressed(self, found: list[Finding], path: Path) -> list[Finding]:
        try:
            text = decode(self._sources.read(path))
        except (OSError, ValueError):
            return found
        from .noqa import NoqaMap  # for files with findings

        noqa = NoqaMap(text)
        return [
            each
            for each in found
            if not (noqa.may_suppress_code(each.line) and noqa.suppresses(each.line, each.code))
        ]

    def _unused_noqa(self, path: Path, found: list[Finding]) -> list[Finding]:
        """The comments of a file that silence none of what is found in it."""
        from .noqa import NoqaMap
        from .rules.ctx901 import unused

        ignored = self._settings.ignored_in(path)
        judged = [
            code
            for code in CODES
            if self.enabled(code) and not any(covers(each, code) for each in ignored)
        ]
        noqa = NoqaMap(self._text(path.as_posix()))
        told = list(unused(path, noqa, found, judged.__contains__))
        return (
            told
            if self._project.fixes
            else [msgspec.structs.replace(each, fix=None) for each in told]
        )

    def _raw(self, path: Path) -> list[Finding]:
        try:
            reason = self._sources.hazard(path)
        except OSError as error:
            return [unreadable(path, f"cannot be read: {error.strerror or error}")]
        if reason is not None:
            return [unreadable(path, reason)]
        self._project.patience.begin()
        try:
            if not self._project.sieve.may_report(path) and not self._loses_context(path):
                return [] if self._is_python(path) else self._unparsable(path)
            return self._by_rules(path) + self._unparsable(path)
        except RecursionError:
            self._project.link_anew()
            return [unreadable(path, "its code is nested or chained too deeply to be analysed")]
        except OutOfPatience:
            self._project.link_anew()
            self.given_up.add(path)
            seconds = self._project.patience.seconds
            return [unreadable(path, f"it takes more than {seconds:.0f} s to be analysed")]
        finally:
            self._project.patience.end()

    def _is_python(self, path: Path) -> bool:
        """Whether a file can be parsed, as far as that is known or this Python tells."""
        linked = self._project.linked
        if linked is not None and linked.modules.is_loaded(path):
            return True
        return self._sources.compiles(path)

    def _loses_context(self, path: Path) -> bool:
        """Whether a consumer in a file ignores what its items carry.

        That a file takes items says little of it: it is looked at where the queues of the project
        lead to it.
        """
        if not self._settings.enabled("CTX202") or not self._project.sieve.may_take(path):
            return False
        return any(True for _ in self._project.program.unheeded.in_file(path))

    def _by_rules(self, path: Path) -> list[Finding]:
        from .rules import RULES

        program, options = self._project.program, self._rule_options()
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
        self._project.program.module(path)
        problem = self._project.program.modules.unreadable.get(path)
        if problem is None:
            return []
        return [unreadable(path, problem.reason, problem.line, problem.column)]

    def is_candidate(self, path: Path) -> bool:
        """Whether a file may hold findings, by its bytes."""
        try:
            return self._project.sieve.may_report(path)
        except OSError:
            return False

    def make_ready(self) -> None:
        """Load what judging needs, before the process is copied: rules, and what they ask."""
        from . import rules  # noqa: F401

        self._rule_options()
        self._project.program.modules  # noqa: B018

    def _rule_options(self) -> Options:
        if self._options is None:
            from .rules.rule import Options
            from .threading_model import threads_inherit

            self._options = Options(
                threads_inherit=threads_inherit(self._settings.threads_inherit, self._project.root),
                public_starters=self._settings.public_starters,
                named=frozenset(code for code in CODES if self._settings.names(code)),
            )
        return self._options

    def _text(self, path: str) -> str:
        return self._sources.text(Path(path))


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
