"""Workers that are started detached take items all the same: these have to carry their context."""

import asyncio
import contextvars
import queue
import threading

from ctxlint.detached import WorkItem, activate_request_context, run_detached


class ByHelper:
    """The helper is given the loop's own spawner."""

    def __init__(self) -> None:
        self._task: asyncio.Task[None] | None = None
        self._queue: asyncio.Queue[str] = asyncio.Queue()

    async def save(self, row: str) -> None:
        if self._task is None:
            loop = asyncio.get_running_loop()
            self._task = run_detached(loop.create_task, self._serve())
        await self._queue.put(row)  # error: CTX201

    async def _serve(self) -> None:
        while True:
            print(await self._queue.get())


class Carried:
    """Nothing to report."""

    def __init__(self) -> None:
        self._task: asyncio.Task[None] | None = None
        self._queue: asyncio.Queue[WorkItem[str]] = asyncio.Queue()

    async def save(self, row: str) -> None:
        if self._task is None:
            loop = asyncio.get_running_loop()
            self._task = run_detached(loop.create_task, self._serve())
        await self._queue.put(WorkItem(row))

    async def _serve(self) -> None:
        while True:
            work = await self._queue.get()
            with activate_request_context(work.context):
                print(work.payload)


class Finite:
    """The helper is given what ends: nothing to report."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[str] = asyncio.Queue()

    async def save(self, row: str) -> None:
        run_detached(asyncio.create_task, self._take_one())
        await self._queue.put(row)

    async def _take_one(self) -> None:
        print(await self._queue.get())


def start_clean(function):
    """A helper of the project's own, for threads."""
    empty = contextvars.Context()
    thread = threading.Thread(target=empty.run, args=(function,), daemon=True)
    thread.start()
    return thread


def start_with(function, argument):
    """What is handed on behind the function is no worker."""
    thread = threading.Thread(target=contextvars.Context().run, args=(function, argument))
    thread.start()
    return thread


class ByOwnHelper:
    def __init__(self) -> None:
        self._thread: threading.Thread | None = None
        self._queue: queue.Queue[str] = queue.Queue()

    def save(self, row: str) -> None:
        if self._thread is None:
            self._thread = start_clean(self._serve)
        self._queue.put(row)  # error: CTX201

    def _serve(self) -> None:
        while True:
            print(self._queue.get())


class HandedAlong:
    """Nobody knows what is done with the method: nothing to report."""

    def __init__(self) -> None:
        self._queue: queue.Queue[str] = queue.Queue()

    def save(self, row: str) -> None:
        start_with(print, self._serve)
        self._queue.put(row)

    def _serve(self) -> None:
        while True:
            print(self._queue.get())
