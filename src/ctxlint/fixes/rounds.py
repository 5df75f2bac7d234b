"""One round of fixing: of all that could be applied, what can be applied together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from ..findings import Finding
from ..intents import Intent
from ..supply import Supply
from .changes import Needed
from .document import Document
from .edits import Claims, Edit, Overlapping, Unfixable, ordered, spliced
from .plans import Craft
from .validity import fault

# How often files are put together anew, within a round, to find the one fix that breaks them.
_TRIALS: Final = 64


@dataclass(frozen=True, slots=True)
class Candidate:
    """An intent that is to be applied, and all findings that carry it."""

    intent: Intent
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Planned:
    """An intent with the edits that it means for each file, imports left out."""

    candidate: Candidate
    edits: Mapping[Path, tuple[Edit, ...]]
    imports: Mapping[Path, frozenset[Needed]]


@dataclass(frozen=True, slots=True)
class Workshop:
    """What a round works with: the text of files, who makes edits, and where they may go.

    ``objection`` says why a file must not be written; None where it may.  ``documents`` are the
    files that were read so far.
    """

    read: Callable[[Path], bytes]
    supply: Supply
    craft: Craft
    objection: Callable[[Path], str | None]
    documents: dict[Path, Document] = field(default_factory=dict)


@dataclass(slots=True)
class Outcome:
    """What a round did: intents applied and refused, and the files as they are to be."""

    applied: list[Planned] = field(default_factory=list)
    refused: list[tuple[Candidate, str]] = field(default_factory=list)
    texts: dict[Path, bytes] = field(default_factory=dict)
    edits: dict[Path, tuple[Edit, ...]] = field(default_factory=dict)


def play(candidates: Iterable[Candidate], workshop: Workshop) -> Outcome:
    """Apply what can be applied together; what overlaps with it is left for the next round."""
    return _Round(workshop).outcome(candidates)


class _Round:
    def __init__(self, workshop: Workshop) -> None:
        self._shop = workshop
        self._outcome = Outcome()
        self._accepted: dict[Path, list[Planned]] = {}
        self._trials = _TRIALS

    def outcome(self, candidates: Iterable[Candidate]) -> Outcome:
        waiting = [plan for each in candidates if (plan := self._planned(each)) is not None]
        while waiting:
            known = len(self._outcome.refused)
            batch, waiting = self._free(waiting)
            self._admit(batch)
            if len(self._outcome.refused) == known:
                break  # who still waits overlaps with what is applied
        return self._outcome

    def _document(self, path: Path) -> Document:
        document = self._shop.documents.get(path)
        if document is None:
            try:
                document = Document(path, self._shop.read(path))
            except OSError as error:
                reason = error.strerror or str(error)
                raise Unfixable(f"{path.name} cannot be read: {reason}") from None
            self._shop.documents[path] = document
        return document

    def _planned(self, candidate: Candidate) -> Planned | None:
        try:
            changes = self._shop.craft.plan(candidate.intent, self._document, self._shop.supply)
            for path in changes:
                objection = self._shop.objection(path)
                if objection is not None:
                    raise Unfixable(objection)
            edits = {path: ordered(each.edits) for path, each in changes.items() if each.edits}
        except Unfixable as reason:
            self._outcome.refused.append((candidate, str(reason)))
            return None
        except Overlapping:
            self._outcome.refused.append((candidate, "its own edits overlap"))
            return None
        if not edits:
            self._outcome.refused.append((candidate, "there is nothing to change"))
            return None
        return Planned(candidate, edits, {path: changes[path].imports for path in edits})

    def _free(self, planned: Sequence[Planned]) -> tuple[list[Planned], list[Planned]]:
        """Those whose edits overlap with nobody's, first come, first served; and the others."""
        claims: dict[Path, Claims] = {}
        for each in self._outcome.applied:
            _take(claims, each)
        free: list[Planned] = []
        others: list[Planned] = []
        for each in planned:
            fits = all(
                claims.setdefault(path, Claims()).free(edits) for path, edits in each.edits.items()
            )
            if fits:
                _take(claims, each)
            (free if fits else others).append(each)
        return free, others

    def _admit(self, batch: Sequence[Planned]) -> None:
        """Accept all, or find out by halves who must be left out."""
        texts, edits, faults = self._together(batch)
        if not faults:
            self._accept(batch, texts, edits)
        elif len(batch) == 1:
            self._outcome.refused.append((batch[0].candidate, next(iter(faults.values()))))
        elif self._trials <= 0:
            reason = "too many other fixes of the file failed"
            self._outcome.refused += [(each.candidate, reason) for each in batch]
        else:
            guiltless = [each for each in batch if not faults.keys() & each.edits.keys()]
            suspects = [each for each in batch if faults.keys() & each.edits.keys()]
            half = (len(suspects) + 1) // 2
            for part in (guiltless, suspects[:half], suspects[half:]):
                if part:
                    self._admit(part)

    def _together(
        self, batch: Sequence[Planned]
    ) -> tuple[dict[Path, bytes], dict[Path, tuple[Edit, ...]], dict[Path, str]]:
        """The files that a batch touches, with all that is accepted; and what is wrong there."""
        self._trials -= 1
        texts: dict[Path, bytes] = {}
        edits: dict[Path, tuple[Edit, ...]] = {}
        faults: dict[Path, str] = {}
        touching: dict[Path, list[Planned]] = {}
        for each in batch:
            for path in each.edits:
                touching.setdefault(path, list(self._accepted.get(path, ()))).append(each)
        for path, members in touching.items():
            document = self._document(path)
            try:
                edits[path] = self._all_edits(document, members)
                texts[path] = spliced(document.source, edits[path])
                reason = fault(document.source, texts[path])
            except Unfixable as error:
                reason = str(error)
            except Overlapping:
                reason = "its edits overlap with those of the imports that it needs"
            if reason is not None:
                faults[path] = reason
        return texts, edits, faults

    def _all_edits(self, document: Document, members: Sequence[Planned]) -> tuple[Edit, ...]:
        path = document.path
        found = [edit for each in members for edit in each.edits[path]]
        needed = {each for member in members for each in member.imports[path]}
        if needed:
            found += self._shop.craft.place(document, sorted(needed))[0]
        return ordered(found)

    def _accept(
        self,
        batch: Sequence[Planned],
        texts: Mapping[Path, bytes],
        edits: Mapping[Path, tuple[Edit, ...]],
    ) -> None:
        self._outcome.applied += batch
        self._outcome.texts.update(texts)
        self._outcome.edits.update(edits)
        for each in batch:
            for path in each.edits:
                self._accepted.setdefault(path, []).append(each)


def _take(claims: dict[Path, Claims], planned: Planned) -> None:
    for path, edits in planned.edits.items():
        claims.setdefault(path, Claims()).take(edits)
