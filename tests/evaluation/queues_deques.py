"""A deque that a worker empties is a queue; most deques are not."""

import asyncio
import threading
import time
from collections import deque


class WithEvent:
    def __init__(self) -> None:
        self._pending: deque[str] = deque()
        self._wake = asyncio.Event()

    def submit(self, job: str) -> None:
        self._pending.append(job)  # error: CTX201
        self._wake.set()

    async def run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._pending:
                print(self._pending.popleft())


class WithCondition:
    def __init__(self) -> None:
        self._pending: deque[str] = deque()
        self._condition = threading.Condition()

    def submit(self, job: str) -> None:
        with self._condition:
            self._pending.append(job)  # error: CTX201
            self._condition.notify()

    def run(self) -> None:
        while True:
            with self._condition:
                while not self._pending:
                    self._condition.wait()
                job = self._pending.popleft()
            print(job)


class History:
    """The last hundred: nothing to report."""

    def __init__(self) -> None:
        self._last: deque[str] = deque(maxlen=100)

    def add(self, line: str) -> None:
        self._last.append(line)

    def show(self) -> list[str]:
        return list(self._last)


class RateLimit:
    """Times, dropped by whoever adds the next one: nothing to report."""

    def __init__(self) -> None:
        self._times: deque[float] = deque()

    def allow(self) -> bool:
        now = time.monotonic()
        while self._times and self._times[0] < now - 60:
            self._times.popleft()
        self._times.append(now)
        return len(self._times) < 100


class Pool:
    """Connections go out and come back: nothing to report."""

    def __init__(self) -> None:
        self._free: deque[object] = deque()

    def acquire(self) -> object:
        return self._free.popleft() if self._free else object()

    def release(self, connection: object) -> None:
        self._free.append(connection)


def breadth_first(tree: dict[str, list[str]]) -> list[str]:
    """A local deque: nothing to report."""
    found = []
    pending = deque(["root"])
    while pending:
        node = pending.popleft()
        found.append(node)
        for child in tree.get(node, ()):
            pending.append(child)
    return found


async def main() -> None:
    threading.Thread(target=WithCondition().run, daemon=True).start()
    await WithEvent().run()


asyncio.run(main())
