# fix: may
"""The program has a WorkItem, a `work` and more names of the helpers, which mean other things."""

import asyncio
from contextvars import ContextVar
from dataclasses import dataclass

USER: ContextVar[str] = ContextVar("user", default="nobody")


@dataclass
class WorkItem:
    name: str


def activate_request_context(name: str) -> str:
    return name.title()


def create_detached_background_task(name: str) -> str:
    return name


class Jobs:
    def __init__(self) -> None:
        self.done: list[str] = []
        self._queue: asyncio.Queue[WorkItem] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    def submit(self, name: str) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._run("label: "))
        self._queue.put_nowait(WorkItem(create_detached_background_task(name)))

    async def _run(self, work: str) -> None:
        payload = 0
        while True:
            item = await self._queue.get()
            payload += 1
            context = f"{USER.get()} {payload}"
            self.done.append(work + activate_request_context(item.name) + f" {context}")


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
    bob = "bob" if FIXED else "alice"
    assert jobs.done == ["label: Alice alice 1", f"label: Bob {bob} 2"], jobs.done


asyncio.run(scenario())
