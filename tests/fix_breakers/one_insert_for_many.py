# fix: applied
"""A batch of several users' items is written at once: no context is right for all of it.

One user's items stay together, and all items stay in their order.
"""

import asyncio
from contextvars import ContextVar

USER: ContextVar[str] = ContextVar("user", default="nobody")


class Rows:
    def __init__(self) -> None:
        self.batches: list[tuple[str, list[str]]] = []
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
        self.batches.append((USER.get(), batch))


# --- check ---
import asyncio


async def request(rows: Rows, user: str, *items: str) -> None:
    USER.set(user)
    for item in items:
        rows.add(item)


async def scenario() -> None:
    rows = Rows()
    await asyncio.gather(
        request(rows, "alice", "a", "b"), request(rows, "bob", "c"), request(rows, "alice", "d")
    )
    await asyncio.sleep(0.2)
    apart = [("alice", ["a", "b"]), ("bob", ["c"]), ("alice", ["d"])]
    together = [("alice", ["a", "b", "c", "d"])]
    assert rows.batches == (apart if FIXED else together), rows.batches


asyncio.run(scenario())
