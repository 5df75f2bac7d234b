# fix: may
"""In the starter the name `asyncio` is a parameter, and `contextvars` a class of the program."""

import asyncio as aio
from contextvars import ContextVar
from types import ModuleType

USER: ContextVar[str] = ContextVar("user", default="nobody")


class contextvars:
    Context = "none of Python's"


class Service:
    def __init__(self) -> None:
        self.users: list[str] = []
        self.task: aio.Task[None] | None = None

    def ensure(self, asyncio: str = "a word") -> None:
        if self.task is None and asyncio:
            self.task = aio.create_task(self._tick())

    async def _tick(self) -> None:
        while True:
            self.users.append(USER.get())
            await aio.sleep(0.001)


# --- check ---
import asyncio


async def scenario() -> None:
    service = Service()
    USER.set("alice")
    service.ensure()
    await asyncio.sleep(0.2)
    assert set(service.users) == {"nobody" if FIXED else "alice"}
    assert contextvars.Context == "none of Python's"
    service.task.cancel()


asyncio.run(scenario())
