"""Chains of timers: helpers between the callback and its next arming, tasks, hidden names."""

import asyncio
import threading

from tornado.ioloop import IOLoop


class ByHelper:
    """The helper takes the method's name as a string."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    def request(self) -> None:
        self._arm("_poll", 5)

    def _arm(self, name: str, delay: float) -> None:
        self._loop.call_later(delay, getattr(self, name))  # error: CTX103

    def _poll(self) -> None:
        self._arm("_poll", 5)


class ByTwo:
    """Two callbacks, each of which arms the other."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    def blink(self) -> None:
        self._loop.call_later(1, self._on)  # error: CTX103

    def _on(self) -> None:
        self._loop.call_later(1, self._off)

    def _off(self) -> None:
        self._loop.call_later(1, self._on)


class ByFinally:
    """Armed again whatever happens."""

    def __init__(self) -> None:
        self._timer: threading.Timer | None = None

    def save(self) -> None:
        if self._timer is None:
            self._schedule()

    def _schedule(self) -> None:
        self._timer = threading.Timer(5, self._write)  # error: CTX103
        self._timer.start()

    def _write(self) -> None:
        try:
            print("written")
        finally:
            self._schedule()


class ByTask:
    """Each run starts a task for the next one."""

    def begin(self) -> None:
        asyncio.get_running_loop().call_later(60, self._start)  # error: CTX103

    def _start(self) -> None:
        self._task = asyncio.create_task(self._work())

    async def _work(self) -> None:
        await asyncio.sleep(1)
        asyncio.get_running_loop().call_later(60, self._start)


class ByLambda:
    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    def begin(self, name: str) -> None:
        self._loop.call_later(1, lambda: self._beat(name))  # error: CTX103

    def _beat(self, name: str) -> None:
        self._loop.call_later(1, lambda: self._beat(name))


class Debounced:
    """Armed again by the next call, not by itself: nothing to report."""

    def __init__(self) -> None:
        self._timer: threading.Timer | None = None

    def changed(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = threading.Timer(0.5, self._save)
        self._timer.start()

    def _save(self) -> None:
        print("saved")


class Timeout:
    """A deadline for one request: nothing to report."""

    async def request(self) -> None:
        loop = asyncio.get_running_loop()
        future = loop.create_future()
        handle = loop.call_later(5, future.cancel)
        try:
            await future
        finally:
            handle.cancel()


class Delayed:
    """A delayed task, once: nothing to report."""

    def touch(self) -> None:
        self._task = asyncio.create_task(self._expire())
        IOLoop.current().call_later(5, print, "later")

    async def _expire(self) -> None:
        await asyncio.sleep(60)
        print("expired")


class Countdown:
    """Counts down to zero: nothing to report."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    def begin(self) -> None:
        self._count(10)

    def _count(self, left: int) -> None:
        if left > 0:
            self._loop.call_later(1, self._count, left - 1)


class Plain:
    """Runs soon, and once: nothing to report."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    def later(self) -> None:
        self._loop.call_soon(self._now)
        self._loop.call_soon_threadsafe(self._now)

    def _now(self) -> None:
        print("now")
