# fix: applied
"""Errors are stored too, as the user whose item failed: the handler belongs into the `with`."""

import asyncio
from contextvars import ContextVar

USER: ContextVar[str] = ContextVar("user", default="nobody")


class Jobs:
    def __init__(self) -> None:
        self.results: list[tuple[str, str]] = []
        self._queue: asyncio.Queue[str] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    async def submit(self, job: str) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._run())
        await self._queue.put(job)

    async def drain(self) -> None:
        await asyncio.wait_for(self._queue.join(), 2)

    async def _run(self) -> None:
        while True:
            job = await self._queue.get()
            try:
                self._do(job)
            except ValueError as error:
                self.results.append((USER.get(), f"{job} failed: {error}"))
            else:
                self.results.append((USER.get(), f"{job} done"))
            finally:
                self.results.append((USER.get(), f"{job} over"))
                self._queue.task_done()

    def _do(self, job: str) -> None:
        if "bad" in job:
            raise ValueError(USER.get())


# --- check ---
import asyncio


async def request(jobs: Jobs, user: str, job: str) -> None:
    USER.set(user)
    await jobs.submit(job)


async def scenario() -> None:
    jobs = Jobs()
    await asyncio.create_task(request(jobs, "alice", "good"))
    await asyncio.create_task(request(jobs, "bob", "bad"))
    await jobs.drain()
    bob = "bob" if FIXED else "alice"
    assert jobs.results == [
        ("alice", "good done"),
        ("alice", "good over"),
        (bob, f"bad failed: {bob}"),
        (bob, "bad over"),
    ], jobs.results


asyncio.run(scenario())
