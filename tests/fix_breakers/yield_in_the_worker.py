# fix: may
"""The consumer yields what it took: a context may not be left active while it is suspended."""

import asyncio
from collections.abc import AsyncIterator
from contextvars import ContextVar

USER: ContextVar[str] = ContextVar("user", default="nobody")


class Feed:
    def __init__(self) -> None:
        self.seen: list[str] = []
        self._queue: asyncio.Queue[str] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    async def publish(self, text: str) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._run())
        await self._queue.put(text)

    async def _items(self) -> AsyncIterator[str]:
        while True:
            text = await self._queue.get()
            yield text
            self._queue.task_done()

    async def _run(self) -> None:
        async for text in self._items():
            self.seen.append(text)


# --- check ---
import asyncio


async def scenario() -> None:
    feed = Feed()
    await feed.publish("a")
    await feed.publish("b")
    await asyncio.wait_for(feed._queue.join(), 2)
    assert feed.seen == ["a", "b"]


asyncio.run(scenario())
