"""CTX101: a worker spawned as a task in request scope keeps the request's context."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ..findings import Finding
from ..program.program import Judgement, Program
from .rule import Example, Options, Rule
from .trails import finding, is_silenced, spawn_trail, who_reaches, why_endless, worker_name

DOCUMENTATION = """\
# CTX101 task-inherits-context

## What it does

Reports a task that does not end by itself (a *worker*) when it is spawned while a request can be
running, and nothing detaches it from that request's context or bounds it by the request.

## Why it is bad

A task copies every context variable at the moment it is made. A worker that is started lazily by
the first request therefore keeps that request's trace, user identity and log fields for as long as
it lives. What it does later, for any request, is booked on the first one: spans land in a trace
that never ends, rows are written under the wrong user.

## Example

```python
class Store:
    async def save(self, row):
        if self._task is None:
            self._task = asyncio.create_task(self._drain())
        await self._queue.put(row)

    async def _drain(self):
        while True:
            await self._write(await self._queue.get())
```

## Use instead

Start the worker detached, and let each item carry the context of whoever put it there (CTX201):

```python
from ctxlint.detached import create_detached_background_task

self._task = create_detached_background_task(self._drain())
```

With the standard library alone, on every Python version:

```python
self._task = contextvars.Context().run(asyncio.create_task, self._drain())
```

Or start the worker where no request runs: in the application's lifespan or start-up hook.

## Fix safety

Detaching alone can be worse than the leak: a worker with no user at all may write rows that
everybody can read. Where the worker serves a queue, the queue is converted as well (CTX201), by the
same fix, or nothing is.

The fix is safe where all that the worker runs is known, and reads no context variable, no span and
no framework's context. Variables that only start-up code sets are handed on with `keep=`. It is
unsafe where something stays unknown, and left to you where the worker would miss a variable, where
starting it is awaited (`await group.start(f)`), and where its spawner is handed other things, too,
in a way that cannot be rewritten. The order and the number of imports stay as they are: a linter
will say if one of them has lost its last use.

## References

- [PEP 567 - Context Variables](https://peps.python.org/pep-0567/)
- [asyncio.create_task](https://docs.python.org/3/library/asyncio-task.html#asyncio.create_task)
"""


def check(program: Program, path: Path, options: Options) -> Iterator[Finding]:
    """Yield the leaking tasks of one file."""
    for spawn in program.spawns_in(path):
        if spawn.kind != "task":
            continue
        judgement = program.judge(spawn)
        if not judgement.leaks or judgement.worker is None:
            continue
        if not is_silenced(judgement, options.public_starters):
            yield _finding(program, judgement)


def _finding(program: Program, judgement: Judgement) -> Finding:
    spawn = judgement.spawn
    message = (
        f"{worker_name(judgement)} never ends ({why_endless(judgement)}) and keeps the context of "
        f"{who_reaches(judgement.reach)}; start it detached"
    )
    fix = program.remedies.of_spawn(judgement, worker_name(judgement))
    trail = spawn_trail(judgement)
    return finding(program, "CTX101", message, spawn.module, spawn.call.at, trail, fix)


RULE = Rule(
    code="CTX101",
    name="task-inherits-context",
    summary="a worker spawned as a task in request scope, not detached",
    documentation=DOCUMENTATION,
    check=check,
    bad=(
        Example(
            "started by the first request",
            """\
import asyncio

class Store:
    def __init__(self):
        self._task = None
        self._queue = asyncio.Queue()

    async def save(self):
        if self._task is None:
            self._task = asyncio.create_task(self._drain())  # error: CTX101

    async def _drain(self):
        while True:
            await self._queue.get()
""",
        ),
        Example(
            "a heartbeat in a session's task group",
            """\
import anyio

class Session:
    def __init__(self, group: anyio.abc.TaskGroup):
        self.group = group

    async def on_message(self, message):
        self.group.start_soon(self._ping)  # error: CTX101

    async def _ping(self):
        while True:
            await anyio.sleep(30)
""",
        ),
    ),
    good=(
        Example(
            "an empty context",
            """\
import asyncio
import contextvars

class Store:
    async def save(self):
        self._task = contextvars.Context().run(asyncio.create_task, self._drain())

    async def _drain(self):
        while True:
            await asyncio.sleep(1)
""",
        ),
        Example(
            "started by the lifespan",
            """\
import asyncio
from contextlib import asynccontextmanager

@asynccontextmanager
async def lifespan(app):
    app.state.task = asyncio.create_task(refresh())
    yield

async def refresh():
    while True:
        await asyncio.sleep(60)
""",
        ),
        Example(
            "cancelled by its spawner",
            """\
import asyncio

async def handle(request):
    task = asyncio.create_task(heartbeat())
    try:
        await asyncio.sleep(1)
    finally:
        task.cancel()

async def heartbeat():
    while True:
        await asyncio.sleep(1)
""",
        ),
        Example(
            "a retry loop ends",
            """\
import asyncio

async def handle(request):
    asyncio.create_task(store())

async def store():
    while True:
        try:
            return await asyncio.sleep(0)
        except OSError:
            await asyncio.sleep(1)
""",
        ),
    ),
)
