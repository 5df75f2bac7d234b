"""Lines of a text whose line ends may be of any kind."""

from __future__ import annotations

import re
from typing import Final

_LINE_END: Final = re.compile(r"\r\n|\n|\r")


def line_start(text: str, at: int) -> int:
    """Where the line that holds an offset begins."""
    return max(text.rfind("\n", 0, at), text.rfind("\r", 0, at)) + 1


def line_before(text: str, start: int) -> int:
    """Where the line above the one that begins at an offset begins."""
    end = 2 if text.endswith("\r\n", 0, start) else 1
    return line_start(text, max(start - end, 0))


def line_end(text: str, at: int) -> int:
    """Where that line ends, its line end left out."""
    found = _LINE_END.search(text, at)
    return found.start() if found else len(text)


def after_line(text: str, at: int) -> int:
    """Where the next line begins."""
    found = _LINE_END.search(text, at)
    return found.end() if found else len(text)


def is_blank(text: str, at: int) -> bool:
    """Whether the line that begins at an offset is blank; the end of the text is."""
    return not text[at : line_end(text, at)].strip()


def plain(text: str) -> str:
    """The text with ``\n`` for every line end."""
    return _LINE_END.sub("\n", text)
