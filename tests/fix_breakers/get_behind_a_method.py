# fix: may
"""The worker takes items through a method that answers None when it has waited long enough."""

import asyncio
from contextvars import ContextVar

USER: ContextVar[str] = ContextVar("user", default="nobody")


class Jobs:
    def __init__(self) -> None:
        self.done: list[tuple[str, str]] = []
        self.idle = 0
        self._queue: asyncio.Queue[str] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    def submit(self, job: str) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._run())
        self._queue.put_nowait(job)

    async def _next(self) -> str | None:
        try:
            return await asyncio.wait_for(self._queue.get(), 0.01)
        except TimeoutError:
            return None

    async def _run(self) -> None:
        while True:
            job = await self._next()
            if job is None:
                self.idle += 1
                continue
            self.done.append((USER.get(), job.upper()))


# --- check ---
import asyncio


async def request(jobs: Jobs, user: str) -> None:
    USER.set(user)
    jobs.submit(user)


async def scenario() -> None:
    jobs = Jobs()
    for user in ("alice", "bob"):
        await asyncio.create_task(request(jobs, user))
    await asyncio.sleep(0.2)
    assert [job for _, job in jobs.done] == ["ALICE", "BOB"]
    assert jobs.idle
    if FIXED:
        assert jobs.done[1][0] in ("bob", "nobody"), jobs.done


asyncio.run(scenario())
