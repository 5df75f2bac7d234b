"""Hand-off fixes: what `Handoff` intents do to the files of producers and consumers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from ..intents import Get, Handoff, files_of
from ..supply import Helper, Supply
from . import spawns
from .annotations import annotation_edits
from .changes import Changes, Needed
from .divisions import division_edits
from .document import Document
from .edits import Edit, Unfixable
from .gets import get_edits
from .naming import names_of
from .puts import put_edits
from .suites import tree_of
from .taken import Taken, envelope_name


def edits(
    intent: Handoff, documents: Callable[[Path], Document], supply: Supply
) -> Mapping[Path, Changes]:
    """What a hand-off does to each of its files. Raises Unfixable."""
    found: dict[Path, Changes] = {}
    for name in sorted(files_of(intent)):
        path = Path(name)
        found[path] = _File(intent, documents(path), supply).changes()
    for detach in intent.spawns:
        for path, changes in spawns.edits(detach, documents, supply).items():
            known = found[path]
            found[path] = Changes((*known.edits, *changes.edits), known.imports | changes.imports)
    return found


class _File:
    """One file of a hand-off."""

    def __init__(self, intent: Handoff, document: Document, supply: Supply) -> None:
        item, activate = supply.helper("item"), supply.helper("activate")
        if item is None or activate is None:
            raise Unfixable(supply.missing or "there are no helpers for it")
        self._item: Final = item
        self._activate: Final = activate
        self._supply: Final = supply
        self._intent: Final = intent
        self._document: Final = document
        self._path: Final = document.path.as_posix()
        self._needed: Final[set[Needed]] = set()

    def changes(self) -> Changes:
        gets = [get for get in self._intent.gets if get.spot.path == self._path]
        names = {get.spot.at: envelope_name(self._document, get) for get in gets}
        made: list[Edit] = []
        for get in gets:
            made += self._get(get, names[get.spot.at])
        for put in self._intent.puts:
            if put.spot.path == self._path:
                envelope = "" if put.taken is not None else self._name(self._item)
                arguments = "" if put.taken is not None else self._excluded()
                made += put_edits(self._document, put, envelope, arguments, names)
        for declared in self._intent.annotations:
            if declared.spot.path == self._path:
                generic = "exclude" in self._item.takes
                envelope = names_of(self._document).of(_needed(self._item))
                found = annotation_edits(self._document, declared, envelope, generic=generic)
                made += found
                if found:
                    self._needed.add(_needed(self._item))
        return Changes(tuple(made), frozenset(self._needed))

    def _get(self, get: Get, name: str) -> list[Edit]:
        taken = Taken(get, tree_of(self._document), name, self._name(self._activate))
        if get.form == "divided":
            return division_edits(taken, self._name_of)
        return get_edits(taken)

    def _name(self, helper: Helper) -> str:
        return self._name_of(_needed(helper))

    def _name_of(self, needed: Needed) -> str:
        self._needed.add(needed)
        return names_of(self._document).of(needed)

    def _excluded(self) -> str:
        """What envelopes must not carry, where they can be told."""
        variables = self._supply.never_carry
        if not variables or "exclude" not in self._item.takes:
            return ""
        names = ", ".join(self._name(each) for each in variables)
        return f", exclude=({names}{',' if len(variables) == 1 else ''})"


def _needed(helper: Helper) -> Needed:
    return Needed(helper.module, helper.name)
