"""What a process delivers, as bytes, and the one place where that is put together."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import msgspec

from ..findings import Judged
from ..inquiries import Inquiry
from ..session import Session


class Reply(msgspec.Struct):
    """What one process has done: the findings of files, encoded, by their paths.

    ``contents`` stands for the bytes that it has read itself, where it has.
    """

    judged: dict[bytes, bytes] = {}
    contents: bytes = b""
    asked: Inquiry | None = None
    given_up: list[bytes] = []

    def add(self, session: Session, files: Iterable[Path]) -> None:
        """Judge files.

        What cannot be judged or sent is left out: whoever asks judges it again, and learns why.
        """
        for path in files:
            try:
                self.judged[os.fsencode(path)] = msgspec.msgpack.encode(session.judged(path))
            except Exception:
                continue

    def encoded(self, session: Session) -> bytes:
        """The reply as bytes, with all that was asked of the files of the project."""
        self.asked = session.inquiry()
        self.given_up = [os.fsencode(path) for path in session.given_up]
        return msgspec.msgpack.encode(self)


def learn(session: Session, replies: Iterable[bytes]) -> None:
    """Let a session know what the replies of all processes say.

    One that is broken says nothing, and so does one of who has read other bytes: files are edited
    while a run goes on, and what is kept has to be of those that it is kept under.
    """
    read_reply = msgspec.msgpack.Decoder(Reply).decode
    read_judged = msgspec.msgpack.Decoder(Judged).decode
    for data in replies:
        try:
            reply = read_reply(data)
            found = {
                Path(os.fsdecode(path)): read_judged(each) for path, each in reply.judged.items()
            }
        except (msgspec.DecodeError, RecursionError):
            continue
        is_same = not reply.contents or reply.contents == session.sources.contents()
        if reply.asked is not None and is_same:
            given_up = (Path(os.fsdecode(path)) for path in reply.given_up)
            session.learn_findings(found, reply.asked, given_up)
