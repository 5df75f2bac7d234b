"""Timers that arm themselves again."""

import asyncio
import contextvars
import threading

from tornado.ioloop import IOLoop, PeriodicCallback


class Rates:
    """``call_later``, armed again by its callback."""

    def __init__(self) -> None:
        self._handle: asyncio.TimerHandle | None = None

    def rate(self) -> None:
        if self._handle is None:
            self._schedule()

    def _schedule(self) -> None:
        self._handle = asyncio.get_running_loop().call_later(5, self._refresh)  # error: CTX103

    def _refresh(self) -> None:
        self._schedule()


class Clock:
    """``call_at``, directly from the callback; the second arming follows from the first."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    def show(self) -> None:
        self._loop.call_at(self._loop.time() + 1, self._tick)  # error: CTX103

    def _tick(self) -> None:
        self._loop.call_at(self._loop.time() + 1, self._tick)


class Limiter:
    """``threading.Timer``."""

    def __init__(self) -> None:
        self._timer: threading.Timer | None = None

    def acquire(self) -> None:
        if self._timer is None:
            self._arm()

    def _arm(self) -> None:
        self._timer = threading.Timer(60, self._reset)  # error: CTX103
        self._timer.daemon = True
        self._timer.start()

    def _reset(self) -> None:
        self._arm()


class Gauge:
    """Tornado's periodic callback needs no arming again."""

    def watch(self) -> None:
        self._callback = PeriodicCallback(self._sample, 1000)  # error: CTX103
        self._callback.start()

    def _sample(self) -> None:
        print("sample")


class Pulse:
    """Tornado's ``call_later``."""

    def begin(self) -> None:
        IOLoop.current().call_later(1, self._beat)  # error: CTX103

    def _beat(self) -> None:
        IOLoop.current().call_later(1, self._beat)


class Sweeper:
    """A delayed task that starts the next one."""

    def touch(self) -> None:
        self._task = asyncio.create_task(self._sweep())  # error: CTX103

    async def _sweep(self) -> None:
        await asyncio.sleep(60)
        self._task = asyncio.create_task(self._sweep())


class Idle:
    """Runs once: nothing to report."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._handle: asyncio.TimerHandle | None = None

    def touch(self) -> None:
        if self._handle is not None:
            self._handle.cancel()
        self._handle = self._loop.call_later(60, self._expire)

    def _expire(self) -> None:
        self._handle = None

    def soon(self) -> None:
        self._loop.call_soon(self._expire)

    def once(self) -> None:
        timer = threading.Timer(60, self._expire)
        timer.start()


class Retry:
    """Arms itself again until it succeeds: nothing to report."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._attempts = 0

    def send(self) -> None:
        self._loop.call_later(1, self._attempt)

    def _attempt(self) -> None:
        self._attempts += 1
        if self._attempts < 5:
            self._loop.call_later(1, self._attempt)


class Own:
    """A context of its own: nothing to report."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    def begin(self) -> None:
        self._arm()

    def _arm(self) -> None:
        self._loop.call_later(60, self._tick, context=contextvars.Context())

    def _tick(self) -> None:
        self._arm()


class AtStart:
    """Armed at start-up: nothing to report."""

    def arm(self) -> None:
        asyncio.get_running_loop().call_later(60, self._again)

    def _again(self) -> None:
        self.arm()


async def main() -> None:
    AtStart().arm()
    await asyncio.sleep(1000)


if __name__ == "__main__":
    asyncio.run(main())
