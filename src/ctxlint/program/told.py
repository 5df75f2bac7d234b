"""Which sentinels of a queue stay as they are, and which tests come before the item is unpacked.

Sentinels stay bare where every consumer tells them apart before anything else, and where no
payload is seen to pass for one. Elsewhere all items, sentinels too, come in envelopes, and the
consumers' own tests look at the payloads, as before: that is always right.
"""

from __future__ import annotations

from collections.abc import Iterable, Set
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from .handling import Handling
from .queues import Put
from .sentinels import FALSE, Mark, Sentinels
from .takings import Hindrance, where

if TYPE_CHECKING:
    from .program import Program


class Telling(Struct, frozen=True):
    """The puts that stay bare, what tells their sentinels, and how many tests come first."""

    bare: frozenset[Put]
    marks: frozenset[Mark]
    doubted: bool
    first: dict[Handling, int]


class Tellers:
    """Decides it for all puts and gets of a component."""

    def __init__(self, program: Program, sentinels: Sentinels) -> None:
        self._program: Final = program
        self._sentinels: Final = sentinels

    def decide(self, puts: Iterable[Put], handlings: Iterable[Handling]) -> Telling:
        """How sentinels are told from other items. Raises Hindrance."""
        found = list(handlings)
        items = [put for put in puts if put.item is not None]
        marks = {put: mark for put in items if (mark := self._marker(put)) is not None}
        return self._bare(items, marks, found) or self._enveloped(items, found)

    def _marker(self, put: Put) -> Mark | None:
        if put.item is None or not self._program.markers.is_marker(put.item, put.scope):
            return None
        return self._sentinels.mark(put.item, put.scope)

    def _bare(
        self, items: list[Put], marks: dict[Put, Mark], found: list[Handling]
    ) -> Telling | None:
        """Sentinels as they are; None where they cannot be."""
        if not marks or not found:
            return None
        tested = [self.tested(each) for each in found]
        bare = {p for p, mark in marks.items() if all(self._catches(t, mark) for t in tested)}
        if not bare:
            return None
        told = {marks[put] for put in bare}
        first = {each: self._first(each, told | each.fallbacks) for each in found}
        asked = {mark for each in found for mark in self._asked(each, first[each])}
        if _values(asked) - told - {mark for each in found for mark in each.fallbacks}:
            return None
        for put in items:
            if put in bare:
                continue
            if put in marks and self._catches(asked, marks[put]):
                return None
            if put.item is not None and self._sentinels.may_be(put.item, put.scope, asked):
                return None
        doubted = not all(self._is_true(put) for put in items if put not in bare)
        if doubted and any(FALSE in self._asked(each, first[each]) for each in found if each.tests):
            return None
        self._check_fallbacks(found, first)
        return Telling(frozenset(bare), frozenset(told), doubted, first)

    def _enveloped(self, items: list[Put], found: list[Handling]) -> Telling:
        """Every item in an envelope; only what handlers make up for want of an item is not."""
        first = {each: self._first(each, each.fallbacks) for each in found}
        self._check_fallbacks(found, first)
        for each in found:
            if not each.fallbacks:
                continue
            asked = self._asked(each, first[each])
            passing = bool(_values(asked) - each.fallbacks) or any(
                put.item is not None
                and (
                    self._sentinels.may_be(put.item, put.scope, asked)
                    or (FALSE in asked and not self._is_true(put))
                )
                for put in items
            )
            if passing:
                place = where(each.taking.get)
                raise Hindrance(f"{place} cannot tell an item from what stands for none")
        return Telling(frozenset(), frozenset(), False, first)

    @staticmethod
    def _check_fallbacks(found: list[Handling], first: dict[Handling, int]) -> None:
        for each in found:
            tested = {mark for test in each.tests[: first[each]] for mark in test.catches}
            for mark in each.fallbacks:
                false = mark[0] == "constant" and not mark[1] and FALSE in tested
                if mark not in tested and not false:
                    raise Hindrance(f"{where(each.taking.get)} goes on where there is no item")

    def same_in_envelopes(self, puts: Iterable[Put], found: Handling, telling: Telling) -> bool:
        """Whether the head of a loop finds the same out of items that are still in envelopes."""
        taking = found.taking
        if taking.form != "walrus":
            return True
        if taking.stop is not None:
            return self._sentinels.mark(taking.stop, taking.get.scope) in telling.marks
        return all(put in telling.bare or self._is_true(put) for put in puts)

    def _catches(self, tested: Set[Mark], mark: Mark) -> bool:
        return self._sentinels.catches(tested, mark)

    def _is_true(self, put: Put) -> bool:
        return put.item is not None and self._sentinels.is_true(put.item, put.scope)

    def tested(self, handling: Handling) -> set[Mark]:
        """All that a consumer tests for before it does anything else."""
        return self._asked(handling, len(handling.tests))

    def _asked(self, handling: Handling, tests: int) -> set[Mark]:
        taking = handling.taking
        if taking.form in ("walrus", "iterated"):
            if taking.stop is None:
                return {FALSE}
            mark = self._sentinels.mark(taking.stop, taking.get.scope)
            return set() if mark is None else {mark}
        return {mark for test in handling.tests[:tests] for mark in test.catches}

    def _first(self, handling: Handling, marks: Set[Mark]) -> int:
        """How many tests have to come first for some marks to be told apart."""
        needed = 0
        for index, test in enumerate(handling.tests):
            if any(self._catches(test.catches, mark) for mark in marks):
                needed = index + 1
        return needed


def _values(marks: Set[Mark]) -> set[Mark]:
    """The marks that any payload can happen to have: strings and numbers."""
    return {mark for mark in marks if mark[0] == "constant" and mark[1] is not None}
