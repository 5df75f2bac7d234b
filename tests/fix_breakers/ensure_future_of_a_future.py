# fix: may
"""What is given to `ensure_future` is a future already, of a worker and its guard."""

import asyncio
from contextvars import ContextVar

USER: ContextVar[str] = ContextVar("user", default="nobody")


class Service:
    def __init__(self) -> None:
        self.ticks = 0
        self.task: "asyncio.Future[list[None]] | None" = None

    def ensure(self) -> None:
        if self.task is None:
            self.task = asyncio.ensure_future(asyncio.gather(self._tick(), self._tick()))

    async def _tick(self) -> None:
        while True:
            self.ticks += 1
            await asyncio.sleep(0.001)


# --- check ---
import asyncio


async def scenario() -> None:
    service = Service()
    service.ensure()
    await asyncio.sleep(0.2)
    assert service.ticks > 2
    service.task.cancel()


asyncio.run(scenario())
