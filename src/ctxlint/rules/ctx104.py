"""CTX104: a worker that is detached from some of the request's variables, and keeps others."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ..findings import Finding
from ..program.leftovers import names
from ..program.program import Judgement, Program
from .ctx102 import is_given_context
from .rule import Example, Options, Rule
from .trails import (
    finding,
    is_silenced,
    spawn_trail,
    steps,
    who_reaches,
    why_endless,
    worker_name,
)

DOCUMENTATION = """\
# CTX104 partially-detached-worker

## What it does

Reports a worker (as in CTX101, CTX102 and CTX103) for which a part of its spawner's context is
cleared: around the spawn, by a helper or a `with` block, or by the worker itself before its loop.
Another variable that request code sets is not cleared, and something that the worker runs reads it.
What is cleared, and who sets and reads what is not, is found over all modules of the project.

## Why it is bad

A helper that clears variables by name clears those that its author thought of. The trace is right
after that, and rows are still written under the name of the user whose request happened to start
the worker. Each variable that is added to the project later is a leak until somebody adds it to the
helper, too.

## Example

```python
def create_background_task(coro):
    token = context.attach(context.Context())  # OpenTelemetry's context only
    try:
        return asyncio.create_task(coro)
    finally:
        context.detach(token)


async def drain(queue):
    while True:
        row = await queue.get()
        await insert(row, owner=current_user.get())
```

## Use instead

Start the worker in an empty context, which holds no variable of anybody's:

```python
def create_background_task(coro):
    return contextvars.Context().run(asyncio.create_task, coro)
```

`create_detached_background_task()` of `ctxlint.detached` does that, too. What a worker needs of
the request has to come with each item (CTX201). To keep a variable on purpose, name it there:
`create_detached_background_task(coro, keep=(settings,))`.

## Fix safety

There is no fix: what a helper leaves may be left on purpose, and others call it, too.

## References

- [PEP 567 - Context Variables](https://peps.python.org/pep-0567/)
- [contextvars.Context.run](https://docs.python.org/3/library/contextvars.html#contextvars.Context.run)
"""


def check(program: Program, path: Path, options: Options) -> Iterator[Finding]:
    """Yield the half detached workers of one file."""
    for spawn in program.spawns_in(path):
        judgement = program.judge(spawn)
        if not judgement.leaks_partly or is_silenced(judgement, options.public_starters):
            continue
        threads = spawn.kind == "thread" or spawn.row.name == "threading.Timer"
        if threads and not options.threads_inherit and not is_given_context(program, spawn):
            continue
        if judgement.chain is None or not program.is_first_armed_elsewhere(judgement):
            yield _finding(program, judgement)


def _finding(program: Program, judgement: Judgement) -> Finding:
    spawn, partly = judgement.spawn, judgement.partly
    assert partly is not None
    message = (
        f"{worker_name(judgement)} never ends ({why_endless(judgement)}) and starts without "
        f"{names(partly.cleared)}, but keeps and reads {names(partly.left)} of "
        f"{who_reaches(judgement.reach)}; start it in an empty context"
    )
    trail = (*spawn_trail(judgement), *steps(list(partly.steps)))
    return finding(program, "CTX104", message, spawn.module, spawn.call.at, trail)


RULE = Rule(
    code="CTX104",
    name="partially-detached-worker",
    summary="a worker detached from some variables of the request, which reads others",
    documentation=DOCUMENTATION,
    check=check,
    bad=(
        Example(
            "a helper that clears the trace only",
            """\
import asyncio
from contextvars import ContextVar

from opentelemetry import context

user = ContextVar("user", default=None)

def in_background(coro):
    token = context.attach(context.Context())
    try:
        return asyncio.create_task(coro)  # error: CTX104
    finally:
        context.detach(token)

class Store:
    def __init__(self):
        self._task = None

    async def save(self, request):
        user.set(request.user)
        if self._task is None:
            self._task = in_background(self._drain())

    async def _drain(self):
        while True:
            await asyncio.sleep(1)
            print(user.get())
""",
        ),
        Example(
            "a worker that resets one of two variables",
            """\
import asyncio
from contextvars import ContextVar

deadline = ContextVar("deadline", default=None)
tenant = ContextVar("tenant", default=None)

async def handle(request):
    deadline.set(request.deadline)
    tenant.set(request.tenant)
    asyncio.create_task(refresh())  # error: CTX104

async def refresh():
    deadline.set(None)
    while True:
        await asyncio.sleep(60)
        print(deadline.get(), tenant.get())
""",
        ),
    ),
    good=(
        Example(
            "both are cleared",
            """\
import asyncio
from contextlib import contextmanager
from contextvars import ContextVar

user = ContextVar("user", default=None)
tenant = ContextVar("tenant", default=None)

@contextmanager
def nobody():
    tokens = [(each, each.set(None)) for each in (user, tenant)]
    try:
        yield
    finally:
        for variable, token in tokens:
            variable.reset(token)

async def handle(request):
    user.set(request.user)
    tenant.set(request.tenant)
    with nobody():
        asyncio.create_task(refresh())

async def refresh():
    while True:
        await asyncio.sleep(60)
        print(user.get(), tenant.get())
""",
        ),
        Example(
            "nothing that the worker runs reads the other",
            """\
import asyncio
from contextvars import ContextVar

user = ContextVar("user", default=None)
locale = ContextVar("locale", default="en")

async def handle(request):
    user.set(request.user)
    locale.set(request.locale)
    asyncio.create_task(refresh())

async def refresh():
    user.set(None)
    while True:
        await asyncio.sleep(60)
        print(user.get())
""",
        ),
        Example(
            "the other is set at start-up only",
            """\
import asyncio
from contextvars import ContextVar

user = ContextVar("user", default=None)
region = ContextVar("region", default=None)

def main():
    region.set("north")
    asyncio.run(serve())

async def serve(): ...

async def handle(request):
    user.set(request.user)
    token = user.set(None)
    try:
        asyncio.create_task(refresh())
    finally:
        user.reset(token)

async def refresh():
    while True:
        await asyncio.sleep(60)
        print(user.get(), region.get())
""",
        ),
    ),
)
