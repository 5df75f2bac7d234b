"""Queues that are made in one place and used in another: each is known on its way."""

import asyncio
import queue
import threading
import weakref
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, cast

import anyio
from fastapi import FastAPI
from storage import upload

app = FastAPI()


class Bound:
    """Bound in the midst of an expression."""

    def __init__(self) -> None:
        self._rows: queue.Queue[str] = queue.Queue()

    def put(self, row: str) -> None:
        if (rows := self._rows).qsize() < 100:
            rows.put(row)  # error: CTX201

    def run(self) -> None:
        while True:
            upload(self._rows.get())


class Lanes:
    """One of two, by name."""

    def __init__(self) -> None:
        self._lanes = {"fast": queue.Queue(), "slow": queue.Queue()}

    def put(self, row: str, lane: str) -> None:
        self._lanes[lane].put(row)  # error: CTX201

    def run(self) -> None:
        while True:
            upload(self._lanes["fast"].get())


class Shards:
    """One for each number."""

    def __init__(self, count: int) -> None:
        self._shards = {number: asyncio.Queue() for number in range(count)}

    def put(self, row: str) -> None:
        self._shards[hash(row) % 8].put_nowait(row)  # error: CTX201

    async def run(self, number: int) -> None:
        while True:
            upload(await self._shards[number].get())


class Listed:
    """Workers bring their own, and take turns."""

    def __init__(self) -> None:
        self._inboxes: list[asyncio.Queue[str]] = []

    def publish(self, row: str) -> None:
        self._inboxes[hash(row) % len(self._inboxes)].put_nowait(row)  # error: CTX201

    async def subscribe(self) -> None:
        inbox: asyncio.Queue[str] = asyncio.Queue()
        self._inboxes.append(inbox)
        while True:
            upload(await inbox.get())


class Closed:
    """Closed behind the one that puts."""

    def __init__(self) -> None:
        self._send, self._receive = anyio.create_memory_object_stream(100)

    async def put(self, row: str) -> None:
        async with self._send.clone() as send:
            await send.send(row)  # error: CTX201

    async def run(self) -> None:
        async with self._receive as receive:
            async for row in receive:
                upload(row)


class Weak:
    """Kept alive by the worker alone."""

    def __init__(self, rows: "queue.Queue[str]") -> None:
        self._rows = weakref.ref(rows)

    def put(self, row: str) -> None:
        rows = self._rows()
        if rows is not None:
            rows.put(row)  # error: CTX201


def weak() -> Weak:
    rows: queue.Queue[str] = queue.Queue()
    threading.Thread(target=drain, args=(rows,), daemon=True).start()  # error: CTX102
    return Weak(rows)


def drain(rows: "queue.Queue[str]") -> None:
    while True:
        upload(rows.get())


class Shown:
    """Others reach it by a property."""

    def __init__(self) -> None:
        self._rows: queue.Queue[str] = queue.Queue()

    @property
    def rows(self) -> "queue.Queue[str]":
        return self._rows

    @cached_property
    def urgent(self) -> "queue.Queue[str]":
        return queue.Queue()

    def run(self) -> None:
        while True:
            upload(self.rows.get())

    def run_urgent(self) -> None:
        while True:
            upload(self.urgent.get())


shown = Shown()


@app.post("/rows")
def rows(row: str) -> None:
    shown.rows.put(row)  # error: CTX201
    shown.urgent.put(row)  # error: CTX201


@dataclass
class Sender:
    """A field of it."""

    name: str
    outgoing: "asyncio.Queue[str]"

    async def send(self, row: str) -> None:
        await self.outgoing.put(row)  # error: CTX201


class Adopted:
    """One object takes over another's."""

    def __init__(self) -> None:
        self._rows: queue.Queue[str] = queue.Queue()

    def adopt(self, other: "Adopted") -> None:
        self._rows = other._rows

    def put(self, row: str) -> None:
        self._rows.put(row)  # error: CTX201

    def run(self) -> None:
        while True:
            upload(self._rows.get())


class Told:
    """The type is said where it is used."""

    def __init__(self) -> None:
        self._rows: Any = queue.Queue()

    def put(self, row: str) -> None:
        cast("queue.Queue[str]", self._rows).put(row)  # error: CTX201

    def run(self) -> None:
        while True:
            upload(self._rows.get())


def add(rows: "queue.Queue[str]", row: str) -> None:
    rows.put(row)  # error: CTX201


class Added:
    """Given to a function that has the name of a collection's method."""

    def __init__(self) -> None:
        self._rows: queue.Queue[str] = queue.Queue()

    def put(self, row: str) -> None:
        add(self._rows, row)

    def run(self) -> None:
        while True:
            upload(self._rows.get())


async def carry(rows: "asyncio.Queue[str]") -> None:
    while True:
        upload(await rows.get())


def in_background(name: str, rows: "queue.Queue[str]") -> None:
    print(name)
    while True:
        upload(rows.get())


class Partly:
    """Bound to the worker's function before that is started."""

    def __init__(self) -> None:
        self._rows: queue.Queue[str] = queue.Queue()

    def put(self, row: str) -> None:
        self._rows.put(row)  # error: CTX201

    def start(self) -> None:
        threading.Thread(target=partial(in_background, "rows", self._rows)).start()  # error: CTX102


class Unnamed:
    """Started by position, with a group in front."""

    def __init__(self) -> None:
        self._rows: queue.Queue[str] = queue.Queue()

    def put(self, row: str) -> None:
        self._rows.put(row)  # error: CTX201

    def start(self) -> None:
        threading.Thread(None, in_background, "name", ("rows", self._rows)).start()  # error: CTX102


class Later:
    """Started in a while."""

    def __init__(self) -> None:
        self._rows: queue.Queue[str] = queue.Queue()

    def put(self, row: str) -> None:
        self._rows.put(row)  # error: CTX201

    def start(self) -> None:
        threading.Timer(5, drain, args=(self._rows,)).start()  # error: CTX102


class ByName:
    """Given under the parameter's name."""

    def __init__(self) -> None:
        self._rows: queue.Queue[str] = queue.Queue()

    def put(self, row: str) -> None:
        self._rows.put(row)  # error: CTX201

    def run(self) -> None:
        drain(rows=self._rows)

    def run_bound(self) -> None:
        run = partial(drain)
        run(self._rows)


async def main() -> None:
    outgoing: asyncio.Queue[str] = asyncio.Queue()
    sender = Sender("mail", outgoing)
    app.state.sender = sender
    asyncio.create_task(carry(outgoing))
    shards, closed = Shards(8), Closed()
    asyncio.create_task(shards.run(1))
    asyncio.create_task(closed.run())
    asyncio.create_task(Listed().subscribe())
    asyncio.create_task(asyncio.to_thread(ByName().run))
    for work in (Bound().run, Lanes().run, shown.run, shown.run_urgent, Adopted().run, Told().run):
        asyncio.create_task(asyncio.to_thread(work))
    asyncio.create_task(asyncio.to_thread(Added().run))
    await asyncio.sleep(1000)


asyncio.run(main())
