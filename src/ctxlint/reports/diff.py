"""What would change, as a unified diff that `git apply` and `patch -p1` take.

The edits say what has changed, so nothing has to be compared: the work grows with the size of the
files and no faster.
"""

from __future__ import annotations

import io
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate
from typing import Final, TextIO

import msgspec

from ctxlint.reports import Change, Edit
from ctxlint.reports.colors import Style, painted
from ctxlint.reports.excerpts import one_line, relative_path

_CONTEXT: Final = 3  # unchanged lines around a change
_PLAIN: Final = re.compile(r"[!#-\[\]-~ ]+")
_STYLES: Final[Mapping[bytes, Style]] = {b"-": "red", b"+": "green", b"@": "cyan"}


class _Region(msgspec.Struct, frozen=True):
    """Lines ``first:last`` (from 0) of a file, and the lines that take their place."""

    first: int
    last: int
    new: list[bytes]


def render(
    files: Iterable[Change], directory: str, stream: TextIO, *, colors: bool = False
) -> None:
    """Write the diff of files.

    A pipe or a file gets the bytes as they are; what is read by eye (a terminal, or what is to
    have colours) gets no control characters.
    """
    by_eye = colors or stream.isatty()
    for file in files:
        path = relative_path(file.path.as_posix(), directory)
        for line in unified(path, file.before, file.edits):
            if by_eye:
                text = one_line(line.rstrip(b"\r\n").decode("utf-8", "replace"))
                style = _STYLES.get(line[:1])
                stream.write(f"{painted(text, style, colors) if style else text}\n")
            else:
                stream.flush()
                stream.buffer.write(line)


def unified(path: str, before: bytes, edits: Sequence[Edit]) -> Iterator[bytes]:
    """The lines of a file's diff, with their ends; none where nothing changes.

    ``path`` is relative; ``edits`` are in order and do not overlap.
    """
    old = io.BytesIO(before).readlines()  # by \n alone, as patches are
    grown = 0
    for number, hunk in enumerate(_hunks(_regions(before, old, edits))):
        if number == 0:
            yield b"--- " + _named(f"a/{path}") + b"\n"
            yield b"+++ " + _named(f"b/{path}") + b"\n"
        yield from _lines_of(hunk, old, grown)
        grown += sum(len(each.new) - (each.last - each.first) for each in hunk)


def _regions(before: bytes, old: Sequence[bytes], edits: Sequence[Edit]) -> Iterator[_Region]:
    """The lines that edits change, whole lines together with their replacement."""
    starts = [0, *accumulate(map(len, old))]
    pending = list(reversed(edits))
    while pending:
        first = _line_at(pending[-1].start, starts, old)
        parts: list[bytes] = []
        last, at = first, starts[first]
        stop = at
        while pending and (pending[-1].start < stop or stop == starts[-1] or not parts):
            edit = pending.pop()
            parts += (before[at : edit.start], edit.text)
            at = edit.end
            last = _end_of(at, starts, parts)
            stop = starts[last]
        parts.append(before[at:stop])
        region = _trimmed(first, old[first:last], io.BytesIO(b"".join(parts)).readlines())
        if region.new or region.first < region.last:
            yield region


def _line_at(place: int, starts: Sequence[int], old: Sequence[bytes]) -> int:
    line = bisect_right(starts, place) - 1
    if line == len(old) and old and not old[-1].endswith(b"\n"):
        return line - 1  # what is appended there continues the last line
    return line


def _end_of(place: int, starts: Sequence[int], parts: Sequence[bytes]) -> int:
    """The number of the line up to which all is known, once the text before an offset is."""
    line = bisect_right(starts, place) - 1
    whole = next((part.endswith(b"\n") for part in reversed(parts) if part), True)
    return line if (starts[line] == place and whole) or place == starts[-1] else line + 1


def _trimmed(first: int, old: Sequence[bytes], new: list[bytes]) -> _Region:
    """A region without the lines at both ends that stay as they are."""
    shorter = min(len(old), len(new))
    head = next((at for at in range(shorter) if old[at] != new[at]), shorter)
    rest = shorter - head
    tail = next((at for at in range(rest) if old[-1 - at] != new[-1 - at]), rest)
    return _Region(first + head, first + len(old) - tail, new[head : len(new) - tail])


def _hunks(regions: Iterable[_Region]) -> Iterator[list[_Region]]:
    """Regions whose context would touch, together."""
    hunk: list[_Region] = []
    for region in regions:
        between = region.first - hunk[-1].last if hunk else 0
        if between > 2 * _CONTEXT:
            yield hunk
            hunk = []
        if hunk and not between:  # neighbours read better as one: all old lines, all new lines
            hunk[-1].new.extend(region.new)
            hunk[-1] = _Region(hunk[-1].first, region.last, hunk[-1].new)
        else:
            hunk.append(region)
    if hunk:
        yield hunk


def _lines_of(hunk: Sequence[_Region], old: Sequence[bytes], grown: int) -> Iterator[bytes]:
    first = max(hunk[0].first - _CONTEXT, 0)
    last = min(hunk[-1].last + _CONTEXT, len(old))
    length = last - first
    more = sum(len(each.new) - (each.last - each.first) for each in hunk)
    places = f"-{_range(first, length)} +{_range(first + grown, length + more)}"
    yield f"@@ {places} @@\n".encode()
    at = first
    for region in hunk:
        yield from _marked(b" ", old[at : region.first])
        yield from _marked(b"-", old[region.first : region.last])
        yield from _marked(b"+", region.new)
        at = region.last
    yield from _marked(b" ", old[at:last])


def _range(start: int, length: int) -> str:
    if length == 1:
        return str(start + 1)
    return f"{start + 1 if length else start},{length}"


def _marked(mark: bytes, lines: Iterable[bytes]) -> Iterator[bytes]:
    for line in lines:
        if line.endswith(b"\n"):
            yield mark + line
        else:
            yield mark + line + b"\n"
            yield b"\\ No newline at end of file\n"


def _named(path: str) -> bytes:
    """A path as git writes it: a tab ends one with spaces, others are quoted."""
    if not _PLAIN.fullmatch(path):
        escaped = "".join(
            chr(byte) if 0x20 <= byte < 0x7F and byte not in b'"\\' else f"\\{byte:03o}"
            for byte in path.encode("utf-8", "surrogateescape")
        )
        return f'"{escaped}"'.encode()
    return path.encode() + (b"\t" if " " in path else b"")
