"""Workers that start where an attribute is read or a ``with`` is entered: by start-up, or not."""

import asyncio
import contextlib
from contextlib import asynccontextmanager
from functools import cached_property

from fastapi import FastAPI


class Poller:
    async def poll(self) -> None:
        while True:
            await asyncio.sleep(1)


class Keeper(Poller):
    """Read while the app starts."""

    def __init__(self) -> None:
        self._task: asyncio.Task[None] | None = None

    @property
    def keeping(self) -> "asyncio.Task[None]":
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(coro=self.poll())
        return self._task


class Cacher(Poller):
    @cached_property
    def caching(self) -> "asyncio.Task[None]":
        return asyncio.create_task(self.poll())


class Lender(Poller):
    """Read by requests."""

    def __init__(self) -> None:
        self._task: asyncio.Task[None] | None = None

    @property
    def lending(self) -> "asyncio.Task[None]":
        if self._task is None:
            self._task = asyncio.create_task(self.poll())  # error: CTX101
        return self._task


class Opened(Poller):
    """Entered while the app starts, and left when it ends."""

    async def __aenter__(self) -> "Opened":
        self._task = asyncio.create_task(self.poll())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()


class Visited(Poller):
    """Entered by requests, and never ended."""

    async def __aenter__(self) -> "Visited":
        self._task = asyncio.create_task(self.poll())  # error: CTX101
        return self

    async def __aexit__(self, *_: object) -> None:
        print("left")


keeper = Keeper()
cacher = Cacher()
lender = Lender()
stack = contextlib.AsyncExitStack()


@asynccontextmanager
async def lifespan(app: FastAPI):
    print(keeper.keeping, cacher.caching)
    await stack.enter_async_context(Opened())
    yield
    await stack.aclose()


app = FastAPI(lifespan=lifespan)


@app.get("/lend")
async def lend() -> str:
    return str(lender.lending)


@app.get("/visit")
async def visit() -> None:
    async with Visited():
        await asyncio.sleep(1)
