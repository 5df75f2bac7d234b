# fix: may
"""The item is kept where others look at it: they must find the payload."""

import asyncio
from contextvars import ContextVar

USER: ContextVar[str] = ContextVar("user", default="nobody")


class Jobs:
    def __init__(self) -> None:
        self.current: str | None = None
        self._queue: asyncio.Queue[str] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    def submit(self, job: str) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._run())
        self._queue.put_nowait(job)

    def status(self) -> str:
        return f"working on {self.current.upper()}" if self.current else "idle"

    async def _run(self) -> None:
        while True:
            self.current = job = await self._queue.get()
            await asyncio.sleep(0.3 if job else 0)
            self.current = None


# --- check ---
import asyncio


async def scenario() -> None:
    jobs = Jobs()
    jobs.submit("a")
    await asyncio.sleep(0.1)
    assert jobs.status() == "working on A"
    await asyncio.sleep(0.5)
    assert jobs.status() == "idle"


asyncio.run(scenario())
