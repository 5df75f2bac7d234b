# fix: applied
"""The worker spawns a task per item, which outlives the activation that it is made in."""

import asyncio
from contextvars import ContextVar

USER: ContextVar[str] = ContextVar("user", default="nobody")


class Jobs:
    def __init__(self) -> None:
        self.done: list[tuple[str, str]] = []
        self._queue: asyncio.Queue[str] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None
        self._running: set[asyncio.Task[None]] = set()

    def submit(self, job: str) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._run())
        self._queue.put_nowait(job)

    async def _run(self) -> None:
        while True:
            job = await self._queue.get()
            task = asyncio.create_task(self._handle(job))
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    async def _handle(self, job: str) -> None:
        await asyncio.sleep(0.005)
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
    assert sorted(jobs.done) == sorted([("alice", "alice"), (bob, "bob")]), jobs.done


asyncio.run(scenario())
