# fix: silent
"""`ensure_future` takes any awaitable; a helper that makes tasks takes coroutines only."""

import asyncio
from collections.abc import Generator
from contextvars import ContextVar
from typing import Any

USER: ContextVar[str] = ContextVar("user", default="nobody")


class Ticker:
    def __init__(self) -> None:
        self.ticks = 0

    def __await__(self) -> Generator[Any, None, None]:
        return self._run().__await__()

    async def _run(self) -> None:
        while True:
            self.ticks += 1
            await asyncio.sleep(0.001)


class Service:
    def __init__(self) -> None:
        self.ticker = Ticker()
        self.task: asyncio.Future[None] | None = None

    def ensure(self) -> None:
        if self.task is None:
            self.task = asyncio.ensure_future(self.ticker)


# --- check ---
import asyncio


async def scenario() -> None:
    service = Service()
    service.ensure()
    await asyncio.sleep(0.2)
    assert service.ticker.ticks > 1
    service.task.cancel()


asyncio.run(scenario())
