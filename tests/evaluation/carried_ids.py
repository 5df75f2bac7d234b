"""Ids inside of items: a design of its own where the consumer makes a context of them."""

import asyncio
import contextvars
from dataclasses import dataclass

from opentelemetry import trace
from structlog.contextvars import bound_contextvars

tenant: contextvars.ContextVar[str] = contextvars.ContextVar("tenant")
tracer = trace.get_tracer(__name__)


@dataclass
class Job:
    tenant_id: str
    row: str


class BySet:
    """The variable is set for each item: nothing to report."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[Job] = asyncio.Queue()

    async def put(self, row: str) -> None:
        await self._queue.put(Job(tenant.get(), row))

    async def run(self) -> None:
        while True:
            job = await self._queue.get()
            token = tenant.set(job.tenant_id)
            try:
                print(job.row)
            finally:
                tenant.reset(token)


class ByHelper:
    """Somebody else sets it, one call below: nothing to report."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[Job] = asyncio.Queue()

    async def put(self, job: Job) -> None:
        await self._queue.put(job)

    async def run(self) -> None:
        while True:
            job = await self._queue.get()
            await self._process(job)

    async def _process(self, job: Job) -> None:
        tenant.set(job.tenant_id)
        print(job.row)


class BySpan:
    """A span is continued: nothing to report."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue = asyncio.Queue()

    async def put(self, row: str) -> None:
        await self._queue.put((trace.get_current_span().get_span_context(), row))

    async def run(self) -> None:
        while True:
            parent, row = await self._queue.get()
            context = trace.set_span_in_context(trace.NonRecordingSpan(parent))
            with tracer.start_as_current_span("write", context=context):
                print(row)


class ByLogFields:
    """Log fields are bound: nothing to report."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[Job] = asyncio.Queue()

    async def put(self, job: Job) -> None:
        await self._queue.put(job)

    async def run(self) -> None:
        while True:
            job = await self._queue.get()
            with bound_contextvars(tenant=job.tenant_id):
                print(job.row)


class ByNameOnly:
    """A field that is merely called tenant_id restores nothing."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[Job] = asyncio.Queue()

    async def put(self, job: Job) -> None:
        await self._queue.put(job)  # error: CTX201

    async def run(self) -> None:
        while True:
            job = await self._queue.get()
            print(job.tenant_id, job.row)


async def main() -> None:
    asyncio.create_task(BySet().run())
    asyncio.create_task(ByHelper().run())
    asyncio.create_task(BySpan().run())
    asyncio.create_task(ByLogFields().run())
    asyncio.create_task(ByNameOnly().run())
    await asyncio.sleep(1000)


asyncio.run(main())
