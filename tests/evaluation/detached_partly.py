"""A helper that clears some variables detaches those, and no others."""

import asyncio
import contextvars
from contextlib import contextmanager

from opentelemetry import context as otel_context

user: contextvars.ContextVar[str | None] = contextvars.ContextVar("user", default=None)


async def loop() -> None:
    while True:
        await asyncio.sleep(1)


async def once() -> None:
    await asyncio.sleep(1)


@contextmanager
def empty_context():
    """Detaches from traces and from the user."""
    trace_token = otel_context.attach(otel_context.Context())
    user_token = user.set(None)
    try:
        yield
    finally:
        user.reset(user_token)
        otel_context.detach(trace_token)


def spawn(coro):
    with empty_context():
        return asyncio.create_task(coro)


def spawn_in_context(coro, context=None):
    """The context is the caller's choice."""
    return asyncio.create_task(coro, context=context or contextvars.Context())


async def by_a_helper_in_a_block() -> None:
    """Nothing to report."""
    spawn(loop())


async def by_a_block() -> None:
    """Nothing to report."""
    with empty_context():
        asyncio.create_task(loop())


async def by_a_default() -> None:
    """Nothing to report."""
    spawn_in_context(loop())


async def after_the_block() -> None:
    with empty_context():
        asyncio.create_task(once())
    asyncio.create_task(loop())  # error: CTX101
