# fix: none
"""What goes into a batch is asked of the items, and is not true of their envelopes."""

import asyncio
from contextvars import ContextVar

USER: ContextVar[str] = ContextVar("user", default="nobody")


class Mailbox:
    def __init__(self) -> None:
        self.sent: list[str] = []
        self._queue: asyncio.Queue[object] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    def post(self, letter: object) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._run())
        self._queue.put_nowait(letter)

    async def _run(self) -> None:
        while True:
            letters: list[str] = []
            while len(letters) < 2:
                letter = await self._queue.get()
                if isinstance(letter, str):
                    letters.append(letter)
            for letter in letters:
                self.sent.append(f"{USER.get()}: {letter}")


# --- check ---
import asyncio


async def scenario() -> None:
    mailbox = Mailbox()
    for letter in ("one", 2, "three"):
        mailbox.post(letter)
    await asyncio.sleep(0.1)
    assert [each.split(": ")[1] for each in mailbox.sent] == ["one", "three"], mailbox.sent


asyncio.run(scenario())
