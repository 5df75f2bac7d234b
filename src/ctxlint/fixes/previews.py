"""What each fix would change by itself: for programs that show it and apply it one by one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec

from ..findings import Applicability
from ..intents import Intent
from .candidates import candidates
from .edits import Edit
from .marks import Inspection
from .plans import Craft
from .rounds import Workshop, play

_ALL: Final[frozenset[Applicability]] = frozenset({"safe", "unsafe"})


class Preview(msgspec.Struct, frozen=True):
    """A file that a fix would change: its bytes, and the edits."""

    path: Path
    before: bytes
    edits: tuple[Edit, ...]


def previews(
    seen: Inspection, craft: Craft, objection: Callable[[Path], str | None]
) -> dict[Intent, tuple[Preview, ...]]:
    """The files that each intent would change, imports included.

    Intents that ``--fix --unsafe-fixes`` would refuse are left out.  The others are not applied:
    what a second look at the project would find is not known.
    """
    workshop = Workshop(seen.read, seen.supply, craft, objection)
    found: dict[Intent, tuple[Preview, ...]] = {}
    for candidate, reason in candidates(seen, _ALL):
        if reason is not None:
            continue
        outcome = play([candidate], workshop)
        files = tuple(
            Preview(path, workshop.read(path), edits)
            for path, edits in sorted(outcome.edits.items())
        )
        if files:
            found[candidate.intent] = files
    return found
