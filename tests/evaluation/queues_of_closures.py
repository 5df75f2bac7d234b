"""Queues and items by way of closures, protocols, snapshots and classes derived from envelopes."""

import asyncio
import contextvars
import queue
import threading
from collections import namedtuple
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from ctxlint.detached import WorkItem
from fastapi import FastAPI
from storage import upload

app = FastAPI()
user: contextvars.ContextVar[str] = contextvars.ContextVar("user", default="nobody")
VARIABLES = (user,)


# --- A function that puts is handed out -----------------------------------------------------------


def make_writer() -> Callable[[str], None]:
    rows: queue.Queue[str] = queue.Queue()

    def work() -> None:
        while True:
            upload(rows.get())

    def write(row: str) -> None:
        rows.put(row)  # error: CTX201

    threading.Thread(target=work).start()  # error: CTX102
    return write


def write_all(rows: list[str]) -> None:
    """The queue ends with the call, and so does the worker: nothing to report."""
    pending: queue.Queue[str] = queue.Queue()

    def work() -> None:
        while True:
            upload(pending.get())

    def write(row: str) -> None:
        pending.put(row)
        if row:
            write(row[1:])

    thread = threading.Thread(target=work)
    thread.start()
    for row in rows:
        write(row)
        write(row)
    thread.join()


# --- Snapshots: nothing to report -----------------------------------------------------------------


def capture() -> contextvars.Context:
    return contextvars.copy_context()


@dataclass
class Job:
    row: str
    context: contextvars.Context = field(default_factory=capture)


class Snapshots:
    def __init__(self) -> None:
        self._rows: queue.Queue[Any] = queue.Queue()
        self._jobs: queue.Queue[Any] = queue.Queue()

    def put(self, row: str) -> None:
        self._rows.put((row, {variable: variable.get() for variable in VARIABLES}))
        self._jobs.put(Job(row))

    def run(self) -> None:
        while True:
            row, values = self._rows.get()
            for variable, value in values.items():
                variable.set(value)
            upload(row)

    def run_jobs(self) -> None:
        while True:
            job = self._jobs.get()
            job.context.run(upload, job.row)


class Named:
    """Who takes the items is only known by a name, which anybody may give: nothing to report."""

    def __init__(self) -> None:
        self._rows: queue.Queue[str] = queue.Queue()

    def put(self, row: str) -> None:
        self._rows.put(row)

    def begin(self, kind: str) -> None:
        getattr(self, f"take_{kind}")()

    def take_rows(self) -> None:
        while True:
            upload(self._rows.get())


# --- Envelopes with more in them ------------------------------------------------------------------


class Letter(WorkItem[str]):
    urgent = False


class Pair(namedtuple("Pair", "row number")):
    """Carries nothing."""


class Letters:
    def __init__(self) -> None:
        self._letters: queue.Queue[Letter] = queue.Queue()
        self._pairs: queue.Queue[Pair] = queue.Queue()

    def put(self, row: str) -> None:
        self._letters.put(Letter(row))
        self._pairs.put(Pair(row, 1))  # error: CTX201

    def run(self) -> None:
        while True:
            letter = self._letters.get()
            upload(letter.payload)  # error: CTX202

    def run_pairs(self) -> None:
        while True:
            pair = self._pairs.get()
            upload(pair.row)


# --- Starters behind a protocol -------------------------------------------------------------------


class Starter(Protocol):
    def begin_beating(self) -> None: ...


class Beater:
    def begin_beating(self) -> None:
        threading.Thread(target=beat).start()  # error: CTX102


def beat() -> None:
    while True:
        print("beat")


@app.post("/beat")
def start_beating(starter: Starter) -> None:
    starter.begin_beating()


# --- Starters inherited ---------------------------------------------------------------------------


class Base:
    def __init__(self) -> None:
        self.thread = threading.Thread(target=beat)  # error: CTX102
        self.thread.start()

    def refresh(self) -> None:
        print("refreshed")


class Derived(Base):
    def refresh(self) -> None:
        threading.Thread(target=beat).start()  # error: CTX102

    refresh_later = refresh


def traced(function: Callable[[Any], None]) -> Callable[[Any], None]:
    return function


class Traced(Base):
    def refresh(self) -> None:
        threading.Thread(target=beat).start()  # error: CTX102

    refresh = traced(refresh)


class Deeper(Derived):
    refresh = Derived.refresh_later


@app.post("/deeper")
def deeper() -> None:
    Deeper().refresh()


@app.post("/base")
def base(found: Base) -> None:
    found.refresh()


async def main() -> None:
    Beater().begin_beating()
    snapshots, letters = Snapshots(), Letters()
    for work in (snapshots.run, snapshots.run_jobs, letters.run, letters.run_pairs):
        asyncio.create_task(asyncio.to_thread(work))
    await asyncio.sleep(1000)


asyncio.run(main())
