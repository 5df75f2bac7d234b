# fix: may
"""Items are moved from one queue to a second one, whose worker does the work."""

import asyncio
from contextvars import ContextVar

USER: ContextVar[str] = ContextVar("user", default="nobody")


class Pipeline:
    def __init__(self) -> None:
        self.done: list[tuple[str, str]] = []
        self._inbox: asyncio.Queue[str] = asyncio.Queue()
        self._outbox: asyncio.Queue[str] = asyncio.Queue()
        self._tasks: list[asyncio.Task[None]] = []

    def submit(self, text: str) -> None:
        if not self._tasks:
            self._tasks.append(asyncio.create_task(self._relay()))
            self._tasks.append(asyncio.create_task(self._work()))
        self._inbox.put_nowait(text)

    async def _relay(self) -> None:
        while True:
            text = await self._inbox.get()
            await self._outbox.put(text.strip())

    async def _work(self) -> None:
        while True:
            text = await self._outbox.get()
            self.done.append((USER.get(), text))


# --- check ---
import asyncio


async def request(pipeline: Pipeline, user: str) -> None:
    USER.set(user)
    pipeline.submit(f" {user} ")


async def scenario() -> None:
    pipeline = Pipeline()
    for user in ("alice", "bob"):
        await asyncio.create_task(request(pipeline, user))
    await asyncio.sleep(0.2)
    assert [text for _, text in pipeline.done] == ["alice", "bob"], pipeline.done
    if FIXED:
        assert pipeline.done[1][0] in ("bob", "nobody"), pipeline.done


asyncio.run(scenario())
