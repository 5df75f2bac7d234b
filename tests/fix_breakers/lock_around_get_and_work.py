# fix: may
"""The get stands inside `async with`, with work before and after it under the same lock."""

import asyncio
from contextvars import ContextVar

USER: ContextVar[str] = ContextVar("user", default="nobody")


class Jobs:
    def __init__(self) -> None:
        self.done: list[tuple[str, str]] = []
        self.lock = asyncio.Lock()
        self._queue: asyncio.Queue[str] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    def submit(self, job: str) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._run())
        self._queue.put_nowait(job)

    async def _run(self) -> None:
        while True:
            async with self.lock:
                job = await self._queue.get()
                self.done.append((USER.get(), job))
            self._queue.task_done()


# --- check ---
import asyncio


async def request(jobs: Jobs, user: str) -> None:
    USER.set(user)
    jobs.submit(user)


async def scenario() -> None:
    jobs = Jobs()
    for user in ("alice", "bob"):
        await asyncio.create_task(request(jobs, user))
    await asyncio.wait_for(jobs._queue.join(), 2)
    bob = "bob" if FIXED else "alice"
    assert jobs.done == [("alice", "alice"), (bob, "bob")], jobs.done


asyncio.run(scenario())
