# fix: none
"""A batch of several users' items is written at once: no context is right for all of it."""

import asyncio
from contextvars import ContextVar

USER: ContextVar[str] = ContextVar("user", default="nobody")


class Rows:
    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self._queue: asyncio.Queue[str] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    def add(self, row: str) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._run())
        self._queue.put_nowait(row)

    async def _run(self) -> None:
        while True:
            batch = [await self._queue.get()]
            while not self._queue.empty():
                batch.append(self._queue.get_nowait())
            self._insert(batch)

    def _insert(self, batch: list[str]) -> None:
        self.batches.append(batch)


# --- check ---
import asyncio


async def scenario() -> None:
    rows = Rows()
    for row in "abc":
        rows.add(row)
    await asyncio.sleep(0.2)
    assert rows.batches == [["a", "b", "c"]], rows.batches


asyncio.run(scenario())
