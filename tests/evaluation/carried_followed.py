"""Items that carry a context, followed to whoever handles their payload without it."""

import asyncio
import contextvars
import queue
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from ctxlint.detached import WorkItem

user: contextvars.ContextVar[str] = contextvars.ContextVar("user")


class Awaited:
    """The payload is a coroutine that nobody has started yet."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[tuple[contextvars.Context, Awaitable[None]]] = asyncio.Queue()

    def put(self, work: Coroutine[Any, Any, None]) -> None:
        self._queue.put_nowait((contextvars.copy_context(), work))

    async def run(self) -> None:
        while True:
            context, work = await self._queue.get()  # error: CTX202
            del context
            await work


class Chosen:
    """Or another, if it is empty."""

    def __init__(self, database: Any) -> None:
        self._database = database
        self._queue: asyncio.Queue[WorkItem[str]] = asyncio.Queue()

    def put(self, row: str) -> None:
        self._queue.put_nowait(WorkItem(row))

    async def run(self) -> None:
        while True:
            work = await self._queue.get()
            row = work.payload if work.payload else "empty"
            names = [each for each in "ab" if row]
            await self._database.write(row)  # error: CTX202
            print(names)


class First:
    """The first of several."""

    def __init__(self, database: Any) -> None:
        self._database = database
        self._queue: asyncio.Queue[WorkItem[str]] = asyncio.Queue()

    def put(self, row: str) -> None:
        self._queue.put_nowait(WorkItem(row))

    async def run(self) -> None:
        while True:
            batch = [await self._queue.get()]
            await self._database.write(batch[0].payload)  # error: CTX202


class Gathered:
    """All of several at once."""

    def __init__(self, database: Any) -> None:
        self._database = database
        self._queue: asyncio.Queue[WorkItem[str]] = asyncio.Queue()
        self._pairs: asyncio.Queue[tuple[contextvars.Context, str]] = asyncio.Queue()

    def put(self, row: str) -> None:
        self._queue.put_nowait(WorkItem(row))
        self._pairs.put_nowait((contextvars.copy_context(), row))

    async def run(self) -> None:
        while True:
            batch = [await self._queue.get()]
            while not self._queue.empty():
                batch.append(self._queue.get_nowait())
            await asyncio.gather(
                *[self._database.write(work.payload) for work in batch]  # error: CTX202
            )

    async def run_pairs(self) -> None:
        while True:
            pairs = [await self._pairs.get()]
            for coroutine in [self._database.write(row) for _, row in pairs]:  # error: CTX202
                await coroutine


class Checked:
    """It comes back from a function that others call, too."""

    def __init__(self, database: Any) -> None:
        self._database = database
        self._queue: asyncio.Queue[WorkItem[str]] = asyncio.Queue()
        self._last = WorkItem("")

    def put(self, row: str) -> None:
        self._queue.put_nowait(WorkItem(row))

    def _noted(self, work: WorkItem[str]) -> WorkItem[str]:
        self.count = len(work.payload)
        return work

    async def run(self) -> None:
        while True:
            work = self._noted(await self._queue.get())  # error: CTX202
            await self._database.write(work.payload)

    def repeat(self) -> str:
        return self._noted(self._last).payload


@dataclass
class Event:
    name: str
    context: contextvars.Context = field(default_factory=contextvars.copy_context)


class OnlyMade:
    """A coroutine is made in the context, and started elsewhere."""

    handler: Callable[[str], Awaitable[None]]

    def __init__(self, group: asyncio.TaskGroup) -> None:
        self._group = group
        self._queue: asyncio.Queue[Event] = asyncio.Queue()

    def put(self, name: str) -> None:
        self._queue.put_nowait(Event(name))

    @property
    def events(self) -> asyncio.Queue[Event]:
        return self._queue

    async def run(self) -> None:
        while True:
            event = await self._queue.get()
            await event.context.run(self.handler, event.name)  # error: CTX202

    def subscribe(self, listener: Any) -> None:
        self._listener = listener

    async def run_listener(self) -> None:
        while True:
            event = await self._queue.get()
            print(asyncio.iscoroutinefunction, asyncio.iscoroutinefunction(print))
            if asyncio.iscoroutinefunction(self._listener):
                self._group.create_task(
                    event.context.run(self._listener, event.name)  # error: CTX202
                )
            else:
                event.context.run(self._listener, event.name)


class InLoopOfItsOwn:
    """A thread runs each coroutine to its end."""

    def __init__(self) -> None:
        self._queue: queue.Queue[Event] = queue.Queue()

    def put(self, name: str) -> None:
        self._queue.put(Event(name))

    def run(self) -> None:
        while True:
            event = self._queue.get()
            asyncio.run(event.context.run(self._handle, event.name))  # error: CTX202

    async def _handle(self, name: str) -> None:
        print(name)


async def handle_all(
    events: "asyncio.Queue[Event]", handler: Callable[[str], Awaitable[None]]
) -> None:
    while True:
        event = await events.get()
        await event.context.run(handler, event.name)  # error: CTX202


async def main() -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(Awaited().run())
        group.create_task(Chosen(None).run())
        group.create_task(First(None).run())
        group.create_task(Gathered(None).run())
        group.create_task(Gathered(None).run_pairs())
        group.create_task(Checked(None).run())
        group.create_task(OnlyMade(group).run())
        group.create_task(asyncio.to_thread(InLoopOfItsOwn().run))
        only_made = OnlyMade(group)
        group.create_task(only_made.run_listener())
        group.create_task(handle_all(only_made.events, only_made.handler))


asyncio.run(main())
