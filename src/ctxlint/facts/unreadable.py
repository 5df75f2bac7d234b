"""Why a file could not become facts."""

from __future__ import annotations


class Unreadable(Exception):
    """A file that cannot be decoded or parsed; the message says why, ``line`` where."""

    def __init__(self, reason: str, line: int = 1, column: int = 1) -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line
        self.column = column
