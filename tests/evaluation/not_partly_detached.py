"""What is cleared is all that a worker could read of a request: nothing to report as such."""

import asyncio
import contextvars
import threading
from contextlib import contextmanager

from ctxlint.detached import (
    WorkItem,
    activate_request_context,
    create_detached_background_task,
)
from opentelemetry import context as otel_context
from opentelemetry import trace

user: contextvars.ContextVar[str | None] = contextvars.ContextVar("user", default=None)
tenant: contextvars.ContextVar[str | None] = contextvars.ContextVar("tenant", default=None)
region: contextvars.ContextVar[str] = contextvars.ContextVar("region", default="north")
job: contextvars.ContextVar[str | None] = contextvars.ContextVar("job", default=None)
seen: contextvars.ContextVar[tuple[str, ...]] = contextvars.ContextVar("seen", default=())
tracer = trace.get_tracer(__name__)
EVERYTHING = (user, tenant, seen)


async def middleware(request, call_next):
    user.set(request.headers["user"])
    tenant.set(request.headers["tenant"])
    seen.set((request.path,))
    with tracer.start_as_current_span("request"):
        return await call_next(request)


def main() -> None:
    region.set("south")
    asyncio.run(serve())


async def serve() -> None:
    await asyncio.sleep(1)


async def work() -> None:
    while True:
        await asyncio.sleep(1)
        print(user.get(), tenant.get(), seen.get())


async def only_user() -> None:
    while True:
        await asyncio.sleep(1)
        print(user.get())


async def once() -> None:
    await asyncio.sleep(1)
    print(user.get(), tenant.get(), seen.get())


# --- all is cleared -----------------------------------------------------------------------------


def start_with_nothing(coro):
    return contextvars.Context().run(asyncio.create_task, coro)


async def in_an_empty_context() -> None:
    with nobody():
        start_with_nothing(work())


async def by_a_helper_of_ctxlint() -> None:
    with nobody():
        create_detached_background_task(work())


@contextmanager
def blank():
    tokens = [(variable, variable.set(None)) for variable in EVERYTHING]
    try:
        yield
    finally:
        for variable, token in tokens:
            variable.reset(token)


async def by_a_list() -> None:
    with blank():
        asyncio.create_task(work())


@contextmanager
def nobody():
    token = user.set(None)
    try:
        yield
    finally:
        user.reset(token)


@contextmanager
def nowhere():
    token = tenant.set("")
    seen_token = seen.set(())
    try:
        yield
    finally:
        seen.reset(seen_token)
        tenant.reset(token)


async def by_two_blocks() -> None:
    with nobody(), nowhere():
        asyncio.create_task(work())


async def by_a_block_and_the_worker() -> None:
    with nobody():
        asyncio.create_task(half_clearing_worker())


async def half_clearing_worker() -> None:
    tenant.set(None)
    seen.set(())
    while True:
        await asyncio.sleep(1)
        print(user.get(), tenant.get(), seen.get())


def forget() -> None:
    user.set(None)
    tenant.set(None)
    seen.set(())


async def by_a_function() -> None:
    asyncio.create_task(forgetful_worker())


async def forgetful_worker() -> None:
    forget()
    while True:
        await asyncio.sleep(1)
        print(user.get(), tenant.get(), seen.get())


# --- nobody reads what is left ------------------------------------------------------------------


async def reads_what_is_cleared() -> None:
    with nobody():
        asyncio.create_task(only_user())


async def attached() -> None:
    """The worker asks for the trace, and that is what is cleared."""
    token = otel_context.attach(otel_context.Context())
    try:
        asyncio.create_task(spans())
    finally:
        otel_context.detach(token)


async def spans() -> None:
    while True:
        await asyncio.sleep(1)
        trace.get_current_span().add_event("tick")


# --- what is left is no request's ---------------------------------------------------------------


async def reads_what_startup_sets() -> None:
    with nobody():
        asyncio.create_task(regional())


async def regional() -> None:
    while True:
        await asyncio.sleep(1)
        print(user.get(), region.get())


async def reads_its_own() -> None:
    with nobody():
        asyncio.create_task(job_worker())


async def job_worker() -> None:
    """Sets it for each job: what it would have kept is overwritten."""
    number = 0
    while True:
        await asyncio.sleep(1)
        job.set(f"job {number}")
        tenant.set("nobody's")
        print(user.get(), job.get(), tenant.get())


# --- items bring their context along ------------------------------------------------------------


class Queued:
    def __init__(self) -> None:
        self._queue: asyncio.Queue = asyncio.Queue()

    async def put(self, text: str) -> None:
        with nobody():
            asyncio.create_task(self._run_each())
        await self._queue.put((text, contextvars.copy_context()))

    async def _run_each(self) -> None:
        while True:
            text, context = await self._queue.get()
            context.run(self._handle, text)

    def _handle(self, text: str) -> None:
        print(text, tenant.get())


class Activating:
    def __init__(self) -> None:
        self._queue: asyncio.Queue[WorkItem] = asyncio.Queue()

    async def put(self, text: str) -> None:
        with nobody():
            asyncio.create_task(self._activate_each())
        await self._queue.put(WorkItem(text))

    async def _activate_each(self) -> None:
        while True:
            item = await self._queue.get()
            with activate_request_context(item.context):
                print(item.payload, tenant.get())


# --- no worker, no request, bounded -------------------------------------------------------------


async def what_ends() -> None:
    with nobody():
        asyncio.create_task(once())


async def what_is_awaited() -> None:
    with nobody():
        task = asyncio.create_task(work())
    await task


@contextmanager
def startup():
    with nobody():
        yield


async def on_startup() -> None:
    with startup():
        asyncio.create_task(work())


# --- nothing is cleared when it starts: what CTX101 is for --------------------------------------


async def put_back_before() -> None:
    token = user.set(None)
    user.reset(token)
    asyncio.create_task(work())  # error: CTX101


async def after_the_block() -> None:
    with nobody():
        asyncio.create_task(once())
    asyncio.create_task(work())  # error: CTX101


async def under_a_condition(private: bool) -> None:
    if private:
        user.set(None)
    asyncio.create_task(work())  # error: CTX101


async def set_to_another() -> None:
    user.set(None)
    user.set(str(id(user)))
    asyncio.create_task(work())  # error: CTX101


async def a_variable_of_its_own() -> None:
    """No request sets ``job``: clearing it detaches from none."""
    job.set(None)
    asyncio.create_task(work())  # error: CTX101


def thread_with_its_own() -> None:
    threading.Thread(target=poll).start()  # error: CTX102


def poll() -> None:
    job.set(None)
    while True:
        print(tenant.get())


def with_a_loop_of_its_own() -> None:
    """What that runs later is not known: nothing says that the rest does no harm."""
    loop = asyncio.new_event_loop()
    user.set(None)
    threading.Thread(target=loop.run_forever).start()  # error: CTX102


async def with_a_span_before() -> None:
    with trace.use_span(trace.INVALID_SPAN):
        print("outside of the trace")
    asyncio.create_task(work())  # error: CTX101
