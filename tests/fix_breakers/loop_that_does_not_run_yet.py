# fix: may
"""The task is made for a loop that runs later, in a thread: no running loop at the call."""

import asyncio
import threading
from contextvars import ContextVar

USER: ContextVar[str] = ContextVar("user", default="nobody")


class Background:
    def __init__(self) -> None:
        self.ticks = 0
        self.ticked = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    def ensure(self) -> None:
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            self.task = self._loop.create_task(self._tick())
            self.thread = threading.Thread(target=self._loop.run_forever, daemon=True)
            self.thread.start()

    def stop(self) -> None:
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self.task.cancel)
            self._loop.call_soon_threadsafe(self._loop.stop)

    async def _tick(self) -> None:
        while True:
            self.ticks += 1
            self.ticked.set()
            await asyncio.sleep(0.01)


# --- check ---
background = Background()
background.ensure()
assert background.ticked.wait(2)
background.stop()
background.thread.join(2)
assert not background.thread.is_alive()
