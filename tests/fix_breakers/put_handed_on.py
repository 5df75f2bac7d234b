# fix: may
"""Some items are put by a reference to the queue's `put_nowait`, which nobody sees called."""

import asyncio
from collections.abc import Callable
from contextvars import ContextVar

USER: ContextVar[str] = ContextVar("user", default="nobody")


class Inbox:
    def __init__(self) -> None:
        self.seen: list[str] = []
        self._queue: asyncio.Queue[str] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    def receive(self, text: str) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._run())
        self._queue.put_nowait(text)

    def receiver(self) -> Callable[[str], None]:
        return self._queue.put_nowait

    async def _run(self) -> None:
        while True:
            text = await self._queue.get()
            self.seen.append(text.upper())


# --- check ---
import asyncio


async def scenario() -> None:
    inbox = Inbox()
    inbox.receive("a")
    for text in "bc":
        inbox.receiver()(text)
    await asyncio.sleep(0.2)
    assert inbox.seen == ["A", "B", "C"]


asyncio.run(scenario())
