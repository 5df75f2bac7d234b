"""What ``--why FILE:LINE`` says of puts, gets, spawns and contexts, reported or not."""

from __future__ import annotations

from pathlib import Path

import pytest

from ctxlint.checking import explain_site

QUEUES = """\
import asyncio
import contextvars
from contextvars import ContextVar

from fastapi import FastAPI

app = FastAPI()
user = ContextVar("user")
jobs = asyncio.Queue()
named = asyncio.Queue()


class Store:
    def __init__(self):
        self._queue = asyncio.Queue()
        self._other = asyncio.Queue()
        self._task = None

    async def save(self, item):
        if self._task is None:
            self._task = asyncio.create_task(self._drain())
        await self._queue.put(item)  # bare
        await self._queue.put((contextvars.copy_context(), item))  # carried
        self._queue.put_nowait(None)  # sentinel
        self._other.put_nowait(item)  # untaken
        mine = asyncio.Queue()
        mine.put_nowait(item)  # local
        asyncio.create_task(mine.get())

    async def _drain(self):
        while True:
            item = await self._queue.get()  # get
            print(item)


@app.post("/jobs")
async def submit(job):
    await jobs.put(job)  # routed
    await named.put((user.get(), job))  # rebuilt


async def work():
    while True:
        job = await jobs.get()
        contextvars.copy_context().run(print, job)  # late


async def work_named():
    while True:
        name, job = await named.get()
        user.set(name)
        print(job)


@app.on_event("startup")
async def begin():
    asyncio.create_task(work())  # started
    asyncio.create_task(work_named())
"""

SPAWNS = """\
import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context, ContextVar

user = ContextVar("user")
started = ContextVar("started", default=False)
pool = ThreadPoolExecutor(2)


async def handle(request, unknown):
    user.set(request.user)
    pool.submit(unknown)  # unknown in a pool
    pool.submit(print, 1)  # nothing read
    pool.submit(ticks)  # worker in a pool
    asyncio.create_task(unknown)  # unknown
    task = asyncio.create_task(beat())  # bounded
    task.cancel()
    await task
    Context().run(asyncio.create_task, beat())  # detached
    asyncio.get_running_loop().call_later(5, again)  # timer
    asyncio.create_task(short())  # short
    if not started.get():
        started.set(True)  # once
        asyncio.create_task(beat())


def ticks():
    while True:
        print(user.get(None))


async def beat():
    while True:
        await asyncio.sleep(1)


async def short():
    print(1)


def again():
    asyncio.get_running_loop().call_later(5, again)
"""

TOLD = {
    "bare": """\
This call puts an item on a queue (asyncio.Queue, made at FILE:15).
The queue outlives the request.
A worker takes the items off it: Store._drain.
Nothing of the item holds a captured context.
A request may lead here:
  FILE:19: Store.save is public: any request may call it
That is a leak.

Reported as CTX201 (queued-without-context). `ctxlint --explain CTX201` tells what to do.""",
    "carried": """\
This call puts an item on a queue (asyncio.Queue, made at FILE:15).
The queue outlives the request.
A worker takes the items off it: Store._drain.
A captured context travels with the item.
A request may lead here:
  FILE:19: Store.save is public: any request may call it
So there is nothing to report.""",
    "sentinel": """\
This call puts an item on a queue (asyncio.Queue, made at FILE:15).
The item is a sentinel or a bare code.
So there is nothing to report.""",
    "untaken": """\
This call puts an item on a queue (asyncio.Queue, made at FILE:16).
The queue outlives the request.
No worker was found that takes items off it.
Nothing of the item holds a captured context.
A request may lead here:
  FILE:19: Store.save is public: any request may call it
So there is nothing to report.""",
    "local": """\
This call puts an item on a queue (asyncio.Queue, made at FILE:26).
The queue is a local of the request, and ends with it.
No worker was found that takes items off it.
Nothing of the item holds a captured context.
A request may lead here:
  FILE:19: Store.save is public: any request may call it
So there is nothing to report.""",
    "routed": """\
This call puts an item on a queue (asyncio.Queue, made at FILE:9).
The queue outlives the request.
A worker takes the items off it: work.
Nothing of the item holds a captured context.
A request leads here:
  FILE:37: submit: registered with @post
That is a leak.

Reported as CTX201 (queued-without-context). `ctxlint --explain CTX201` tells what to do.""",
    "rebuilt": """\
This call puts an item on a queue (asyncio.Queue, made at FILE:10).
The queue outlives the request.
A worker takes the items off it: work_named.
A captured context travels with the item.
The worker makes a context from what the item carries.
A request leads here:
  FILE:37: submit: registered with @post
So there is nothing to report.""",
    "get": """\
Store._drain takes items off a queue (asyncio.Queue, made at FILE:15).
The items carry no context, or not all of them in the same way.
So there is nothing to report.""",
    "late": """\
This call enters a context that work copies itself (line 45).
That is too late: work has taken the item then.
  FILE:57: begin spawns work
  FILE:44: work takes the item
That is a leak.

Reported as CTX302 (context-captured-too-late). `ctxlint --explain CTX302` tells what to do.""",
    "started": """\
This call starts a task (asyncio.create_task).
It is a worker: work never ends (while True, FILE:43).
Nothing detaches it: it runs in a copy of the caller's context.
Nothing bounds it: nothing in the same call waits for it or ends it.
Only start-up leads here:
  FILE:56: begin: registered with @on_event
So there is nothing to report.""",
    "unknown in a pool": """\
This call hands work to a pool (concurrent.futures.ThreadPoolExecutor.submit).
It starts with an empty context.
What it runs could not be resolved.
So there is nothing to report.""",
    "nothing read": """\
This call hands work to a pool (concurrent.futures.ThreadPoolExecutor.submit).
It starts with an empty context.
As far as ctxlint can follow it, it asks its context for nothing.
So there is nothing to report.""",
    "worker in a pool": """\
This call hands work to a pool (concurrent.futures.ThreadPoolExecutor.submit).
It starts with an empty context.
But what it runs reads user.
  FILE:30: ticks reads user
It is a worker that never ends, and no work of one request.
So there is nothing to report.""",
    "unknown": """\
This call starts a task (asyncio.create_task).
What it starts could not be resolved, so whether that ever ends is not known.
It is left to itself: its result is thrown away (CTX105, which is off by default).
Apart from that, there is nothing to report.""",
    "bounded": """\
This call starts a task (asyncio.create_task).
It is a worker: beat never ends (while True, FILE:34).
Nothing detaches it: it runs in a copy of the caller's context.
It is bounded: its spawner awaits it.
So there is nothing to report.""",
    "detached": """\
This call starts a task (asyncio.create_task).
It is a worker: beat never ends (while True, FILE:34).
It is detached: it is started through another context's run().
So there is nothing to report.

This call enters a context that comes from elsewhere.
So there is nothing to report.""",
    "timer": """\
This call sets a timer (asyncio.AbstractEventLoop.call_later).
It never ends: again arms itself again.
Nothing detaches it: it runs in a copy of the caller's context.
Nothing bounds it: nothing in the same call waits for it or ends it.
A request may lead here:
  FILE:11: handle is public: any request may call it
That is a leak.

Reported as CTX103 (timer-inherits-context). `ctxlint --explain CTX103` tells what to do.""",
    "short": """\
This call starts a task (asyncio.create_task).
It is no worker: what it starts ends by itself, as far as ctxlint can tell.
It is left to itself: its result is thrown away (CTX105, which is off by default).
Apart from that, there is nothing to report.""",
    "once": """\
This call sets started in the current context.
The next item would see it.
As far as ctxlint can tell, it is reset, or set anew for each item.
So there is nothing to report.

It says that something is done already, and each request has its own copy.
  FILE:25: a worker is started that never ends
That is a leak.

Reported as CTX402 (context-var-as-once-flag). `ctxlint --explain CTX402` tells what to do.""",
}


@pytest.mark.parametrize(("mark", "told"), TOLD.items(), ids=TOLD)
def test_what_is_known_of_a_line(mark: str, told: str, tmp_path: Path) -> None:
    """The line that ends with the comment."""
    text = QUEUES if f"# {mark}\n" in QUEUES else SPAWNS
    path = tmp_path / "store.py"
    path.write_text(text)
    (tmp_path / "pyproject.toml").write_text("[tool.ctxlint]\n")
    before = text.split(f"  # {mark}\n")[0]
    assert explain_site(path, before.count("\n") + 1).replace(path.as_posix(), "FILE") == told


@pytest.mark.parametrize(
    ("source", "told"),
    [
        (b"def (\n", "store.py cannot be analysed: syntax error: invalid syntax."),
        (None, "store.py: no such file or directory."),
    ],
)
def test_a_file_of_which_nothing_is_known(source: bytes | None, told: str, tmp_path: Path) -> None:
    path = tmp_path / "store.py"
    if source is not None:
        path.write_bytes(source)
    assert explain_site(path, 1) == told
