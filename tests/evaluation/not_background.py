"""Tasks that somebody waits for, that are nobody's request's, or that are a worker's business."""
# enable: CTX105

import asyncio
import contextvars
from contextlib import asynccontextmanager, contextmanager

import anyio
from ctxlint.detached import create_detached_background_task
from opentelemetry import context as otel_context

_background: set[asyncio.Task] = set()


async def notify(text: str = "") -> None:
    await asyncio.sleep(0)
    print(text)


# --- somebody waits -----------------------------------------------------------------------------


async def awaited() -> None:
    task = asyncio.create_task(notify())
    await asyncio.sleep(0)
    await task


async def gathered(texts: list[str]) -> None:
    tasks = [asyncio.create_task(notify(text)) for text in texts]
    await asyncio.gather(*tasks)


async def collected(texts: list[str]) -> None:
    tasks = []
    for text in texts:
        tasks.append(asyncio.create_task(notify(text)))
    for task in asyncio.as_completed(tasks):
        await task


async def waited_for() -> None:
    task = asyncio.create_task(notify())
    done, _ = await asyncio.wait({task}, timeout=1)
    print(done)


async def shielded() -> None:
    await asyncio.shield(asyncio.create_task(notify()))


async def cancelled() -> None:
    task = asyncio.create_task(notify())
    try:
        await asyncio.sleep(1)
    finally:
        task.cancel()


async def in_a_group() -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(notify())


async def in_somebody_elses_group(group: anyio.abc.TaskGroup) -> None:
    """Whoever opened the group waits."""
    group.start_soon(notify)


# --- somebody may wait --------------------------------------------------------------------------


def returned() -> asyncio.Task:
    return asyncio.create_task(notify())


def returned_later() -> asyncio.Task:
    task = asyncio.create_task(notify())
    task.set_name("notify")
    return task


def returned_in_a_list(texts: list[str]) -> list[asyncio.Task]:
    tasks = []
    for text in texts:
        tasks.append(asyncio.create_task(notify(text)))
    return tasks


async def handed_on(register) -> None:
    register(asyncio.create_task(notify()))


async def handed_on_later(register) -> None:
    task = asyncio.create_task(notify())
    register(task)


class Connection:
    def __init__(self) -> None:
        self._ready: asyncio.Task | None = None
        self._loads: dict[str, asyncio.Task] = {}

    async def open(self) -> None:
        self._ready = asyncio.create_task(notify())

    async def send(self, text: str) -> None:
        """Every request waits for the one that opened."""
        if self._ready is not None:
            await self._ready
        print(text)

    async def load(self, key: str) -> None:
        if key not in self._loads:
            self._loads[key] = asyncio.create_task(notify(key))
        await self._loads[key]


class Watched:
    """Who enters it also leaves it, and that waits."""

    async def __aenter__(self):
        self._watching = asyncio.create_task(notify())
        return self

    async def __aexit__(self, *error) -> None:
        await self._watching


class Runner:
    def __init__(self) -> None:
        self._tasks: set[asyncio.Task] = set()
        self._first: asyncio.Task | None = None

    async def begin(self) -> None:
        self._first = asyncio.create_task(notify())

    def answer(self) -> None:
        """Asked for once it is done."""
        if self._first is not None:
            print(self._first.result())

    async def add(self, text: str) -> None:
        self._tasks.add(asyncio.create_task(notify(text)))

    async def run(self) -> None:
        pending = [asyncio.sleep(1), *self._tasks]
        await asyncio.gather(*pending)


def told_by_a_future(loop: asyncio.AbstractEventLoop) -> asyncio.Future:
    future = loop.create_future()

    def tell(task: asyncio.Task) -> None:
        future.set_result(task.result())

    task = loop.create_task(notify())
    task.add_done_callback(tell)
    return future


class Job:
    def __init__(self, task: asyncio.Task) -> None:
        self.task = task


async def in_an_object(jobs: list[Job]) -> None:
    jobs.append(Job(asyncio.create_task(notify())))


# --- no request's context -----------------------------------------------------------------------


async def in_an_empty_context() -> None:
    contextvars.Context().run(asyncio.create_task, notify())


async def by_a_helper() -> None:
    create_detached_background_task(notify())


@contextmanager
def no_trace():
    token = otel_context.attach(otel_context.Context())
    try:
        yield
    finally:
        otel_context.detach(token)


async def in_a_block() -> None:
    with no_trace():
        asyncio.create_task(notify())


@asynccontextmanager
async def lifespan(app):
    _background.add(asyncio.create_task(notify()))
    yield


async def on_startup() -> None:
    asyncio.create_task(notify())


# --- others' business ---------------------------------------------------------------------------


async def forever() -> None:
    while True:
        await asyncio.sleep(1)


async def workers() -> None:
    """Not twice."""
    asyncio.create_task(forever())  # error: CTX101


class Exporter:
    """What a worker starts has the context of the worker."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue = asyncio.Queue()
        self._sending: set[asyncio.Task] = set()

    async def put(self, text: str) -> None:
        create_detached_background_task(self._run())
        await self._queue.put((text, contextvars.copy_context()))

    async def _run(self) -> None:
        while True:
            text, _ = await self._queue.get()
            self._send(text)

    def _send(self, text: str) -> None:
        task = asyncio.create_task(notify(text))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)


async def for_each_message(socket) -> None:
    """Each message is served by a task: that is its request."""
    async for message in socket:
        task = asyncio.create_task(notify(message))
        _background.add(task)
