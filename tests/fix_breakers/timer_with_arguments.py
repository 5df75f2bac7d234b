# fix: may
"""A timer arms itself again, with arguments, and is cancelled by its handle."""

import asyncio
from contextvars import ContextVar

USER: ContextVar[str] = ContextVar("user", default="nobody")


class Heartbeat:
    def __init__(self) -> None:
        self.beats: list[tuple[str, int]] = []
        self.handle: asyncio.TimerHandle | None = None

    def ensure(self) -> None:
        if self.handle is None:
            loop = asyncio.get_running_loop()
            self.handle = loop.call_later(0.001, self._beat, loop, 1)

    def _beat(self, loop: asyncio.AbstractEventLoop, number: int) -> None:
        self.beats.append((USER.get(), number))
        self.handle = loop.call_later(0.001, self._beat, loop, number + 1)


# --- check ---
import asyncio


async def scenario() -> None:
    heart = Heartbeat()
    USER.set("alice")
    heart.ensure()
    await asyncio.sleep(0.2)
    heart.handle.cancel()
    assert [number for _, number in heart.beats[:3]] == [1, 2, 3]
    assert {user for user, _ in heart.beats} == {"nobody" if FIXED else "alice"}, heart.beats


asyncio.run(scenario())
