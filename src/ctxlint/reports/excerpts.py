"""The places that findings point at: paths as people read them, and the lines of source there."""

from __future__ import annotations

import io
import os
import re
import tokenize
import unicodedata
from bisect import bisect_right
from collections.abc import Mapping

from ctxlint.regular import content

# Python ends a line at these three and nowhere else; str.splitlines() also cuts at form feeds
# and at U+2028, and would then number every later line wrongly.
_LINE_END = re.compile(r"\r\n|\r|\n")
# Characters that would let a source file drive the reader's terminal or reorder what is read.
_UNPRINTABLE = frozenset({"Cc", "Cs", "Cf", "Zl", "Zp"})
_JOINERS = frozenset("\u200c\u200d")


def relative_path(path: str, directory: str) -> str:
    """Return an absolute POSIX-shaped path relative to `directory`.

    On another Windows drive there is no relative path: the absolute one is returned.
    """
    try:
        return os.path.relpath(path, directory).replace(os.sep, "/")
    except ValueError:  # pragma: no cover (Windows)
        return path


def shown_path(path: str, directory: str) -> str:
    """Return `relative_path` made safe to print on one line of a terminal."""
    return one_line(relative_path(path, directory))


def one_line(text: str) -> str:
    """Return `text` with line ends, control and formatting characters escaped."""
    if text.isprintable():
        return text
    return "".join(ascii(c)[1:-1] if _drives_terminal(c) else c for c in text)


def visible(character: str) -> str:
    """Return what stands for one source character in a code frame: itself, or a picture of it."""
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    return "\ufffd" if _drives_terminal(character) else character


def _drives_terminal(character: str) -> bool:
    return character not in _JOINERS and unicodedata.category(character) in _UNPRINTABLE


class Excerpts:
    """Lines of the files that findings point into; each file is read at most once.

    `overlay` holds the text of files that differs from the disk's, by absolute POSIX-shaped path.
    """

    def __init__(self, overlay: Mapping[str, bytes] | None = None) -> None:
        self._overlay = dict(overlay or {})
        self._texts: dict[str, str] = {}
        self._lines: dict[str, list[str]] = {}
        self._starts: dict[str, list[int]] = {}

    def line(self, path: str, number: int) -> str | None:
        """Return line `number` (from 1) without its end, or None when it cannot be had."""
        lines = self._lines.get(path)
        if lines is None:
            text = self.text(path)
            lines = self._lines[path] = _LINE_END.split(text) if text else []
        return lines[number - 1] if 0 < number <= len(lines) else None

    def position(self, path: str, at: int) -> tuple[int, int]:
        """Return line and column (both from 1) of an offset, in code points of the text."""
        starts = self._starts.get(path)
        if starts is None:
            starts = [0, *(end.end() for end in _LINE_END.finditer(self.text(path)))]
            self._starts[path] = starts
        line = bisect_right(starts, at)
        return line, at - starts[line - 1] + 1

    def text(self, path: str) -> str:
        """Return the text of a file; of one that cannot be had, none."""
        text = self._texts.get(path)
        if text is None:
            text = self._texts[path] = self._read(path)
        return text

    def _read(self, path: str) -> str:
        data = self._overlay.get(path)
        if data is None:
            try:
                data = content(path)
            except OSError:
                # The file went away during the run: the finding is printed without its code.
                return ""
        return data.decode(encoding_of(data), errors="replace")


def encoding_of(data: bytes) -> str:
    """Return the encoding that a file declares; UTF-8 where that is none."""
    try:
        return tokenize.detect_encoding(io.BytesIO(data).readline)[0]
    except (SyntaxError, UnicodeError):
        return "utf-8"
