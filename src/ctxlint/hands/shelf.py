"""Facts that one forked process has made and another can have: to parse takes ten times as long."""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import msgspec

from ..facts.model import Module
from ..facts.remote import restored

_ENTRY: Final = struct.Struct("=QII")  # where, how long, and the checksum
_ROOM: Final = 1 << 38  # bytes that each process may write to: a file in memory may have holes


class Shelf:
    """A file in memory that the forked processes of one run share.

    At its beginning stands an entry for each source file; behind them, each process writes what it
    has made into room of its own, so that nobody waits for anybody.  An entry that is read while
    it is written has a wrong checksum, and the file is parsed.
    """

    def __init__(self, files: Iterable[Path]) -> None:
        """Raises OSError where there is no such file to be had."""
        self._file: Final = os.memfd_create("ctxlint-facts")
        self._numbers: Final = {path: number for number, path in enumerate(files)}
        self._end = _ROOM

    def move_to(self, process: int) -> None:
        """Write into the room of a process from now on; they are numbered from 0."""
        self._end = _ROOM * (process + 1)

    def put(self, path: Path, facts: Module) -> None:
        """Make the facts of a file known to all."""
        try:
            data = msgspec.msgpack.encode(facts)
            start = self._end
            if os.pwrite(self._file, data, start) != len(data):
                return
            self._end += len(data)
            entry = _ENTRY.pack(start, len(data), zlib.crc32(data))
            os.pwrite(self._file, entry, self._numbers[path] * _ENTRY.size)
        except (OSError, OverflowError, RecursionError, struct.error, ValueError):
            return  # there is no memory left, or it is nested too deeply: everybody parses it

    def take(self, path: Path) -> Module | None:
        """The facts of a file, if a process has made them."""
        try:
            entry = os.pread(self._file, _ENTRY.size, self._numbers[path] * _ENTRY.size)
            if len(entry) < _ENTRY.size:
                return None
            start, length, checksum = _ENTRY.unpack(entry)
            if not length:
                return None
            data = os.pread(self._file, length, start)
        except OSError:
            return None
        return restored(data) if zlib.crc32(data) == checksum else None

    def close(self) -> None:
        """Give the memory back."""
        os.close(self._file)
