"""Consumers that are given a name, or to a thread object, before they are started."""

import asyncio
import contextvars
import queue
import threading
from collections.abc import Callable
from functools import partial


class Ledger:
    """The coroutine has a name."""

    def __init__(self) -> None:
        self._entries: asyncio.Queue[str] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    async def enter(self, entry: str) -> None:
        if self._task is None:
            writing = self._write()
            self._task = asyncio.create_task(writing)  # error: CTX101
        await self._entries.put(entry)  # error: CTX201

    async def _write(self) -> None:
        while True:
            print(await self._entries.get())


class Printer:
    """What runs it in an empty context has one."""

    def __init__(self) -> None:
        self._pages: queue.Queue[str] = queue.Queue()

    def open(self) -> None:
        run = partial(contextvars.Context().run, self._print)
        threading.Thread(target=run, daemon=True).start()

    def add(self, page: str) -> None:
        self._pages.put(page)  # error: CTX201

    def _print(self) -> None:
        while True:
            print(self._pages.get())


class Runner(threading.Thread):
    def __init__(self, function: Callable[[], None]) -> None:
        super().__init__(daemon=True)
        self._function = function

    def run(self) -> None:
        self._function()


class Mailbox:
    """A thread object keeps it."""

    def __init__(self) -> None:
        self._letters: queue.Queue[str] = queue.Queue()
        self._runner: Runner | None = None

    def post(self, letter: str) -> None:
        if self._runner is None:
            self._runner = Runner(self._deliver)
            self._runner.start()  # error: CTX102
        self._letters.put(letter)  # error: CTX201

    def _deliver(self) -> None:
        while True:
            print(self._letters.get())


class Archive:
    """... and is started in an empty context."""

    def __init__(self) -> None:
        self._boxes: queue.Queue[str] = queue.Queue()

    def open(self) -> None:
        runner = Runner(self._file)
        contextvars.Context().run(runner.start)

    def store(self, box: str) -> None:
        self._boxes.put(box)  # error: CTX201

    def _file(self) -> None:
        while True:
            print(self._boxes.get())


class Gallery:
    """What runs it in an empty context hands the queue on."""

    def __init__(self) -> None:
        self._frames: queue.Queue[str] = queue.Queue()

    def open(self) -> None:
        run = contextvars.Context().run
        threading.Thread(target=run, args=(self._hang, self._frames)).start()

    def bring(self, frame: str) -> None:
        self._frames.put(frame)  # error: CTX201

    def _hang(self, frames: "queue.Queue[str]") -> None:
        while True:
            print(frames.get())


class Counter:
    """The named coroutine is waited for, and the queue is this call's alone."""

    async def count(self, words: list[str]) -> None:
        numbers: asyncio.Queue[int] = asyncio.Queue()
        adding = self._add(numbers)
        task = asyncio.create_task(adding)
        for word in words:
            await numbers.put(len(word))
        task.cancel()
        await asyncio.wait([task])

    async def _add(self, numbers: "asyncio.Queue[int]") -> None:
        while True:
            print(await numbers.get())

    def read(self, words: list[str]) -> None:
        lines: queue.Queue[str] = queue.Queue()
        reader = Runner(partial(print, lines.get))
        reader.start()
        for word in words:
            lines.put(word)
