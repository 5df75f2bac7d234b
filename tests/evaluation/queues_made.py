"""Queues by where they are made: in constructors, fields, factories, under other names."""

import asyncio
import collections
import queue as queues
from dataclasses import dataclass, field

Jobs = asyncio.Queue
Named = asyncio.Queue
NUMBERS = {"one": 1}


def make_jobs() -> Jobs:
    return Jobs()


class ByAnotherName:
    def __init__(self) -> None:
        self._jobs = Jobs()

    def submit(self, job: str) -> None:
        self._jobs.put_nowait(job)  # error: CTX201

    async def run(self) -> None:
        while True:
            print(await self._jobs.get())


class ByAFunction:
    def __init__(self) -> None:
        self._jobs = make_jobs()

    def submit(self, job: str) -> None:
        self._jobs.put_nowait(job)  # error: CTX201

    async def run(self) -> None:
        while True:
            print(await self._jobs.get())


@dataclass
class ByAField:
    jobs: asyncio.Queue[str] = field(default_factory=asyncio.Queue)
    name: str = field(default="jobs")
    more: list[str] = field(repr=False, default_factory=list)
    kind: str = field()

    def submit(self, job: str) -> None:
        self.jobs.put_nowait(job)  # error: CTX201

    async def run(self) -> None:
        while True:
            print(await self.jobs.get(), self.name, self.more, self.kind)


@dataclass
class ByALambda:
    jobs: asyncio.Queue[str] = field(default_factory=lambda: asyncio.Queue(10))
    late: list[str] = field(default_factory=lambda: [])

    def submit(self, job: str) -> None:
        self.jobs.put_nowait(job)  # error: CTX201
        self.late.append(job)

    async def run(self) -> None:
        while True:
            print(await self.jobs.get())


def LifoQueue() -> list[object]:  # noqa: N802
    """A function of the project, and no queue either."""
    return []


class Queue:
    """A class of the project, and no queue: nothing is known of it."""

    def put_nowait(self, item: object) -> None:
        print(item)

    async def get(self) -> object:
        return NUMBERS


class NoQueue:
    def __init__(self) -> None:
        self._jobs = Queue()
        self._others = LifoQueue()
        self._counts = collections.defaultdict(list)

    def submit(self, job: str) -> None:
        self._jobs.put_nowait(job)
        self._counts[job].append(job)
        self._others.append(job)

    async def run(self) -> None:
        while True:
            print(await self._jobs.get())


class OwnQueue(queues.Queue):
    """One of the library's, with a name of the project's own."""


class Derived:
    def __init__(self) -> None:
        self._jobs = OwnQueue()

    def submit(self, job: str) -> None:
        self._jobs.put(job)  # error: CTX201

    def run(self) -> None:
        while True:
            print(self._jobs.get())


async def main() -> None:
    await asyncio.gather(
        ByAnotherName().run(),
        ByAFunction().run(),
        ByAField(kind="x").run(),
        ByALambda().run(),
        NoQueue().run(),
        asyncio.to_thread(Derived().run),
    )


if __name__ == "__main__":
    asyncio.run(main())
