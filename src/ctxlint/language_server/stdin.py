"""Standard input that cannot take all memory, whatever lengths it announces."""

from __future__ import annotations

import io
import json
import re
from typing import BinaryIO, Final

# Far beyond any source file that is analysed: `hazards.py` refuses much smaller ones.
LONGEST: Final = 64 * 1024 * 1024
_LONGEST_HEADER: Final = 4096
_CHUNK: Final = 1024 * 1024
_LENGTH: Final = re.compile(rb"Content-Length: *([0-9]+)\r\n", re.IGNORECASE)

SKIPPED: Final = "ctxlint/skipped"
"""The notification that stands for a message that is too long."""


class BoundedInput(io.RawIOBase):
    """Messages as they come, those too long replaced by a notification that says so."""

    def __init__(self, stream: BinaryIO, longest: int = LONGEST) -> None:
        super().__init__()
        self._stream = stream
        self._longest = longest
        self._skipping = 0
        self._instead = b""

    def readline(self, _size: int | None = -1) -> bytes:
        """One line of a header; nothing, as at the end, where it is none."""
        line = self._stream.readline(_LONGEST_HEADER)
        length = _LENGTH.fullmatch(line)
        if length is not None and int(length[1]) > self._longest:
            self._skipping = int(length[1])
            told = {"jsonrpc": "2.0", "method": SKIPPED, "params": {"bytes": self._skipping}}
            self._instead = json.dumps(told).encode()
            return b"Content-Length: %d\r\n" % len(self._instead)
        return line if line.endswith(b"\n") else b""

    def read(self, size: int = -1) -> bytes:
        """The body of a message."""
        if not self._skipping:
            return self._stream.read(size)
        while self._skipping:
            part = self._stream.read(min(self._skipping, _CHUNK))
            if not part:
                return b""
            self._skipping -= len(part)
        return self._instead
