"""Syntax that is newer than the running Python: what it cannot parse, and libcst may.

To import libcst takes as long as to parse some two hundred files, and what Python cannot parse is
most often no Python at all: a template, say.
"""

from __future__ import annotations

import re
import sys
from typing import Final

_LINE_END: Final = re.compile(r"\r\n?|\n")
_ADDED: Final = (
    # PEP 695 and 696: `type X = ...`, `def f[T]`, `class C[T = int]`
    ((3, 13), re.compile(r"\btype\s+\w|\b(?:def|class)\s+\w+\s*\[")),
    # PEP 701: any expression in an f-string
    ((3, 12), re.compile(r"\b(?:f|fr|rf)[\"']", re.IGNORECASE)),
    # PEP 750: template strings; PEP 758: `except A, B:`
    ((3, 14), re.compile(r"\b(?:t|tr|rt)[\"']|\bexcept\*?\s[^:]*,", re.IGNORECASE)),
)
"""What came with a version, as it looks in the line where an older Python stumbles."""


def may_be_newer(error: SyntaxError, text: str) -> bool:
    """Whether what Python calls an error may be syntax of a later version."""
    if error.msg.startswith(("f-string", "t-string")):
        return True
    if error.lineno is None:
        return True
    lines = _LINE_END.split(text)
    around = "\n".join(lines[max(error.lineno - 1, 0) : error.end_lineno or error.lineno])
    return any(sys.version_info < version and pattern.search(around) for version, pattern in _ADDED)
