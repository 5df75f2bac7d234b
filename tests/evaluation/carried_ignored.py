"""Consumers that lose the context which their items carry: each is judged by itself."""

import asyncio
import atexit
import collections
import contextvars
import inspect
import queue
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import anyio
from ctxlint.detached import WorkItem, activate_request_context, capture_request_context
from opentelemetry import context as otel_context
from opentelemetry.propagate import inject
from storage import upload

user: contextvars.ContextVar[str] = contextvars.ContextVar("user")
tenant: contextvars.ContextVar[str] = contextvars.ContextVar("tenant")
VARIABLES = (user, tenant)


class Unpacked:
    """The tuple is taken apart, and the context forgotten."""

    def __init__(self, database: Any) -> None:
        self._database = database
        self._queue: asyncio.Queue = asyncio.Queue()

    async def put(self, row: str) -> None:
        await self._queue.put((contextvars.copy_context(), row))

    async def run(self) -> None:
        while True:
            context, row = await self._queue.get()
            del context
            await self._database.write(row)  # error: CTX202


class Indexed:
    """By its places."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._queue: queue.Queue = queue.Queue()

    def put(self, row: str, priority: int) -> None:
        item = (priority, row, contextvars.copy_context())
        self._queue.put_nowait(item)

    def run(self) -> None:
        while True:
            item = self._queue.get(timeout=5)
            if item[2] is None:
                continue
            self._client.post("/rows", json={"row": item[1]})  # error: CTX202


class Keyed:
    """A dict with headers that were injected."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    async def put(self, row: str) -> None:
        headers: dict[str, str] = {}
        inject(headers)
        await self._queue.put({"row": row, "headers": headers})

    async def run(self) -> None:
        while True:
            message = await asyncio.wait_for(self._queue.get(), 5)
            row = message.get("row")
            await self._client.send(row)  # error: CTX202


@dataclass
class Job:
    row: str
    context: contextvars.Context = field(default_factory=contextvars.copy_context)


class InTask:
    """A task of the worker, per item: it copies the worker's context."""

    def __init__(self, store: Any) -> None:
        self._store = store
        self._queue: asyncio.Queue[Job] = asyncio.Queue()

    async def put(self, row: str) -> None:
        await self._queue.put(Job(row))

    async def run(self) -> None:
        while job := await self._queue.get():
            asyncio.create_task(self._handle(job))  # error: CTX202

    async def _handle(self, job: Job) -> None:
        await self._store.write(job.row)


class Letter(NamedTuple):
    trace: otel_context.Context
    row: str


class Looped:
    """A stream is looped over, each item a call away."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._send, self._receive = anyio.create_memory_object_stream(100)

    async def put(self, row: str) -> None:
        await self._send.send(Letter(otel_context.get_current(), row))

    async def run(self) -> None:
        async for _, row in self._receive:
            text = f"<{row}>"
            await self._client.publish(text)  # error: CTX202


class Parcel:
    """A class of the project's own: a snapshot that is no Context."""

    def __init__(self, row: str) -> None:
        self.row = row
        self.values = {variable: variable.get() for variable in VARIABLES}


class InThread:
    """The payload is handed to a thread of its own."""

    def __init__(self, upload: Callable[[str], None]) -> None:
        self._upload = upload
        self._queue: queue.Queue[Parcel] = queue.Queue()

    def put(self, row: str) -> None:
        self._queue.put(Parcel(row))

    def run(self) -> None:
        for parcel in iter(self._queue.get, None):
            threading.Thread(target=self._upload, args=(parcel.row,)).start()  # error: CTX202


class Flushed:
    """The worker activates, the flush at exit does not."""

    def __init__(self, upload: Callable[[str], None]) -> None:
        self._upload = upload
        self._queue: queue.SimpleQueue[WorkItem[str]] = queue.SimpleQueue()
        atexit.register(self._flush)

    def put(self, row: str) -> None:
        self._queue.put(WorkItem(row))

    def run(self) -> None:
        while True:
            work = self._queue.get()
            with activate_request_context(work.context):
                self._upload(work.payload)

    def _flush(self) -> None:
        while True:
            try:
                work = self._queue.get_nowait()
            except queue.Empty:
                return
            self._upload(work.payload)  # error: CTX202


class Batched:
    """A batch that handles each item by itself."""

    def __init__(self, database: Any) -> None:
        self._database = database
        self._queue: asyncio.Queue[WorkItem[str]] = asyncio.Queue()

    def put(self, row: str) -> None:
        self._queue.put_nowait(WorkItem(row))

    async def run(self) -> None:
        while True:
            batch = [await self._queue.get()]
            while not self._queue.empty():
                batch.append(self._queue.get_nowait())
            for work in batch:
                await self._database.write(work.payload)  # error: CTX202


class Relayed:
    """The payload is put on a second queue, and the envelope dropped."""

    def __init__(self, database: Any) -> None:
        self._database = database
        self._inbox: asyncio.Queue[WorkItem[str]] = asyncio.Queue()
        self._outbox: asyncio.Queue[str] = asyncio.Queue()

    async def put(self, row: str) -> None:
        await self._inbox.put(WorkItem(row))

    async def relay(self) -> None:
        while True:
            work = await self._inbox.get()
            await self._outbox.put(work.payload.strip())  # error: CTX202

    async def write(self) -> None:
        while True:
            row = await self._outbox.get()
            await self._database.write(row)


class Enveloped:
    """A relay whose new envelope holds the relay's own context."""

    def __init__(self, database: Any) -> None:
        self._database = database
        self._inbox: asyncio.Queue[WorkItem[str]] = asyncio.Queue()
        self._outbox: asyncio.Queue[WorkItem[str]] = asyncio.Queue()

    async def put(self, row: str) -> None:
        await self._inbox.put(WorkItem(row))

    async def relay(self) -> None:
        while True:
            work = await self._inbox.get()
            await self._outbox.put(WorkItem(work.payload))  # error: CTX202

    async def write(self) -> None:
        while True:
            work = await self._outbox.get()
            with activate_request_context(work.context):
                await self._database.write(work.payload)


class PassedOn:
    """The relay is right, and whoever comes last is not."""

    def __init__(self, database: Any) -> None:
        self._database = database
        self._inbox: asyncio.Queue = asyncio.Queue()
        self._outbox: asyncio.Queue = asyncio.Queue()

    async def put(self, row: str) -> None:
        await self._inbox.put((capture_request_context(), row))

    async def relay(self) -> None:
        while True:
            item = await self._inbox.get()
            await self._outbox.put(item)

    async def write(self) -> None:
        while True:
            _context, row = await self._outbox.get()
            await self._database.write(row)  # error: CTX202


class OnlyMade:
    """Only the coroutine is made in the context: its body runs outside it."""

    def __init__(self, database: Any) -> None:
        self._database = database
        self._queue: asyncio.Queue = asyncio.Queue()

    async def put(self, row: str) -> None:
        await self._queue.put((contextvars.copy_context(), row))

    async def run(self) -> None:
        while True:
            context, row = await self._queue.get()
            await context.run(self._write, row)  # error: CTX202

    async def run_tasks(self) -> None:
        while True:
            context, row = await self._queue.get()
            asyncio.create_task(context.run(self._write, row))  # error: CTX202

    async def _write(self, row: str) -> None:
        await self._database.write(row)


@dataclass
class Call:
    context: contextvars.Context
    handler: Callable[[str], Awaitable[None]]
    row: str

    async def run(self) -> None:
        await asyncio.shield(self.context.run(self.handler, self.row))  # error: CTX202


class OnlyMadeByItem:
    """The same, in a method of the item."""

    def __init__(self) -> None:
        self._calls: asyncio.Queue[Call] = asyncio.Queue()

    def put(self, handler: Callable[[str], Awaitable[None]], row: str) -> None:
        self._calls.put_nowait(Call(contextvars.copy_context(), handler, row))

    async def run(self) -> None:
        while True:
            call = await self._calls.get()
            await call.run()


class OnlyMadeIfAsked:
    """The same: that it makes a coroutine, it was asked."""

    def __init__(self, handler: Any) -> None:
        self._handler = handler
        self._rows: asyncio.Queue[Any] = asyncio.Queue()

    def put(self, row: str) -> None:
        self._rows.put_nowait((contextvars.copy_context(), row))

    async def run(self) -> None:
        while True:
            context, row = await self._rows.get()
            if inspect.iscoroutinefunction(self._handler):
                await context.run(self._handler, row)  # error: CTX202
            else:
                context.run(self._handler, row)


class Called:
    """A callable beside its context, called without it."""

    def __init__(self) -> None:
        self._calls: collections.deque = collections.deque()
        self._ready = threading.Event()

    def put(self, function: Callable[[str], None], row: str) -> None:
        self._calls.append((contextvars.copy_context(), function, row))
        self._ready.set()

    def run(self) -> None:
        while self._ready.wait():
            context, function, row = self._calls.popleft()
            if context is not None:
                function(row)  # error: CTX202


class Taken:
    """The get stands behind a method."""

    def __init__(self, database: Any) -> None:
        self._database = database
        self._queue: asyncio.Queue[WorkItem[str]] = asyncio.Queue()

    async def put(self, row: str) -> None:
        await self._queue.put(WorkItem(row))

    async def run(self) -> None:
        while True:
            work = await self._next()
            await self._database.write(work.payload)  # error: CTX202

    async def _next(self) -> WorkItem[str]:
        return await self._queue.get()


async def main() -> None:
    asyncio.create_task(Unpacked(None).run())
    asyncio.create_task(asyncio.to_thread(Indexed(None).run))
    asyncio.create_task(Keyed(None).run())
    asyncio.create_task(InTask(None).run())
    asyncio.create_task(Looped(None).run())
    asyncio.create_task(asyncio.to_thread(InThread(upload).run))
    asyncio.create_task(asyncio.to_thread(Flushed(upload).run))
    asyncio.create_task(Batched(None).run())
    asyncio.create_task(Relayed(None).relay())
    asyncio.create_task(Relayed(None).write())
    asyncio.create_task(Enveloped(None).relay())
    asyncio.create_task(Enveloped(None).write())
    asyncio.create_task(PassedOn(None).relay())
    asyncio.create_task(PassedOn(None).write())
    asyncio.create_task(OnlyMade(None).run())
    asyncio.create_task(OnlyMade(None).run_tasks())
    asyncio.create_task(OnlyMadeByItem().run())
    asyncio.create_task(asyncio.to_thread(Called().run))
    asyncio.create_task(Taken(None).run())
    await asyncio.sleep(1000)


asyncio.run(main())
