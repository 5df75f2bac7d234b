"""Workers for which a part of the request's context is cleared, while they read another part."""

import asyncio
import contextvars
import functools
import threading
from contextlib import ExitStack, asynccontextmanager, contextmanager

from opentelemetry import context as otel_context
from opentelemetry import trace
from structlog.contextvars import bind_contextvars, clear_contextvars

user: contextvars.ContextVar[str | None] = contextvars.ContextVar("user", default=None)
tenant: contextvars.ContextVar[str | None] = contextvars.ContextVar("tenant", default=None)
deadline: contextvars.ContextVar[float | None] = contextvars.ContextVar("deadline", default=None)
tracer = trace.get_tracer(__name__)


async def middleware(request, call_next):
    user.set(request.headers["user"])
    tenant.set(request.headers["tenant"])
    deadline.set(request.deadline)
    bind_contextvars(request_id=request.id)
    with tracer.start_as_current_span("request"):
        return await call_next(request)


def current_tenant() -> str | None:
    return tenant.get()


async def work() -> None:
    while True:
        await asyncio.sleep(1)
        print(user.get(), current_tenant())


# --- around the spawn ---------------------------------------------------------------------------


def start_without_user(coro):
    """Knows of one of two variables."""
    token = user.set(None)
    try:
        return asyncio.create_task(coro)  # error: CTX104
    finally:
        user.reset(token)


async def by_a_helper() -> None:
    start_without_user(work())


def start_as_system(coro):
    """A value of its own is as good as none: it is not the request's."""
    token = user.set("system")
    task = asyncio.create_task(coro)  # error: CTX104
    user.reset(token)
    return task


async def by_a_helper_with_a_value() -> None:
    start_as_system(work())


@contextmanager
def nobody():
    token = user.set(None)
    try:
        yield
    finally:
        user.reset(token)


@contextmanager
def no_request():
    """Built upon another."""
    with nobody(), trace.use_span(trace.INVALID_SPAN):
        yield


async def by_a_block() -> None:
    with no_request():
        asyncio.create_task(work())  # error: CTX104


class Anonymous:
    def __enter__(self):
        self._token = user.set(None)

    def __exit__(self, *error):
        user.reset(self._token)


async def by_an_object() -> None:
    with Anonymous():
        asyncio.create_task(work())  # error: CTX104


async def by_a_stack() -> None:
    with ExitStack() as stack:
        stack.enter_context(nobody())
        asyncio.create_task(work())  # error: CTX104


def forget_user() -> None:
    user.set(None)


async def by_a_function() -> None:
    forget_user()
    asyncio.create_task(work())  # error: CTX104


def in_background(coro):
    return asyncio.create_task(coro)  # error: CTX104


async def around_a_helper() -> None:
    """The block stands around the call that hands the worker over."""
    with nobody():
        in_background(work())


async def by_a_prepared_copy() -> None:
    context = contextvars.copy_context()
    context.run(user.set, None)
    asyncio.create_task(work(), context=context)  # error: CTX104


async def by_a_prepared_copy_that_runs() -> None:
    context = contextvars.copy_context()
    context.run(user.set, None)
    context.run(asyncio.create_task, work())  # error: CTX104


# --- by the worker itself -----------------------------------------------------------------------


async def resetting_worker() -> None:
    """The second variable came later, and nobody thought of this place."""
    deadline.set(None)
    while True:
        await asyncio.sleep(1)
        print(deadline.get(), current_tenant())


async def by_the_worker() -> None:
    asyncio.create_task(resetting_worker())  # error: CTX104


CLEARED = (user, deadline)


async def worker_with_a_list() -> None:
    for variable in CLEARED:
        variable.set(None)
    while True:
        await work_once()


async def work_once() -> None:
    print(user.get(), tenant.get())
    await asyncio.sleep(1)


async def by_a_list() -> None:
    asyncio.create_task(worker_with_a_list())  # error: CTX104


async def worker_in_a_block() -> None:
    with nobody():
        while True:
            await work_once()


async def by_a_block_in_the_worker() -> None:
    asyncio.create_task(worker_in_a_block())  # error: CTX104


async def outer_worker() -> None:
    await resetting_worker()


async def by_what_the_worker_runs() -> None:
    asyncio.create_task(outer_worker())  # error: CTX104


async def tracing_worker() -> None:
    """Its trace begins anew, the user stays."""
    otel_context.attach(otel_context.Context())
    while True:
        await work_once()


async def by_a_worker_without_trace() -> None:
    asyncio.create_task(tracing_worker())  # error: CTX104


# --- the other way round: a library's context is what is left -----------------------------------


async def spans() -> None:
    while True:
        await asyncio.sleep(1)
        trace.get_current_span().add_event("tick")


async def with_the_span_of_the_request() -> None:
    with nobody():
        asyncio.create_task(spans())  # error: CTX104


async def logging_worker() -> None:
    clear_contextvars()
    while True:
        await asyncio.sleep(1)
        trace.get_current_span().add_event("tick")


async def with_the_log_context_cleared() -> None:
    asyncio.create_task(logging_worker())  # error: CTX104


# --- threads and timers -------------------------------------------------------------------------


def poll() -> None:
    user.set(None)
    while True:
        print(tenant.get())


def by_a_thread() -> None:
    threading.Thread(target=poll).start()  # error: CTX104


class Ticker:
    def start(self) -> None:
        token = user.set(None)
        try:
            asyncio.get_running_loop().call_later(1, self._tick)  # error: CTX104
        finally:
            user.reset(token)

    def _tick(self) -> None:
        print(user.get(), tenant.get())
        asyncio.get_running_loop().call_later(1, self._tick)


# --- reached by other ways ----------------------------------------------------------------------


class Store:
    @property
    def owner(self) -> str | None:
        return tenant.get()

    async def run(self) -> None:
        while True:
            await asyncio.sleep(1)
            print(self.owner)


async def through_a_property(store: Store) -> None:
    with nobody():
        asyncio.create_task(store.run())  # error: CTX104


async def through_a_partial() -> None:
    with nobody():
        asyncio.create_task(run_each(functools.partial(current_tenant)))  # error: CTX104


async def run_each(function) -> None:
    while True:
        await asyncio.sleep(1)
        function()


@asynccontextmanager
async def no_user():
    token = user.set(None)
    yield
    user.reset(token)


async def by_an_async_block() -> None:
    async with no_user():
        asyncio.create_task(work())  # error: CTX104
