"""One file as the fixes see it: its bytes, text and tree, and the way between their offsets."""

from __future__ import annotations

import io
import re
import tokenize
from array import array
from bisect import bisect_right
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Final, TypeVar

import libcst as cst
from libcst.metadata import ByteSpanPositionProvider, MetadataWrapper

from ..encoding import Undecodable, decode
from ..facts.lines import line_starts
from .edits import Edit, Unfixable

_BOM: Final = b"\xef\xbb\xbf"
_LINE_END: Final = re.compile(r"\r\n?|\n")
_OPENING: Final = re.compile(r"(?:[\s(\\]|#[^\r\n]*)*")
_STRIDE: Final = 512  # code points from one known byte offset to the next

Node = TypeVar("Node", bound=cst.CSTNode)


class Document:
    """The bytes of one file, and what they mean.

    Raises Unfixable where the text cannot be put back into the file's own encoding unchanged, or
    cannot be parsed.
    """

    def __init__(self, path: Path, source: bytes) -> None:
        self.path: Final = path
        self.source: Final = source
        try:
            self.text: Final = decode(source)
            self.encoding: Final = tokenize.detect_encoding(io.BytesIO(source).readline)[0]
            same = self.text.encode(self.encoding) == source
        except Undecodable as error:
            raise Unfixable(f"{path.name} cannot be decoded: {error}") from None
        except UnicodeEncodeError:
            same = False
        if not same:
            raise Unfixable(f"{path.name} is not written in plain {self.encoding}")

    @cached_property
    def newline(self) -> str:
        """The line end that the file uses most; ``\\n`` in a file of one line."""
        counts = {"\r\n": self.text.count("\r\n")}
        counts["\n"] = self.text.count("\n") - counts["\r\n"]
        counts["\r"] = self.text.count("\r") - counts["\r\n"]
        best = max(("\n", "\r\n", "\r"), key=lambda each: counts[each])
        return best if counts[best] else "\n"

    @cached_property
    def tree(self) -> cst.Module:
        """The file, parsed."""
        try:
            return cst.parse_module(self.source)
        except (cst.ParserSyntaxError, RecursionError):
            raise Unfixable(f"{self.path.name} cannot be parsed") from None

    @cached_property
    def spans(self) -> dict[cst.CSTNode, tuple[int, int]]:
        """Every node's range in code points of the text, white space around it left out."""
        wrapper = MetadataWrapper(self.tree, unsafe_skip_copy=True)
        try:
            found = wrapper.resolve(ByteSpanPositionProvider)
        except RecursionError:
            raise Unfixable(f"{self.path.name} is nested too deeply to be rewritten") from None
        # The provider counts bytes of UTF-8, and of what libcst would write, which can be less
        # than it has read: form feeds before a statement and a last lone \r are lost.
        written = self.tree.code
        places = _code_points(written)
        if written != self.text:
            places = _aligned(written, self.text, places, self.path)
        return {node: _range(places, span.start, span.length) for node, span in found.items()}

    def beginning_at(self, at: int, kind: type[Node]) -> list[Node]:
        """The nodes of a kind that begin at an offset, innermost first, and those around them with
        nothing but opening brackets, line breaks and comments before it.
        """
        starts, nodes = self._by_start
        found: list[tuple[int, Node]] = []
        for index in range(bisect_right(starts, at) - 1, -1, -1):
            start, node = starts[index], nodes[index]
            if start != at and not _OPENING.fullmatch(self.text, start, at):
                break
            end = self.spans[node][1]
            if isinstance(node, kind) and end > at:
                found.append((end - start, node))
        found.sort(key=lambda each: each[0])
        return [node for _, node in found]

    @cached_property
    def _by_start(self) -> tuple[list[int], list[cst.CSTNode]]:
        nodes = sorted(self.spans, key=lambda node: self.spans[node][0])
        return [self.spans[node][0] for node in nodes], nodes

    def edit(self, start: int, end: int, text: str) -> Edit:
        """Replace a range of code points; the text's line ends become those of the place."""
        own = text.replace("\n", self._newline_at(start)) if "\n" in text else text
        try:
            # Not `utf-8-sig`: only the file begins with a byte order mark.
            replacement = own.encode(self.encoding.removesuffix("-sig"))
        except UnicodeEncodeError:
            raise Unfixable(f"{self.path.name} cannot hold the new text") from None
        return Edit(self.byte_at(start), self.byte_at(end), replacement)

    def byte_at(self, at: int) -> int:
        """The offset in bytes of a code point of the text."""
        marks = self._marks
        if marks is None:
            return self._start + at
        nearest, rest = divmod(at, _STRIDE)
        if not rest:
            return marks[nearest]
        text = self.text[nearest * _STRIDE : at]
        return marks[nearest] + len(text.encode(self.encoding.removesuffix("-sig")))

    def byte_of(self, line: int, column: int) -> int:
        """The offset in bytes of a line and column, both counted from 1, as findings do."""
        line = min(max(line, 1), len(self._lines))
        return self.byte_at(min(self._lines[line - 1] + column - 1, len(self.text)))

    def _newline_at(self, at: int) -> str:
        """The line end of the line in which an offset lies; of the file, if it has none."""
        match = _LINE_END.search(self.text, at)
        return match.group() if match is not None else self.newline

    @cached_property
    def _lines(self) -> Sequence[int]:
        return line_starts(self.text)

    @property
    def _start(self) -> int:
        return len(_BOM) if self.encoding == "utf-8-sig" else 0

    @cached_property
    def _marks(self) -> Sequence[int] | None:
        """Byte offsets of every so many code points; None where each takes one byte."""
        if len(self.source) - self._start == len(self.text):
            return None
        encoding = self.encoding.removesuffix("-sig")
        offset = self._start
        marks = array("q", [offset])
        for at in range(0, len(self.text), _STRIDE):
            offset += len(self.text[at : at + _STRIDE].encode(encoding))
            marks.append(offset)
        if offset != len(self.source):  # what a character is written as depends on those before
            raise Unfixable(f"{self.path.name} is written in {encoding}, which has shift states")
        return marks


def _range(places: Sequence[int], start: int, length: int) -> tuple[int, int]:
    # The provider counts a last line end that is not there.
    begin, end = places[min(start, len(places) - 1)], min(start + length, len(places) - 1)
    # Counted from the last character: behind it, white space may stand that libcst has lost.
    return begin, places[end - 1] + 1 if end > start else begin


def _code_points(text: str) -> Sequence[int]:
    """From offsets in the UTF-8 form to offsets in code points."""
    if text.isascii():
        return range(len(text) + 1)
    found = array("q")
    for at, character in enumerate(text):
        code = ord(character)
        width = 1 if code < 0x80 else 2 if code < 0x800 else 3 if code < 0x10000 else 4
        found.extend((at,) * width)
    found.append(len(text))
    return found


def _aligned(written: str, text: str, places: Sequence[int], path: Path) -> Sequence[int]:
    """The same offsets, in a text from which only white space is missing in the written one."""
    found = array("q")
    at = 0
    for character in written:
        while at < len(text) and text[at] != character and text[at].isspace():
            at += 1
        if at == len(text) or text[at] != character:
            raise Unfixable(f"{path.name} holds white space that libcst does not keep")
        found.append(at)
        at += 1
    found.append(len(text))
    return array("q", (found[place] for place in places))
