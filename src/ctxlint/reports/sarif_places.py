"""Places as SARIF tells them: URIs, and columns that count UTF-16 code units.

SARIF could count code points as well, but most of its readers do not look which it is.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final
from urllib.parse import quote

from ctxlint.reports import Change, Edit, View
from ctxlint.reports.excerpts import encoding_of

_BASE: Final = "%SRCROOT%"
_BOM: Final = b"\xef\xbb\xbf"
_LINE_END: Final = re.compile(r"\r\n|\r|\n")


class Places:
    """The places of one report; paths are relative to the checkout where they lie in it."""

    base: Final = _BASE

    def __init__(self, view: View) -> None:
        self._view = view
        self.root: Final = Path(view.checkout).as_uri().rstrip("/") + "/"

    def artifact(self, path: str) -> Mapping[str, str]:
        """Return an `artifactLocation` for an absolute path."""
        relative = self._view.hosted_path(path)
        if relative.startswith("../") or Path(relative).is_absolute():
            return {"uri": Path(path).as_uri()}
        return {"uri": quote(os.fsencode(relative)), "uriBaseId": self.base}

    def physical(
        self, path: str, line: int, column: int, end_line: int | None = None, end_column: int = 0
    ) -> Mapping[str, object]:
        """Return a `physicalLocation`: a range, or a line from some column on."""
        region = {"startLine": line, "startColumn": self._column(path, line, column)}
        if end_line is not None:
            region["endLine"] = end_line
            region["endColumn"] = self._column(path, end_line, end_column)
        return {"artifactLocation": self.artifact(path), "region": region}

    def _column(self, path: str, line: int, column: int) -> int:
        text = self._view.excerpts.line(path, line)
        return column if text is None else column + _wide(text[: column - 1])


def replacements(change: Change) -> list[Mapping[str, object]]:
    """Return the `replacements` of one file."""
    return list(_replacements(change))


def _replacements(change: Change) -> Iterator[Mapping[str, object]]:
    encoding = encoding_of(change.before).removesuffix("-sig")
    at = len(_BOM) if change.before.startswith(_BOM) else 0
    line = column = 1
    for start, end, text in _joined(change.edits):
        line, column = _behind(line, column, change.before[at:start].decode(encoding))
        region = {"startLine": line, "startColumn": column}
        line, column = _behind(line, column, change.before[start:end].decode(encoding))
        region |= {"endLine": line, "endColumn": column}
        at = end
        yield json_object(
            deletedRegion=region,
            insertedContent={"text": text.decode(encoding)} if text else None,
        )


def _joined(edits: Sequence[Edit]) -> list[tuple[int, int, bytes]]:
    """Edits with those that touch as one: of two texts at one place, SARIF tells no order."""
    found: list[tuple[int, int, bytes]] = []
    for edit in edits:
        start, text = edit.start, edit.text
        if found and found[-1][1] == edit.start:
            start, _, before = found.pop()
            text = before + text
        found.append((start, edit.end, text))
    return found


def _behind(line: int, column: int, text: str) -> tuple[int, int]:
    """Return the line and column behind a text that starts at some line and column."""
    *before, last = _LINE_END.split(text)
    if before:
        line, column = line + len(before), 1
    return line, column + len(last) + _wide(last)


def _wide(text: str) -> int:
    """Return how many characters of a text take two code units."""
    return 0 if text.isascii() else sum(character > "\uffff" for character in text)


def json_object(**fields: object) -> Mapping[str, object]:
    """Return the fields that are there."""
    return {key: value for key, value in fields.items() if value is not None}
