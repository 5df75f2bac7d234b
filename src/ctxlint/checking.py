"""The whole way once: sources → facts → program → rules → findings.

What the command line, the flake8 plugin and the Python API call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from . import apis
from . import settings as settings_module
from .findings import Finding
from .noqa import NoqaMap
from .program import sieve
from .settings import Settings
from .sources import Problem, Sources, decode, gather, project_root, select
from .user_rows import table_of

if TYPE_CHECKING:
    from .program.program import Program
    from .rules.rule import Options

Progress = Callable[[int, int], None]


class Report(msgspec.Struct, frozen=True):
    """What a run found: findings in order, the number of files, and unusable paths."""

    findings: tuple[Finding, ...]
    files: int
    problems: tuple[Problem, ...]


class Session:
    """One project under one set of settings, analysed at most once."""

    def __init__(
        self,
        root: Path,
        settings: Settings,
        overlay: Mapping[Path, bytes] | None = None,
        also: Iterable[Path] = (),
    ) -> None:
        self._root = root
        self._settings = settings
        self._sources: Sources = gather(root, settings, overlay, also)
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
            return Session(self._root, self._settings, overlay, (path,)).findings_in(
                path, noqa=noqa
            )
        found = [each for each in self._raw(path) if self._is_wanted(each, path)]
        if noqa and found:
            found = self._unsuppressed(found, path)
        return sorted(found, key=lambda each: each.sort_key)

    def _is_wanted(self, finding: Finding, path: Path) -> bool:
        if not self._settings.enabled(finding.code):
            return False
        return not any(finding.code.startswith(p) for p in self._settings.ignored_in(path))

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
        if not self._sieve.may_spawn(path) and not self._sieve.may_put(path):
            return [] if self._sources.compiles(path) else self._unparsable(path)
        try:
            return self._by_rules(path) + self._unparsable(path)
        except RecursionError:
            return [unreadable(path, "its code is nested or chained too deeply to be analysed")]

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

        Of files without spawns and puts, it is asked only where this Python cannot read them:
        libcst knows newer syntax, and takes ten times as long.
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
            return self._sieve.may_spawn(path) or self._sieve.may_put(path)
        except OSError:
            return False

    @property
    def program(self) -> Program:
        """The program, linked on demand; libcst is imported with it."""
        if self._program is None:
            from .program.program import Program

            self._program = Program(self._sources, self._table, self._sieve)
        return self._program

    def _rule_options(self) -> Options:
        if self._options is None:
            from .rules.rule import Options
            from .threading_model import threads_inherit

            self._options = Options(
                threads_inherit=threads_inherit(self._settings.threads_inherit, self._root),
                public_starters=self._settings.public_starters,
            )
        return self._options


def run(
    paths: Sequence[Path],
    settings: Settings | None = None,
    *,
    isolated: bool = False,
    overrides: Mapping[str, object] | None = None,
    overlay: Mapping[Path, bytes] | None = None,
    jobs: int = 1,
    executor: Executor | None = None,
    progress: Progress | None = None,
    noqa: bool = True,
) -> Report:
    """Check files and directories.

    ``overlay`` holds unsaved text by path.  ``jobs`` processes, or the workers of ``executor``,
    parse the files where that pays; findings are the same for any number.  ``progress`` is told
    (done, total) files.  Paths of several projects are each checked within their own.

    Raises:
        SettingsError: the settings of a project cannot be used.
    """
    findings: list[Finding] = []
    problems: list[Problem] = []
    projects = _projects(paths, settings, isolated, overrides or {}, overlay or {})
    total = sum(len(files) for _, files, _ in projects)
    _prefetch(projects, jobs, executor)
    done = 0
    for session, files, found in projects:
        problems += found
        findings += [_of_problem(each) for each in found if not each.fatal]
        for path in files:
            findings += session.findings_in(path, noqa=noqa)
            done += 1
            if progress is not None:
                progress(done, total)
    findings.sort(key=lambda each: each.sort_key)
    return Report(tuple(findings), total, tuple(problems))


_FILES_WORTH_A_PROCESS = 200


def _prefetch(projects: list[_Project], jobs: int, executor: Executor | None) -> None:
    """Parse on several processors where that pays: starting a process costs some 50 files."""
    if executor is not None:
        for session, files, _ in projects:
            session.prefetch(files, executor)
    elif jobs > 1 and any(len(files) >= _FILES_WORTH_A_PROCESS for _, files, _ in projects):
        from concurrent.futures import ProcessPoolExecutor
        from multiprocessing import get_context

        # Spawned, not forked: a fork copies whatever threads the caller has, half way.
        with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
            _prefetch(projects, 1, pool)


_Project = tuple[Session, tuple[Path, ...], tuple[Problem, ...]]


def _projects(
    paths: Sequence[Path],
    settings: Settings | None,
    isolated: bool,
    overrides: Mapping[str, object],
    overlay: Mapping[Path, bytes],
) -> list[_Project]:
    overlay = {path.resolve(): text for path, text in overlay.items()}
    by_root: dict[Path, list[Path]] = {}
    for path in paths:
        by_root.setdefault(project_root(path), []).append(path)
    projects: list[_Project] = []
    for root, members in by_root.items():
        chosen = settings or settings_module.load(root, isolated=isolated, overrides=overrides)
        on_disk = [path for path in members if path.resolve() not in overlay]
        selection = select(on_disk, chosen, root)
        files = sorted({*selection.files, *(p.resolve() for p in members if p not in on_disk)})
        session = Session(root, chosen, overlay, files)
        projects.append((session, tuple(files), selection.problems))
    return projects


def check(
    paths: Iterable[Path | str],
    *,
    settings: Settings | None = None,
    executor: Executor | None = None,
    sources: Mapping[Path, bytes] | None = None,
) -> list[Finding]:
    """The findings of files and directories, in order.

    Args:
        paths: what to report on; the project around each is reasoned over.
        settings: instead of the nearest ``[tool.ctxlint]``.
        executor: any ``concurrent.futures.Executor``; its workers read and parse the files, and
            the program is linked here.  Findings are the same with any or none.
        sources: unsaved text, by path.

    Raises:
        SettingsError: the settings cannot be used.
        FileNotFoundError: a path does not exist.
    """
    report = run([Path(path) for path in paths], settings, overlay=sources, executor=executor)
    for problem in report.problems:
        if problem.fatal:
            raise FileNotFoundError(f"{problem.path}: {problem.message}")
    return list(report.findings)


def explain_site(
    path: Path,
    line: int,
    settings: Settings | None = None,
    *,
    isolated: bool = False,
    overrides: Mapping[str, object] | None = None,
    overlay: Mapping[Path, bytes] | None = None,
) -> str:
    """The text of ``--why FILE:LINE``: what each question of the design's section 4 answered."""
    from .explain import explain

    path = path.resolve()
    [(session, _, problems)] = _projects([path], settings, isolated, overrides or {}, overlay or {})
    if problems:
        return f"{path}: {problems[0].message}"
    told = explain(session.program, path, line)
    reported = any(each.line == line for each in session.findings_in(path, noqa=True))
    if "Verdict: a leak." in told and not reported:
        told += (
            "\nNot reported: `# noqa`, `per-file-ignores` or the selection of rules silences it."
        )
    return told


def worth_reading(source: bytes) -> bool:
    """Whether a file, whatever its project, can hold a finding, by its bytes.

    A file that cannot costs no import of libcst.  Rows of the user's are not asked.
    """
    return sieve.worth_reading(source, _builtin_table())


@cache
def _builtin_table() -> apis.Table:
    return apis.table()


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


def _of_problem(problem: Problem) -> Finding:
    path = Path(problem.path)
    return unreadable(path if path.is_absolute() else Path.cwd() / path, problem.message)
