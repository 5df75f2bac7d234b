"""Room for deep recursion: Python gives up after 1,000 frames, which chains of code can exceed."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_FRAMES: Final = 40_000


@contextmanager
def deep_recursion() -> Iterator[None]:
    """Let calls nest forty times as deep as they may by default."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, _FRAMES))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)
