"""Room on the interpreter's frame count, for code that follows the nesting of other code."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

# Plain Python calls take no C stack on Python 3.11+, so that deep but valid code, and long ways
# from name to name, need only room on the interpreter's own frame count.
FRAMES: Final = 40_000


@contextmanager
def deep_recursion() -> Iterator[None]:
    """Let calls nest far deeper than usual."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, FRAMES))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)
