"""What looks like detachment and is none."""

import asyncio
import contextvars
import threading

user: contextvars.ContextVar[str | None] = contextvars.ContextVar("user", default=None)


async def loop() -> None:
    while True:
        await asyncio.sleep(1)


def beat() -> None:
    stop = threading.Event()
    while not stop.wait(1):
        print("beat")


async def by_copy() -> None:
    """The default, spelled out."""
    asyncio.create_task(loop(), context=contextvars.copy_context())  # error: CTX101


async def by_copied_variable() -> None:
    context = contextvars.copy_context()
    asyncio.create_task(loop(), context=context)  # error: CTX101


async def by_running_in_a_copy() -> None:
    contextvars.copy_context().run(asyncio.create_task, loop())  # error: CTX101


async def by_no_context() -> None:
    asyncio.create_task(loop(), context=None)  # error: CTX101


def start_background_task_detached(coro):
    """The name says more than the body does."""
    return asyncio.create_task(coro)  # error: CTX101


async def by_a_name() -> None:
    start_background_task_detached(loop())


async def start_in(group: asyncio.TaskGroup) -> None:
    group.create_task(loop())  # error: CTX101


async def by_running_a_coroutine_function(group: asyncio.TaskGroup) -> None:
    """The body of ``start_in`` runs at the await, in the caller's context."""
    await contextvars.Context().run(start_in, group)


def thread_by_copy() -> None:
    context = contextvars.copy_context()
    threading.Thread(target=context.run, args=(beat,)).start()  # error: CTX102


def thread_by_keyword() -> None:
    threading.Thread(target=beat, context=contextvars.copy_context()).start()  # error: CTX102
