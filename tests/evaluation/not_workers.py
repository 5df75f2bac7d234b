"""Loops that look endless and are not: nothing to report."""

import asyncio


class Client:
    async def store(self) -> None:
        """Retries until it succeeds."""
        self.a = asyncio.create_task(self._insert())

    async def _insert(self) -> None:
        while True:
            try:
                await self._execute()
                return
            except OSError:
                await asyncio.sleep(1)

    async def _execute(self) -> None:
        await asyncio.sleep(0)

    async def send(self) -> None:
        """Retries until it succeeds, and breaks."""
        self.b = asyncio.create_task(self._post())

    async def _post(self) -> None:
        delay = 1
        while True:
            try:
                await self._execute()
            except OSError:
                delay *= 2
                await asyncio.sleep(delay)
            else:
                break

    async def connect(self) -> None:
        """A limited number of attempts."""
        self.c = asyncio.create_task(self._attempt())

    async def _attempt(self) -> None:
        tries = 0
        while tries < 5:
            tries += 1
            await asyncio.sleep(tries)

    async def receive(self, reader: asyncio.StreamReader) -> None:
        """Reads this request's stream to its end."""
        self.d = asyncio.create_task(self._read(reader))

    async def _read(self, reader: asyncio.StreamReader) -> None:
        while True:
            chunk = await reader.read(1024)
            if not chunk:
                break
            print(chunk)

    async def copy(self, reader: asyncio.StreamReader) -> None:
        self.e = asyncio.create_task(self._copy(reader))

    async def _copy(self, reader: asyncio.StreamReader) -> None:
        while chunk := await reader.read(1024):
            print(chunk)

    async def upload(self, response) -> None:
        """The body of one response."""
        self.f = asyncio.create_task(self._consume(response))

    async def _consume(self, response) -> None:
        async for chunk in response.aiter_bytes():
            print(chunk)

    async def start_job(self, job: str) -> None:
        """Polls until one job is done."""
        self.g = asyncio.create_task(self._follow(job))

    async def _follow(self, job: str) -> None:
        while True:
            status = await self._status(job)
            if status in ("done", "failed"):
                return
            await asyncio.sleep(1)

    async def _status(self, job: str) -> str:
        await asyncio.sleep(0)
        return job

    async def import_rows(self, rows: list[str]) -> None:
        """Finite data."""
        self.h = asyncio.create_task(self._import(rows))

    async def _import(self, rows: list[str]) -> None:
        while rows:
            print(rows.pop())
            await asyncio.sleep(0)

    async def list_pages(self) -> None:
        """Pages, until there is no next one."""
        self.i = asyncio.create_task(self._pages())

    async def _pages(self) -> None:
        token: str | None = None
        while True:
            token = await self._page(token)
            if token is None:
                break

    async def _page(self, token: str | None) -> str | None:
        await asyncio.sleep(0)
        return token

    async def insert(self, row: str) -> None:
        """One statement."""
        self.j = asyncio.create_task(self._write(row))

    async def _write(self, row: str) -> None:
        await asyncio.sleep(len(row))

    async def flush(self) -> None:
        """Empties a queue that is full now."""
        queue: asyncio.Queue[int] = asyncio.Queue()
        self.k = asyncio.create_task(self._drain(queue))

    async def _drain(self, queue: asyncio.Queue[int]) -> None:
        while not queue.empty():
            print(queue.get_nowait())

    async def drain_all(self) -> None:
        queue: asyncio.Queue[int] = asyncio.Queue()
        self.l = asyncio.create_task(self._empty(queue))

    async def _empty(self, queue: asyncio.Queue[int]) -> None:
        while True:
            try:
                print(queue.get_nowait())
            except asyncio.QueueEmpty:
                break

    async def wait_until_ready(self) -> None:
        """Until a condition holds."""
        self.m = asyncio.create_task(self._until_ready())

    async def _until_ready(self) -> None:
        while True:
            if await self._is_ready():
                return
            await asyncio.sleep(1)

    async def _is_ready(self) -> bool:
        await asyncio.sleep(0)
        return True

    async def deadline(self) -> None:
        """Until a point in time."""
        self.n = asyncio.create_task(self._until(100.0))

    async def _until(self, end: float) -> None:
        loop = asyncio.get_running_loop()
        while loop.time() < end:
            await asyncio.sleep(1)


class Page:
    async def __aiter__(self):
        for number in range(10):
            await asyncio.sleep(1)
            yield number


class ByOwnIterator:
    async def handle(self) -> None:
        """Until all of it has been read."""
        self.task = asyncio.create_task(self._read())

    async def _read(self) -> None:
        async for each in Page():
            print(each)


class ByLocalFlag:
    async def handle(self) -> None:
        """Until its own step says so."""
        self.task = asyncio.create_task(self._until_done())

    async def _until_done(self) -> None:
        running = True
        while running:
            running = await self.step()
