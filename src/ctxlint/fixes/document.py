"""One file as the fixes see it: its bytes, text and tree, and the way between their offsets."""

from __future__ import annotations

import io
import tokenize
from functools import cached_property
from pathlib import Path
from typing import Final

import libcst as cst
from libcst.metadata import ByteSpanPositionProvider, MetadataWrapper

from ..encoding import decode
from .edits import Edit, Unfixable


class Document:
    """The bytes of one file, and what they mean.

    Raises Unfixable where the text cannot be put back into the file's own encoding unchanged, or
    cannot be parsed.
    """

    def __init__(self, path: Path, source: bytes) -> None:
        self.path: Final = path
        self.source: Final = source
        self.encoding: Final = tokenize.detect_encoding(io.BytesIO(source).readline)[0]
        self.text: Final = decode(source)
        if self.text.encode(self.encoding) != source:
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
    def spans(self) -> dict[cst.CSTNode, tuple[int, int]]:
        """Every node's range in code points of the text, white space around it left out."""
        try:
            tree = cst.parse_module(self.source)
        except (cst.ParserSyntaxError, RecursionError):
            raise Unfixable(f"{self.path.name} cannot be parsed") from None
        wrapper = MetadataWrapper(tree, unsafe_skip_copy=True)
        found = wrapper.resolve(ByteSpanPositionProvider)
        # The provider counts bytes of UTF-8 text without a byte order mark.
        offsets = _code_points(self.text.removeprefix("\ufeff"))
        shift = 1 if self.text.startswith("\ufeff") else 0
        return {
            node: (
                offsets[span.start] + shift,
                offsets[span.start + span.length] + shift,
            )
            for node, span in found.items()
        }

    def edit(self, start: int, end: int, text: str) -> Edit:
        """Replace a range of code points; the text's line ends become the file's own."""
        own = text.replace("\n", self.newline)
        try:
            # Not `utf-8-sig`: only the file begins with a byte order mark.
            replacement = own.encode(self.encoding.removesuffix("-sig"))
        except UnicodeEncodeError:
            raise Unfixable(f"{self.path.name} cannot hold the new text") from None
        return Edit(self._bytes(start), self._bytes(end), replacement)

    def _bytes(self, at: int) -> int:
        return len(self.text[:at].encode(self.encoding))


def _code_points(text: str) -> dict[int, int]:
    """From offsets in the UTF-8 form to offsets in code points."""
    found: dict[int, int] = {}
    position = 0
    for at, character in enumerate(text):
        found[position] = at
        position += len(character.encode())
    found[position] = len(text)
    return found
