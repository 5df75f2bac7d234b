"""Memoised recursion over cyclic questions, with answers that do not depend on the order of asking.

Names, attributes, parameters and callers refer to each other in cycles.  A question that is asked
again while it is being answered gets a provisional answer; what was computed from a provisional
answer is kept only until the outermost question is answered, so that the next one starts afresh.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Hashable
from typing import Final, TypeVar

from ..patience import Patience
from ..recursion import FRAMES

T = TypeVar("T")
_NO_CYCLE: Final = 1 << 30
_OFTEN: Final = 256  # questions: to ask what time it is costs as much as one of them


class Fixpoint:
    """Shared by all memo tables whose questions can refer to each other."""

    def __init__(self, max_depth: int, patience: Patience) -> None:
        """``patience`` is asked now and then, and may raise."""
        self._max_depth = max_depth
        self._patience = patience
        self._count = 0
        self.known: Final[dict[Hashable, object]] = {}
        """What is answered for good."""
        self._provisional: dict[Hashable, tuple[object, int]] = {}
        self._running: dict[Hashable, int] = {}
        self._lowest = _NO_CYCLE

    def solve(self, key: Hashable, compute: Callable[[], T], default: T) -> T:
        """The answer to ``key``; ``default`` where it is being computed further up."""
        if key in self.known:
            return self.known[key]  # type: ignore[return-value]  # a key has one compute
        if key in self._provisional:
            value, lowest = self._provisional[key]
            self._lowest = min(self._lowest, lowest)
            return value  # type: ignore[return-value]  # a key has one compute
        if key in self._running:
            self._lowest = min(self._lowest, self._running[key])
            return default
        depth = len(self._running)
        if depth >= self._max_depth:
            self._lowest = 0
            return default
        return self._compute(key, compute, depth) if depth else self._outermost(key, compute)

    def _outermost(self, key: Hashable, compute: Callable[[], T]) -> T:
        """The first of many questions; to make room must cost less than most of them do."""
        before = sys.getrecursionlimit()
        sys.setrecursionlimit(max(before, FRAMES))
        try:
            return self._compute(key, compute, 0)
        finally:  # also where it has come to no answer
            self._provisional.clear()
            self._lowest = _NO_CYCLE
            sys.setrecursionlimit(before)

    def _compute(self, key: Hashable, compute: Callable[[], T], depth: int) -> T:
        self._count += 1
        if not self._count % _OFTEN:
            self._patience.check()
        outer, self._lowest = self._lowest, _NO_CYCLE
        self._running[key] = depth
        try:
            value = compute()
        finally:
            del self._running[key]
            lowest, self._lowest = self._lowest, min(outer, self._lowest)
        if lowest >= depth:
            self.known[key] = value
            self._lowest = outer
        else:
            self._provisional[key] = (value, lowest)
        return value
