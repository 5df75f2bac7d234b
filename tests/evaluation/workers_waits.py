"""Workers without a loop of their own: they hold something and wait for the end of the world."""

import asyncio

import anyio
import httpx


class Connection:
    """Opens a connection, says that it is ready, and waits to be stopped."""

    def __init__(self) -> None:
        self._ready = asyncio.Event()
        self._stop = asyncio.Event()

    async def open(self) -> None:
        self._task = asyncio.create_task(self._hold())  # error: CTX101
        await self._ready.wait()

    async def _hold(self) -> None:
        async with httpx.AsyncClient() as client:
            self.client = client
            self._ready.set()
            await self._stop.wait()


class Listener:
    """A server within."""

    async def listen(self) -> None:
        self._task = asyncio.create_task(self._serve())  # error: CTX101

    async def _serve(self) -> None:
        server = await asyncio.start_server(print, port=0)
        async with server:
            await server.serve_forever()


class Placeholder:
    """Holds a resource for ever."""

    async def occupy(self) -> None:
        self._task = asyncio.create_task(self._sleep())  # error: CTX101

    async def _sleep(self) -> None:
        async with httpx.AsyncClient() as client:
            self.client = client
            await anyio.sleep_forever()


class Download:
    """A wait that has an end: nothing to report."""

    def __init__(self) -> None:
        self._arrived = asyncio.Event()

    async def fetch(self) -> None:
        self._task = asyncio.create_task(self._wait())

    async def _wait(self) -> None:
        await asyncio.wait_for(self._arrived.wait(), 30)


class Signal:
    """One event, one reaction: nothing to report."""

    async def on_close(self, closed: asyncio.Future[None]) -> None:
        self._task = asyncio.create_task(self._note(closed))

    async def _note(self, closed: asyncio.Future[None]) -> None:
        await closed
        print("closed")
