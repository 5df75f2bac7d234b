"""Contexts that are captured too late or shared, over several modules; what --why says of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from marked_programs import assert_as_marked, write_project

from ctxlint import check
from ctxlint.checking import explain_site

Files = dict[str, str]

PROJECTS: dict[str, Files] = {
    "a helper that a thread runs, in another module": {
        "app/handlers.py": """\
from concurrent.futures import ThreadPoolExecutor

from app.work import Job

pool = ThreadPoolExecutor()


def handle(request):
    pool.submit(Job(request).run_job)
""",
        "app/work.py": """\
from app.isolation import in_copy


class Job:
    def __init__(self, row):
        self.row = row

    def run_job(self):
        in_copy(self.store, self.row)

    def store(self, row):
        print(row)
""",
        "app/isolation.py": """\
import contextvars


def in_copy(function, *arguments):
    return contextvars.copy_context().run(function, *arguments)  # error: CTX302
""",
    },
    "the same helper, called by the producer as well": {
        "app/handlers.py": """\
from concurrent.futures import ThreadPoolExecutor

from app.isolation import in_copy

pool = ThreadPoolExecutor()


def handle(request):
    pool.submit(in_copy, print, request)
    in_copy(print, request)
""",
        "app/isolation.py": """\
import contextvars


def in_copy(function, *arguments):
    return contextvars.copy_context().run(function, *arguments)
""",
    },
    "a helper that captures for the producer": {
        "app/handlers.py": """\
from concurrent.futures import ThreadPoolExecutor

from app.carrying import carried, snapshot

pool = ThreadPoolExecutor()


def handle(rows):
    for row in rows:
        pool.submit(carried(print), row)
        pool.submit(snapshot().run, print, row)
""",
        "app/carrying.py": """\
import contextvars
import functools


def snapshot():
    return contextvars.copy_context()


def carried(function):
    context = contextvars.copy_context()

    @functools.wraps(function)
    def run(*arguments):
        return context.run(function, *arguments)

    return run
""",
    },
    "a helper that captures in the function it makes": {
        "app/handlers.py": """\
from concurrent.futures import ThreadPoolExecutor

from app.carrying import carried

pool = ThreadPoolExecutor()


def handle(request):
    work = carried(print)
    pool.submit(work, request)


@carried
def store(row):
    print(row)


def handle_later(request):
    pool.submit(store, request)
""",
        "app/carrying.py": """\
import contextvars
import functools


def carried(function):
    @functools.wraps(function)
    def run(*arguments):
        context = contextvars.copy_context()  # error: CTX302
        return context.run(function, *arguments)

    return run
""",
    },
    "a wrapper of threads in another module": {
        "app/handlers.py": """\
from contextvars import copy_context

from app.threads import in_background


def handle(request):
    def work():
        copy_context().run(print, request)  # error: CTX302

    in_background(work)
    context = copy_context()
    in_background(lambda: context.run(print, request))
""",
        "app/threads.py": """\
import threading


def in_background(function, daemon=True):
    if not callable(function):
        raise TypeError(function.__name__)
    thread = threading.Thread(target=function, daemon=daemon)
    thread.start()
    return thread
""",
    },
    "a context passed on to what starts the runs": {
        "app/handlers.py": """\
from contextvars import copy_context

from app.running import start


def handle(rows):
    context = copy_context()
    for row in rows:
        start(context, row)


def handle_each(rows):
    for row in rows:
        start(copy_context(), row)
""",
        "app/running.py": """\
from concurrent.futures import ThreadPoolExecutor

pool = ThreadPoolExecutor()


def start(context, row):
    pool.submit(context.run, print, row)  # error: CTX303
""",
    },
    "a context of an object that all requests share": {
        "app/service.py": """\
import asyncio
import contextvars


class Service:
    def __init__(self):
        self._context = contextvars.copy_context()

    async def handle(self, request):
        task = asyncio.create_task(self._store(request), context=self._context)  # error: CTX303
        await task

    async def _store(self, request):
        print(request)
""",
        "app/main.py": """\
from fastapi import FastAPI

from app.service import Service

app = FastAPI()
service = Service()


@app.post("/")
async def post(row: str):
    await service.handle(row)
""",
    },
    "a context of an object that each request makes": {
        "app/service.py": """\
import asyncio
import contextvars


class Session:
    def __init__(self):
        self._context = contextvars.copy_context()

    async def handle(self, request):
        await asyncio.create_task(self._store(request), context=self._context)

    async def _store(self, request):
        print(request)
""",
        "app/main.py": """\
from fastapi import FastAPI

from app.service import Session

app = FastAPI()


@app.post("/")
async def post(row: str):
    await Session().handle(row)
""",
    },
    "executors and contexts that tests use": {
        "app/isolation.py": """\
import contextvars


def in_copy(function):
    return contextvars.copy_context().run(function)
""",
        "tests/test_isolation.py": """\
from concurrent.futures import ThreadPoolExecutor

from app.isolation import in_copy


def test_in_copy():
    with ThreadPoolExecutor() as pool:
        pool.submit(in_copy, print).result()
""",
    },
}


@pytest.mark.parametrize("files", PROJECTS.values(), ids=PROJECTS.keys())
def test_reported_as_marked(files: Files, tmp_path: Path) -> None:
    assert_as_marked(tmp_path, files)


def test_the_trail_leads_from_the_handover_to_the_copy(tmp_path: Path) -> None:
    root = write_project(tmp_path, PROJECTS["a helper that a thread runs, in another module"])
    [finding] = check([root])
    assert finding.message == (
        "the context is copied when in_copy() runs, in the pool's thread; copy it where the work "
        "is handed over"
    )
    assert [(Path(each.path).name, each.line, each.message) for each in finding.trail] == [
        ("handlers.py", 9, "handle hands it to submit()"),
        ("work.py", 9, "Job.run_job calls in_copy"),
        ("isolation.py", 5, "in_copy copies the context it runs in"),
        ("isolation.py", 5, "and runs the work in the copy"),
    ]


SITES = """\
import threading
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context

pool = ThreadPoolExecutor()


def work(row, ctx=None):
    copy_context().run(print, row)


def handle(rows):
    threading.Thread(target=work, args=(rows,)).start()
    copy_context().run(print, rows)
    ctx = copy_context()
    for row in rows:
        pool.submit(ctx.run, print, row)
    pool.submit(copy_context().run, print, rows)
    return rows.context or copy_context()
"""


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (9, ["That is too late: it runs in the thread then.", ":13: handle hands it to Thread()"]),
        (14, ["that is not too late", "So there is nothing to report."]),
        (17, ["Another run can", ":16: each round starts another run", "That is a leak."]),
        (18, ["no other run is in it", "So there is nothing to report."]),
        (19, ["asked for its truth", "That is a leak."]),
    ],
)
def test_why(line: int, expected: list[str], tmp_path: Path) -> None:
    root = write_project(tmp_path, {"app.py": SITES})
    told = explain_site(root / "app.py", line)
    for each in expected:
        assert each in told
