# fix: may
"""What is left at the end is taken by somebody else than the worker."""

import asyncio
from contextvars import ContextVar

USER: ContextVar[str] = ContextVar("user", default="nobody")


class Spool:
    def __init__(self) -> None:
        self.written: list[str] = []
        self._queue: asyncio.Queue[str] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    def write(self, text: str) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._run())
        self._queue.put_nowait(text)

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
        while not self._queue.empty():
            text = self._queue.get_nowait()
            self.written.append(f"{USER.get()}: {text} (late)")

    async def _run(self) -> None:
        while True:
            text = await self._queue.get()
            self.written.append(f"{USER.get()}: {text}")


# --- check ---
import asyncio


async def request(spool: Spool, user: str) -> None:
    USER.set(user)
    spool.write(f"of {user}")


async def scenario() -> None:
    spool = Spool()
    await asyncio.create_task(request(spool, "alice"))
    await asyncio.sleep(0.2)
    await asyncio.create_task(request(spool, "bob"))
    spool.write("mine")
    await spool.close()
    texts = [each.split(": ", 1)[1] for each in spool.written]
    assert [text.removesuffix(" (late)") for text in texts] == ["of alice", "of bob", "mine"]
    if FIXED:
        assert spool.written[1].startswith("bob: of bob"), spool.written


asyncio.run(scenario())
