"""Syntax newer than the oldest Python that ctxlint runs on, in all that is rewritten."""

from __future__ import annotations

import asyncio
from contextvars import ContextVar

from ctxlint.detached import WorkItem, activate_request_context, create_detached_background_task

USER: ContextVar[str] = ContextVar("user", default="nobody")

type Handler[**P, R] = Callable[P, Awaitable[R]]
type Entry[T] = tuple[str, T]


class Store[T: (int, str), *Rest]:
    """A store of one kind of thing."""

    def __init__[S](self, start: S | None = None) -> None:
        self.rows: list[Entry[T]] = []
        self._queue: asyncio.Queue[WorkItem[Entry[T]]] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    async def save[K](self, key: K, value: T) -> None:
        if (task := self._task) is None or task.done():
            self._task = create_detached_background_task(self._run(), name=f"store of {f'{key!r}'!s:>{20}}")
        await self._queue.put(WorkItem((f"{"key"}: {key}", value)))

    async def _run(self) -> None:
        while True:
            work = await self._queue.get()
            with activate_request_context(work.context):
                key, value = work.payload
                try:
                    match value:
                        case str() if value.startswith(f"{", ".join(f"{x}" for x in "ab")}"):
                            self.rows.append((key, value))
                        case int(number) | [number, *_]:
                            self.rows.append((key, number))
                except* ValueError as group:
                    print(f"{
                    group.exceptions  # a comment inside an f-string
                } lost {key}")
                finally:
                    self._queue.task_done()
