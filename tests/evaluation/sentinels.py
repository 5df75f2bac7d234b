"""Markers that tell a worker to stop, wake up or flush: nothing to report."""

import asyncio
import enum
import queue
import threading

STOP = object()
_SENTINEL: object = object()


class Command(enum.Enum):
    FLUSH = enum.auto()
    STOP = enum.auto()


class Shutdown:
    """A marker with a class of its own."""


class End:
    """Another one, whose name does not tell."""


class Page:
    """Holds what it is made of."""

    def __init__(self) -> None:
        self.lines: list[str] = []


class Asynchronous:
    def __init__(self) -> None:
        self._queue: asyncio.Queue[object] = asyncio.Queue()

    async def close(self) -> None:
        await self._queue.put(None)

    async def stop(self) -> None:
        await self._queue.put(STOP)

    async def end(self) -> None:
        await self._queue.put(_SENTINEL)

    def shut_down(self) -> None:
        self._queue.put_nowait(Shutdown())

    async def end_of_day(self) -> None:
        await self._queue.put(End())

    async def no_more(self) -> None:
        await self._queue.put(...)

    async def turn(self) -> None:
        await self._queue.put(Page())  # error: CTX201

    async def flush(self) -> None:
        await self._queue.put(Command.FLUSH)

    async def wake(self) -> None:
        await self._queue.put(True)

    async def run(self) -> None:
        while True:
            item = await self._queue.get()
            if item is None or item is STOP or item is _SENTINEL:
                return
            if item is ... or isinstance(item, Shutdown | End):
                return
            print(item)


class Threaded:
    def __init__(self, workers: int) -> None:
        self._queue: queue.Queue[object] = queue.Queue()
        self._workers = workers

    def close(self) -> None:
        for _ in range(self._workers):
            self._queue.put(None)

    def stop(self) -> None:
        self._queue.put("STOP")

    def send(self, line: str) -> None:
        self._queue.put(line)  # error: CTX201

    def run(self) -> None:
        for item in iter(self._queue.get, None):
            print(item)


async def main() -> None:
    threaded = Threaded(2)
    threading.Thread(target=threaded.run, daemon=True).start()
    await Asynchronous().run()


asyncio.run(main())
