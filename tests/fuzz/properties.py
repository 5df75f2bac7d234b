"""The properties, each on programs of its own making: what `test_fuzz.py` tries briefly, and the
long run at length.
"""

from __future__ import annotations

import shutil
import tempfile
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ctxlint.hands import shares

from . import mutants, promises
from .changes import changed
from .grammar import Program, programs
from .played import Stage, finds_the_truth, leaks_no_more, same_items, shows_what_it_leaks

COUNTS: Counter[str] = Counter()
"""What has been tried so far, and what was found on the way."""

Subject = AbstractContextManager[Callable[[], None]]

_SPAWNING = ("create_task", "ensure_future", "Thread", "Task", "Timer", "start", "submit", "gather")


@contextmanager
def _directory() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="ctxlint-fuzz-")).resolve()
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@contextmanager
def known_truth() -> Iterator[Callable[[], None]]:
    """Programs that say what is wrong with them: found, fixed, and gone when they are run."""
    with Stage() as stage:

        @given(programs())
        def check(program: Program) -> None:
            with _directory() as root:
                _as_made(stage, root, program)

        yield check


def _as_made(stage: Stage, root: Path, program: Program) -> None:
    finds_the_truth(root, program)
    before = shows_what_it_leaks(stage, root, program)
    report = promises.fixed(root)
    COUNTS["programs with a known truth"] += 1
    COUNTS["... leaks in them"] += len(program.truth)
    COUNTS["... clean"] += not program.truth
    COUNTS["... findings fixed"] += len(report.fixed)
    COUNTS["... findings left"] += len(report.remaining)
    if report.changes:
        after = leaks_no_more(stage, root, program, report)
        same_items(before, after)
        COUNTS["... run before and after the fix"] += 1


@contextmanager
def any_program() -> Iterator[Callable[[], None]]:
    """Any valid Python, most of which means nothing."""
    import hypothesmith  # takes a second

    @given(st.one_of(hypothesmith.from_node(), hypothesmith.from_grammar()))
    def check(source: str) -> None:
        _harmless({"program.py": source.encode("utf-8", "replace")}, "programs without meaning")

    yield check


@contextmanager
def mutated_files() -> Iterator[Callable[[], None]]:
    """Real files, somewhat changed; and what remembers the last run is not misled."""

    @given(st.sampled_from(mutants.subjects()), mutants.mutations)
    def check(subject: mutants.Subject, steps: list[mutants.Mutation]) -> None:
        changed = mutants.mutated(subject.files[subject.name], steps)
        files = {**subject.files, subject.name: changed}
        COUNTS["... that compile"] += promises.compiles(changed)
        _harmless(files, "mutants of real files")
        if len(steps) == 1:
            COUNTS["... checked by a warm run"] += 1
            with _directory() as root:
                promises.remembered(root, subject.files, files)

    yield check


def _harmless(files: promises.Files, what: str) -> None:
    with _directory() as root, warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)
        findings, report = promises.harmless(root, files)
        COUNTS[what] += 1
        COUNTS[f"... findings in {what}"] += len(findings)
        COUNTS[f"... findings fixed in {what}"] += len(report.fixed)
        text = b"".join(files.values()).decode(errors="replace")
        if not any(word in text for word in _SPAWNING):
            codes = {each.code for each in findings} & {"CTX101", "CTX102", "CTX103", "CTX105"}
            assert not codes, f"{codes} in a program that starts nothing"


@contextmanager
def same_meaning() -> Iterator[Callable[[], None]]:
    """What means nothing changes no finding."""

    @given(programs(), st.data())
    def check(program: Program, data: st.DataObject) -> None:
        def pick(*options: Any) -> Any:
            return data.draw(st.sampled_from(options))

        with _directory() as root:
            COUNTS["programs changed without meaning"] += 1
            promises.means_the_same(root, program.files, changed(pick, program.files))

    yield check


@contextmanager
def shared_work() -> Iterator[Callable[[], None]]:
    """Many processes, and memories of earlier runs."""

    @given(programs(), st.data(), mutants.mutations)
    def check(program: Program, data: st.DataObject, steps: list[mutants.Mutation]) -> None:
        name = data.draw(st.sampled_from(sorted(program.files)))
        edited = {**program.files, name: mutants.mutated(program.files[name], steps)}
        with _directory() as root, _eager():
            COUNTS["programs checked by several processes"] += 1
            promises.shared(root, program.files, edited)

    yield check


@contextmanager
def _eager() -> Iterator[None]:
    """The smallest project is worth as many processes as there may be."""
    worth = shares._WORTH_A_FORK
    shares._WORTH_A_FORK = 1e-9
    try:
        yield
    finally:
        shares._WORTH_A_FORK = worth


@contextmanager
def written_files() -> Iterator[Callable[[], None]]:
    """The command and the Python API write the same."""

    @given(programs())
    def check(program: Program) -> None:
        with _directory() as root:
            COUNTS["programs fixed by the command"] += 1
            promises.written(root, program.files)

    yield check


PROPERTIES: dict[str, Callable[[], Subject]] = {
    "truth": known_truth,
    "any": any_program,
    "mutants": mutated_files,
    "changes": same_meaning,
    "shared": shared_work,
    "written": written_files,
}
