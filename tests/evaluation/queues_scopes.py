"""Queues whose items need no context: those of one request, those that only start-up fills."""

import asyncio
from collections.abc import AsyncIterator


async def stream(texts: list[str]) -> AsyncIterator[str]:
    """A producer and the response it produces: nothing to report."""
    queue: asyncio.Queue[str | None] = asyncio.Queue()

    async def produce() -> None:
        for text in texts:
            await queue.put(text)
        await queue.put(None)

    task = asyncio.create_task(produce())
    while (text := await queue.get()) is not None:
        yield text
    await task


async def crawl(start: str) -> None:
    """Workers of one call: nothing to report."""
    queue: asyncio.Queue[str] = asyncio.Queue()
    await queue.put(start)
    workers = [asyncio.create_task(visit(queue)) for _ in range(4)]
    try:
        await queue.join()
    finally:
        for worker in workers:
            worker.cancel()


async def visit(queue: "asyncio.Queue[str]") -> None:
    while True:
        page = await queue.get()
        await queue.put(page)
        queue.task_done()


class Warmup:
    """Only start-up puts: nothing to report."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[str] = asyncio.Queue()

    async def fill(self) -> None:
        for name in ("a", "b"):
            await self._queue.put(name)

    async def run(self) -> None:
        while True:
            print(await self._queue.get())


class Relay:
    """The worker of one queue fills another one; it has no request to lose."""

    def __init__(self) -> None:
        self._in: asyncio.Queue[str] = asyncio.Queue()
        self._out: asyncio.Queue[str] = asyncio.Queue()

    async def submit(self, job: str) -> None:
        await self._in.put(job)  # error: CTX201

    async def pump(self) -> None:
        while True:
            await self._out.put(await self._in.get())

    async def run(self) -> None:
        while True:
            print(await self._out.get())


class Semaphores:
    """A queue as a pool: what goes in comes out in requests. Nothing to report."""

    def __init__(self) -> None:
        self._free: asyncio.Queue[object] = asyncio.Queue()

    async def use(self) -> None:
        connection = await self._free.get()
        try:
            print(connection)
        finally:
            await self._free.put(connection)


class Rpc:
    """Each call waits for its own answers: nothing to report."""

    async def call(self, method: str) -> str:
        answers: asyncio.Queue[str] = asyncio.Queue()
        await answers.put(method)
        return await answers.get()


async def main() -> None:
    warmup = Warmup()
    relay = Relay()
    await warmup.fill()
    asyncio.create_task(warmup.run())
    asyncio.create_task(relay.pump())
    asyncio.create_task(relay.run())
    await asyncio.sleep(1000)


asyncio.run(main())
