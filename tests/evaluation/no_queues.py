"""Things with ``put`` and ``get`` that hand nothing to a worker: nothing to report."""

import asyncio
import multiprocessing
from collections import deque

import httpx
import redis.asyncio as redis


class Store:
    """A key-value store."""

    def __init__(self) -> None:
        self._data: dict[str, str] = {}

    def put(self, key: str, value: str) -> None:
        self._data[key] = value

    def get(self, key: str) -> str | None:
        return self._data.get(key)


store = Store()


class Client:
    def __init__(self) -> None:
        self._http = httpx.AsyncClient()

    async def replace(self, row: str) -> None:
        await self._http.put("https://example.com/row", content=row)
        store.put("row", row)

    async def watch(self) -> None:
        while True:
            await self._http.get("https://example.com/row")
            store.get("row")
            await asyncio.sleep(1)


class Broker:
    """Items that leave the process are pickled, and a Context cannot be."""

    def __init__(self) -> None:
        self._redis = redis.Redis()

    async def publish(self, event: str) -> None:
        await self._redis.lpush("events", event)

    async def consume(self) -> None:
        while True:
            print(await self._redis.brpop("events"))


class Process:
    def __init__(self) -> None:
        self._queue: multiprocessing.Queue = multiprocessing.Queue()

    def submit(self, job: str) -> None:
        self._queue.put(job)

    def run(self) -> None:
        while True:
            print(self._queue.get())


class Joinable:
    def __init__(self) -> None:
        self._queue = multiprocessing.JoinableQueue()

    def submit(self, job: str) -> None:
        self._queue.put(job)

    def run(self) -> None:
        while True:
            print(self._queue.get())


class Recent:
    """A deque that nobody empties in a worker."""

    def __init__(self) -> None:
        self._recent: deque[str] = deque(maxlen=100)

    def add(self, line: str) -> None:
        self._recent.append(line)

    def last(self) -> str:
        return self._recent.pop()


class Stack:
    """A list that is a stack."""

    def __init__(self) -> None:
        self._open: list[str] = []

    def enter(self, tag: str) -> None:
        self._open.append(tag)

    def leave(self) -> str:
        return self._open.pop()


def main() -> None:
    for target in (Process().run, Joinable().run):
        multiprocessing.Process(target=target).start()


async def serve() -> None:
    client = Client()
    asyncio.create_task(client.watch())
    asyncio.create_task(Broker().consume())
    await asyncio.sleep(1000)


if __name__ == "__main__":
    main()
    asyncio.run(serve())
