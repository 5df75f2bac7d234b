# fix: may
"""None ends the worker, and callers may put None themselves: nobody can tell the two apart."""

import asyncio
from contextvars import ContextVar

USER: ContextVar[str] = ContextVar("user", default="nobody")


class Values:
    def __init__(self) -> None:
        self.seen: list[str | None] = []
        self._queue: asyncio.Queue[str | None] = asyncio.Queue()
        self.task: asyncio.Task[None] | None = None

    def put(self, value: str | None) -> None:
        if self.task is None:
            self.task = asyncio.create_task(self._run())
        self._queue.put_nowait(value)

    async def _run(self) -> None:
        while True:
            value = await self._queue.get()
            if value is None:
                break
            self.seen.append(value)


# --- check ---
import asyncio


async def scenario() -> None:
    values = Values()
    for value in ("a", "b", None):
        values.put(value)
    await asyncio.wait_for(values.task, 2)
    assert values.seen == ["a", "b"]


asyncio.run(scenario())
