# fix: may
"""`call_soon_threadsafe(put, item)`: the item is made here, the put happens there."""

import asyncio
from contextvars import ContextVar

USER: ContextVar[str] = ContextVar("user", default="nobody")


class Inbox:
    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.seen: list[str] = []
        self._loop = loop
        self._queue: asyncio.Queue[str] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    def ensure(self) -> None:
        if self._task is None:
            self._task = self._loop.create_task(self._run())

    def receive(self, text: str) -> None:
        self._loop.call_soon_threadsafe(self._queue.put_nowait, text)

    async def _run(self) -> None:
        while True:
            text = await self._queue.get()
            self.seen.append(f"{USER.get()} {text}")


# --- check ---
import asyncio
import threading


def request(inbox: Inbox, user: str) -> None:
    USER.set(user)
    inbox.receive(user)


async def scenario() -> None:
    inbox = Inbox(asyncio.get_running_loop())
    USER.set("alice")
    inbox.ensure()
    for user in ("alice", "bob"):
        await asyncio.to_thread(request, inbox, user)
    await asyncio.sleep(0.2)
    assert [each.split()[1] for each in inbox.seen] == ["alice", "bob"]
    if FIXED:
        assert inbox.seen[1] in ("bob bob", "nobody bob"), inbox.seen


asyncio.run(scenario())
