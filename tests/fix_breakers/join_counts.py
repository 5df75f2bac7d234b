# fix: applied
"""`task_done()` once for each get, on every way out: `continue`, errors, the normal end."""

import asyncio
from contextvars import ContextVar

USER: ContextVar[str] = ContextVar("user", default="nobody")


class Jobs:
    def __init__(self) -> None:
        self.done: list[str] = []
        self.queue_size = 0
        self._queue: asyncio.Queue[str] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    def submit(self, job: str) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._run())
        self._queue.put_nowait(job)

    async def drain(self) -> None:
        await asyncio.wait_for(self._queue.join(), 2)
        self.queue_size = self._queue.qsize()

    async def _run(self) -> None:
        while True:
            job = await self._queue.get()
            if job == "skip":
                self._queue.task_done()
                continue
            try:
                if job == "bad":
                    raise ValueError(job)
                self.done.append(f"{USER.get()} {job}")
            except ValueError:
                continue
            finally:
                self._queue.task_done()


# --- check ---
import asyncio


async def request(jobs: Jobs, user: str) -> None:
    USER.set(user)
    for job in ("skip", "bad", "good"):
        jobs.submit(job)


async def scenario() -> None:
    jobs = Jobs()
    for user in ("alice", "bob"):
        await asyncio.create_task(request(jobs, user))
    await jobs.drain()
    assert len(jobs.done) == 2
    assert jobs.queue_size == 0
    if FIXED:
        assert jobs.done == ["alice good", "bob good"]
    else:
        assert jobs.done == ["alice good", "alice good"]


asyncio.run(scenario())
