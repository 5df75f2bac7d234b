# fix: may
"""`while item := await get()` ends with None, which must not become a true WorkItem."""

import asyncio
from contextvars import ContextVar

USER: ContextVar[str] = ContextVar("user", default="nobody")


class Mailer:
    def __init__(self) -> None:
        self.sent: list[str] = []
        self._queue: asyncio.Queue[str | None] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    async def send(self, text: str) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._run())
        await self._queue.put(text)

    async def close(self) -> None:
        await self._queue.put(None)
        if self._task is not None:
            await asyncio.wait_for(self._task, 2)

    async def _run(self) -> None:
        while (text := await self._queue.get()) is not None:
            self.sent.append(f"{USER.get()}: {text}")


# --- check ---
import asyncio


async def request(mailer: Mailer, user: str) -> None:
    USER.set(user)
    await mailer.send(f"of {user}")


async def scenario() -> None:
    mailer = Mailer()
    await asyncio.create_task(request(mailer, "alice"))
    await asyncio.create_task(request(mailer, "bob"))
    await mailer.close()
    assert len(mailer.sent) == 2
    if FIXED:
        assert mailer.sent == ["alice: of alice", "bob: of bob"], mailer.sent


asyncio.run(scenario())
