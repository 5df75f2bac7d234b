"""A project's own ``create_task``: the spawn is reported where it is made, if a worker comes by."""

import asyncio
import contextvars

_tasks: set[asyncio.Task[object]] = set()


def spawn(coro):
    """Gets workers."""
    task = asyncio.create_task(coro)  # error: CTX101
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)
    return task


def spawn_once(coro):
    """Gets what ends."""
    task = asyncio.create_task(coro)
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)
    return task


def spawn_method(method, *args):
    """Gets the function, and calls it."""
    return asyncio.create_task(method(*args))  # error: CTX101


def spawn_detached(coro):
    """Gets workers, and gives them a context of their own."""
    task = contextvars.Context().run(asyncio.create_task, coro)
    _tasks.add(task)
    return task


class Notifier:
    async def notify(self, user: str) -> None:
        spawn(self._watch(user))

    async def notify_detached(self, user: str) -> None:
        spawn_detached(self._watch(user))

    async def notify_once(self, user: str) -> None:
        spawn_once(self._send(user))

    async def notify_method(self, user: str) -> None:
        spawn_method(self._watch, user)

    async def _watch(self, user: str) -> None:
        while True:
            await self._send(user)
            await asyncio.sleep(1)

    async def _send(self, user: str) -> None:
        await asyncio.sleep(0)
