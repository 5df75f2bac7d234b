"""Guards and spawns like those of the leaks, around work that ends: nothing to report."""

import asyncio


class Loader:
    def __init__(self) -> None:
        self._task: asyncio.Task[None] | None = None

    async def load(self) -> None:
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._fetch())
        await asyncio.shield(self._task)

    async def preload(self) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._fetch())

    async def _fetch(self) -> None:
        await asyncio.sleep(1)


class Saver:
    def __init__(self) -> None:
        self._pending: set[asyncio.Task[None]] = set()

    async def save(self, rows: list[str]) -> None:
        for row in rows:
            task = asyncio.create_task(self._insert(row))
            self._pending.add(task)
            task.add_done_callback(self._pending.discard)

    async def _insert(self, row: str) -> None:
        for attempt in range(3):
            try:
                await asyncio.sleep(attempt)
                break
            except OSError:
                continue


class Batch:
    async def run(self, jobs: list[str]) -> None:
        self._tasks = [asyncio.create_task(self._job(job)) for job in jobs]

    async def _job(self, job: str) -> None:
        for part in job:
            await asyncio.sleep(len(part))
