"""Loops left for a reason of their own: an error, a successor, or because all is done."""

import asyncio
import queue
import threading
import weakref
from typing import Any

LAST = object()


class Reported:
    """The error is kept for whoever asks: a worker."""

    def begin(self) -> None:
        self._task = asyncio.create_task(self._run())  # error: CTX101

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(1)
            if self._size() > 10:
                self.error = "too long"
                break

    def _size(self) -> int:
        return 1


class Broken:
    """Whatever goes wrong ends it: a worker."""

    def begin(self) -> None:
        threading.Thread(target=self._run).start()  # error: CTX102

    def _run(self) -> None:
        while True:
            try:
                self._step()
            except:  # noqa: E722
                break

    def _step(self) -> None: ...


class Replaced:
    """Ended by its successor: a worker."""

    def __init__(self) -> None:
        self._session: Any = None

    def begin(self) -> None:
        self._task = asyncio.create_task(self._run())  # error: CTX101

    async def _run(self) -> None:
        mine = self._session
        while True:
            await asyncio.sleep(1)
            if mine is not self._session:
                return


class Marked:
    """The marker is known by a name, or by what it is not: workers."""

    def __init__(self) -> None:
        self._rows: queue.Queue[Any] = queue.Queue()
        self._names: queue.Queue[Any] = queue.Queue()

    def begin(self) -> None:
        threading.Thread(target=self._run).start()  # error: CTX102
        threading.Thread(target=self._run_names).start()  # error: CTX102
        threading.Thread(target=self._run_all).start()  # error: CTX102

    def _run(self) -> None:
        for row in iter(self._rows.get, None):
            if row is LAST:
                return
            print(row)

    def _run_names(self) -> None:
        while True:
            name = self._names.get()
            if name is None or not name:
                return
            print(name)

    def _run_all(self) -> None:
        while True:
            row = self._rows.get()
            if isinstance(row, Exception):
                return
            print(row)


class Owned:
    """Its owner is gone: a worker."""

    def begin(self) -> None:
        self._task = asyncio.create_task(refresh(weakref.ref(self)))  # error: CTX101


async def refresh(get_owner: "weakref.ref[Owned]") -> None:
    while True:
        await asyncio.sleep(60)
        if (owner := get_owner()) is None:
            return
        print(owner)


class Compared:
    """Two numbers are the same, and it is done: no worker."""

    def __init__(self) -> None:
        self._left = 10
        self._wanted = 0

    def begin(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(1)
            self._left -= 1
            if self._left != self._wanted:
                continue
            if self._left != 1:
                return


class Failing:
    """A step that fails ends what its owner keeps running: a worker."""

    def __init__(self) -> None:
        self._running = True

    def begin(self) -> None:
        self._task = asyncio.create_task(self._run())  # error: CTX101

    async def _run(self) -> None:
        while self._running:
            if not await self._step():
                break
            await asyncio.sleep(1)

    async def _step(self) -> bool:
        return True


class Asking:
    """Asks until it has its answer: no worker."""

    def __init__(self) -> None:
        self._running = True

    def begin(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        while self._running:
            if await self._is_finished():
                break
            await asyncio.sleep(1)

    async def _is_finished(self) -> bool:
        return True


class Exhausted:
    """There is no next one: no worker."""

    def __init__(self, rows: Any) -> None:
        self._rows = rows

    def begin(self) -> None:
        self._task = asyncio.create_task(self._run())
        threading.Thread(target=self._run_rows).start()

    async def _run(self) -> None:
        while True:
            try:
                await anext(self._rows)
            except StopAsyncIteration:
                break

    def _run_rows(self) -> None:
        while True:
            try:
                print(next(self._rows))
            except (StopIteration, ValueError):
                break
