"""What annotations say: whose ``start`` a request calls, in unions, variables, collections."""

import asyncio
import typing
from collections.abc import Callable
from typing import Any, Optional, TypeVar, Union

from fastapi import FastAPI
from somewhere import Handle, kind_of

app = FastAPI()


async def loop() -> None:
    while True:
        await asyncio.sleep(1)


class InUnion:
    def start(self) -> None:
        self.task = asyncio.create_task(loop())  # error: CTX101


class InVariable:
    def start(self) -> None:
        self.task = asyncio.create_task(loop())  # error: CTX101


class Made:
    def start(self) -> None:
        self.task = asyncio.create_task(loop())  # error: CTX101


class Stored:
    def start(self) -> None:
        self.task = asyncio.create_task(loop())  # error: CTX101


class NotNamed:
    """Only start-up is seen to start it: nothing to report."""

    def start(self) -> None:
        self.task = asyncio.create_task(loop())


Bound = TypeVar("Bound", bound=InVariable)
Free = TypeVar("Free")


@app.post("/union")
def in_union(found: Union[InUnion, None], other: Optional[int] = None) -> None:
    if found is not None:
        found.start()


@app.post("/variable")
def in_variable(found: Bound) -> None:
    found.start()


@app.post("/made")
def made(make: Callable[[], Made]) -> None:
    kinds()["made"]().start()


def kinds() -> dict[str, type[Made]]:
    return {"made": Made}


class Registry:
    def __init__(self) -> None:
        self.known: dict[str, Any] = {}
        self.others: dict[str, Any] = {}

    def register(self, name: str) -> None:
        self.known[name] = Stored()

    def begin(self, name: str) -> None:
        self.known[name].start()
        self.others[name].start()


registry = Registry()
registry.others["late"] = NotNamed()


@app.post("/registry")
def in_registry(name: str) -> None:
    registry.begin(name)
    (registry or Registry()).known[name].stop()
    lookup()[name].start()


def lookup() -> Any:
    return registry.others


@app.post("/unnamed")
def unnamed(
    one: Free, two: kind_of(int), three: (int, str), four: typing.AnyStr, five: Handle
) -> None:
    one.start()
    two.start()
    three.start()
    four.start()
    five.start()


async def main() -> None:
    for each in (InUnion(), InVariable(), Made(), Stored(), NotNamed()):
        each.start()
    await asyncio.sleep(1000)


asyncio.run(main())
