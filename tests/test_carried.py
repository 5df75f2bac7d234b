"""Carried contexts that consumers ignore, over several modules: trails, --why, CTX201 beside it."""

from __future__ import annotations

from pathlib import Path

import pytest
from marked_programs import assert_as_marked, write_project

from ctxlint import check
from ctxlint.checking import explain_site

Files = dict[str, str]

ITEMS = """\
import contextvars
from dataclasses import dataclass, field


@dataclass
class Job:
    row: str
    context: contextvars.Context = field(default_factory=contextvars.copy_context)
"""
INTAKE = """\
import queue

from app.items import Job


class Intake:
    def __init__(self):
        self.jobs = queue.Queue()

    def accept(self, row):
        self.jobs.put(Job(row))
"""
HANDLERS = """\
from fastapi import FastAPI

from app.intake import Intake

app = FastAPI()
intake = Intake()


@app.post("/rows")
async def rows(row: str):
    intake.accept(row)
"""

PROJECTS: dict[str, Files] = {
    "item, put, worker and work in modules of their own": {
        "app/items.py": ITEMS,
        "app/intake.py": INTAKE,
        "app/handlers.py": HANDLERS,
        "app/worker.py": """\
from app.intake import Intake
from app.work import store


def work(intake: Intake):
    while True:
        job = intake.jobs.get()
        store(job)  # error: CTX202
""",
        "app/work.py": """\
from app.items import Job
from database import insert


def store(job: Job):
    insert(job.row)
""",
    },
    "the same, where the work enters the context": {
        "app/items.py": ITEMS,
        "app/intake.py": INTAKE,
        "app/handlers.py": HANDLERS,
        "app/worker.py": """\
from app.intake import Intake
from app.work import store


def work(intake: Intake):
    while True:
        job = intake.jobs.get()
        store(job)
""",
        "app/work.py": """\
from app.items import Job
from database import insert


def store(job: Job):
    job.context.run(insert, job.row)
""",
    },
    "a helper of the project's own activates, and the last flush does not": {
        "app/scope.py": """\
import contextlib
import contextvars


@contextlib.contextmanager
def entered(job):
    tokens = [(variable, variable.set(value)) for variable, value in job.context.items()]
    yield
    for variable, token in tokens:
        variable.reset(token)
""",
        "app/items.py": ITEMS,
        "app/intake.py": INTAKE,
        "app/handlers.py": HANDLERS,
        "app/worker.py": """\
from app.intake import Intake
from app.scope import entered
from database import insert


class Worker:
    def __init__(self, intake: Intake):
        self._intake = intake

    def work(self):
        while True:
            job = self._intake.jobs.get()
            with entered(job):
                self._insert(job)

    def stop(self):
        while not self._intake.jobs.empty():
            self._insert(self._intake.jobs.get_nowait())  # error: CTX202

    def _insert(self, job):
        insert(job.row)
""",
    },
    "what is put by a helper for any queue": {
        "app/items.py": ITEMS,
        "app/queues.py": """\
from typing import Any


def enqueue(queue: Any, item: Any) -> None:
    queue.put_nowait(item)
""",
        "app/service.py": """\
import asyncio

from app.items import Job
from app.queues import enqueue
from database import insert


class Service:
    def __init__(self):
        self._jobs = asyncio.Queue()

    async def start(self):
        self._task = asyncio.create_task(self.work())  # error: CTX101

    def accept(self, row):
        enqueue(self._jobs, Job(row))

    def stop(self):
        enqueue(self._jobs, None)

    async def work(self):
        while (job := await self._jobs.get()) is not None:
            insert(job.row)  # error: CTX202
""",
    },
    "a relay between two modules, and only the second worker is wrong": {
        "app/items.py": ITEMS,
        "app/intake.py": INTAKE,
        "app/handlers.py": HANDLERS,
        "app/relay.py": """\
import queue

from app.intake import Intake


class Relay:
    def __init__(self, intake: Intake):
        self._intake = intake
        self.ready = queue.Queue()

    def pump(self):
        while True:
            job = self._intake.jobs.get()
            self.ready.put(job)
""",
        "app/worker.py": """\
from app.relay import Relay
from database import insert


def work(relay: Relay):
    while True:
        insert(relay.ready.get().row)  # error: CTX202
""",
    },
    "a relay that a wrapper starts puts no item of a request's": {
        "app/tasks.py": """\
import asyncio

running = set()


def keep(coroutine, name):
    task = asyncio.create_task(coroutine, name=name)  # error: CTX101
    running.add(task)
""",
        "app/service.py": """\
import asyncio

from app.tasks import keep


class Service:
    def __init__(self, database):
        self._database = database
        self._rows = asyncio.Queue()
        self._written = asyncio.Queue()

    async def accept(self, row):
        if not self._rows.qsize():
            keep(self._write(), "write")
            keep(self._report(), name="report")
        await self._rows.put(row)  # error: CTX201

    async def _write(self):
        while True:
            key = self._database.insert(await self._rows.get())
            await self._written.put(key)

    async def _report(self):
        while True:
            print(await self._written.get())
""",
    },
    "a reader that a wrapper starts puts what it receives": {
        "app/tasks.py": """\
import asyncio

running = set()


def keep(coroutine):
    task = asyncio.create_task(coroutine)  # error: CTX101
    running.add(task)
    return task
""",
        "app/connection.py": """\
import asyncio

from app.tasks import keep


class Connection:
    def __init__(self, stream):
        self._stream = stream
        self._frames = asyncio.Queue()

    def connect(self):
        self._reader = keep(self._read())
        self._worker = keep(self._work())

    async def _read(self):
        async for frame in self._stream:
            await self._frames.put(frame)

    async def _work(self):
        while True:
            self._stream.answer(await self._frames.get())
""",
    },
    "a worker that only throws items away": {
        "app/service.py": """\
import asyncio


class Throttle:
    def __init__(self):
        self._passed = asyncio.Queue(10)

    async def start(self):
        self._task = asyncio.create_task(self._leak())  # error: CTX101

    async def admit(self, request):
        await self._passed.put(request)

    async def _leak(self):
        while True:
            await asyncio.sleep(1)
            await self._passed.get()
""",
    },
    "a wrapper that only waits for what it is given starts no worker": {
        "app/timing.py": """\
import asyncio


async def timed(coroutine):
    await asyncio.create_task(coroutine)
""",
        "app/service.py": """\
import asyncio

from app.timing import timed


async def answer(rows):
    queue = asyncio.Queue()
    for row in rows:
        await queue.put(row)
    await timed(drain(queue))


async def drain(queue):
    while not queue.empty():
        print(queue.get_nowait())
""",
    },
}


@pytest.mark.parametrize("name", PROJECTS)
def test_over_modules(name: str, tmp_path: Path) -> None:
    assert_as_marked(tmp_path, PROJECTS[name])


def test_a_long_way_from_name_to_name(tmp_path: Path) -> None:
    steps = "".join(f"def made_{n}():\n    return made_{n + 1}()\n\n" for n in range(300))
    source = f"""\
import contextvars
import queue

rows = queue.Queue()

{steps}def made_300():
    return contextvars.copy_context()

def put(row):
    rows.put((made_0(), row))

def take(store):
    _, row = rows.get()
    store(row)
"""
    found = check([write_project(tmp_path, {"app.py": source})])
    assert [each for each in found if each.code == "CTX900"] == []


def test_one_file_alone_gets_the_same_findings(tmp_path: Path) -> None:
    files = PROJECTS["item, put, worker and work in modules of their own"]
    root = write_project(tmp_path, files)
    found = check([root / "app/worker.py"])
    assert [(each.code, each.line) for each in found] == [("CTX202", 8)]


def test_trail_leads_from_the_capture_to_the_work(tmp_path: Path) -> None:
    files = PROJECTS["item, put, worker and work in modules of their own"]
    (found,) = check([write_project(tmp_path, files)])
    assert found.message == (
        "work() ignores the context that the item carries: insert() runs outside it; "
        "activate it around the work"
    )
    assert [(Path(each.path).name, each.line, each.message) for each in found.trail] == [
        ("intake.py", 11, "Intake.accept captures the context that the item carries"),
        ("intake.py", 11, "Intake.accept puts the item"),
        ("intake.py", 8, "the queue is made here"),
        ("worker.py", 7, "work takes the item"),
        ("worker.py", 8, "work calls store"),
        ("work.py", 6, "it is handled outside the context that it carries"),
    ]
    assert found.fix is None


# One consumer of each kind.
SPOOL = """\
import asyncio
import contextvars


class Spool:
    def __init__(self, database):
        self._database = database
        self._rows = asyncio.Queue()

    async def put(self, row):
        await self._rows.put((contextvars.copy_context(), row))

    async def ignore(self):
        _, row = await self._rows.get()
        await self._database.insert(row)

    async def make(self):
        context, row = await self._rows.get()
        await context.run(self._insert, row)

    async def enter(self):
        context, row = await self._rows.get()
        await context.run(asyncio.create_task, self._insert(row))

    async def drop(self):
        _, row = self._rows.get_nowait()
        print("dropped", row)

    async def give_away(self, plugin):
        await plugin(await self._rows.get())

    async def _insert(self, row):
        await self._database.insert(row)
"""


def line_of(text: str, after: str = "") -> int:
    start = SPOOL.index(after)
    return SPOOL[: SPOOL.index(text, start)].count("\n") + 1


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            line_of("insert(row)", "def ignore"),
            ["brings a context along", "Nothing looks at it", "That is a leak."],
        ),
        (
            line_of("get()", "def ignore"),
            ["brings a context along", "Nothing looks at it", "the leak is reported here"],
        ),
        (
            line_of("context.run", "def make"),
            ["only while a coroutine is made", "That is a leak."],
        ),
        (line_of("get()", "def enter"), ["The work runs in it", "So there is nothing to report."]),
        (
            line_of("get_nowait()"),
            ["nothing that needs it is done with the item", "nothing to report."],
        ),
        (line_of("plugin("), ["ctxlint cannot follow it", "So there is nothing to report."]),
    ],
)
def test_why(line: int, expected: list[str], tmp_path: Path) -> None:
    root = write_project(tmp_path, {"spool.py": SPOOL})
    told = explain_site(root / "spool.py", line)
    assert [part for part in expected if part not in told] == []


def test_test_code_is_left_alone_unless_selected(tmp_path: Path) -> None:
    source = """\
import queue

from ctxlint.detached import WorkItem

items = queue.Queue()


def put(row):
    items.put(WorkItem(row))


def take(store):
    store(items.get().payload)
"""
    (found,) = check([write_project(tmp_path / "a", {"app.py": source})])
    assert found.code == "CTX202"
    assert check([write_project(tmp_path / "b", {"tests/app.py": source})]) == []
