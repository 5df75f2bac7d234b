# fix: none
"""Rows without a user are everybody's; the items come through a generator, which cannot carry."""
import asyncio
from collections.abc import AsyncIterator
from contextvars import ContextVar

USER: ContextVar[str] = ContextVar("user", default="PUBLIC")


class Store:
    def __init__(self) -> None:
        self.rows: list[tuple[str, str]] = []
        self._queue: asyncio.Queue[str] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    async def save(self, text: str) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._run())
        await self._queue.put(text)

    async def _items(self) -> AsyncIterator[str]:
        while True:
            yield await self._queue.get()

    async def _run(self) -> None:
        async for text in self._items():
            self.rows.append((USER.get(), text))


async def handle(store: Store, user: str, text: str) -> None:
    USER.set(user)
    await store.save(text)


# --- check ---
import asyncio


async def scenario() -> None:
    store = Store()
    await handle(store, "alice", "secret")
    await asyncio.sleep(0.2)
    assert store.rows == [("alice", "secret")], store.rows


asyncio.run(scenario())
