"""What a process delivers, as bytes, and the one place where that is put together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from ..session import Judged, Session

Numbered = Sequence[tuple[int, Path]]
"""Files with their numbers, which all processes know them by."""


class Reply(msgspec.Struct):
    """What one process has done: the findings of files, encoded, by the numbers of the files."""

    judged: dict[int, bytes] = {}

    def add(self, session: Session, files: Numbered) -> None:
        """Judge files.

        What cannot be judged or sent is left out: whoever asks judges it again, and learns why.
        """
        for number, path in files:
            try:
                self.judged[number] = msgspec.msgpack.encode(session.judged(path))
            except Exception:
                continue

    def encoded(self) -> bytes:
        """The reply as bytes."""
        return msgspec.msgpack.encode(self)


def merged(replies: Iterable[bytes], files: Numbered) -> dict[Path, Judged]:
    """What the replies of all processes say together; one that is broken says nothing."""
    paths = dict(files)
    read_reply = msgspec.msgpack.Decoder(Reply).decode
    read_judged = msgspec.msgpack.Decoder(Judged).decode
    found: dict[Path, Judged] = {}
    for data in replies:
        try:
            reply = read_reply(data)
            found |= {paths[number]: read_judged(each) for number, each in reply.judged.items()}
        except (msgspec.DecodeError, KeyError, RecursionError):
            continue
    return found
