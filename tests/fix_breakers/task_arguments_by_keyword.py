# fix: may
"""The coroutine is given by name, and more arguments by `**`."""

import asyncio
from contextvars import ContextVar
from typing import Any

USER: ContextVar[str] = ContextVar("user", default="nobody")


class Service:
    def __init__(self, **options: Any) -> None:
        self.ticks = 0
        self.options = options
        self.tasks: list[asyncio.Task[None]] = []

    def ensure(self) -> None:
        if not self.tasks:
            self.tasks.append(asyncio.create_task(coro=self._tick(), name="named"))
            self.tasks.append(asyncio.create_task(self._tick(), **self.options))
            self.tasks.append(asyncio.create_task(*[self._tick()]))

    async def _tick(self) -> None:
        while True:
            self.ticks += 1
            await asyncio.sleep(0.001)


# --- check ---
import asyncio


async def scenario() -> None:
    service = Service(name="optional")
    service.ensure()
    await asyncio.sleep(0.2)
    assert service.ticks > 3
    assert [task.get_name() for task in service.tasks[:2]] == ["named", "optional"]
    for task in service.tasks:
        task.cancel()


asyncio.run(scenario())
