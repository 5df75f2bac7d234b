# fix: none
"""Without a user a row is everybody's; the queue's items cannot be made to carry one here."""

import asyncio
from contextvars import ContextVar

USER: ContextVar[str | None] = ContextVar("user", default=None)


class Unique(asyncio.Queue[str]):
    """A queue that drops what it holds already: it looks into its items."""

    def _put(self, item: str) -> None:
        if item not in self._queue:
            super()._put(item)


class Store:
    def __init__(self) -> None:
        self.rows: list[tuple[str, str]] = []
        self._queue = Unique()
        self._task: asyncio.Task[None] | None = None

    async def save(self, text: str) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._write())
        await self._queue.put(text)

    async def _write(self) -> None:
        while True:
            text = await self._queue.get()
            self.rows.append((USER.get() or "PUBLIC", text))


# --- check ---
import asyncio


async def scenario() -> None:
    store = Store()
    USER.set("alice")
    await store.save("secret")
    await store.save("secret")
    await asyncio.sleep(0.2)
    assert store.rows == [("alice", "secret")], store.rows


asyncio.run(scenario())
