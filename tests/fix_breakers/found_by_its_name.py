# fix: may
"""The queue is reached by `getattr`, with a name made from strings."""

import asyncio
from contextvars import ContextVar

USER: ContextVar[str] = ContextVar("user", default="nobody")


class Lanes:
    def __init__(self) -> None:
        self.seen: list[str] = []
        self._fast_queue: asyncio.Queue[str] = asyncio.Queue()
        self._slow_queue: asyncio.Queue[str] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    def put(self, text: str) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._run())
        self._fast_queue.put_nowait(text)

    def put_in(self, lane: str, text: str) -> None:
        getattr(self, f"_{lane}_queue").put_nowait(text)

    async def _run(self) -> None:
        while True:
            text = await self._fast_queue.get()
            self.seen.append(text.upper())


# --- check ---
import asyncio


async def scenario() -> None:
    lanes = Lanes()
    lanes.put("a")
    lanes.put_in("fast", "b")
    await asyncio.sleep(0.2)
    assert lanes.seen == ["A", "B"], lanes.seen


asyncio.run(scenario())
