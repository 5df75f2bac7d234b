# fix: may
"""The spawning function has another name, and is a default argument besides."""

import asyncio
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

USER: ContextVar[str] = ContextVar("user", default="nobody")
spawn = asyncio.create_task


class Service:
    def __init__(self, start: Callable[..., Any] = asyncio.create_task) -> None:
        self.users: list[str] = []
        self.start = start
        self.tasks: list[asyncio.Task[None]] = []

    def ensure(self) -> None:
        if not self.tasks:
            self.tasks.append(spawn(self._tick()))
            self.tasks.append(self.start(self._tick()))

    async def _tick(self) -> None:
        while True:
            self.users.append(USER.get())
            await asyncio.sleep(0.001)


# --- check ---
import asyncio


async def scenario() -> None:
    service = Service()
    USER.set("alice")
    service.ensure()
    await asyncio.sleep(0.2)
    assert len(service.users) > 2
    for task in service.tasks:
        task.cancel()


asyncio.run(scenario())
