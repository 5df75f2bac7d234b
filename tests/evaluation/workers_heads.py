"""Heads of loops and waits: which mean for ever, and which only until something is done."""

import asyncio
import contextlib
import contextvars
import queue
import threading

_tasks: set[object] = set()


class Store:
    stopped = False

    def __init__(self) -> None:
        self._queue: asyncio.Queue[str] = asyncio.Queue()
        self._jobs: queue.Queue[str] = queue.Queue()
        self._stop = asyncio.Event()
        self._ready = asyncio.Event()
        self.left = 3

    def handle(self, request) -> None:
        for worker in (self.iterated(), self.received(), self.received_in_time()):
            _tasks.add(worker)
        _tasks.add(asyncio.create_task(self.iterated()))  # error: CTX101
        _tasks.add(asyncio.create_task(self.iterated_to_the_end()))
        _tasks.add(asyncio.create_task(self.received()))  # error: CTX101
        _tasks.add(asyncio.create_task(self.received_in_time()))  # error: CTX101
        _tasks.add(asyncio.create_task(self.stopped_or_told()))  # error: CTX101
        _tasks.add(asyncio.create_task(self.until_one_of_both()))
        _tasks.add(asyncio.create_task(self.flag_of_an_event()))  # error: CTX101
        _tasks.add(asyncio.create_task(self.flag_of_one_of_two()))  # error: CTX101
        _tasks.add(asyncio.create_task(self.flag_of_a_result()))
        _tasks.add(asyncio.create_task(self.either_way()))  # error: CTX101
        _tasks.add(asyncio.create_task(self.arithmetic()))
        _tasks.add(asyncio.create_task(self.over_endless()))  # error: CTX101
        _tasks.add(asyncio.create_task(self.over_finite()))
        _tasks.add(asyncio.create_task(self.over_endless_of_a_class()))  # error: CTX101

    # --- loops ---

    async def iterated(self) -> None:
        async for each in aiter(self.forever()):
            await self.step(each)

    async def iterated_to_the_end(self) -> None:
        async for each in aiter(self.three()):
            await self.step(each)

    async def received(self) -> None:
        while await self._queue.get() != "stop":
            await self.step(None)

    async def received_in_time(self) -> None:
        while await asyncio.wait_for(self._queue.get(), None) is not None:
            await self.step(None)

    async def stopped_or_told(self) -> None:
        while not self.stopped or self.told():
            await self.step(None)

    async def until_one_of_both(self) -> None:
        while self.left and self.pop():
            await self.step(None)

    async def flag_of_an_event(self) -> None:
        stopping = False
        while not stopping:
            await self.step(None)
            stopping = await self._stop.wait()

    async def flag_of_one_of_two(self) -> None:
        stopping = self.stopped
        while not stopping:
            await self.step(None)
            stopping = self._stop.is_set() if self.left else self.stopped

    async def flag_of_a_result(self) -> None:
        done = False
        while not done:
            done = await self.step(None)

    async def either_way(self) -> None:
        while self.left or True:
            await self.step(None)

    async def arithmetic(self) -> None:
        while self.left - 1:
            self.left -= 1

    async def over_endless(self) -> None:
        async for each in self.forever():
            await self.step(each)

    async def over_finite(self) -> None:
        async for each in self.three():
            await self.step(each)

    async def over_endless_of_a_class(self) -> None:
        async for each in Ticks():
            await self.step(each)

    async def forever(self):
        while True:
            yield await self.step(None)

    async def three(self):
        for each in range(3):
            yield each

    async def step(self, item) -> object:
        return await asyncio.sleep(1)


class Ticks:
    async def __aiter__(self):
        while True:
            yield await asyncio.sleep(1)


# --- waits ---


class Waits:
    def __init__(self) -> None:
        self._stop = asyncio.Event()
        self._resource = contextlib.nullcontext()

    def handle(self, request) -> None:
        _tasks.add(asyncio.create_task(self.a_future()))  # error: CTX101
        _tasks.add(asyncio.create_task(self.a_future_of_the_loop()))  # error: CTX101
        _tasks.add(asyncio.create_task(self.an_event()))  # error: CTX101
        _tasks.add(asyncio.create_task(self.an_event_for_a_while()))
        _tasks.add(asyncio.create_task(self.an_event_of_its_own()))
        _tasks.add(asyncio.create_task(self.what_is_no_event()))
        _tasks.add(asyncio.create_task(self.for_three_seconds()))
        _tasks.add(asyncio.create_task(self.for_a_timeout()))
        _tasks.add(asyncio.create_task(self.without_a_timeout()))  # error: CTX101
        _tasks.add(asyncio.create_task(self.with_none_for_a_timeout()))  # error: CTX101

    async def a_future(self) -> None:
        await asyncio.Future()

    async def a_future_of_the_loop(self) -> None:
        await asyncio.get_running_loop().create_future()

    async def an_event(self) -> None:
        with self._resource:
            await self._stop.wait()

    async def an_event_for_a_while(self) -> None:
        with self._resource:
            self._stop.wait(3)

    async def an_event_of_its_own(self) -> None:
        with self._resource:
            arrived = asyncio.Event()
            self.begin(arrived)
            await arrived.wait()

    async def what_is_no_event(self) -> None:
        with self._resource:
            await self._process.wait()

    async def for_three_seconds(self) -> None:
        with self._resource:
            await asyncio.wait_for(self._stop.wait(), 3)

    async def for_a_timeout(self) -> None:
        with self._resource:
            await asyncio.wait_for(self._stop.wait(), timeout=3)

    async def without_a_timeout(self) -> None:
        with self._resource:
            await asyncio.wait_for(fut=self._stop.wait())

    async def with_none_for_a_timeout(self) -> None:
        with self._resource:
            await asyncio.wait_for(self._stop.wait(), timeout=None)


# --- timers ---


class Ticking:
    def handle(self, request) -> None:
        self.loop = asyncio.get_running_loop()
        self.loop.call_later(1, self.while_it_is_open)  # error: CTX103
        self.loop.call_later(1, self.while_there_is_more)

    def while_it_is_open(self) -> None:
        if self.interval and self.lasting is not None:
            self.loop.call_later(self.interval, self.while_it_is_open)

    def while_there_is_more(self) -> None:
        if self.interval and self.next_row():
            self.loop.call_later(self.interval, self.while_there_is_more)


class Chained:
    """The first timer arms another, which arms itself again."""

    def handle(self, request) -> None:
        self.loop = asyncio.get_running_loop()
        self.loop.call_later(1, self.begin)  # error: CTX103

    def begin(self) -> None:
        self.loop.call_later(2, self.again)  # error: CTX103

    def again(self) -> None:
        self.loop.call_later(3, self.again)


class Starting:
    """A timer that starts a worker once is no chain, whatever the worker does."""

    def handle(self, request) -> None:
        self.loop = asyncio.get_running_loop()
        self.loop.call_later(1, self.begin)

    def begin(self) -> None:
        self.thread = threading.Thread(target=self.begin)
        self.loop.call_later(1, self.end)
        contextvars.Context().run(self.loop.create_task, self.forever())

    def end(self) -> None:
        self.loop = None

    async def forever(self) -> None:
        while True:
            await asyncio.sleep(1)
            self.begin()
