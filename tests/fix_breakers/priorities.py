# fix: may
"""Items are compared: by their priority, and where that is equal by what follows it."""

import asyncio
from contextvars import ContextVar

USER: ContextVar[str] = ContextVar("user", default="nobody")


class Jobs:
    def __init__(self) -> None:
        self.done: list[str] = []
        self._queue: asyncio.PriorityQueue[tuple[int, str]] = asyncio.PriorityQueue()
        self._task: asyncio.Task[None] | None = None

    def submit(self, priority: int, name: str) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._run())
        self._queue.put_nowait((priority, name))

    async def _run(self) -> None:
        while True:
            priority, name = await self._queue.get()
            self.done.append(name)


# --- check ---
import asyncio


async def scenario() -> None:
    jobs = Jobs()
    for priority, name in [(2, "c"), (1, "b"), (1, "a"), (2, "d"), (2, "b")]:
        jobs.submit(priority, name)
    await asyncio.sleep(0.2)
    assert jobs.done == ["a", "b", "b", "c", "d"], jobs.done


asyncio.run(scenario())
