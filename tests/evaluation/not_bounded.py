"""What looks like an end and is none."""

import asyncio
import contextlib


async def loop(ready: "asyncio.Future[None] | None" = None) -> None:
    if ready is not None:
        ready.set_result(None)
    while True:
        await asyncio.sleep(1)


async def step() -> None:
    await asyncio.sleep(1)


async def by_a_ready_future() -> None:
    ready = asyncio.get_running_loop().create_future()
    asyncio.create_task(loop(ready))  # error: CTX101
    await ready


_tasks: set["asyncio.Task[None]"] = set()


async def by_a_set() -> None:
    task = asyncio.create_task(loop())  # error: CTX101
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)


class Stoppable:
    """Whoever stops it does so long after the request."""

    def __init__(self) -> None:
        self._task: asyncio.Task[None] | None = None

    async def request(self) -> None:
        if self._task is None:
            self._task = asyncio.create_task(loop())  # error: CTX101

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await self._task

    async def close(self) -> None:
        await self.stop()


class Held:
    """Its ``__aexit__`` ends the worker, but nobody enters it in a request's ``with``."""

    async def __aenter__(self) -> "Held":
        self._task = asyncio.create_task(loop())  # error: CTX101
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()


async def keep(registry: dict[str, Held]) -> None:
    registry["held"] = await Held().__aenter__()


async def one_of_two() -> None:
    """Only the first is waited for."""
    first = asyncio.create_task(step())
    second = asyncio.create_task(loop())  # error: CTX101
    _tasks.add(second)
    await first


async def in_a_group_from_elsewhere(group: asyncio.TaskGroup) -> None:
    group.create_task(loop())  # error: CTX101


async def on_one_path_only(wait: bool) -> None:
    task = asyncio.create_task(loop())  # error: CTX101
    _tasks.add(task)
    if wait:
        await task


async def returned() -> None:
    with contextlib.suppress(OSError):
        _tasks.add(asyncio.ensure_future(loop()))  # error: CTX101


class Ringing:
    """What its ``with`` sets in the end is not what the worker asks."""

    def __init__(self) -> None:
        self._stop = asyncio.Event()
        self._left = asyncio.Event()

    async def __aenter__(self) -> None:
        self._task = asyncio.create_task(self._ring())  # error: CTX101

    async def __aexit__(self, *_: object) -> None:
        self._left.set()

    async def _ring(self) -> None:
        while not self._stop.is_set():
            await asyncio.sleep(5)
