"""What the answers have in common: how they end, and how they name places."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from ..program.places import Place
from ..program.scopes import Ending, Reach

LEAK: Final = "That is a leak."
NO_LEAK: Final = "So there is nothing to report."

_WHO: Final[dict[Ending, str]] = {
    "request": "A request leads here",
    "public": "A request may lead here",
    "startup": "Only start-up leads here",
    "test": "Only tests lead here",
    "detached": "Only detached work leads here",
}


def verdict(leaks: bool) -> str:
    """How an answer ends."""
    return LEAK if leaks else NO_LEAK


def who_leads_here(reach: Reach) -> list[str]:
    """Who comes to run a place, and by which way."""
    who = _WHO[reach.ending]
    if reach.steps:  # the first one says why
        return [f"{who}:", *listed(reach.steps)]
    label = reach.entry.label if reach.entry is not None else "it"
    return [f"{who}: {label} {reach.reason}."]


def listed(places: Iterable[Place]) -> list[str]:
    """Places, one on each line."""
    return [f"  {at(place)}: {place.message}" for place in places]


def at(place: Place) -> str:
    """Path and line of a place, as a terminal can open it from here."""
    return f"{shown(place.module.path)}:{place.module.line(place.at)}"


def shown(path: Path) -> str:
    """A path as a terminal can open it from here."""
    here = Path.cwd()
    return path.relative_to(here).as_posix() if path.is_relative_to(here) else path.as_posix()
