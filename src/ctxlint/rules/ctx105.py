"""CTX105: a task that nobody waits for keeps the context of the request that started it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ..findings import Finding
from ..program.forgotten import Forgotten
from ..program.program import Program
from .rule import Example, Options, Rule
from .trails import finding, is_silenced, steps, who_reaches, worker_name

DOCUMENTATION = """\
# CTX105 background-task-inherits-context

## What it does

Reports a task that is started while a request can be running and that nobody waits for: what
`create_task()` returns is thrown away, or only kept in a set, in a dictionary or in an attribute
until it is done. Such a task ends by itself, so CTX101 does not report it, but it may go on after
its request is over. Tasks of task groups are left aside, and so are those that a loop starts for
each message it receives, which are that message's own.

The rule is off by default. Most of these tasks do their request's own work, and are right to keep
its context; the rule is there for those who want to look through them. Select it by its whole
code: `--select CTX105`, `--extend-select CTX105`, or `extend-select = ["CTX105"]` in the settings.
`CTX1` and `CTX` do not select it, `ALL` does.

## Why it is bad

A task copies every context variable at the moment it is made. Its spans are added to a trace that
has ended, or keep it open. What it does for others than its request (cleaning up, refreshing a
cache, sending what several requests have collected) is booked on whoever happened to set it off.

## Example

```python
async def read(request):
    if cache.is_old():
        asyncio.create_task(refresh(cache))
    return cache.value
```

## Use instead

Start work that is nobody's own in an empty context:

```python
from ctxlint.detached import create_detached_background_task

create_detached_background_task(refresh(cache))
```

With the standard library alone:

```python
task = contextvars.Context().run(asyncio.create_task, refresh(cache))
```

(Keep a reference to it somewhere.) Work that is the request's own keeps its context: say so with
`# noqa: CTX105`, or wait for it before the request is over.

## Fix safety

The fix is safe where all that the task runs is known, and reads no context variable, no span and
no framework's context; unsafe where something stays unknown. A task that reads such a variable does
work of its request's, as far as ctxlint can tell: it is left to you. So is a function that starts
whatever it is handed.

## References

- [asyncio.create_task](https://docs.python.org/3/library/asyncio-task.html#asyncio.create_task)
- [PEP 567 - Context Variables](https://peps.python.org/pep-0567/)
"""


def check(program: Program, path: Path, options: Options) -> Iterator[Finding]:
    """Yield the tasks of one file that nobody waits for."""
    for spawn in program.spawns_in(path):
        forgotten = program.forgotten.of(program.judge(spawn))
        if forgotten is not None:
            if not is_silenced(forgotten.judgement, options.public_starters, forgotten.reach):
                yield _finding(program, forgotten)


def _finding(program: Program, forgotten: Forgotten) -> Finding:
    judgement = forgotten.judgement
    spawn = judgement.spawn
    task = worker_name(judgement) if spawn.values else "this task"
    message = (
        f"{task} can outlive {who_reaches(forgotten.reach)} and keeps its context "
        f"({forgotten.reason}); start it detached, or wait for it"
    )
    fix = program.remedies.of_forgotten(forgotten, task)
    trail = steps([*forgotten.reach.steps, *forgotten.steps])
    return finding(program, "CTX105", message, spawn.module, spawn.call.at, trail, fix)


RULE = Rule(
    code="CTX105",
    name="background-task-inherits-context",
    summary="a task started in request scope that nobody waits for",
    documentation=DOCUMENTATION,
    check=check,
    default=False,
    bad=(
        Example(
            "thrown away",
            """\
# enable: CTX105
import asyncio

async def read(request, cache):
    asyncio.create_task(refresh(cache))  # error: CTX105
    return cache.value

async def refresh(cache):
    cache.value = await cache.load()
""",
        ),
        Example(
            "kept in a set until it is done",
            """\
# enable: CTX105
import asyncio

class Batches:
    def __init__(self):
        self._tasks = set()

    async def create(self, files):
        task = asyncio.create_task(self._process(files))  # error: CTX105
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _process(self, files):
        for file in files:
            await asyncio.sleep(0)
""",
        ),
    ),
    good=(
        Example(
            "awaited",
            """\
# enable: CTX105
import asyncio

async def read(request, cache):
    task = asyncio.create_task(refresh(cache))
    await asyncio.sleep(0)
    await task

async def refresh(cache):
    cache.value = await cache.load()
""",
        ),
        Example(
            "handed to whoever called",
            """\
# enable: CTX105
import asyncio

def load(name):
    return asyncio.create_task(read(name))

async def read(name):
    await asyncio.sleep(0)
""",
        ),
        Example(
            "detached",
            """\
# enable: CTX105
import asyncio
import contextvars

async def read(request, cache):
    contextvars.Context().run(asyncio.create_task, refresh(cache))
    return cache.value

async def refresh(cache):
    cache.value = await cache.load()
""",
        ),
    ),
)
