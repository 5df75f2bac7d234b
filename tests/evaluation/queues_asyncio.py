"""Items on an asyncio queue, and who takes them off."""

import asyncio
from dataclasses import dataclass


class Store:
    """The classic: save puts, a worker writes."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[str] = asyncio.Queue(100)

    async def save(self, row: str) -> None:
        try:
            self._queue.put_nowait(row)  # error: CTX201
        except asyncio.QueueFull:
            await self._queue.put(row)  # error: CTX201

    async def save_soon(self, row: str) -> None:
        await asyncio.wait_for(self._queue.put(row), 5)  # error: CTX201

    def save_from_thread(self, loop: asyncio.AbstractEventLoop, row: str) -> None:
        loop.call_soon_threadsafe(self._queue.put_nowait, row)  # error: CTX201

    async def run(self) -> None:
        while True:
            row = await self._queue.get()
            print(row)
            self._queue.task_done()


class Aliased:
    """The queue under another name, the get below the loop."""

    def __init__(self) -> None:
        self.jobs: asyncio.Queue[str] = asyncio.Queue()

    async def submit(self, job: str) -> None:
        jobs = self.jobs
        await jobs.put(job)  # error: CTX201

    async def run(self) -> None:
        while True:
            for job in await self._batch():
                print(job)

    async def _batch(self) -> list[str]:
        batch = [await self._next()]
        while not self.jobs.empty():
            batch.append(self.jobs.get_nowait())
        return batch

    async def _next(self) -> str:
        return await asyncio.wait_for(self.jobs.get(), 60)


class Walrus:
    def __init__(self) -> None:
        self._queue: asyncio.Queue[str | None] = asyncio.Queue()

    async def publish(self, event: str) -> None:
        await self._queue.put(event)  # error: CTX201

    async def close(self) -> None:
        await self._queue.put(None)

    async def run(self) -> None:
        while event := await self._queue.get():
            print(event)


class AsTask:
    """The get is a task of its own."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[str] = asyncio.Queue()
        self._stopped = asyncio.Event()

    async def publish(self, event: str) -> None:
        await self._queue.put(event)  # error: CTX201

    async def run(self) -> None:
        while not self._stopped.is_set():
            getting = asyncio.create_task(self._queue.get())
            await asyncio.wait([getting], timeout=1)
            if getting.done():
                print(getting.result())


class Lazy:
    """The queue is made by its first user."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[str] | None = None

    async def publish(self, event: str) -> None:
        if self._queue is None:
            self._queue = asyncio.Queue()
        await self._queue.put(event)  # error: CTX201

    async def run(self) -> None:
        while True:
            if self._queue is not None:
                print(await self._queue.get())
            await asyncio.sleep(0.1)


events: asyncio.Queue[str] = asyncio.Queue()


async def publish(event: str) -> None:
    """A queue of the module's."""
    await events.put(event)  # error: CTX201


async def consume() -> None:
    while True:
        print(await events.get())


letters: asyncio.Queue[str] = asyncio.Queue()


async def post(letter: str) -> None:
    """The worker gets the queue as an argument."""
    await letters.put(letter)  # error: CTX201


async def deliver(queue: "asyncio.Queue[str]") -> None:
    while True:
        print(await queue.get())


class Priorities:
    """Tuples, with nothing in them but the item."""

    def __init__(self) -> None:
        self._queue: asyncio.PriorityQueue[tuple[int, str]] = asyncio.PriorityQueue()

    async def publish(self, event: str) -> None:
        await self._queue.put((1, event))  # error: CTX201

    async def run(self) -> None:
        while True:
            _, event = await self._queue.get()
            print(event)


class Coroutines:
    """A coroutine object runs in the context of the worker that awaits it."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue = asyncio.Queue()

    async def defer(self, row: str) -> None:
        await self._queue.put(self._write(row))  # error: CTX201

    async def _write(self, row: str) -> None:
        print(row)

    async def run(self) -> None:
        while True:
            coroutine = await self._queue.get()
            await coroutine


class Answered:
    """(future, operation): the answer finds its way back, the context does not."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue = asyncio.Queue()

    async def execute(self, operation) -> object:
        future = asyncio.get_running_loop().create_future()
        await self._queue.put((future, operation))  # error: CTX201
        return await future

    async def run(self) -> None:
        while True:
            future, operation = await self._queue.get()
            future.set_result(operation())


Parcels = asyncio.Queue


class Renamed:
    def __init__(self) -> None:
        self._parcels = Parcels()

    async def send(self, parcel: str) -> None:
        await self._parcels.put(parcel)  # error: CTX201

    async def run(self) -> None:
        while True:
            print(await self._parcels.get())


@dataclass
class Pump:
    """Its fields are what its constructor takes."""

    name: str
    rows: asyncio.Queue

    async def run(self) -> None:
        while True:
            row = await self.rows.get()
            print(self.name, row)


class Depot:
    """Taken from by a function that is given it, nobody knows from where."""

    def __init__(self) -> None:
        self._rows: asyncio.Queue = asyncio.Queue()

    async def put(self, row: str) -> None:
        await self._rows.put(row)  # error: CTX201


async def empty_depot(depot) -> None:
    while True:
        print(await depot._rows.get())


class Station:
    def __init__(self) -> None:
        self._given: asyncio.Queue = asyncio.Queue()
        self._named: asyncio.Queue = asyncio.Queue()
        self.pumps = [Pump("given", self._given), Pump("named", rows=self._named)]

    async def put(self, row: str) -> None:
        await self._given.put(row)  # error: CTX201
        await self._named.put(row)  # error: CTX201


async def main() -> None:
    for pump in Station().pumps:
        asyncio.create_task(pump.run())
    asyncio.create_task(Store().run())
    asyncio.create_task(Aliased().run())
    asyncio.create_task(Walrus().run())
    asyncio.create_task(AsTask().run())
    asyncio.create_task(Lazy().run())
    asyncio.create_task(consume())
    asyncio.create_task(deliver(letters))
    asyncio.create_task(Priorities().run())
    asyncio.create_task(Coroutines().run())
    asyncio.create_task(Answered().run())
    asyncio.create_task(Renamed().run())
    asyncio.create_task(empty_depot(vars()["depot"]))
    await asyncio.sleep(1000)


asyncio.run(main())
