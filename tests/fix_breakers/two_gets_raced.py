# fix: may
"""Two queues are waited for at once; the get is a task, and its result the item."""

import asyncio
from contextvars import ContextVar

USER: ContextVar[str] = ContextVar("user", default="nobody")


class Mixer:
    def __init__(self) -> None:
        self.heard: list[str] = []
        self._left: asyncio.Queue[str] = asyncio.Queue()
        self._right: asyncio.Queue[str] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    def play(self, side: str, tone: str) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._run())
        if side == "left":
            self._left.put_nowait(tone)
        else:
            self._right.put_nowait(tone)

    async def _run(self) -> None:
        gets = {asyncio.create_task(q.get()): q for q in (self._left, self._right)}
        while True:
            done, _ = await asyncio.wait(gets, return_when=asyncio.FIRST_COMPLETED)
            for get in done:
                queue = gets.pop(get)
                gets[asyncio.create_task(queue.get())] = queue
                self.heard.append(get.result().upper())


# --- check ---
import asyncio


async def scenario() -> None:
    mixer = Mixer()
    mixer.play("left", "a")
    mixer.play("right", "b")
    await asyncio.sleep(0.2)
    assert sorted(mixer.heard) == ["A", "B"], mixer.heard


asyncio.run(scenario())
