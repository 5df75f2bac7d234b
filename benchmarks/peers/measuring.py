"""Kinds of run taking turns on one release, and what came of each."""

from __future__ import annotations

import os
import re
import statistics
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from corpus_files import CorpusError

from peers.environments import Environment, programs
from peers.processes import Run, plain, run
from peers.tools import Before, Kind, Names
from peers.trees import Trees


@dataclass(frozen=True)
class Effort:
    """How often each kind is run: less often when one run takes longer than `slow` seconds."""

    runs: int
    slow_runs: int
    slow: float
    limit: float

    def enough(self, result: Result) -> bool:
        """Whether a kind need not be run again."""
        if result.problem or result.cut:
            return True
        slow = bool(result.runs) and result.runs[0].seconds > self.slow
        return len(result.runs) >= (min(self.slow_runs, self.runs) if slow else self.runs)


@dataclass
class Result:
    """The runs of one kind; a `problem` where it could not be run."""

    kind: Kind
    runs: list[Run] = field(default_factory=list)
    problem: str = ""

    @property
    def measured(self) -> bool:
        return bool(self.runs) and not self.problem

    @property
    def cut(self) -> bool:
        """Whether the time was up before the end: it would have taken longer."""
        return any(one.cut for one in self.runs)

    @property
    def seconds(self) -> float:
        return statistics.median(one.seconds for one in self.runs)

    @property
    def least(self) -> float:
        return min(one.seconds for one in self.runs)

    @property
    def most(self) -> float:
        return max(one.seconds for one in self.runs)

    @property
    def memory(self) -> float:
        return max(one.memory for one in self.runs)

    @property
    def loop(self) -> float:
        """Seconds in a parser's loop alone."""
        return statistics.median(float(one.output) for one in self.runs)


def measure(kinds: Sequence[Kind], trees: Trees, cache: Path, effort: Effort) -> list[Result]:
    """Run every kind on one release, in turns: a slow minute of the machine falls on all."""
    surroundings = {
        **{key: text for key, text in plain().items() if not key.startswith("SEMGREP_")},
        # semgrep keeps these two in the home directory otherwise.
        "SEMGREP_SETTINGS_FILE": str(cache.absolute() / "environments" / "semgrep.yml"),
        "SEMGREP_LOG_FILE": str(cache.absolute() / "environments" / "semgrep.log"),
    }
    results = [Result(kind) for kind in kinds]
    # Before the first run: nothing is installed between two, nor twice when the checkout changes.
    places = _places(results, cache)
    for result in results:
        trees.tree(result.kind.tree)
    os.sync()
    for result in results:
        if result.kind.primed and not result.problem:
            _tell(f"before the first turn: {result.kind.key}")
            _add(result, trees, places, effort, surroundings)
            if not result.cut:
                result.runs.clear()
    for turn in range(effort.runs):
        for result in results:
            if not effort.enough(result):
                _tell(f"turn {turn + 1} of {effort.runs}: {result.kind.key}")
                _prepare(result.kind, trees)
                _add(result, trees, places, effort, surroundings)
    _tell("")
    return results


def _places(results: Sequence[Result], cache: Path) -> dict[Environment, Path]:
    """Where the programs of each environment are; a problem of the kinds whose there are none."""
    places: dict[Environment, Path] = {}
    for result in results:
        environment = result.kind.environment
        if environment not in places:
            _tell(f"environment: {environment.name}")
            try:
                places[environment] = programs(environment, cache)
            except CorpusError as error:
                result.problem = str(error)
    return places


def _prepare(kind: Kind, trees: Trees) -> None:
    match kind.before:
        case Before.FORGET:
            trees.forget(kind.tree)
        case Before.EDIT:
            trees.edit(kind.tree)
        case Before.RESTORE:
            trees.restore(kind.tree)
        case Before.NOTHING:
            pass


def _add(
    result: Result,
    trees: Trees,
    places: Mapping[Environment, Path],
    effort: Effort,
    surroundings: Mapping[str, str],
) -> None:
    kind = result.kind
    listed = kind.names is Names.ARGUMENTS
    try:
        one = run(
            [
                str(places[kind.environment] / kind.command[0]),
                *kind.command[1:],
                *(trees.parsable if listed else ()),
            ],
            "\n".join(trees.parsable) if kind.names is Names.STDIN else "",
            directory=trees.tree(kind.tree),
            limit=effort.limit,
            statuses=kind.statuses,
            environment=surroundings,
        )
        if not one.cut and not re.search(kind.proof, one.output + one.errors, re.MULTILINE):
            said = (one.errors or one.output).strip().splitlines() or ["nothing"]
            raise CorpusError(f"{kind.key}: has not done its work; its last words: {said[-1]}")
    except CorpusError as error:
        result.problem = str(error)
    else:
        result.runs.append(one)


def _tell(text: str) -> None:
    """Where the work stands, on a terminal: the whole takes a long time."""
    if sys.stderr.isatty():
        print(f"\r{text:<60}\r", end="", file=sys.stderr, flush=True)
