"""Workers that only start-up code starts: nothing to report."""

import asyncio
from contextlib import asynccontextmanager

from fastapi import FastAPI


class Mailer:
    def __init__(self) -> None:
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._deliver())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await self._task

    async def _deliver(self) -> None:
        while True:
            await asyncio.sleep(1)


class Registry:
    def start_all(self) -> None:
        self._begin()

    def _begin(self) -> None:
        self._task = asyncio.create_task(watch_registry())


async def watch_registry() -> None:
    while True:
        await asyncio.sleep(5)


class Poller:
    def __init__(self) -> None:
        self._task = asyncio.create_task(self._poll())

    async def _poll(self) -> None:
        while True:
            await asyncio.sleep(5)


class Ticker:
    async def __aenter__(self) -> "Ticker":
        self._task = asyncio.create_task(self._tick())
        return self

    async def __aexit__(self, *_: object) -> None:
        print("left to itself")

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(1)


mailer = Mailer()
registry = Registry()


@asynccontextmanager
async def lifespan(app: FastAPI):
    await mailer.start()
    registry.start_all()
    app.state.poller = Poller()
    async with Ticker():
        yield
    await mailer.stop()


app = FastAPI(lifespan=lifespan)


@app.get("/health")
async def health() -> dict[str, bool]:
    return {"alive": True}
