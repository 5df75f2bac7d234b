"""CTX303: one context object entered by several runs that can overlap."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from ..findings import Finding
from ..program.program import Program
from ..program.sharing import Reason, SharedContext
from .rule import Example, Options, Rule
from .trails import finding, left_alone, steps

DOCUMENTATION = """\
# CTX303 context-shared-by-runs

## What it does

Reports runs that enter one `Context` object while another run may be in it: started in a loop or a
comprehension with a context made outside of it, mapped over items, started one after the other
without waiting, or started by every request with a context that is kept.

## Why it is bad

A context can be entered by one thread at a time: the second one gets a `RuntimeError`. Tasks that
are given the same `context=` get no error; they overwrite each other's variables.

## Example

```python
ctx = contextvars.copy_context()
for part in parts:
    pool.submit(ctx.run, store, part)
```

## Use instead

A copy for each run:

```python
for part in parts:
    pool.submit(contextvars.copy_context().run, store, part)
```

Where the context of an earlier moment is meant, `ctx.copy().run`: a copy costs little, whatever it
holds. Runs that wait for each other may share one context and are not reported. Tests, which
may share one on purpose, are left alone unless the rule is selected by its code or its family.

## Fix safety

Unsafe: what a run sets is no longer seen by the others, nor in the shared context afterwards.

## References

- [contextvars.Context](https://docs.python.org/3/library/contextvars.html#contextvars.Context)
"""

_WHY: Final[Mapping[Reason, str]] = {
    "items": "the runs for all items are given the same context",
    "loop": "every round of the loop starts a run in the same context",
    "again": "a run that can still go on was given the same context",
    "requests": "one context is kept and entered again by every request",
}


def check(program: Program, path: Path, options: Options) -> Iterator[Finding]:
    """Yield the runs of one file that share a context."""
    if left_alone(program, path, "CTX303", options):
        return
    for shared in program.sharing.in_file(path):
        yield _finding(program, shared)


def _finding(program: Program, shared: SharedContext) -> Finding:
    run = shared.run
    harm = (
        "tasks overwrite each other's variables in it"
        if run.kind == "task"
        else "the second thread in it gets a RuntimeError"
    )
    message = f"{_WHY[shared.reason]}: {harm}; give each run a copy of its own"
    fix = program.remedies.of_shared_context(shared)
    return finding(program, "CTX303", message, run.module, run.call.at, steps([*shared.steps]), fix)


RULE = Rule(
    code="CTX303",
    name="context-shared-by-runs",
    summary="one Context object given to runs that can overlap, threads or tasks",
    documentation=DOCUMENTATION,
    check=check,
    bad=(
        Example(
            "one copy for all rounds of a loop",
            """\
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context

pool = ThreadPoolExecutor()

def handle(parts):
    ctx = copy_context()
    for part in parts:
        pool.submit(ctx.run, print, part)  # error: CTX303
""",
        ),
        Example(
            "two tasks in one context",
            """\
import asyncio
import contextvars

async def handle(request):
    ctx = contextvars.copy_context()
    first = asyncio.create_task(asyncio.sleep(1), context=ctx)
    second = asyncio.create_task(asyncio.sleep(2), context=ctx)  # error: CTX303
    await asyncio.gather(first, second)
""",
        ),
    ),
    good=(
        Example(
            "a copy for each run",
            """\
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context

pool = ThreadPoolExecutor()

def handle(parts):
    before = copy_context()
    for part in parts:
        pool.submit(copy_context().run, print, part)
        pool.submit(before.copy().run, print, part)
""",
        ),
        Example(
            "one run after the other",
            """\
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context

pool = ThreadPoolExecutor()

def handle(parts):
    ctx = copy_context()
    for part in parts:
        ctx.run(print, part)
        pool.submit(ctx.run, print, part).result()
""",
        ),
    ),
)
