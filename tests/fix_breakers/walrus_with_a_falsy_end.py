# fix: may
"""An empty string ends the loop, and it is put by the same call that puts the others."""

import asyncio
from contextvars import ContextVar

USER: ContextVar[str] = ContextVar("user", default="nobody")


class Lines:
    def __init__(self) -> None:
        self.seen: list[str] = []
        self._queue: asyncio.Queue[str] = asyncio.Queue()
        self.task: asyncio.Task[None] | None = None

    def feed(self, line: str) -> None:
        if self.task is None:
            self.task = asyncio.create_task(self._run())
        self._queue.put_nowait(line)

    async def _run(self) -> None:
        while line := await self._queue.get():
            self.seen.append(line)


# --- check ---
import asyncio


async def scenario() -> None:
    lines = Lines()
    for line in ("one", "two", ""):
        lines.feed(line)
    await asyncio.wait_for(lines.task, 2)
    assert lines.seen == ["one", "two"]


asyncio.run(scenario())
