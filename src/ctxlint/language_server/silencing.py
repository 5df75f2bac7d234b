"""A `# noqa` comment for one finding: where it has to stand."""

from __future__ import annotations

import ast
import warnings
from typing import Final, NamedTuple

from ..facts.lines import line_starts
from ..noqa import INLINE, NoqaMap

# A comment cannot stand in a string or before a backslash: it goes behind the last joined line.
_MOST_JOINED: Final = 100


class Insertion(NamedTuple):
    """Text to be inserted at an offset, in code points."""

    at: int
    text: str


def silencing(text: str, line: int, code: str) -> Insertion | None:
    """What silences a code that is reported in a line (from 1), and changes nothing else.

    None where nothing does.
    """
    starts = line_starts(text)
    meaning = _meaning(text)
    if meaning is None:
        return None
    for number in range(line, min(line + _MOST_JOINED, len(starts) + 1)):
        start = starts[number - 1]
        end = starts[number] if number < len(starts) else len(text)
        insertion = _comment(text[start:end].rstrip("\r\n"), start, code)
        after = text[: insertion.at] + insertion.text + text[insertion.at :]
        if NoqaMap(after).suppresses(line, code) and _meaning(after) == meaning:
            return insertion
    return None


def _comment(line: str, start: int, code: str) -> Insertion:
    known = INLINE.search(line)
    if known is not None and known[1]:
        return Insertion(start + known.start(1) + len(known[1].rstrip(", \t")), f", {code}")
    gap = "" if line.endswith("  ") else "  "
    return Insertion(start + len(line), f"{gap}# noqa: {code}")


def _meaning(text: str) -> str | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.dump(ast.parse(text))
        except (SyntaxError, ValueError, RecursionError, MemoryError, SystemError):
            return None
