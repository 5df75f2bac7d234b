"""A starter with two callers: start-up, and whichever request finds the worker gone."""

import asyncio
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route


class Cache:
    def __init__(self) -> None:
        self._task: asyncio.Task[None] | None = None

    def ensure_running(self) -> None:
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._refresh())  # error: CTX101

    async def _refresh(self) -> None:
        while True:
            await asyncio.sleep(60)


class Index:
    """Its twin has start-up alone to thank."""

    def __init__(self) -> None:
        self._task: asyncio.Task[None] | None = None

    def ensure_running(self) -> None:
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._rebuild())

    def look_up(self, word: str) -> str:
        return word

    async def _rebuild(self) -> None:
        while True:
            await asyncio.sleep(60)


cache = Cache()
index = Index()


@asynccontextmanager
async def lifespan(app: Starlette):
    cache.ensure_running()
    index.ensure_running()
    yield


async def look_up(request: Request) -> PlainTextResponse:
    cache.ensure_running()
    return PlainTextResponse(index.look_up("word"))


app = Starlette(routes=[Route("/", look_up)], lifespan=lifespan)
