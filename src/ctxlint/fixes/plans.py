"""From an intent to its edits: who knows how, by the kind of intent. A new kind is a new row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from ..intents import AskForNone, Detach, Handoff, Intent, Propagate, Recopy, Unsilence, Unwind
from ..supply import Supply
from . import captures, handoffs, silences, spawns, truths, unwinding
from .changes import Changes, Needed
from .document import Document
from .edits import Edit
from .imports import import_edits

_Kind = TypeVar("_Kind", bound=Intent)

Documents = Callable[[Path], Document]
Plan = Mapping[Path, Changes]
Planner = Callable[[Intent, Documents, Supply], Plan]
Placer = Callable[[Document, Iterable[Needed]], tuple[Sequence[Edit], Mapping[Needed, str]]]


@dataclass(frozen=True, slots=True)
class Craft:
    """Who makes edits: of intents, and of the imports that these need."""

    plan: Planner
    place: Placer


def _row(kind: type[_Kind], edits: Callable[[_Kind, Documents, Supply], Plan]) -> Planner:
    def planner(intent: Intent, documents: Documents, supply: Supply) -> Plan:
        assert isinstance(intent, kind)
        return edits(intent, documents, supply)

    return planner


PLANNERS: Final[Mapping[type, Planner]] = {
    Detach: _row(Detach, spawns.edits),
    Handoff: _row(Handoff, handoffs.edits),
    Propagate: _row(Propagate, captures.propagated),
    Recopy: _row(Recopy, captures.recopied),
    AskForNone: _row(AskForNone, truths.edits),
    Unsilence: _row(Unsilence, silences.edits),
    Unwind: _row(Unwind, unwinding.edits),
}


def plan(intent: Intent, documents: Documents, supply: Supply) -> Plan:
    """What is to change in which files for an intent. Raises Unfixable."""
    return PLANNERS[type(intent)](intent, documents, supply)


CRAFT: Final = Craft(plan, import_edits)
