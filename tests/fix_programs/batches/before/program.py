"""Batches that are handled together."""

import asyncio
import queue
import threading


class Rows:
    """Rows are written by one statement for many."""

    def __init__(self) -> None:
        self.statements: list[str] = []
        self._queue: asyncio.Queue[str] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    def add(self, row: str) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._run())
        self._queue.put_nowait(row)

    async def _run(self) -> None:
        while True:
            # the first one
            batch: list[str] = [await self._queue.get()]  # waits
            # and what is there besides
            while len(batch) < 5:
                try:
                    batch.append(self._queue.get_nowait())
                except asyncio.QueueEmpty:
                    break

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
        self._queue: "queue.Queue[str]" = queue.Queue()
        self._thread: threading.Thread | None = None

    def add(self, line: str) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, daemon=True)
            self._thread.start()
        self._queue.put(line)

    def _run(self) -> None:
        while True:
            line = self._queue.get()
            batch = [line]
            while not self._queue.empty(): batch.append(self._queue.get())
            self.lines += sorted(batch); print(len(batch))
