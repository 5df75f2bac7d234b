"""Workers that the first request starts: guards of every kind, all of them leaks."""

import asyncio


class Outbox:
    """Guard: no task yet, or the last one is over."""

    def __init__(self) -> None:
        self._task: asyncio.Task[None] | None = None

    async def send(self, mail: str) -> None:
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._deliver())  # error: CTX101

    async def _deliver(self) -> None:
        while True:
            await asyncio.sleep(1)


class Metrics:
    """The guard stands in a method of its own."""

    def __init__(self) -> None:
        self._flusher: asyncio.Task[None] | None = None

    def _ensure_flusher(self) -> None:
        if self._flusher is not None:
            return
        self._flusher = asyncio.get_running_loop().create_task(self._flush())  # error: CTX101

    def count(self, name: str) -> None:
        self._ensure_flusher()

    async def _flush(self) -> None:
        while True:
            await asyncio.sleep(10)


class Audit:
    """A flag says that the worker runs."""

    def __init__(self) -> None:
        self._started = False

    async def record(self, event: str) -> None:
        if not self._started:
            self._started = True
            asyncio.ensure_future(self._write())  # error: CTX101

    async def _write(self) -> None:
        while True:
            await asyncio.sleep(1)


class Presence:
    """The attribute itself is the guard."""

    async def touch(self, user: str) -> None:
        if not hasattr(self, "_sweeper"):
            setattr(self, "_sweeper", asyncio.create_task(self._sweep()))  # error: CTX101

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(30)


class Sessions:
    """A registry with one worker for each session."""

    def __init__(self) -> None:
        self._workers: dict[str, asyncio.Task[None]] = {}

    async def submit(self, session: str) -> None:
        if session not in self._workers:
            self._workers[session] = asyncio.create_task(self._serve(session))  # error: CTX101

    async def _serve(self, session: str) -> None:
        while True:
            await asyncio.sleep(1)


_refresher: asyncio.Task[None] | None = None


async def current_rate(currency: str) -> float:
    """A module keeps the task."""
    global _refresher
    if _refresher is None:
        _refresher = asyncio.create_task(refresh_rates())  # error: CTX101
    return 1.0


async def refresh_rates() -> None:
    while True:
        await asyncio.sleep(60)


class Pool:
    """As many workers as there is room for."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._tasks: list[asyncio.Task[None]] = []

    async def submit(self) -> None:
        for _ in range(self._size - len(self._tasks)):
            self._tasks.append(asyncio.create_task(self._work()))  # error: CTX101

    async def _work(self) -> None:
        while True:
            await asyncio.sleep(1)


class Crew:
    """A comprehension of tasks."""

    def __init__(self) -> None:
        self._tasks: list[asyncio.Task[None]] = []

    async def hire(self) -> None:
        self._tasks = [
            asyncio.create_task(self._labour(number))  # error: CTX101
            for number in range(4)
        ]

    async def _labour(self, number: int) -> None:
        while True:
            await asyncio.sleep(number)


class Feed:
    """The spawn stands in a nested function."""

    async def subscribe(self) -> None:
        def start() -> None:
            self._task = asyncio.create_task(self._pump())  # error: CTX101

        start()

    async def _pump(self) -> None:
        while True:
            await asyncio.sleep(1)
