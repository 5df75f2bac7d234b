# fix: may
"""A set of what is pending, kept beside the queue: it holds payloads, before and after."""

import asyncio
from contextvars import ContextVar

USER: ContextVar[str] = ContextVar("user", default="nobody")


class Refresher:
    def __init__(self) -> None:
        self.done: list[str] = []
        self._pending: set[str] = set()
        self._queue: asyncio.Queue[str] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    def refresh(self, key: str) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._run())
        if key in self._pending:
            return
        self._pending.add(key)
        self._queue.put_nowait(key)

    async def _run(self) -> None:
        while True:
            key = await self._queue.get()
            self._pending.discard(key)
            self.done.append(key)


# --- check ---
import asyncio


async def scenario() -> None:
    refresher = Refresher()
    for key in ("a", "b", "a"):
        refresher.refresh(key)
    await asyncio.sleep(0.2)
    refresher.refresh("a")
    await asyncio.sleep(0.2)
    assert refresher.done == ["a", "b", "a"], refresher.done


asyncio.run(scenario())
