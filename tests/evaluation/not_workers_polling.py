"""Loops that poll for one answer or wait for a condition: nothing to report."""

import asyncio
import queue
import threading


class Client:
    closed = False

    async def request(self) -> None:
        self._a = asyncio.create_task(self._until_done())
        self._b = asyncio.create_task(self._gate())
        self._c = asyncio.create_task(self._answer())
        threading.Thread(target=self._wait_for_ready).start()

    async def _until_done(self) -> None:
        while not self.closed:
            status = await self._status()
            if status == "done":
                return
            await asyncio.sleep(1)

    async def _gate(self) -> None:
        gate = asyncio.Event()
        while not gate.is_set():
            await gate.wait()
        print("open")

    async def _answer(self) -> str:
        while True:
            if await self._status():
                return "answered"
            await asyncio.sleep(1)

    def _wait_for_ready(self) -> None:
        with self._condition:
            while not self._ready:
                self._condition.wait()
        print("ready")

    async def _status(self) -> str:
        return "done"


class Connection:
    """The spawner's finally closes what its worker reads from."""

    def __init__(self, group: asyncio.TaskGroup) -> None:
        self._group = group

    async def serve(self, transport) -> None:
        stream = transport.open()

        async def pump() -> None:
            while True:
                print(await stream.receive())

        try:
            self._group.create_task(pump())
            await transport.run()
        finally:
            await stream.aclose()

    async def with_event(self) -> None:
        stop = asyncio.Event()
        self._task = asyncio.create_task(self._beat(stop))
        try:
            await asyncio.sleep(1)
        finally:
            stop.set()

    async def _beat(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            await asyncio.sleep(1)


class Bridge:
    """Runs a coroutine on another thread's loop, and waits for it."""

    def __init__(self, loop) -> None:
        self._loop = loop

    def call(self, function):
        done = threading.Event()

        async def run() -> None:
            try:
                await asyncio.create_task(function())
            finally:
                done.set()

        def interrupted(seconds: float) -> None:
            done.wait(seconds)

        def patiently() -> None:
            while not done.is_set():
                done.wait(5)

        asyncio.run_coroutine_threadsafe(run(), self._loop)
        threading.Thread(target=patiently).start()
        while not done.is_set():
            interrupted(10)


class Fleet:
    """Waits for many at once, and takes what is done out of what asyncio.wait() returns."""

    async def request(self) -> None:
        self._task = asyncio.create_task(self._all())

    async def _all(self) -> None:
        running = {asyncio.create_task(asyncio.sleep(n)) for n in range(3)}
        while running:
            done, running = await asyncio.wait(running, return_when="FIRST_COMPLETED")
            while done:
                print(done.pop().result())


class Releases:
    """Waits until nobody holds a name any more."""

    def __init__(self) -> None:
        self._holders = {}
        self._changed = asyncio.Condition()

    async def request(self, name: str) -> None:
        self._task = asyncio.create_task(self._release(name))

    async def _release(self, name: str) -> None:
        while self._holders[name]:
            async with self._changed:
                await self._changed.wait()
        del self._holders[name]


class Job:
    def __init__(self, state: str) -> None:
        self.running = state == "running"

    def is_running(self) -> bool:
        return self.running


class Runs:
    """The loop is about a job that it is told of anew each time."""

    async def request(self) -> None:
        self._task = asyncio.create_task(self._follow())
        self._other = asyncio.create_task(self._watch())

    async def _follow(self) -> None:
        job = await self._ask()
        while job.is_running():
            await asyncio.sleep(1)
            job = await self._ask()

    async def _watch(self) -> None:
        job = await self._ask()
        while job.running:
            await asyncio.sleep(1)
            job = await self._ask()

    async def _ask(self) -> Job:
        return Job("done")


class Bodies:
    """Sends what an iterator gives, copies what a socket gives: to its end."""

    async def request(self, parts, source, sink) -> None:
        self._task = asyncio.create_task(self._send(parts))
        threading.Thread(target=self._copy, args=(source, sink)).start()
        threading.Thread(target=self._drain, args=(source,)).start()

    async def _send(self, parts) -> None:
        try:
            while True:
                print(await anext(parts))
        except StopAsyncIteration:
            print("sent")

    def _copy(self, source, sink) -> None:
        while True:
            part = source.recv(4096)
            if not part:
                break
            sink.sendall(part)

    def _drain(self, source) -> None:
        try:
            while True:
                print(source.get_nowait())
        except queue.Empty:
            print("drained")


class Mailbox:
    """Holds a lock until somebody has fetched what was put; waits in between, and goes on."""

    def __init__(self) -> None:
        self._writing = asyncio.Lock()
        self._fetched = asyncio.Event()
        self._room = asyncio.Event()

    async def request(self, message, stream) -> None:
        self._first = asyncio.create_task(self._put(message))
        self._second = asyncio.create_task(self._upload(message, stream))
        self._third = asyncio.create_task(self._replace(message))

    async def _put(self, message) -> None:
        async with self._writing:
            self._message = message
            await self._fetched.wait()

    async def _upload(self, message, stream) -> None:
        async with stream.open() as opened:
            await self._room.wait()
            await opened.send(message)

    async def _replace(self, message) -> None:
        try:
            await self._room.wait()
            self._message = message
        finally:
            self._fetched.clear()


class Orders:
    """Asks until it has an answer; steps through a run of its own until that has ended."""

    async def request(self, order) -> None:
        self._first = asyncio.create_task(self._propose(order))
        self._second = asyncio.create_task(self._carry_out(order))
        self._third = asyncio.create_task(self._step_through(order))

    async def _propose(self, order):
        answer = await self._ask(order)
        while answer.status == "waiting":
            await asyncio.sleep(1)
            answer = await self._ask(order)
        return answer

    async def _carry_out(self, order) -> None:
        run = order.run()
        while run.is_running():
            await run.step()

    async def _step_through(self, order) -> None:
        with order.opened() as machine:
            while machine.active:
                await machine.step()
