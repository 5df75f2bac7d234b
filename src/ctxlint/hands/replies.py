"""What a process delivers, as bytes, and the one place where that is put together."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import msgspec

from ..session import Judged, Session


class Reply(msgspec.Struct):
    """What one process has done: the findings of files, encoded, by their paths."""

    judged: dict[bytes, bytes] = {}

    def add(self, session: Session, files: Iterable[Path]) -> None:
        """Judge files.

        What cannot be judged or sent is left out: whoever asks judges it again, and learns why.
        """
        for path in files:
            try:
                self.judged[os.fsencode(path)] = msgspec.msgpack.encode(session.judged(path))
            except Exception:
                continue

    def encoded(self) -> bytes:
        """The reply as bytes."""
        return msgspec.msgpack.encode(self)


def merged(replies: Iterable[bytes]) -> dict[Path, Judged]:
    """What the replies of all processes say together; one that is broken says nothing."""
    read_reply = msgspec.msgpack.Decoder(Reply).decode
    read_judged = msgspec.msgpack.Decoder(Judged).decode
    found: dict[Path, Judged] = {}
    for data in replies:
        try:
            reply = read_reply(data)
            found |= {
                Path(os.fsdecode(path)): read_judged(each) for path, each in reply.judged.items()
            }
        except (msgspec.DecodeError, RecursionError):
            continue
    return found
