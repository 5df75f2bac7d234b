"""Workers that objects start when they are made, called or entered, however that comes about."""

import asyncio
import contextlib
import threading
from typing import Any

from fastapi import Depends, FastAPI

app = FastAPI()


async def loop() -> None:
    while True:
        await asyncio.sleep(1)


class Beater:
    """Made by a method of its class, which requests call."""

    def __init__(self, name: str) -> None:
        self.task = asyncio.create_task(loop(), name=name)  # error: CTX101

    @classmethod
    def make(cls, name: str) -> "Beater":
        return cls(name)

    @classmethod
    def known(cls) -> str:
        return cls.__name__


@app.get("/beater")
async def beater() -> str:
    return Beater.make("one").task.get_name()


class Early:
    """The same, and only start-up calls it: nothing to report."""

    def __init__(self, name: str) -> None:
        self.task = asyncio.create_task(loop(), name=name)

    @classmethod
    def make(cls, name: str) -> "Early":
        return cls(name)


class Slow:
    def __init__(self) -> None:
        self.task = asyncio.create_task(loop())  # error: CTX101


class Fast:
    def __init__(self) -> None:
        self.task = asyncio.create_task(loop())  # error: CTX101


@app.get("/chosen")
async def chosen(fast: bool) -> str:
    kind = Fast if fast else Slow
    return kind().task.get_name()


class Memory:
    def __init__(self) -> None:
        self.task = asyncio.create_task(loop())


class Disk:
    def __init__(self) -> None:
        self.task = asyncio.create_task(loop())


def store() -> object:
    """Made by start-up alone: nothing to report."""
    kind = Memory if app.debug else Disk
    return kind()


class Feed:
    def __init__(self) -> None:
        self.task = asyncio.create_task(loop())  # error: CTX101


FEEDS = {"feed": Feed}


@app.get("/feed")
async def feed(name: str) -> str:
    return FEEDS[name]().task.get_name()


class Session:
    def __init__(self) -> None:
        self.task = asyncio.create_task(loop())  # error: CTX101


@app.get("/session")
async def session(found: Any = Depends(dependency=Session)) -> str:
    return found.task.get_name()


class Ticker:
    """Starts when it is called."""

    def __call__(self) -> None:
        self.task = asyncio.create_task(loop())  # error: CTX101


class EarlyTicker:
    """The same, and only start-up calls it: nothing to report."""

    def __call__(self) -> None:
        self.task = asyncio.create_task(loop())


ticker = Ticker()


@app.get("/tick")
async def tick() -> None:
    ticker()


class Entered:
    """Kept open by a stack that start-up fills: nothing to report."""

    def __enter__(self) -> "Entered":
        self.task = asyncio.create_task(loop())
        return self

    def __exit__(self, *failure: object) -> None:
        print("left")


class Pump(threading.Thread):
    """A thread that start-up starts: nothing to report."""

    def run(self) -> None:
        threading.Thread(target=beat).start()


def beat() -> None:
    while True:
        print("beat")


pump = Pump()
pump.start()
print(pump.start)


@app.get("/local")
async def local() -> str:
    class Local:
        def __init__(self) -> None:
            self.task = asyncio.create_task(loop())  # error: CTX101

    return Local().task.get_name()


async def main() -> None:
    store()
    Early.make("one")
    EarlyTicker()()
    with contextlib.ExitStack() as stack:
        stack.enter_context(Entered())
        await asyncio.sleep(1000)


asyncio.run(main())
