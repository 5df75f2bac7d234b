"""Items that carry the context of whoever put them there: nothing to report."""

import asyncio
import contextvars
import functools
import queue
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypedDict

from ctxlint.detached import WorkItem, activate_request_context, capture_request_context
from opentelemetry import context as otel_context


class InTuple:
    def __init__(self) -> None:
        self._queue: asyncio.Queue = asyncio.Queue()

    async def put(self, row: str) -> None:
        await self._queue.put((contextvars.copy_context(), row))

    async def run(self) -> None:
        while True:
            context, row = await self._queue.get()
            context.run(print, row)


class InVariable:
    def __init__(self) -> None:
        self._queue: asyncio.Queue = asyncio.Queue()

    async def put(self, row: str) -> None:
        context = contextvars.copy_context()
        item = (row, context)
        await self._queue.put(item)

    async def run(self) -> None:
        while True:
            row, context = await self._queue.get()
            context.run(asyncio.create_task, self._write(row))

    async def _write(self, row: str) -> None:
        print(row)


class InDict:
    def __init__(self) -> None:
        self._queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    async def put(self, row: str) -> None:
        await self._queue.put({"row": row, "context": contextvars.copy_context()})

    async def run(self) -> None:
        while True:
            item = await self._queue.get()
            item["context"].run(print, item["row"])


class Job(TypedDict):
    row: str
    context: contextvars.Context


class InTypedDict:
    def __init__(self) -> None:
        self._queue: asyncio.Queue[Job] = asyncio.Queue()

    async def put(self, row: str) -> None:
        job: Job = {"row": row, "context": contextvars.copy_context()}
        await self._queue.put(job)

    async def run(self) -> None:
        while True:
            job = await self._queue.get()
            job["context"].run(print, job["row"])


@dataclass
class Envelope:
    row: str
    context: contextvars.Context


class InDataclass:
    def __init__(self) -> None:
        self._queue: asyncio.Queue[Envelope] = asyncio.Queue()

    async def put(self, row: str) -> None:
        await self._queue.put(Envelope(row, contextvars.copy_context()))

    async def run(self) -> None:
        while True:
            item = await self._queue.get()
            asyncio.create_task(self._write(item.row), context=item.context)

    async def _write(self, row: str) -> None:
        print(row)


@dataclass
class Capsule:
    """Captures by itself."""

    row: str
    context: contextvars.Context = field(default_factory=contextvars.copy_context)


class InDefaultFactory:
    def __init__(self) -> None:
        self._queue: asyncio.Queue[Capsule] = asyncio.Queue()

    async def put(self, row: str) -> None:
        await self._queue.put(Capsule(row))

    async def run(self) -> None:
        while True:
            item = await self._queue.get()
            item.context.run(print, item.row)


class Letter(NamedTuple):
    context: contextvars.Context
    row: str


class InNamedTuple:
    def __init__(self) -> None:
        self._queue: asyncio.Queue[Letter] = asyncio.Queue()

    async def put(self, row: str) -> None:
        letter = Letter(context=contextvars.copy_context(), row=row)
        self._queue.put_nowait(letter)

    async def run(self) -> None:
        while True:
            letter = await self._queue.get()
            letter.context.run(print, letter.row)


class Parcel:
    """A class of the project's own whose constructor captures."""

    def __init__(self, row: str) -> None:
        self.row = row
        self.context = contextvars.copy_context()


class InConstructor:
    def __init__(self) -> None:
        self._queue: asyncio.Queue[Parcel] = asyncio.Queue()

    async def put(self, row: str) -> None:
        await self._queue.put(Parcel(row))

    async def run(self) -> None:
        while True:
            parcel = await self._queue.get()
            parcel.context.run(print, parcel.row)


class InPartial:
    def __init__(self) -> None:
        self._queue: queue.Queue[Callable[[], object]] = queue.Queue()

    def put(self, row: str) -> None:
        context = contextvars.copy_context()
        self._queue.put(functools.partial(context.run, print, row))

    def put_at_once(self, row: str) -> None:
        self._queue.put(functools.partial(contextvars.copy_context().run, print, row))

    def run(self) -> None:
        while True:
            self._queue.get()()


class InClosure:
    def __init__(self) -> None:
        self._queue: queue.Queue[Callable[[], object]] = queue.Queue()

    def put(self, row: str) -> None:
        context = contextvars.copy_context()
        self._queue.put(lambda: context.run(print, row))

    def put_function(self, row: str) -> None:
        context = contextvars.copy_context()

        def work() -> None:
            context.run(print, row)

        self._queue.put(work)

    def run(self) -> None:
        while True:
            self._queue.get()()


class InWorkItem:
    def __init__(self) -> None:
        self._queue: asyncio.Queue[WorkItem[str]] = asyncio.Queue()

    async def put(self, row: str) -> None:
        await self._queue.put(WorkItem(row))

    async def run(self) -> None:
        while True:
            work = await self._queue.get()
            with activate_request_context(work.context):
                print(work.payload)


class InSnapshot:
    def __init__(self) -> None:
        self._queue: asyncio.Queue = asyncio.Queue()

    async def put(self, row: str) -> None:
        await self._queue.put((row, capture_request_context()))

    async def run(self) -> None:
        while True:
            row, context = await self._queue.get()
            with activate_request_context(context):
                print(row)


class InTrace:
    def __init__(self) -> None:
        self._queue: asyncio.Queue = asyncio.Queue()

    async def put(self, row: str) -> None:
        await self._queue.put((otel_context.get_current(), row))

    async def run(self) -> None:
        while True:
            context, row = await self._queue.get()
            token = otel_context.attach(context)
            try:
                print(row)
            finally:
                otel_context.detach(token)


class InPairs:
    """Only some of what is given to `tuple` is a snapshot."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[Any] = asyncio.Queue()
        self._fields: asyncio.Queue[Any] = asyncio.Queue()

    async def put(self, row: dict[str, str]) -> None:
        await self._queue.put((tuple(contextvars.copy_context().items()), row))
        await self._fields.put((tuple(row.items()), row))  # error: CTX201

    async def run(self) -> None:
        while True:
            variables, row = await self._queue.get()
            for variable, value in variables:
                variable.set(value)
            print(row)

    async def run_fields(self) -> None:
        while True:
            print(await self._fields.get())


async def main() -> None:
    asyncio.create_task(InPairs().run())
    asyncio.create_task(InPairs().run_fields())
    asyncio.create_task(InTuple().run())
    asyncio.create_task(InVariable().run())
    asyncio.create_task(InDict().run())
    asyncio.create_task(InTypedDict().run())
    asyncio.create_task(InDataclass().run())
    asyncio.create_task(InDefaultFactory().run())
    asyncio.create_task(InNamedTuple().run())
    asyncio.create_task(InConstructor().run())
    asyncio.create_task(asyncio.to_thread(InPartial().run))
    asyncio.create_task(asyncio.to_thread(InClosure().run))
    asyncio.create_task(InWorkItem().run())
    asyncio.create_task(InSnapshot().run())
    asyncio.create_task(InTrace().run())
    await asyncio.sleep(1000)


asyncio.run(main())
