"""From an intent to its edits: who knows how, by the kind of intent. A new kind is a new row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ..intents import Intent
from ..supply import Supply
from .changes import Changes, Needed
from .document import Document
from .edits import Edit, Unfixable

Documents = Callable[[Path], Document]
Planner = Callable[[Intent, Documents, Supply], Mapping[Path, Changes]]
Placer = Callable[[Document, Iterable[Needed]], tuple[Sequence[Edit], Mapping[Needed, str]]]


@dataclass(frozen=True, slots=True)
class Craft:
    """Who makes edits: of intents, and of the imports that these need."""

    plan: Planner
    place: Placer


PLANNERS: Final[Mapping[type, Planner]] = {}


def plan(intent: Intent, documents: Documents, supply: Supply) -> Mapping[Path, Changes]:
    """What is to change in which files for an intent. Raises Unfixable."""
    planner = PLANNERS.get(type(intent))
    if planner is None:
        raise Unfixable(f"nothing is known of how to {type(intent).__name__.lower()}")
    return planner(intent, documents, supply)
