"""Loops with ways out that mean "told to stop", "failed" or "replaced": workers all the same."""

import asyncio
import enum
import queue
import threading


class State(enum.Enum):
    OPEN = 1
    CLOSED = 2


class Sweeper:
    """Leaves right after waiting for the stop event."""

    def __init__(self) -> None:
        self._stop = asyncio.Event()

    async def request(self) -> None:
        self._task = asyncio.create_task(self._sweep())  # error: CTX101

    async def _sweep(self) -> None:
        while True:
            try:
                await asyncio.wait_for(self._stop.wait(), timeout=30)
                break
            except asyncio.TimeoutError:
                print("sweep")


class Every:
    """A local flag that is read anew from the event."""

    def __init__(self) -> None:
        self._halt = threading.Event()

    def begin(self) -> None:
        threading.Thread(target=self._run).start()  # error: CTX102

    def _run(self) -> None:
        done = self._halt.is_set()
        while not done:
            print("work")
            done = self._halt.wait(5)


class Watch:
    """Leaves when another session has taken its place."""

    async def connect(self) -> None:
        self.session = object()
        self.task = asyncio.ensure_future(self._watch())  # error: CTX101

    async def _watch(self) -> None:
        mine = self.session
        while not self.closed:
            if mine is not self.session:
                break
            await asyncio.sleep(5)


class Flusher:
    """Leaves when the connection is gone."""

    async def connect(self) -> None:
        self._items: asyncio.Queue[str] = asyncio.Queue()
        self._task = asyncio.create_task(self._flush())  # error: CTX101

    async def _flush(self) -> None:
        while True:
            if not self.is_connected:
                break
            print(await self._items.get())


class Pinger:
    """Reports an error and ends."""

    async def connect(self) -> None:
        self._task = asyncio.create_task(self._ping())  # error: CTX101

    async def _ping(self) -> None:
        late = 0
        while True:
            await asyncio.sleep(120)
            late += 1
            if late > 2:
                self._lost(TimeoutError())
                return


class Renewal:
    """Its own state is the loop's condition; giving up is failure."""

    state = State.OPEN

    async def connect(self) -> None:
        self._task = asyncio.create_task(self._renew())  # error: CTX101
        self._other = asyncio.create_task(self._keep())  # error: CTX101

    async def _renew(self) -> None:
        while self.state is not State.CLOSED:
            if not await self._extend():
                return
            await asyncio.sleep(60)

    async def _keep(self) -> None:
        while self.state not in (State.CLOSED,):
            await asyncio.sleep(1)

    async def _extend(self) -> bool:
        return True


class Interval:
    """Leaves on the answer of an event, whatever it is called."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def first_use(self) -> None:
        threading.Thread(target=self._loop).start()  # error: CTX102

    def _loop(self) -> None:
        while True:
            completed = self._event.wait(1)
            if completed:
                return
            print("collect")


class Starter(threading.Thread):
    """Overrides start, and passes on to Thread's."""

    def start(self) -> None:
        super().start()  # error: CTX102

    def run(self) -> None:
        while True:
            print(jobs.get())


jobs: "queue.Queue[str]" = queue.Queue()


def first_request() -> None:
    Starter().start()
