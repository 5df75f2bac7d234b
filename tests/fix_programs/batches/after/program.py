"""Batches that are handled together."""

import asyncio
import itertools
import queue
import threading

from ctxlint.detached import (
    WorkItem,
    activate_request_context,
    create_detached_background_task,
    create_detached_thread,
)


class Rows:
    """Rows are written by one statement for many."""

    def __init__(self) -> None:
        self.statements: list[str] = []
        self._queue: asyncio.Queue[WorkItem[str]] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    def add(self, row: str) -> None:
        if self._task is None:
            self._task = create_detached_background_task(self._run())
        self._queue.put_nowait(WorkItem(row))

    async def _run(self) -> None:
        while True:
            # the first one
            works: list[WorkItem[str]] = [await self._queue.get()]  # waits
            # and what is there besides
            while len(works) < 5:
                try:
                    works.append(self._queue.get_nowait())
                except asyncio.QueueEmpty:
                    break

            for shared, group in itertools.groupby(works, lambda work: work.context):
                with activate_request_context(shared):
                    batch = [work.payload for work in group]
                    # all of it
                    self.statements.append(
                        """insert into rows
  values
""" + ", ".join(batch)
                    )  # written

                    for _ in batch:
                        self._queue.task_done()
                    # the end of a round


class Lines:
    """The same in a thread."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._queue: "queue.Queue[WorkItem[str]]" = queue.Queue()
        self._thread: threading.Thread | None = None

    def add(self, line: str) -> None:
        if self._thread is None:
            self._thread = create_detached_thread(target=self._run, daemon=True)
            self._thread.start()
        self._queue.put(WorkItem(line))

    def _run(self) -> None:
        while True:
            line = self._queue.get()
            works = [line]
            while not self._queue.empty(): works.append(self._queue.get())
            for shared, group in itertools.groupby(works, lambda work: work.context):
                with activate_request_context(shared):
                    batch = [work.payload for work in group]
                    self.lines += sorted(batch); print(len(batch))
