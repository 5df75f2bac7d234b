"""Round after round, until nothing is left that could be applied.

Nothing here touches the disk: a round works on texts, and the next one looks at its result. A
fix that leaves its own finding standing is none: it would be applied again in every run. The
rounds since then are undone and played without it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from ..findings import Applicability, Finding
from ..intents import Intent, files_of
from .candidates import candidates
from .edits import Edit, Moves, composed
from .marks import Barred, Inspection, Mark, Past, Places, past_of
from .plans import Craft
from .rounds import Candidate, Outcome, Planned, Workshop, play

# Each round costs a check of the project. Two suffice, and a few more where fixes overlap.
_ROUNDS: Final = 25


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

    ``edits`` lead from the originals to ``texts``. ``refused`` says why fixes that were to be
    applied were not; its findings are among the others, as the same objects.
    """

    applied: tuple[Applied, ...]
    originals: Mapping[Path, bytes]
    texts: Mapping[Path, bytes]
    edits: Mapping[Path, tuple[Edit, ...]]
    findings: tuple[Finding, ...]
    refused: tuple[tuple[Finding, str], ...]


@dataclass(frozen=True, slots=True)
class _State:
    """What has been reached before a round."""

    texts: Mapping[Path, bytes] = field(default_factory=dict)
    edits: Mapping[Path, tuple[Edit, ...]] = field(default_factory=dict)
    applied: tuple[Applied, ...] = ()
    past: tuple[Past, ...] = ()
    barred: frozenset[Mark] = frozenset()


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
            places = Places(seen)
            again = [each for each in state.past if places.count(each.now) > each.others]
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

    def _round(self, seen: Inspection, places: Places, state: _State) -> Outcome:
        fit: list[Candidate] = []
        refused: list[tuple[Candidate, str]] = []
        barred = Barred(state.barred)
        for candidate, reason in candidates(seen, self._allowed, self._kinds):
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

    def _next(
        self, state: _State, seen: Inspection, places: Places, outcome: Outcome, turn: int
    ) -> _State:
        for path in outcome.texts:
            if path not in state.texts:
                self._originals[path] = seen.read(path)
        moves = {path: Moves(edits) for path, edits in outcome.edits.items()}
        edits = {
            path: composed(state.edits.get(path, ()), new) for path, new in outcome.edits.items()
        }
        return _State(
            texts={**state.texts, **outcome.texts},
            edits={**state.edits, **edits},
            applied=(*state.applied, *map(_applied, outcome.applied)),
            past=(
                *(replace(each, now=each.now.moved(moves)) for each in state.past),
                *past_of(seen, places, outcome, moves, turn),
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
            refused=tuple((f, why) for each, why in outcome.refused for f in each.findings),
        )

    def _given_up(self) -> Settled:
        seen = self._inspect({})
        reason = "fixes make each other necessary without end; please report this"
        refused = [(each, reason) for each, _ in candidates(seen, self._allowed, self._kinds)]
        return self._result(_State(), seen, Outcome(refused=refused))


def _applied(planned: Planned) -> Applied:
    candidate = planned.candidate
    files = frozenset(planned.edits) | {Path(each) for each in files_of(candidate.intent)}
    return Applied(candidate.intent, candidate.findings, files)
