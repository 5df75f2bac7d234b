"""Codes taken out of `# noqa` comments."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from ..intents import Unsilence
from ..noqa import Directive, NoqaMap
from ..supply import Supply
from .changes import Changes
from .document import Document
from .edits import Edit, Unfixable

_REST: Final = re.compile(r"[,\s]*")


def edits(
    intent: Unsilence, documents: Callable[[Path], Document], _supply: Supply
) -> Mapping[Path, Changes]:
    """What taking codes out of a comment does to a file. Raises Unfixable."""
    path = Path(intent.spot.path)
    document = documents(path)
    for directive in NoqaMap(document.text).comments():
        if directive.at == intent.spot.at and set(intent.codes) <= set(directive.codes):
            return {path: Changes((_edit(document, directive, intent.codes),))}
    raise Unfixable("the comment is not where it was found")


def _edit(document: Document, directive: Directive, codes: tuple[str, ...]) -> Edit:
    left = [code for code in directive.codes if code not in codes]
    start, end = directive.at, directive.at + len(directive.text)
    if not left:
        return _removal(document, start, end)
    head, listed = directive.text.split(":", 1)
    gap = " " if listed[:1].isspace() else ""
    joint = ", " if re.search(r",\s", listed) else "," if "," in listed else " "
    return document.edit(start, end, f"{head}:{gap}{joint.join(left)}")


def _removal(document: Document, start: int, end: int) -> Edit:
    """Take a comment away: with the space before it, or all of its line if there is nothing else.

    What follows the codes is a reason or another comment, and stays.
    """
    text = document.text
    line_end = re.compile(r"[\r\n]|\Z").search(text, end)
    stop = line_end.start() if line_end is not None else len(text)
    line_start = max(text.rfind("\n", 0, start), text.rfind("\r", 0, start)) + 1
    rest = text[_end_of(_REST, text, end, stop) : stop].rstrip()
    if rest:
        return document.edit(start, stop, rest if rest.startswith("#") else f"# {rest}")
    before = text[line_start:start].rstrip()
    if before:
        return document.edit(line_start + len(before), stop, "")
    after = re.compile(r"\r\n?|\n|\Z").match(text, stop)
    return document.edit(line_start, after.end() if after is not None else stop, "")


def _end_of(pattern: re.Pattern[str], text: str, start: int, stop: int) -> int:
    match = pattern.match(text, start, stop)
    return match.end() if match is not None else start
