# fix: may
"""A subclass has a worker loop of its own over the same queue."""

import asyncio
from contextvars import ContextVar

USER: ContextVar[str] = ContextVar("user", default="nobody")


class Jobs:
    def __init__(self) -> None:
        self.done: list[str] = []
        self._queue: asyncio.Queue[str] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    def submit(self, job: str) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._run())
        self._queue.put_nowait(job)

    async def _run(self) -> None:
        while True:
            job = await self._queue.get()
            self.done.append(job)


class Loud(Jobs):
    async def _run(self) -> None:
        while True:
            job = await self._queue.get()
            self.done.append(job.upper())


# --- check ---
import asyncio


async def scenario() -> None:
    for kind, said in ((Jobs, "a"), (Loud, "A")):
        jobs = kind()
        jobs.submit("a")
        await asyncio.sleep(0.2)
        assert jobs.done == [said], jobs.done


asyncio.run(scenario())
