# fix: none
"""A spawner that starts tasks in two ways. Its worker's queue drops what it holds already, so that
items cannot carry a context, and the worker must not be detached in either way.
"""

import asyncio
import threading
from contextvars import ContextVar

USER: ContextVar[str | None] = ContextVar("user", default=None)


class Unique(asyncio.Queue[str]):
    def _put(self, item: str) -> None:
        if item not in self._queue:
            super()._put(item)


class Tasks:
    def __init__(self, loop) -> None:
        self.loop = loop
        self.home = threading.get_ident()

    def start(self, coroutine):
        if threading.get_ident() == self.home:
            return asyncio.create_task(coroutine)

        def start_there() -> None:
            asyncio.create_task(coroutine)

        self.loop.call_soon_threadsafe(start_there)
        return None


class Store:
    def __init__(self, tasks: Tasks) -> None:
        self.rows: list[tuple[str, str]] = []
        self._tasks = tasks
        self._queue = Unique()
        self._task = None

    async def save(self, text: str) -> None:
        if self._task is None:
            self._task = self._tasks.start(self._write())
        await self._queue.put(text)

    async def _write(self) -> None:
        while True:
            text = await self._queue.get()
            self.rows.append((USER.get() or "PUBLIC", text))


# --- check ---
import asyncio


async def scenario() -> None:
    store = Store(Tasks(asyncio.get_running_loop()))
    USER.set("alice")
    await store.save("secret")
    await store.save("secret")
    await asyncio.sleep(0.2)
    assert store.rows == [("alice", "secret")], store.rows


asyncio.run(scenario())
