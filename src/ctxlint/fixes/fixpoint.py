"""Round after round, until nothing is left that could be applied.

Nothing here touches the disk: a round works on texts, and the next one looks at its result. A
fix that leaves its own finding standing is none: it would be applied again in every run. The
rounds since then are undone and played without it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Protocol

from ..findings import Applicability, Finding
from ..intents import Intent, files_of
from ..supply import Supply
from .document import Document
from .edits import Edit, Moves, Unfixable, composed
from .plans import Craft
from .rounds import Candidate, Outcome, Planned, Workshop, play

# Each round costs a check of the project. Two suffice, and a few more where fixes overlap.
_ROUNDS: Final = 25


class Inspection(Protocol):
    """What is found in the files as they stand, and what stands in them."""

    @property
    def findings(self) -> Sequence[Finding]: ...
    @property
    def silenced(self) -> Sequence[Finding]: ...
    @property
    def supply(self) -> Supply: ...
    def read(self, path: Path) -> bytes: ...


Inspect = Callable[[Mapping[Path, bytes]], Inspection]
"""Checks the project with other texts in the place of some of its files."""


@dataclass(frozen=True, slots=True)
class Applied:
    """An intent that was applied: the findings that it has settled, and the files it changed."""

    intent: Intent
    findings: tuple[Finding, ...]
    files: frozenset[Path]


@dataclass(frozen=True, slots=True)
class Settled:
    """Where the rounds have led: what was applied, and what is found now.

    ``edits`` lead from the originals to ``texts``. ``refused`` says of findings with a fix that
    was to be applied why it was not.
    """

    applied: tuple[Applied, ...]
    originals: Mapping[Path, bytes]
    texts: Mapping[Path, bytes]
    edits: Mapping[Path, tuple[Edit, ...]]
    findings: tuple[Finding, ...]
    refused: Mapping[Finding, str]


@dataclass(frozen=True, slots=True)
class _Mark:
    """Where a finding stood, or where it would stand now: a range of a file, in bytes."""

    path: Path
    code: str
    low: int
    high: int

    def moved(self, moves: Mapping[Path, Moves]) -> _Mark:
        known = moves.get(self.path)
        if known is None:
            return self
        low, high = known.range_of(self.low, self.high)
        return replace(self, low=low, high=high)


@dataclass(frozen=True, slots=True)
class _Past:
    """A finding whose fix was applied: in which round, where it stood then and would stand now."""

    turn: int
    then: _Mark
    now: _Mark


@dataclass(frozen=True, slots=True)
class _State:
    """What has been reached before a round."""

    texts: Mapping[Path, bytes] = field(default_factory=dict)
    edits: Mapping[Path, tuple[Edit, ...]] = field(default_factory=dict)
    applied: tuple[Applied, ...] = ()
    past: tuple[_Past, ...] = ()
    barred: frozenset[_Mark] = frozenset()


def settle(
    inspect: Inspect,
    craft: Craft,
    *,
    allowed: frozenset[Applicability],
    objection: Callable[[Path], str | None],
    kinds: tuple[type, ...] | None = None,
) -> Settled:
    """Apply fixes until nothing is left to apply.

    ``objection`` says of a file why it must not be written. ``kinds`` limits the intents.
    """
    return _Fixpoint(inspect, craft, allowed, objection, kinds).settled()


class _Fixpoint:
    def __init__(
        self,
        inspect: Inspect,
        craft: Craft,
        allowed: frozenset[Applicability],
        objection: Callable[[Path], str | None],
        kinds: tuple[type, ...] | None,
    ) -> None:
        self._inspect = inspect
        self._craft = craft
        self._allowed = allowed
        self._objection = objection
        self._kinds = kinds
        self._originals: dict[Path, bytes] = {}

    def settled(self) -> Settled:
        history = [_State()]
        for _ in range(_ROUNDS):
            state = history[-1]
            seen = self._inspect(state.texts)
            places = _Places(seen)
            again = [each for each in state.past if places.holds(each.now)]
            if again:
                turn = min(each.turn for each in again)
                barred = frozenset(each.then for each in again if each.turn == turn)
                del history[turn + 1 :]
                history[turn] = replace(history[turn], barred=history[turn].barred | barred)
                continue
            outcome = self._round(seen, places, state)
            if not outcome.applied:
                return self._result(state, seen, outcome)
            history.append(self._next(state, seen, places, outcome, len(history) - 1))
        return self._given_up()

    def _round(self, seen: Inspection, places: _Places, state: _State) -> Outcome:
        fit: list[Candidate] = []
        refused: list[tuple[Candidate, str]] = []
        barred = _Barred(state.barred)
        for candidate, reason in self._candidates(seen):
            if any(barred.holds(places.of(each)) for each in candidate.findings):
                reason = "it was tried, and the finding was still there"
            if reason is None:
                fit.append(candidate)
            else:
                refused.append((candidate, reason))
        if not fit:
            return Outcome(refused=refused)
        workshop = Workshop(seen.read, seen.supply, self._craft, self._objection)
        outcome = play(fit, workshop)
        outcome.refused += refused
        return outcome

    def _candidates(self, seen: Inspection) -> Iterator[tuple[Candidate, str | None]]:
        """The intents to apply, in the order of their findings, and what speaks against each."""
        carried = _by_intent(seen.findings)
        silenced = _by_intent(seen.silenced)
        for intent, findings in carried.items():
            if self._kinds is not None and not isinstance(intent, self._kinds):
                continue
            if not all(each.fix and each.fix.applicability in self._allowed for each in findings):
                continue
            reason = None
            if intent in silenced:
                first = silenced[intent][0]
                place = f"{Path(first.path).name}:{first.line}"
                reason = f"it would also rewrite {place}, where {first.code} is silenced"
            yield Candidate(intent, tuple(findings)), reason

    def _next(
        self, state: _State, seen: Inspection, places: _Places, outcome: Outcome, turn: int
    ) -> _State:
        for path in outcome.texts:
            if path not in state.texts:
                self._originals[path] = seen.read(path)
        moves = {path: Moves(edits) for path, edits in outcome.edits.items()}
        stood = [places.of(f) for each in outcome.applied for f in each.candidate.findings]
        edits = {
            path: composed(state.edits.get(path, ()), new) for path, new in outcome.edits.items()
        }
        return _State(
            texts={**state.texts, **outcome.texts},
            edits={**state.edits, **edits},
            applied=(*state.applied, *map(_applied, outcome.applied)),
            past=(
                *(replace(each, now=each.now.moved(moves)) for each in state.past),
                *(_Past(turn, mark, mark.moved(moves)) for mark in stood),
            ),
            barred=frozenset(mark.moved(moves) for mark in state.barred),
        )

    def _result(self, state: _State, seen: Inspection, outcome: Outcome) -> Settled:
        changed = [path for path in state.texts if state.texts[path] != self._originals[path]]
        return Settled(
            applied=state.applied,
            originals={path: self._originals[path] for path in changed},
            texts={path: state.texts[path] for path in changed},
            edits={path: state.edits[path] for path in changed},
            findings=tuple(seen.findings),
            refused={f: why for candidate, why in outcome.refused for f in candidate.findings},
        )

    def _given_up(self) -> Settled:
        seen = self._inspect({})
        reason = "fixes make each other necessary without end; please report this"
        refused = [(candidate, reason) for candidate, _ in self._candidates(seen)]
        return self._result(_State(), seen, Outcome(refused=refused))


def _by_intent(findings: Iterable[Finding]) -> dict[Intent, list[Finding]]:
    found: dict[Intent, list[Finding]] = {}
    # The findings of one intent mostly share the object, and comparing large ones takes time.
    known: dict[int, list[Finding]] = {}
    for each in findings:
        intent = each.fix.intent if each.fix is not None else None
        if intent is None:
            continue
        if id(intent) not in known:
            known[id(intent)] = found.setdefault(intent, [])
        known[id(intent)].append(each)
    return found


def _applied(planned: Planned) -> Applied:
    candidate = planned.candidate
    files = frozenset(planned.edits) | {Path(each) for each in files_of(candidate.intent)}
    return Applied(candidate.intent, candidate.findings, files)


class _Places:
    """Where the findings of an inspection stand, in bytes; files are decoded when asked about."""

    def __init__(self, seen: Inspection) -> None:
        self._seen = seen
        self._documents: dict[Path, Document | None] = {}
        self._offsets: dict[tuple[Path, str], list[int]] | None = None

    def of(self, finding: Finding) -> _Mark:
        path = Path(finding.path)
        if path not in self._documents:
            try:
                self._documents[path] = Document(path, self._seen.read(path))
            except (Unfixable, OSError):
                self._documents[path] = None
        document = self._documents[path]
        at = document.byte_of(finding.line, finding.column) if document is not None else -1
        return _Mark(path, finding.code, at, at)

    def holds(self, mark: _Mark) -> bool:
        """Whether a finding with the mark's code stands within it."""
        if self._offsets is None:
            self._offsets = _by_file(self.of(each) for each in self._seen.findings)
        offsets = self._offsets.get((mark.path, mark.code), [])
        at = bisect_left(offsets, mark.low)
        return at < len(offsets) and offsets[at] <= mark.high


class _Barred:
    """The places at which nothing is to be applied again."""

    def __init__(self, marks: Iterable[_Mark]) -> None:
        self._marks: dict[tuple[Path, str], list[_Mark]] = {}
        for mark in marks:
            self._marks.setdefault((mark.path, mark.code), []).append(mark)

    def holds(self, place: _Mark) -> bool:
        known = self._marks.get((place.path, place.code), ())
        return any(mark.low <= place.low <= mark.high for mark in known)


def _by_file(marks: Iterable[_Mark]) -> dict[tuple[Path, str], list[int]]:
    found: dict[tuple[Path, str], list[int]] = {}
    for mark in marks:
        found.setdefault((mark.path, mark.code), []).append(mark.low)
    for offsets in found.values():
        offsets.sort()
    return found
