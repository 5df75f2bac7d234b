# fix: may
"""The queue is exchanged for a new one, and what the old one holds is taken out by itself."""

import asyncio
from contextvars import ContextVar

USER: ContextVar[str] = ContextVar("user", default="nobody")


class Buffer:
    def __init__(self) -> None:
        self.seen: list[str] = []
        self._queue: asyncio.Queue[str] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    def add(self, text: str) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._run())
        self._queue.put_nowait(text)

    def take_all(self) -> list[str]:
        self._queue, old = asyncio.Queue(), self._queue
        return [old.get_nowait().upper() for _ in range(old.qsize())]

    async def _run(self) -> None:
        while True:
            text = await self._queue.get()
            self.seen.append(text.upper())


# --- check ---
import asyncio


async def scenario() -> None:
    buffer = Buffer()
    buffer.add("a")
    await asyncio.sleep(0.2)
    assert buffer.seen == ["A"]
    buffer.add("b")
    buffer.add("c")
    assert buffer.take_all() == ["B", "C"]


asyncio.run(scenario())
