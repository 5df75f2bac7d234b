"""Running a function in a context of its own detaches what it spawns meanwhile."""

import asyncio
import contextvars

from ctxlint.detached import run_detached


async def loop() -> None:
    while True:
        await asyncio.sleep(1)


class Service:
    def by_helper(self) -> None:
        run_detached(self._start)

    def by_context(self) -> None:
        contextvars.Context().run(self._start)

    def by_lambda(self) -> None:
        contextvars.Context().run(lambda: asyncio.create_task(loop()))

    def _start(self) -> None:
        self._task = asyncio.create_task(loop())


depth: contextvars.ContextVar[int] = contextvars.ContextVar("depth", default=0)
user: contextvars.ContextVar[str] = contextvars.ContextVar("user")


class Counting:
    """Setting one of two variables detaches nothing."""

    async def handle(self) -> None:
        depth.set(0)
        self._task = asyncio.create_task(loop())  # error: CTX101
