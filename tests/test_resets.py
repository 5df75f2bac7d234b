"""What is not reset, over several modules; what --why says of it; which files are read for it."""

from __future__ import annotations

from pathlib import Path

import pytest
from marked_programs import assert_as_marked, write_project

from ctxlint import check
from ctxlint.checking import explain_site
from ctxlint.program.sieve import Sieve
from ctxlint.settings import Settings
from ctxlint.sources import gather
from ctxlint.user_rows import table_of

VARIABLES = """\
from contextvars import ContextVar

user = ContextVar("user", default=None)
"""
Files = dict[str, str]

PROJECTS: dict[str, Files] = {
    "set and reset by helpers of another module": {
        "app/state.py": VARIABLES
        + """

def push(name):
    return user.set(name)


def put_back(token):
    user.reset(token)
""",
        "app/worker.py": """\
import asyncio

from app.state import push, put_back as undo


async def leaks(queue: asyncio.Queue):
    while True:
        job = await queue.get()
        before = push(job.user)  # error: CTX401
        await job.run()
        undo(before)


async def resets(queue: asyncio.Queue):
    while True:
        job = await queue.get()
        before = push(job.user)
        try:
            await job.run()
        finally:
            undo(before)
""",
    },
    "reset three calls away": {
        "app/state.py": VARIABLES,
        "app/teardown.py": """\
from app import state


class Teardown:
    def run(self):
        self._forget()

    def _forget(self):
        clear()


def clear():
    state.user.set(None)
""",
        "app/middleware.py": """\
from app.state import user
from app.teardown import Teardown


class Middleware:
    def __init__(self, get_response):
        self.get_response = get_response
        self.teardown = Teardown()

    def __call__(self, request):
        user.set(request.user)
        try:
            return self.get_response(request)
        finally:
            self.teardown.run()
""",
    },
    "set by a helper, for some items": {
        "app/state.py": VARIABLES
        + """

def identify(job):
    user.set(job.user)  # error: CTX401
""",
        "app/worker.py": """\
import asyncio

from app import state


async def consume(queue: asyncio.Queue):
    while True:
        job = await queue.get()
        if job.user:
            state.identify(job)
        await job.run()
""",
    },
    "set by a helper, for each item": {
        "app/state.py": VARIABLES
        + """

def identify(job):
    user.set(job.user)
""",
        "app/worker.py": """\
import asyncio

from app import state


async def consume(queue: asyncio.Queue):
    while True:
        job = await queue.get()
        state.identify(job)
        await job.run()
""",
    },
    "a handler that the loop runs in a task of its own": {
        "app/state.py": VARIABLES,
        "app/handler.py": """\
from app.state import user


async def on_message(message):
    token = user.set(message.user)
    await message.run()
    user.reset(token)
""",
        "app/loop.py": """\
import asyncio

from app.handler import on_message


async def consume(queue: asyncio.Queue):
    async with asyncio.TaskGroup() as group:
        while True:
            group.create_task(on_message(await queue.get()))
""",
    },
    "the same handler in the task of the loop": {
        "app/state.py": VARIABLES,
        "app/handler.py": """\
from app.state import user


async def on_message(message):
    token = user.set(message.user)  # error: CTX401
    await message.run()
    user.reset(token)
""",
        "app/loop.py": """\
import asyncio

from app.handler import on_message


async def consume(queue: asyncio.Queue):
    while True:
        await on_message(await queue.get())
""",
    },
    "a base class whose exit resets": {
        "app/state.py": VARIABLES,
        "app/base.py": """\
from app.state import user


class Scoped:
    def __enter__(self):
        self._token = user.set(self.name())
        return self

    def __exit__(self, kind, error, trace):
        user.reset(self._token)
""",
        "app/scopes.py": """\
from app.base import Scoped
from app.state import user


class Forgetful(Scoped):
    def __enter__(self):
        self._mark = user.set("forgetful")  # error: CTX401
        return self

    def __exit__(self, kind, error, trace):
        self._mark = None
""",
    },
    "set by what supports tests": {
        "app/state.py": VARIABLES
        + """

def act_as(name):
    user.set(name)
""",
        "app/testing/workers.py": """\
import asyncio

from app.state import act_as, user


async def consume(queue: asyncio.Queue):
    while True:
        job = await queue.get()
        if job.user:
            act_as(job.user)
        token = user.set(job.user)
        await job.run()
        user.reset(token)
""",
    },
    "entered while the program starts, and by requests": {
        "app/state.py": VARIABLES
        + """

class Quiet:
    def __enter__(self):
        self._mark = user.set("quiet")
        return self

    def __exit__(self, kind, error, trace):
        self._mark = None


class Loud:
    def __enter__(self):
        self._mark = user.set("loud")  # error: CTX401
        return self

    def __exit__(self, kind, error, trace):
        self._mark = None
""",
        "app/main.py": """\
import asyncio

from app.state import Loud, Quiet


def load():
    with Quiet():
        print("loading")


async def consume(queue: asyncio.Queue):
    while True:
        job = await queue.get()
        with Loud():
            await job.run()


async def main():
    load()
    await consume(asyncio.Queue())


if __name__ == "__main__":
    asyncio.run(main())
""",
    },
    "set for some requests, each in a task of its own": {
        "app/state.py": VARIABLES,
        "app/views.py": """\
from aiohttp import web

from app.state import user


async def page(request: web.Request) -> web.Response:
    if request.query:
        user.set(request.query["user"])
    return web.Response()


app = web.Application()
app.router.add_get("/", page)
""",
    },
}


@pytest.mark.parametrize("files", PROJECTS.values(), ids=PROJECTS)
def test_over_modules(files: Files, tmp_path: Path) -> None:
    assert_as_marked(tmp_path, files)


def test_each_file_by_itself(tmp_path: Path) -> None:
    """A single file has the findings that it has when the whole project is checked."""
    root = write_project(tmp_path, PROJECTS["set and reset by helpers of another module"])
    whole = check([root])
    assert check([root / "app" / "worker.py"]) == whole
    assert check([root / "app" / "state.py"]) == []


def test_the_trail(tmp_path: Path) -> None:
    root = write_project(tmp_path, PROJECTS["set by a helper, for some items"])
    [finding] = check([root])
    assert finding.message == (
        "user is set for some items only and never reset: the next one sees what the last one "
        "left; set it for every item, or reset it in a finally"
    )
    assert [(Path(each.path).name, each.line, each.message) for each in finding.trail] == [
        ("worker.py", 7, "consume serves item after item"),
        ("worker.py", 10, "consume calls identify"),
        ("state.py", 7, "identify sets user"),
    ]


SITES = (
    VARIABLES
    + """

def handle(name, work):
    token = user.set(name)
    work()
    user.reset(token)


def right(name, work):
    token = user.set(name)
    try:
        work()
    finally:
        user.reset(token)


def main():
    user.set("root")
"""
)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            7,
            [
                "sets user in the",
                "control can leave before it is reset (line 8)",
                "a leak.",
            ],
        ),
        (13, ["it is reset, or set anew", "So there is nothing to report."]),
        (21, ["The next item does not see it", "So there is nothing to report."]),
        (8, ["Nothing on this line starts, puts, takes or sets anything"]),
    ],
)
def test_why(line: int, expected: list[str], tmp_path: Path) -> None:
    root = write_project(tmp_path, {"app.py": SITES})
    told = explain_site(root / "app.py", line)
    for each in expected:
        assert each in told


READ: dict[str, tuple[str, bool]] = {
    "sets a variable": ("from app.state import user\n\nuser.set(1)\n", True),
    "gives the token of a helper a name": ("from app.state import push\n\nmark = push(1)\n", True),
    "a set of another kind": ("import threading\n\nthreading.Event().set()\n", False),
    "only reads the variable": ("from app.state import user\n\nprint(user.get())\n", False),
    "an attach of another library": ("import libtmux\n\nlibtmux.attach()\n", False),
    "structlog": ("import structlog\n\nstructlog.contextvars.bind_contextvars(a=1)\n", True),
}


@pytest.mark.parametrize(("source", "expected"), READ.values(), ids=READ)
def test_which_files_are_read(source: str, expected: bool, tmp_path: Path) -> None:
    """By their bytes: a file that sets nothing costs nothing."""
    state = PROJECTS["set and reset by helpers of another module"]["app/state.py"]
    root = write_project(tmp_path, {"app/state.py": state, "app/other.py": source})
    settings = Settings()
    sieve = Sieve(gather(root, settings), table_of(settings))
    assert sieve.may_set(root / "app" / "other.py") is expected
