# fix: none
"""A batch is filled over several rounds, and written when there is enough of it."""

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
        batch: list[str] = []
        while True:
            batch.append(await self._queue.get())
            if len(batch) == 2:
                self.insert(batch)
                batch = []

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
    assert rows.batches == [["alice", "bob"]], rows.batches


asyncio.run(scenario())
