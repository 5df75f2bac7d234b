"""Texts as an editor has them: open documents, and positions in the units that it counts.

LSP counts lines from 0 and columns in code units of an encoding that is agreed on at the start,
UTF-16 unless both sides know better
(https://microsoft.github.io/language-server-protocol/specifications/lsp/3.17/specification/#position).
Its lines end where Python's do: behind ``\\n``, ``\\r\\n`` and ``\\r``, and nowhere else.
"""

from __future__ import annotations

import io
import tokenize
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Final

from lsprotocol import types

from ..encoding import Undecodable, decode
from ..facts.lines import line_starts
from ..fixes.edits import Edit

_BOM: Final = "\ufeff"
_BOM_BYTES: Final = b"\xef\xbb\xbf"


class Document:
    """One version of an open document."""

    def __init__(self, uri: str, path: Path, version: int | None, text: str) -> None:
        self.uri: Final = uri
        self.path: Final = path
        self.version: Final = version
        self.text: Final = text

    @cached_property
    def source(self) -> bytes:
        """The bytes that the file would hold if it was saved.

        What its encoding cannot express becomes a question mark, so that columns stay the same.
        """
        text = self.text.removeprefix(_BOM)
        start = _BOM_BYTES if text is not self.text else b""
        try:
            return start + text.encode(encoding_of(text.encode("utf-8", "replace")), "replace")
        except (SyntaxError, LookupError, ValueError):  # to be reported as what it is
            return start + text.encode("utf-8", "replace")


class Places:
    """The way from ctxlint's places in a text to an editor's."""

    def __init__(self, text: str, encoding: str) -> None:
        # Columns are counted without the mark, which some editors hand on and others do not.
        self._text: Final = text.removeprefix(_BOM)
        self._lead: Final = 1 if self._text is not text else 0
        self._encoding: Final = encoding

    def at(self, line: int, column: int) -> types.Position:
        """A place given by line and column, from 1, in code points; beyond the end, the end."""
        index = min(max(line, 1), len(self._starts)) - 1
        start, end = self._line(index)
        return self._position(index, self._text[start : min(start + max(column, 1) - 1, end)])

    def offset(self, at: int) -> types.Position:
        """A place given by its offset in code points."""
        index = bisect_right(self._starts, at) - 1
        return self._position(index, self._text[self._starts[index] : at])

    def end_of(self, line: int) -> types.Position:
        """The end of what stands in a line (from 1), white space behind it left out."""
        index = min(max(line, 1), len(self._starts)) - 1
        start, end = self._line(index)
        return self._position(index, self._text[start:end].rstrip())

    def _line(self, index: int) -> tuple[int, int]:
        start = self._starts[index]
        following = self._starts[index + 1] if index + 1 < len(self._starts) else len(self._text)
        return start, start + len(self._text[start:following].rstrip("\r\n"))

    def _position(self, index: int, before: str) -> types.Position:
        lead = _BOM if self._lead and index == 0 else ""
        return types.Position(index, units(lead + before, self._encoding))

    @cached_property
    def _starts(self) -> Sequence[int]:
        return line_starts(self._text)


def units(text: str, encoding: str) -> int:
    """How many code units a text has in an encoding: ``utf-8``, ``utf-16`` or ``utf-32``."""
    if encoding == "utf-32" or text.isascii():
        return len(text)
    if encoding == "utf-8":
        return len(text.encode("utf-8", "surrogatepass"))
    return len(text) + sum(character > "\uffff" for character in text)


def encoding_of(source: bytes) -> str:
    """The encoding that a Python file declares.  Raises SyntaxError where that makes no sense."""
    return tokenize.detect_encoding(io.BytesIO(source).readline)[0]


def text_of(source: bytes) -> str:
    """The text of a file, as good as it can be read: for places in it."""
    try:
        return decode(source)
    except Undecodable:
        return source.removeprefix(_BOM_BYTES).decode("utf-8", "replace")


def text_edits(source: bytes, edits: Iterable[Edit], places: Places) -> list[types.TextEdit]:
    """Edits of a file's bytes as edits of its text; what touches becomes one.

    Editors disagree on the order of an insertion and a replacement at one place.
    """
    encoding = encoding_of(source).removesuffix("-sig")
    start = len(_BOM_BYTES) if source.startswith(_BOM_BYTES) else 0
    found: list[types.TextEdit] = []
    at, end = start, 0
    points = 0
    for edit in _joined(edits):
        points += len(source[at : edit.start].decode(encoding))
        end = points + len(source[edit.start : edit.end].decode(encoding))
        area = types.Range(places.offset(points), places.offset(end))
        found.append(types.TextEdit(area, edit.text.decode(encoding)))
        at, points = edit.end, end
    return found


def _joined(edits: Iterable[Edit]) -> list[Edit]:
    found: list[Edit] = []
    for edit in edits:
        if found and found[-1].end == edit.start:
            before = found.pop()
            edit = Edit(before.start, edit.end, before.text + edit.text)
        found.append(edit)
    return found
