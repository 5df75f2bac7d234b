"""Where findings stand, and where they would stand after edits: what a round has settled."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from ..findings import Finding
from ..supply import Supply
from .document import Document
from .edits import Moves, Unfixable
from .rounds import Outcome


class Inspection(Protocol):
    """What is found in the files as they stand, and what stands in them."""

    @property
    def findings(self) -> Sequence[Finding]: ...
    @property
    def silenced(self) -> Sequence[Finding]: ...
    @property
    def known(self) -> Sequence[Finding]: ...
    @property
    def supply(self) -> Supply: ...
    def read(self, path: Path) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a finding stood, or where it would stand now: a range of a file, in bytes."""

    path: Path
    code: str
    low: int
    high: int

    def moved(self, moves: Mapping[Path, Moves]) -> Mark:
        known = moves.get(self.path)
        if known is None:
            return self
        low, high = known.range_of(self.low, self.high)
        return replace(self, low=low, high=high)


@dataclass(frozen=True, slots=True)
class Past:
    """A finding whose fix was applied: in which round, where it stood then and would stand now.

    ``others`` are those that stood in the same replaced range and had no fix applied: that many
    may stand there still.
    """

    turn: int
    then: Mark
    now: Mark
    others: int


class Places:
    """Where the findings of an inspection stand, in bytes; files are decoded when asked about."""

    def __init__(self, seen: Inspection) -> None:
        self._seen = seen
        self._documents: dict[Path, Document | None] = {}
        self._standing: Standing | None = None

    def of(self, finding: Finding) -> Mark:
        path = Path(finding.path)
        if path not in self._documents:
            try:
                self._documents[path] = Document(path, self._seen.read(path))
            except (Unfixable, OSError):
                self._documents[path] = None
        document = self._documents[path]
        at = document.byte_of(finding.line, finding.column) if document is not None else -1
        return Mark(path, finding.code, at, at)

    def count(self, mark: Mark) -> int:
        """How many findings with the mark's code stand within it."""
        if self._standing is None:
            self._standing = Standing(self.of(each) for each in self._seen.findings)
        return self._standing.count(mark)


class Standing:
    """Places of findings, to be counted."""

    def __init__(self, marks: Iterable[Mark]) -> None:
        self._offsets: dict[tuple[Path, str], list[int]] = {}
        for mark in marks:
            self._offsets.setdefault((mark.path, mark.code), []).append(mark.low)
        for offsets in self._offsets.values():
            offsets.sort()

    def count(self, mark: Mark) -> int:
        offsets = self._offsets.get((mark.path, mark.code), [])
        return bisect_right(offsets, mark.high) - bisect_left(offsets, mark.low)


class Barred:
    """The places at which nothing is to be applied again."""

    def __init__(self, marks: Iterable[Mark]) -> None:
        self._marks: dict[tuple[Path, str], list[Mark]] = {}
        for mark in marks:
            self._marks.setdefault((mark.path, mark.code), []).append(mark)

    def holds(self, place: Mark) -> bool:
        known = self._marks.get((place.path, place.code), ())
        return any(mark.low <= place.low <= mark.high for mark in known)


def past_of(
    seen: Inspection,
    places: Places,
    outcome: Outcome,
    moves: Mapping[Path, Moves],
    turn: int,
) -> Iterator[Past]:
    """The findings that a round has settled, if all is well."""
    settled = [each for one in outcome.applied for each in one.candidate.findings]
    known = {id(each) for each in settled}
    unsettled = Standing(places.of(each) for each in seen.findings if id(each) not in known)
    for finding in settled:
        then = places.of(finding)
        around = then
        if then.path in moves:
            low, high = moves[then.path].replaced_with(then.low)
            around = replace(then, low=low, high=high)
        yield Past(turn, then, then.moved(moves), unsettled.count(around))
