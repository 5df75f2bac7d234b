"""The loop is not in the spawned function itself: it is called, wrapped, inherited or passed on."""

import asyncio
import functools
from abc import ABC, abstractmethod


class Delegating:
    """Spawned → run → loop."""

    async def handle(self) -> None:
        self.task = asyncio.create_task(self._main())  # error: CTX101

    async def _main(self) -> None:
        try:
            await self._run()
        finally:
            print("over")

    async def _run(self) -> None:
        await self._loop()

    async def _loop(self) -> None:
        while True:
            await asyncio.sleep(1)


class Guarded:
    """The worker is an argument of a wrapper coroutine."""

    async def handle(self) -> None:
        self.task = asyncio.create_task(self._guard(self._loop))  # error: CTX101

    async def handle_once(self) -> None:
        self.task = asyncio.create_task(self._guard(self._step))

    async def handle_partial(self) -> None:
        loop = functools.partial(self._again, self._loop)
        self.task = asyncio.create_task(self._guard(loop))  # error: CTX101

    async def handle_partial_once(self) -> None:
        step = functools.partial(self._again, self._step)
        self.task = asyncio.create_task(self._guard(step))

    async def _again(self, function) -> None:
        await function()

    async def _guard(self, function) -> None:
        try:
            await function()
        except Exception as error:
            print(error)

    async def _loop(self) -> None:
        while True:
            await self._step()

    async def _step(self) -> None:
        await asyncio.sleep(1)


class Bound:
    """A partial of a function that never ends, called at once."""

    async def handle(self) -> None:
        start = functools.partial(self._loop, 5)
        self.task = asyncio.create_task(start())  # error: CTX101

    async def _loop(self, seconds: int) -> None:
        while True:
            await asyncio.sleep(seconds)


class Gathered:
    """Waits for two loops at once."""

    async def handle(self) -> None:
        self.task = asyncio.create_task(self._both())  # error: CTX101

    async def _both(self) -> None:
        await asyncio.gather(self._left(), self._right())

    async def _left(self) -> None:
        while True:
            await asyncio.sleep(1)

    async def _right(self) -> None:
        while True:
            await asyncio.sleep(2)


class Service(ABC):
    """The loop is inherited by whoever starts it."""

    async def _run(self) -> None:
        while True:
            await self._once()

    @abstractmethod
    async def _once(self) -> None: ...


class Billing(Service):
    async def bill(self) -> None:
        self.task = asyncio.create_task(self._run())  # error: CTX101

    async def _once(self) -> None:
        await asyncio.sleep(1)


class Base:
    """The starter is inherited; the loop is in one subclass, and the other one's work ends."""

    async def handle(self) -> None:
        self.task = asyncio.create_task(self._main())  # error: CTX101

    async def _main(self) -> None:
        raise NotImplementedError


class Endless(Base):
    async def _main(self) -> None:
        while True:
            await asyncio.sleep(1)


class Quick(Base):
    async def _main(self) -> None:
        await asyncio.sleep(1)


class Short:
    """Two calls deep, and then it ends: nothing to report."""

    async def handle(self) -> None:
        self.task = asyncio.create_task(self._main())

    async def _main(self) -> None:
        await self._run()

    async def _run(self) -> None:
        await asyncio.sleep(1)


class Starting:
    """A task that only starts a worker ends itself; what it starts is reported."""

    async def handle(self) -> None:
        self.task = asyncio.create_task(self._start())

    async def _start(self) -> None:
        self.worker = asyncio.create_task(self._loop())  # error: CTX101

    async def _loop(self) -> None:
        while True:
            await asyncio.sleep(1)


class Limited:
    """A loop under a time limit ends: nothing to report."""

    async def handle(self) -> None:
        self.task = asyncio.create_task(self._main())

    async def handle_in_block(self) -> None:
        self.task = asyncio.create_task(self._block())

    async def _main(self) -> None:
        await asyncio.wait_for(self._loop(), 30)

    async def _block(self) -> None:
        async with asyncio.timeout(30):
            await self._loop()

    async def _loop(self) -> None:
        while True:
            await asyncio.sleep(1)


makers = {}


async def endless() -> None:
    while True:
        await asyncio.sleep(1)


makers["endless"] = endless


async def stored_in_the_module(name: str) -> None:
    asyncio.create_task(makers[name]())  # error: CTX101


async def once() -> None:
    await asyncio.sleep(1)


async def stored_under_the_same_name(name: str) -> None:
    """In another table: nothing to report."""
    makers = {}
    makers["once"] = once
    asyncio.create_task(makers[name]())


MAKERS = [endless]


async def listed() -> None:
    for make in list(MAKERS):
        asyncio.create_task(make())  # error: CTX101
