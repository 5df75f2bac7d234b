# fix: none
"""A batch that is an attribute is filled over several rounds: another method empties it."""

import asyncio
from contextvars import ContextVar

USER: ContextVar[str] = ContextVar("user", default="nobody")


class Rows:
    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.batch: list[str] = []
        self._queue: asyncio.Queue[str] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    def add(self, row: str) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._run())
        self._queue.put_nowait(row)

    async def _run(self) -> None:
        while True:
            row = await self._queue.get()
            self.batch.append(row)
            self.flush()

    def flush(self) -> None:
        if len(self.batch) == 2:
            self.insert(self.batch)
            self.batch = []

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
