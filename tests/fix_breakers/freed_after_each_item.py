# fix: may
"""The worker lets go of an item before it waits for the next: nothing else may hold it."""

import asyncio
from contextvars import ContextVar

USER: ContextVar[str] = ContextVar("user", default="nobody")


class Image:
    pass


class Resizer:
    def __init__(self) -> None:
        self.done = 0
        self._queue: asyncio.Queue[Image] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    def resize(self, image: Image) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._run())
        self._queue.put_nowait(image)

    async def _run(self) -> None:
        while True:
            image = await self._queue.get()
            self.done += 1
            del image


# --- check ---
import asyncio
import gc
import weakref


async def scenario() -> None:
    resizer = Resizer()
    image = Image()
    held = weakref.ref(image)
    resizer.resize(image)
    del image
    await asyncio.sleep(0.2)
    gc.collect()
    assert resizer.done == 1
    assert held() is None, "an item is kept alive while the worker waits for the next one"


asyncio.run(scenario())
