"""Items that carry a context and go where nobody can follow them: nothing to report."""

import asyncio
import contextvars
import queue
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from ctxlint.detached import WorkItem
from storage import upload

user: contextvars.ContextVar[str] = contextvars.ContextVar("user")


@dataclass
class Job:
    row: str
    context: contextvars.Context = field(default_factory=contextvars.copy_context)

    def __call__(self) -> None:
        self.context.run(upload, self.row)

    def __iter__(self) -> Iterator[Any]:
        yield self.row
        yield self.context

    def run(self) -> None:
        self.context.run(upload, self.row)


class Jobs:
    """Each worker takes them in a way of its own."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[Job] = asyncio.Queue()
        self._pool = ThreadPoolExecutor()
        self._taken: Any = None

    def put(self, row: str) -> None:
        self._queue.put_nowait(Job(row))

    async def called(self) -> None:
        while True:
            job = await self._queue.get()
            upload(job.row)
            job()

    async def of_its_method(self) -> None:
        while True:
            job = await self._queue.get()
            upload(job.row)
            self._pool.submit(job.run)

    async def taken_apart(self) -> None:
        while True:
            job = await self._queue.get()
            for part in job:
                upload(part)
            upload(job.row)

    async def in_function(self) -> None:
        while True:
            job = await self._queue.get()
            self._taken = lambda: job
            upload(job.row)

    async def one_name_for_two(self) -> None:
        while True:
            job = await self._queue.get()
            self._write(job)
            self._write(job.row)

    def _write(self, what: Any) -> None:
        upload(what)

    async def twice(self) -> None:
        while True:
            job = await self._queue.get()
            self._same(job)
            upload(self._same(job).row)

    def _same(self, job: Job) -> Job:
        return job

    async def deep(self) -> None:
        while True:
            self._one(await self._queue.get())

    def _one(self, job: Job) -> None:
        self._two(job)

    def _two(self, job: Job) -> None:
        self._three(job)

    def _three(self, job: Job) -> None:
        self._four(job)

    def _four(self, job: Job) -> None:
        self._five(job)

    def _five(self, job: Job) -> None:
        self._six(job)

    def _six(self, job: Job) -> None:
        upload(job.row)

    async def several(self) -> None:
        while True:
            jobs = [await self._queue.get(), await self._queue.get()]
            first, second = jobs
            upload(first.row + second.row)

    async def popped(self) -> None:
        while True:
            jobs = []
            jobs.append(await self._queue.get())
            upload(jobs.pop().row)

    async def unpacked(self) -> None:
        while True:
            jobs = []
            jobs.append(await self._queue.get())
            first, *rest = jobs
            upload(first.row)
            print(rest)

    async def read_by_variable(self) -> None:
        while True:
            job = await self._queue.get()
            upload(f"{job.context[user]}: {job.row}")


class Made:
    """What the context is asked to make may be a coroutine, or not; who knows who awaits it."""

    def __init__(self, handlers: dict[str, Callable[[str], Any]]) -> None:
        self._handlers = handlers
        self._queue: asyncio.Queue[Job] = asyncio.Queue()
        self._made: list[Any] = []

    def put(self, row: str) -> None:
        self._queue.put_nowait(Job(row))

    async def run(self) -> None:
        while True:
            job = await self._queue.get()
            await job.context.run(self._handlers[job.row], job.row)

    async def run_all(self) -> None:
        while True:
            job = await self._queue.get()
            coroutine = job.context.run(self._handle, job.row)
            self._made.append(coroutine)

    async def _handle(self, row: str) -> None:
        upload(row)


class Next:
    """Others take items by the same function."""

    def __init__(self) -> None:
        self._queue: queue.Queue[Job] = queue.Queue()
        self._pool = ThreadPoolExecutor()

    def put(self, row: str) -> None:
        self._queue.put(Job(row))

    def _next(self) -> Job:
        return self._queue.get()

    def run(self) -> None:
        while True:
            upload(self._next().row)

    def prefetch(self) -> "Future[Job]":
        return self._pool.submit(self._next)


class Messages:
    """Keys that are not known, all of them at once."""

    def __init__(self, key: str) -> None:
        self._key = key
        self._queue: queue.Queue[dict[str, Any]] = queue.Queue()

    def put(self, row: str) -> None:
        self._queue.put({"row": row, "context": contextvars.copy_context()})

    def one(self) -> None:
        while True:
            message = self._queue.get()
            upload(message.get(self._key))

    def by_index(self) -> None:
        while True:
            message = self._queue.get()
            upload(message[self._key])

    def all(self) -> None:
        while True:
            for part in self._queue.get().values():
                upload(part)


class Futures:
    """What is awaited is done elsewhere, or put where no worker takes it."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[WorkItem[Any]] = asyncio.Queue()
        self._results: asyncio.Queue[Any] = asyncio.Queue()

    def put(self, row: Any) -> None:
        self._queue.put_nowait(WorkItem(row))

    async def run(self) -> None:
        while True:
            work = await self._queue.get()
            await work.payload.future
            await work.payload.wait()

    async def give_up(self) -> None:
        while True:
            work = await self._queue.get()
            work.payload.discard_all()

    async def answer(self) -> None:
        while True:
            work = await self._queue.get()
            self._results.put_nowait(work.payload)

    async def result(self) -> Any:
        return await self._results.get()


async def main() -> None:
    jobs, made, messages, futures = Jobs(), Made({}), Messages("row"), Futures()
    for run in (
        jobs.called, jobs.of_its_method, jobs.taken_apart, jobs.in_function, jobs.one_name_for_two,
        jobs.twice, jobs.deep, jobs.several, jobs.popped, jobs.unpacked, jobs.read_by_variable,
        made.run, made.run_all, futures.run, futures.give_up, futures.answer,
    ):  # fmt: skip
        asyncio.create_task(run())
    for work in (Next().run, messages.one, messages.by_index, messages.all):
        asyncio.create_task(asyncio.to_thread(work))
    await asyncio.sleep(1000)


asyncio.run(main())
