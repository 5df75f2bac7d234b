"""Workers in a context without the request's variables: nothing to report."""

import asyncio
import contextvars
import functools
import sys
import threading

from ctxlint.detached import create_detached_background_task, run_detached
from opentelemetry import context as otel_context
from opentelemetry import trace
from structlog.contextvars import clear_contextvars

user: contextvars.ContextVar[str | None] = contextvars.ContextVar("user", default=None)


async def loop() -> None:
    while True:
        await asyncio.sleep(1)


async def by_context() -> None:
    asyncio.create_task(loop(), context=contextvars.Context())


async def by_prepared_context() -> None:
    context = contextvars.Context()
    context.run(user.set, "system")
    asyncio.create_task(loop(), context=context)


async def by_run() -> None:
    contextvars.Context().run(asyncio.create_task, loop())


async def by_run_of_a_variable() -> None:
    context = contextvars.Context()
    context.run(asyncio.ensure_future, loop())


async def by_version() -> None:
    if sys.version_info >= (3, 11):
        asyncio.create_task(loop(), context=contextvars.Context())
    else:
        contextvars.Context().run(asyncio.create_task, loop())


async def by_keywords() -> None:
    kwargs = {}
    if sys.version_info >= (3, 11):
        kwargs["context"] = contextvars.Context()
    asyncio.create_task(loop(), **kwargs)


async def by_helper() -> None:
    create_detached_background_task(loop(), name="loop")


async def by_helper_for_others(group: asyncio.TaskGroup) -> None:
    run_detached(group.create_task, loop())


async def by_otel() -> None:
    token = otel_context.attach(otel_context.Context())
    try:
        asyncio.create_task(loop())
    finally:
        otel_context.detach(token)


async def by_invalid_span() -> None:
    with trace.use_span(trace.INVALID_SPAN):
        asyncio.create_task(loop())


def start_detached(coro):
    """A helper of the project's own, known by what it does."""
    context = contextvars.Context()
    return context.run(asyncio.create_task, coro)


async def by_own_helper() -> None:
    start_detached(loop())


def start_anonymous(coro):
    """Clears the only variable there is."""
    token = user.set(None)
    try:
        return asyncio.create_task(coro)
    finally:
        user.reset(token)


async def by_clearing() -> None:
    start_anonymous(loop())


async def clearing_worker() -> None:
    clear_contextvars()
    while True:
        await asyncio.sleep(1)


async def by_the_worker_itself() -> None:
    asyncio.create_task(clearing_worker())


async def attaching_worker() -> None:
    otel_context.attach(otel_context.Context())
    while True:
        await asyncio.sleep(1)


async def by_the_worker_attaching() -> None:
    asyncio.create_task(attaching_worker())


def beat(stop: threading.Event) -> None:
    while not stop.wait(1):
        print("beat")


def thread_by_run() -> None:
    stop = threading.Event()
    threading.Thread(target=contextvars.Context().run, args=(beat, stop)).start()


def thread_by_keyword() -> None:
    threading.Thread(target=beat, args=(threading.Event(),), context=contextvars.Context()).start()


def thread_by_partial() -> None:
    target = functools.partial(contextvars.Context().run, beat, threading.Event())
    threading.Thread(target=target).start()
