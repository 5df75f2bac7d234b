"""Whether a file is still valid Python after its edits."""

from __future__ import annotations

import libcst as cst

from ..hazards import hazard
from ..syntax import compiles


def fault(before: bytes, after: bytes) -> str | None:
    """What is wrong with a rewritten file; None where it reads as well as it did before.

    libcst must read it, and so must this Python, if it could read what stood there: it knows more
    of what is no program (an ``await`` in a plain function, say) but not the newest syntax.
    """
    reason = hazard(after)
    if reason is not None:
        return f"the result could not be analysed: {reason}"
    try:
        cst.parse_module(after)
    except (cst.ParserSyntaxError, RecursionError, ValueError, LookupError):
        return "the result is no valid Python"
    if not compiles(after, whole=True) and compiles(before, whole=True):
        return "the result does not compile"
    return None
