"""Loops that never end, each spawned by a method that anybody may call."""

import asyncio
import contextlib
import weakref


class ByTrue:
    async def handle(self) -> None:
        self.task = asyncio.create_task(self._loop())  # error: CTX101

    async def _loop(self) -> None:
        while True:
            try:
                await asyncio.sleep(1)
            except asyncio.CancelledError:
                break
            except Exception as error:
                print(error)


class ByOne:
    async def handle(self) -> None:
        self.task = asyncio.create_task(self._loop())  # error: CTX101

    async def _loop(self) -> None:
        while 1:
            await asyncio.sleep(1)


class ByEvent:
    def __init__(self) -> None:
        self._stop = asyncio.Event()

    async def handle(self) -> None:
        self.task = asyncio.create_task(self._loop())  # error: CTX101

    async def _loop(self) -> None:
        while not self._stop.is_set():
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._stop.wait(), 30)


class ByFlag:
    def __init__(self) -> None:
        self._running = True

    async def handle(self) -> None:
        self.task = asyncio.create_task(self._loop())  # error: CTX101

    async def _loop(self) -> None:
        while self._running:
            await asyncio.sleep(1)

    def stop(self) -> None:
        self._running = False


class ByClosed:
    closed = False

    async def handle(self) -> None:
        self.task = asyncio.create_task(self._loop())  # error: CTX101

    async def _loop(self) -> None:
        while not self.closed:
            await asyncio.sleep(1)


class ByStopInside:
    def __init__(self) -> None:
        self._shutdown = False

    async def handle(self) -> None:
        self.task = asyncio.create_task(self._loop())  # error: CTX101

    async def _loop(self) -> None:
        while True:
            await asyncio.sleep(1)
            if self._shutdown:
                return


class BySubscription:
    def __init__(self, redis) -> None:
        self._redis = redis

    async def handle(self) -> None:
        self.task = asyncio.create_task(self._loop())  # error: CTX101

    async def _loop(self) -> None:
        pubsub = self._redis.pubsub()
        await pubsub.subscribe("events")
        async for message in pubsub.listen():
            print(message)


class ByWeakReference:
    """The loop is a module function that must not keep its owner alive."""

    async def handle(self) -> None:
        self.task = asyncio.create_task(refresh(weakref.ref(self)))  # error: CTX101

    async def refresh_once(self) -> None:
        await asyncio.sleep(1)


async def refresh(reference: weakref.ref[ByWeakReference]) -> None:
    while True:
        owner = reference()
        if owner is None:
            return
        await owner.refresh_once()
        del owner
        await asyncio.sleep(60)


class ByNestedFunction:
    async def handle(self, interval: float) -> None:
        async def beat() -> None:
            while True:
                await asyncio.sleep(interval)

        self.task = asyncio.create_task(beat())  # error: CTX101


class WithInnerLoop:
    """Collects a batch in a loop inside of the loop."""

    def __init__(self) -> None:
        self._stopping = False

    async def handle(self) -> None:
        self.task = asyncio.create_task(self._loop())  # error: CTX101

    async def _loop(self) -> None:
        while not self._stopping:
            batch = []
            while len(batch) < 10:
                await asyncio.sleep(0.1)
                batch.append(1)
            print(batch)


class Feed:
    """Whoever goes over it never comes to an end."""

    async def __aiter__(self):
        while True:
            await asyncio.sleep(1)
            yield 1


class ByOwnIterator:
    async def handle(self) -> None:
        self.task = asyncio.create_task(self._read())  # error: CTX101

    async def _read(self) -> None:
        async for each in Feed():
            print(each)


class ByLocalFlag:
    """Somebody else is to set it: nobody in the loop does."""

    async def handle(self) -> None:
        self.task = asyncio.create_task(self._until_told())  # error: CTX101

    async def handle_global(self) -> None:
        self.task = asyncio.create_task(self._while_running())  # error: CTX101

    async def _until_told(self) -> None:
        running = True

        def stop() -> None:
            nonlocal running
            running = False

        asyncio.get_running_loop().add_signal_handler(15, stop)
        while running:
            await asyncio.sleep(1)

    async def _while_running(self) -> None:
        while RUNNING:
            await asyncio.sleep(1)


RUNNING = True
