"""Workers that belong to objects: constructors, ``async with``, decorators, deep call chains."""

import asyncio
import functools

from aiohttp import web


class Stream:
    """Constructed by a handler: its constructor spawns."""

    def __init__(self) -> None:
        self._task = asyncio.create_task(self._read())  # error: CTX101

    async def _read(self) -> None:
        while True:
            await asyncio.sleep(1)


async def open_stream(request: web.Request) -> web.Response:
    request.app["streams"].append(Stream())
    return web.Response()


class Lease:
    """``__aexit__`` forgets the task that ``__aenter__`` started."""

    async def __aenter__(self) -> "Lease":
        self._renewer = asyncio.create_task(self._renew())  # error: CTX101
        return self

    async def __aexit__(self, *_: object) -> None:
        self.released = True

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(5)


async def hold_lease(request: web.Request) -> web.Response:
    async with Lease():
        return web.Response()


class Lock:
    """``__aexit__`` ends what ``__aenter__`` started: nothing outlives the request."""

    async def __aenter__(self) -> "Lock":
        self._renewer = asyncio.create_task(self._renew())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._renewer.cancel()

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(5)


async def hold_lock(request: web.Request) -> web.Response:
    async with Lock():
        return web.Response()


class Throttle:
    """Made by the first call of what it decorates."""

    def __init__(self) -> None:
        self._task = asyncio.create_task(self._refill())  # error: CTX101

    async def _refill(self) -> None:
        while True:
            await asyncio.sleep(1)


def throttled(function):
    throttle = None

    @functools.wraps(function)
    async def wrapper(*args, **kwargs):
        nonlocal throttle
        if throttle is None:
            throttle = Throttle()
        return await function(*args, **kwargs)

    return wrapper


@throttled
async def search(request: web.Request) -> web.Response:
    return web.Response()


class Engine:
    """Four calls below the handler."""

    async def query(self) -> None:
        await self._prepare()

    async def _prepare(self) -> None:
        self._warm_up()

    def _warm_up(self) -> None:
        self._start_statistics()

    def _start_statistics(self) -> None:
        self._task = asyncio.create_task(self._collect())  # error: CTX101

    async def _collect(self) -> None:
        while True:
            await asyncio.sleep(15)


engine = Engine()


async def query(request: web.Request) -> web.Response:
    await engine.query()
    return web.Response()


app = web.Application()
app.router.add_get("/stream", open_stream)
app.router.add_get("/lease", hold_lease)
app.router.add_get("/lock", hold_lock)
app.router.add_get("/search", search)
app.router.add_get("/query", query)
