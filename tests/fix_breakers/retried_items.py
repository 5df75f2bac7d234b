# fix: may
"""The worker puts an item again when it fails; it stays the item of who put it first."""

import asyncio
from contextvars import ContextVar

USER: ContextVar[str] = ContextVar("user", default="nobody")


class Mailer:
    def __init__(self) -> None:
        self.log: list[tuple[str, str]] = []
        self._queue: asyncio.Queue[tuple[str, int]] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    def send(self, text: str) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._run())
        self._queue.put_nowait((text, 1))

    async def _run(self) -> None:
        while True:
            text, attempt = await self._queue.get()
            try:
                if attempt < 3:
                    raise OSError("later")
                self.log.append((USER.get(), text))
            except OSError:
                self._queue.put_nowait((text, attempt + 1))
            finally:
                self._queue.task_done()


# --- check ---
import asyncio


async def request(mailer: Mailer, user: str) -> None:
    USER.set(user)
    mailer.send(user)


async def scenario() -> None:
    mailer = Mailer()
    for user in ("alice", "bob"):
        await asyncio.create_task(request(mailer, user))
    await asyncio.wait_for(mailer._queue.join(), 2)
    bob = "bob" if FIXED else "alice"
    assert mailer.log == [("alice", "alice"), (bob, "bob")], mailer.log


asyncio.run(scenario())
