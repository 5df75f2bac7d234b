"""Groups, portals and other loops, entered in ways that do not detach."""

import asyncio
import contextvars

import anyio
from anyio.abc import BlockingPortal, TaskGroup


async def loop(*, task_status=anyio.TASK_STATUS_IGNORED) -> None:
    task_status.started()
    while True:
        await anyio.sleep(1)


async def once() -> None:
    await anyio.sleep(1)


class Server:
    def __init__(self, group: TaskGroup, portal: BlockingPortal) -> None:
        self._group = group
        self._portal = portal
        self._loop = asyncio.get_event_loop()

    async def start_in_empty_context(self) -> None:
        """``start`` is a coroutine function: its body runs at the await."""
        await contextvars.Context().run(self._group.start, loop)  # error: CTX101

    def from_another_thread(self) -> None:
        asyncio.run_coroutine_threadsafe(loop(), self._loop)  # error: CTX101

    def through_the_portal(self) -> None:
        self._portal.start_task_soon(loop)  # error: CTX101

    async def in_a_copy(self) -> None:
        contextvars.copy_context().run(self._group.start_soon, loop)  # error: CTX101

    async def in_an_empty_context(self) -> None:
        """Nothing to report."""
        contextvars.Context().run(self._group.start_soon, loop)

    def from_another_thread_once(self) -> None:
        """Nothing to report."""
        asyncio.run_coroutine_threadsafe(once(), self._loop)

    def through_the_portal_once(self) -> None:
        """Nothing to report."""
        self._portal.start_task_soon(once)
        self._portal.call(once)

    async def in_a_thread(self) -> None:
        """Awaited: nothing to report."""
        await anyio.to_thread.run_sync(print)
        await asyncio.to_thread(print)
