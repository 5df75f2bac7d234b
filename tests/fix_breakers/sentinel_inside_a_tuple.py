# fix: may
"""The end is a pair whose first part is None, tested after the item is unpacked."""

import asyncio
from contextvars import ContextVar

USER: ContextVar[str] = ContextVar("user", default="nobody")


class Writer:
    def __init__(self) -> None:
        self.rows: list[tuple[str, str]] = []
        self._queue: asyncio.Queue[tuple[str | None, str]] = asyncio.Queue()
        self.task: asyncio.Task[None] | None = None

    async def write(self, table: str, row: str) -> None:
        if self.task is None:
            self.task = asyncio.create_task(self._run())
        await self._queue.put((table, row))

    async def close(self) -> None:
        await self._queue.put((None, ""))

    async def _run(self) -> None:
        while True:
            table, row = await self._queue.get()
            if table is None:
                return
            self.rows.append((USER.get(), f"{table}: {row}"))


# --- check ---
import asyncio


async def request(writer: Writer, user: str) -> None:
    USER.set(user)
    await writer.write("t", user)


async def scenario() -> None:
    writer = Writer()
    for user in ("alice", "bob"):
        await asyncio.create_task(request(writer, user))
    await writer.close()
    await asyncio.wait_for(writer.task, 2)
    bob = "bob" if FIXED else "alice"
    assert writer.rows == [("alice", "t: alice"), (bob, "t: bob")], writer.rows


asyncio.run(scenario())
