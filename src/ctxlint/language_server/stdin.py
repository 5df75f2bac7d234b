"""Standard input that cannot take all memory, or keep the server waiting for nothing.

A message is a header and as many bytes as it announces.  Of one that is too long, or holds too
much besides text, a notification takes the place.  A header that does not say where its message
ends is the last one: what comes behind it could be anything.
"""

from __future__ import annotations

import io
import json
import logging
import re
from typing import BinaryIO, Final

# Far beyond any source file that is analysed: `hazards.py` refuses much smaller ones.
LONGEST: Final = 64 * 1024 * 1024
# Brackets, commas, numbers: what is no text becomes objects, and a byte takes up to 60. In the
# notice of a file that has changed there are some 20.
MOST_STRUCTURE: Final = 4 * 1024 * 1024
# Times the longest: what nobody sends. Who waited for its end would take all that comes for it.
_ENDLESS: Final = 16
_CHUNK: Final = 1024 * 1024

_LONGEST_LINE: Final = 4096
_MOST_LINES: Final = 50
_LENGTH: Final = re.compile(rb"Content-Length:[ \t]*([0-9]{1,18})[ \t]*\r\n", re.IGNORECASE)
_OTHER: Final = re.compile(rb"(?!Content-Length:)[!-9;-~]+:[^\r\n]*\r\n", re.IGNORECASE)
# No string needs its closing quote: nothing is tried twice.
_TEXT: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)

_LOG: Final = logging.getLogger(__name__)

SKIPPED: Final = "ctxlint/skipped"
"""The notification that stands for a message that is too long."""


class BoundedInput(io.RawIOBase):
    """Messages as they come, those too long replaced by a notification that says so."""

    def __init__(
        self, stream: BinaryIO, longest: int = LONGEST, structure: int = MOST_STRUCTURE
    ) -> None:
        super().__init__()
        self._stream = stream
        self._longest = longest
        self._structure = structure
        self._body: bytes | None = None

    def readline(self, _size: int | None = -1) -> bytes:
        """One line of a header: the length of the next message, and the line that ends it."""
        if self._body is not None:
            return b"\r\n"
        self._body = self._message()
        return b"" if self._body is None else b"Content-Length: %d\r\n" % len(self._body)

    def read(self, _size: int = -1) -> bytes:
        """The body of the message."""
        body, self._body = self._body, None
        return body or b""

    def _message(self) -> bytes | None:
        """The next message that is not empty; None at the end."""
        body = b""
        while not body:
            length = self._length()
            if length is None:
                return None
            if length > self._longest:
                return self._passed_over(length)
            body = self._stream.read(length)
            if len(body) < length:
                return None
        return _instead(len(body)) if _is_swollen(body, self._structure) else body

    def _length(self) -> int | None:
        """What a header announces; None at the end, or where it makes no sense."""
        length: int | None = None
        for number in range(_MOST_LINES):
            line = self._stream.readline(_LONGEST_LINE)
            if not line:
                return None
            found = _LENGTH.fullmatch(line)
            if found is not None and length is None:
                length = int(found[1])
            elif line == b"\r\n" and length is not None:
                if length > self._longest * _ENDLESS:
                    break
                return length
            elif not _OTHER.fullmatch(line) and (number or line != b"\r\n"):
                break
        _LOG.error("the header of a message makes no sense: nothing more is read")
        return None

    def _passed_over(self, length: int) -> bytes | None:
        """Read a message without keeping it."""
        left = length
        while left:
            part = self._stream.read(min(left, _CHUNK))
            if not part:
                return None
            left -= len(part)
        return _instead(length)


def _instead(length: int) -> bytes:
    told = {"jsonrpc": "2.0", "method": SKIPPED, "params": {"bytes": length}}
    return json.dumps(told).encode()


def _is_swollen(body: bytes, most: int) -> bool:
    """Whether a message holds more besides text than some number of bytes."""
    if len(body) <= most:
        return False
    found, end = 0, 0
    for text in _TEXT.finditer(body):
        found += text.start() - end
        if found > most:
            return True
        end = text.end()
    return found + len(body) - end > most
