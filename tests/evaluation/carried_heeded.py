"""Consumers of items that carry a context, and that lose nothing: nothing to report."""

import asyncio
import atexit
import collections
import contextvars
import inspect
import queue
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import anyio
from ctxlint.detached import WorkItem, activate_request_context
from opentelemetry import context as otel_context
from opentelemetry import trace
from opentelemetry.propagate import extract, inject
from somewhere import process, upload

user: contextvars.ContextVar[str] = contextvars.ContextVar("user", default="nobody")
tracer = trace.get_tracer(__name__)


@dataclass
class Job:
    row: str
    done: "Future[None]" = field(default_factory=Future)
    context: contextvars.Context = field(default_factory=contextvars.copy_context)

    def run(self) -> None:
        self.context.run(upload, self.row)

    def give_up(self) -> None:
        self.done.cancel()


class Service:
    """Puts jobs; each of the classes below takes them in a way of its own."""

    def __init__(self) -> None:
        self._jobs: asyncio.Queue[Job] = asyncio.Queue()
        self._pool = ThreadPoolExecutor()
        self.seen = 0

    async def put(self, row: str) -> None:
        await self._jobs.put(Job(row))

    async def by_method(self) -> None:
        while True:
            job = await self._jobs.get()
            job.run()

    async def in_task(self) -> None:
        while True:
            job = await self._jobs.get()
            asyncio.create_task(self._write(job.row), context=job.context)

    async def by_task_made_inside(self) -> None:
        while True:
            job = await self._jobs.get()
            await job.context.run(asyncio.create_task, self._write(job.row))

    async def in_pool(self) -> None:
        while True:
            job = await self._jobs.get()
            self._pool.submit(job.context.run, upload, job.row)

    async def in_callee(self) -> None:
        while True:
            job = await self._jobs.get()
            await self._handle(job)

    async def _handle(self, job: Job) -> None:
        with self._active(job.context):
            await self._write(job.row)

    @contextmanager
    def _active(self, context: contextvars.Context) -> Iterator[None]:
        tokens = [(variable, variable.set(value)) for variable, value in context.items()]
        try:
            yield
        finally:
            for variable, token in tokens:
                variable.reset(token)

    async def through_wrapper(self) -> None:
        while True:
            job = await self._jobs.get()
            await self._carried(self._write, job)

    async def _carried(self, function: Callable[[str], Any], job: Job) -> None:
        await asyncio.create_task(function(job.row), context=job.context)

    async def in_closure(self) -> None:
        while True:
            job = await self._jobs.get()
            self._pool.submit(lambda job=job: job.context.run(upload, job.row))

    async def out_of_sight(self) -> None:
        while True:
            job = await self._jobs.get()
            await process(job)

    async def kept(self) -> None:
        while True:
            self._current = await self._jobs.get()
            upload(self._current.row)

    async def drained(self) -> None:
        while not self._jobs.empty():
            job = self._jobs.get_nowait()
            self._jobs.task_done()
            self.seen += len(job.row)

    async def cancelled(self) -> None:
        while not self._jobs.empty():
            self._jobs.get_nowait().done.cancel()

    async def given_up(self) -> None:
        while not self._jobs.empty():
            job = self._jobs.get_nowait()
            job.give_up()
            job.done.set_exception(RuntimeError(f"closed before {job.row}"))

    async def dropped(self, metrics: Any) -> None:
        while not self._jobs.empty():
            job = self._jobs.get_nowait()
            metrics.count_dropped(job.row)
            self._drop(job)

    def _drop(self, job: Job) -> None:
        print("dropped", job.row)

    async def collected(self) -> list[str]:
        rest = []
        while not self._jobs.empty():
            rest.append(self._jobs.get_nowait().row)
        return rest

    async def flushed_in_one_go(self) -> None:
        while True:
            rows = [(await self._jobs.get()).row]
            while not self._jobs.empty():
                rows.append(self._jobs.get_nowait().row)
            await self._write_all(rows)

    async def put_back(self) -> None:
        job = await self._jobs.get()
        await self._jobs.put(job)

    async def _write(self, row: str) -> None:
        upload(row)

    async def _write_all(self, rows: list[str]) -> None:
        upload(rows)


class InTrace:
    """Attached for the length of the item, or the parent of its span."""

    def __init__(self) -> None:
        self._rows: queue.Queue = queue.Queue()
        self._messages: queue.Queue = queue.Queue()

    def put(self, row: str) -> None:
        self._rows.put((otel_context.get_current(), row))
        headers: dict[str, str] = {}
        inject(headers)
        self._messages.put((headers, row))

    def attached(self) -> None:
        while True:
            context, row = self._rows.get()
            token = otel_context.attach(context)
            try:
                upload(row)
            finally:
                otel_context.detach(token)

    def parent(self) -> None:
        while True:
            context, row = self._rows.get()
            with tracer.start_as_current_span("row", context=context):
                upload(row)

    def extracted(self) -> None:
        while True:
            headers, row = self._messages.get()
            with tracer.start_as_current_span("row", context=extract(headers)):
                upload(row)


class Sometimes:
    """Not every item carries a context: not for the consumer to say what to do."""

    def __init__(self) -> None:
        self._rows: queue.Queue = queue.Queue()

    def put(self, row: str) -> None:
        self._rows.put((contextvars.copy_context(), row))

    def put_alone(self, row: str) -> None:
        self._rows.put((None, row))  # error: CTX201

    def run(self) -> None:
        while True:
            _, row = self._rows.get()
            upload(row)


class Request:
    def __init__(self, row: str, context: contextvars.Context | None = None) -> None:
        self.row = row
        self.context = context


class WhenAsked:
    """Some items are made with a context, others without."""

    def __init__(self) -> None:
        self._requests: queue.Queue[Request] = queue.Queue()
        self._rows: queue.Queue = queue.Queue()

    def put(self, row: str) -> None:
        self._requests.put(Request(row, contextvars.copy_context()))

    def put_alone(self, row: str) -> None:
        self._requests.put(Request(row))  # error: CTX201

    def put_either(self, row: str, traced: bool) -> None:
        self._rows.put((contextvars.copy_context() if traced else None, row))

    def run(self) -> None:
        while True:
            upload(self._requests.get().row)

    def run_rows(self) -> None:
        while True:
            _, row = self._rows.get()
            upload(row)


class Ids:
    """A value is no context: what it is good for, the consumer may know."""

    def __init__(self) -> None:
        self._rows: queue.Queue = queue.Queue()

    def put(self, row: str) -> None:
        self._rows.put((user.get(), row))

    def run(self) -> None:
        while True:
            _, row = self._rows.get()
            upload(row)


class Rebuilt:
    """What was in the payload is enough for the consumer."""

    def __init__(self) -> None:
        self._rows: queue.Queue = queue.Queue()

    def put(self, owner: str, row: str) -> None:
        self._rows.put((contextvars.copy_context(), owner, row))

    def run(self) -> None:
        while True:
            _, owner, row = self._rows.get()
            token = user.set(owner)
            try:
                upload(row)
            finally:
                user.reset(token)


class Callables:
    """What is called enters its own context."""

    def __init__(self) -> None:
        self._calls: queue.Queue[Callable[[], None]] = queue.Queue()

    def put(self, row: str) -> None:
        context = contextvars.copy_context()
        self._calls.put(lambda: context.run(upload, row))

    def run(self) -> None:
        while True:
            self._calls.get()()


class Looked:
    """What waits is looked at, and stays where it is."""

    def __init__(self) -> None:
        self._waiting: collections.deque[WorkItem[str]] = collections.deque()

    def put(self, row: str) -> None:
        self._waiting.append(WorkItem(row))

    def report(self) -> None:
        for work in self._waiting:
            upload(work.payload)

    def run(self) -> None:
        while self._waiting:
            work = self._waiting.popleft()
            with activate_request_context(work.context):
                upload(work.payload)


class Streams:
    """Answers that the request itself reads, in its own context."""

    async def answer(self, rows: list[str]) -> None:
        send, receive = anyio.create_memory_object_stream(10)
        for row in rows:
            send.send_nowait(WorkItem(row))
        async for work in receive:
            upload(work.payload)


class Relay:
    """The envelope goes on, or a new one with the same context in it."""

    def __init__(self) -> None:
        self._inbox: asyncio.Queue[WorkItem[str]] = asyncio.Queue()
        self._outbox: asyncio.Queue[WorkItem[str]] = asyncio.Queue()

    async def put(self, row: str) -> None:
        await self._inbox.put(WorkItem(row))

    async def relay(self) -> None:
        while True:
            await self._outbox.put(await self._inbox.get())

    async def relay_inside(self) -> None:
        while True:
            work = await self._inbox.get()
            with activate_request_context(work.context):
                await self._outbox.put(WorkItem(work.payload.strip()))

    async def write(self) -> None:
        while True:
            work = await self._outbox.get()
            with activate_request_context(work.context):
                upload(work.payload)


class Unasked:
    """What a function returns may be awaitable, and its body run all the same: only another
    function, and another class, are asked whether theirs make coroutines."""

    def __init__(self, handlers: dict[str, Any]) -> None:
        self._handler = handlers["rows"]
        self._rows: asyncio.Queue[Any] = asyncio.Queue()

    def put(self, row: str) -> None:
        self._rows.put_nowait((contextvars.copy_context(), row))

    async def run(self) -> None:
        while True:
            context, row = await self._rows.get()
            await context.run(self._handler, row)


class Asking:
    def __init__(self, handler: Any) -> None:
        self._handler = handler

    def makes_coroutines(self) -> bool:
        return inspect.iscoroutinefunction(self._handler)


async def main() -> None:
    service, trace_, relay = Service(), InTrace(), Relay()
    atexit.register(Rebuilt().run)
    for run in (
        service.by_method, service.in_task, service.by_task_made_inside, service.in_pool,
        service.in_callee, service.through_wrapper, service.in_closure, service.out_of_sight,
        service.kept, service.flushed_in_one_go, relay.relay, relay.relay_inside, relay.write,
    ):  # fmt: skip
        asyncio.create_task(run())
    for work in (trace_.attached, trace_.parent, trace_.extracted):
        asyncio.create_task(asyncio.to_thread(work))
    asyncio.create_task(Unasked(vars(service)).run())
    asyncio.create_task(asyncio.to_thread(Sometimes().run))
    asyncio.create_task(asyncio.to_thread(WhenAsked().run))
    asyncio.create_task(asyncio.to_thread(WhenAsked().run_rows))
    asyncio.create_task(asyncio.to_thread(Ids().run))
    asyncio.create_task(asyncio.to_thread(Callables().run))
    await asyncio.sleep(1000)


asyncio.run(main())
