"""Workers that cannot outlive the call that spawned them: nothing to report."""

import asyncio
import contextlib
import threading


async def loop() -> None:
    while True:
        await asyncio.sleep(1)


async def work() -> None:
    await asyncio.sleep(1)


async def by_await() -> None:
    task = asyncio.create_task(loop())
    await task


async def by_gather() -> None:
    first = asyncio.create_task(loop())
    second = asyncio.create_task(loop())
    await asyncio.gather(first, second)


async def by_gather_of_a_list() -> None:
    tasks = [asyncio.create_task(loop()) for _ in range(3)]
    print("a good deal later")
    await asyncio.gather(*tasks)


async def by_gather_of_an_appended_list() -> None:
    tasks = []
    for _ in range(3):
        tasks.append(asyncio.create_task(loop()))
    await asyncio.gather(*tasks, return_exceptions=True)


async def by_wait() -> None:
    tasks = {asyncio.create_task(loop()), asyncio.create_task(loop())}
    await asyncio.wait(tasks)


async def by_wait_for() -> None:
    task = asyncio.create_task(loop())
    with contextlib.suppress(asyncio.TimeoutError):
        await asyncio.wait_for(task, 5)


async def by_cancel_in_finally() -> None:
    task = asyncio.create_task(loop())
    try:
        await work()
    finally:
        task.cancel()


async def by_cancel_of_several() -> None:
    reader = asyncio.create_task(loop())
    writer = asyncio.create_task(loop())
    try:
        await work()
    finally:
        for task in (reader, writer):
            task.cancel()


async def by_cancel_of_a_list() -> None:
    tasks = [asyncio.create_task(loop()) for _ in range(3)]
    try:
        await work()
    finally:
        for task in tasks:
            task.cancel()


async def cancel_and_wait(task: "asyncio.Task[None]") -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def by_a_helper_that_cancels() -> None:
    task = asyncio.create_task(loop())
    try:
        await work()
    finally:
        await cancel_and_wait(task)


async def by_an_exit_stack() -> None:
    async with contextlib.AsyncExitStack() as stack:
        task = asyncio.create_task(loop())
        stack.callback(task.cancel)
        await work()


async def by_a_group() -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(loop())
        await work()


async def by_the_finally_of_a_generator():
    task = asyncio.create_task(loop())
    try:
        yield 1
    finally:
        task.cancel()


@contextlib.asynccontextmanager
async def pinging():
    task = asyncio.create_task(loop())
    try:
        yield
    finally:
        task.cancel()


async def with_a_context_manager() -> None:
    async with pinging():
        await work()


class Session:
    async def __aenter__(self) -> "Session":
        self._pinger = asyncio.create_task(loop())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._pinger.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._pinger


async def with_an_object() -> None:
    async with Session():
        await work()


class Typing:
    """Its ``with`` tells the worker to stop, by the event that the worker asks."""

    def __init__(self) -> None:
        self._finish = asyncio.Event()

    async def __aenter__(self) -> "Typing":
        await self._begin()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._end()

    async def _begin(self) -> None:
        self._finish.clear()
        self._task = asyncio.create_task(self._repeat())

    async def _repeat(self) -> None:
        while not self._finish.is_set():
            await asyncio.sleep(5)

    async def _end(self) -> None:
        self._finish.set()


class Spinner:
    """The same by a flag, and in a thread."""

    def __enter__(self) -> None:
        self._running = True
        threading.Thread(target=self._spin).start()

    def __exit__(self, *_: object) -> None:
        self._running = False

    def _spin(self) -> None:
        while self._running:
            print("...")


@contextlib.contextmanager
def observed(probe):
    """What the worker asks, through another function of its spawner, the finally sets."""
    over = threading.Event()

    async def observe() -> None:
        while not over.is_set():
            await probe.look()

    def in_a_thread() -> None:
        asyncio.run(observe())

    thread = threading.Thread(target=in_a_thread, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(timeout=2)
