# fix: none
"""A queue of one's own looks at the items that are put."""

import asyncio
from contextvars import ContextVar

USER: ContextVar[str] = ContextVar("user", default="nobody")


class Loud(asyncio.Queue[str]):
    async def put(self, item: str) -> None:
        await super().put(item.upper())


class Jobs:
    def __init__(self) -> None:
        self.done: list[str] = []
        self._queue = Loud()
        self._task: asyncio.Task[None] | None = None

    async def submit(self, name: str) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._run())
        await self._queue.put(name)

    async def _run(self) -> None:
        while True:
            name = await self._queue.get()
            self.done.append(name)


# --- check ---
import asyncio


async def scenario() -> None:
    jobs = Jobs()
    await jobs.submit("a")
    await asyncio.sleep(0.2)
    assert jobs.done == ["A"], jobs.done


asyncio.run(scenario())
