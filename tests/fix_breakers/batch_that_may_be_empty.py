# fix: none
"""What stands behind the batch is done in every round, also where nothing has come."""

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
            batch: list[str] = []
            while not self._queue.empty():
                batch.append(self._queue.get_nowait())
            self.rounds += 1
            self.insert(batch)
            await asyncio.sleep(0.01)

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
    assert rows.batches[0] == ["alice", "bob"], rows.batches
    assert rows.rounds > 3


asyncio.run(scenario())
