# fix: may
"""Items know how to compare themselves; a WorkItem would not."""

import asyncio
from contextvars import ContextVar
from dataclasses import dataclass

USER: ContextVar[str] = ContextVar("user", default="nobody")


@dataclass(order=True)
class Job:
    due: int
    name: str


class Jobs:
    def __init__(self) -> None:
        self.done: list[str] = []
        self._queue: asyncio.PriorityQueue[Job] = asyncio.PriorityQueue()
        self._task: asyncio.Task[None] | None = None

    def submit(self, job: Job) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._run())
        self._queue.put_nowait(job)

    async def _run(self) -> None:
        while True:
            job = await self._queue.get()
            self.done.append(job.name)


# --- check ---
import asyncio


async def scenario() -> None:
    jobs = Jobs()
    for due, name in [(3, "c"), (1, "a"), (2, "b"), (1, "a")]:
        jobs.submit(Job(due, name))
    await asyncio.sleep(0.2)
    assert jobs.done == ["a", "a", "b", "c"], jobs.done


asyncio.run(scenario())
