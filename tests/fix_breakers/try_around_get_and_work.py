# fix: may
"""One try around the get and the work, whose handler uses the item."""

import asyncio
from contextvars import ContextVar

USER: ContextVar[str] = ContextVar("user", default="nobody")


class Jobs:
    def __init__(self) -> None:
        self.results: list[tuple[str, str]] = []
        self.over = 0
        self._queue: asyncio.Queue[str] = asyncio.Queue()
        self.task: asyncio.Task[None] | None = None

    async def submit(self, job: str) -> None:
        if self.task is None:
            self.task = asyncio.create_task(self._run())
        await self._queue.put(job)

    async def _run(self) -> None:
        job = "nothing"
        while True:
            try:
                job = await self._queue.get()
                if job == "bad":
                    raise ValueError(job)
                self.results.append((USER.get(), job))
            except asyncio.CancelledError:
                self.results.append(("-", f"stopped after {job}"))
                return
            except ValueError:
                self.results.append((USER.get(), f"{job} failed"))
            finally:
                self.over += 1


# --- check ---
import asyncio


async def request(jobs: Jobs, user: str, job: str) -> None:
    USER.set(user)
    await jobs.submit(job)


async def scenario() -> None:
    jobs = Jobs()
    await asyncio.create_task(request(jobs, "alice", "good"))
    await asyncio.create_task(request(jobs, "bob", "bad"))
    await asyncio.sleep(0.2)
    jobs.task.cancel()
    await jobs.task
    bob = "bob" if FIXED else "alice"
    assert jobs.results == [("alice", "good"), (bob, "bad failed"), ("-", "stopped after bad")]
    assert jobs.over == 3


asyncio.run(scenario())
