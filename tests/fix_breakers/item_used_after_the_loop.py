# fix: may
"""The last item is used after the loop has ended, and a counter is kept across the items."""

import asyncio
from contextvars import ContextVar

USER: ContextVar[str] = ContextVar("user", default="nobody")


class Jobs:
    def __init__(self) -> None:
        self.report = ""
        self._queue: asyncio.Queue[str] = asyncio.Queue()
        self.task: asyncio.Task[None] | None = None
        self.stopping = False

    def submit(self, job: str) -> None:
        if self.task is None:
            self.task = asyncio.create_task(self._run())
        self._queue.put_nowait(job)

    async def _run(self) -> None:
        count = 0
        while True:
            job = await self._queue.get()
            count += 1
            if self.stopping and self._queue.empty():
                break
        self.report = f"{count} jobs, the last was {job}"


# --- check ---
import asyncio


async def scenario() -> None:
    jobs = Jobs()
    for job in ("a", "b", "the last"):
        jobs.submit(job)
    jobs.stopping = True
    await asyncio.wait_for(jobs.task, 2)
    assert jobs.report == "3 jobs, the last was the last"


asyncio.run(scenario())
