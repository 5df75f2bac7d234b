# fix: none
"""Items are counted as done by a number that has nothing to do with the parts of a batch."""

import asyncio
from contextvars import ContextVar

USER: ContextVar[str] = ContextVar("user", default="nobody")


class Rows:
    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.rounds = 0
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
            number = self.rounds = len(batch)
            self.insert(batch)
            for _ in range(number):
                self._queue.task_done()

    def insert(self, batch: list[str]) -> None:
        self.batches.append(batch)


# --- check ---
import asyncio


async def request(rows: Rows, user: str) -> None:
    USER.set(user)
    rows.add(user)


async def scenario() -> None:
    rows = Rows()
    await asyncio.gather(*(request(rows, user) for user in ("alice", "bob")))
    await asyncio.sleep(0.2)
    await asyncio.wait_for(rows._queue.join(), 1)
    assert sorted(row for batch in rows.batches for row in batch) == ["alice", "bob"]


asyncio.run(scenario())
