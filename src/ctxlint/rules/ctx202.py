"""CTX202: a consumer or relay that drops the context its items carry."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ..facts import model as m
from ..findings import Finding
from ..program.places import Place
from ..program.program import Program
from ..program.trees import last_name, offset
from ..program.unheeded import Unheeded
from .rule import Example, Options, Rule
from .trails import finding, left_alone, steps

DOCUMENTATION = """\
# CTX202 carried-context-ignored

## What it does

Reports a consumer that takes items off a queue which carry the context of whoever put them there,
and that handles them without it: the work runs outside the carried context, only the payload is
passed on to the next queue, or no more than a coroutine is made inside the context. Each consumer
of a queue is judged by itself: the worker, and what empties the queue at shutdown.

## Why it is bad

The producer did its part, so everything looks right. But the worker's spans land in a foreign
trace, and rows are written for the wrong user or for none, as if the item carried nothing. A flush
at shutdown that forgets the context does so only for the last items, where nobody looks.

## Example

```python
async def save(self, row):
    await self._queue.put((contextvars.copy_context(), row))

async def _drain(self):
    while True:
        _, row = await self._queue.get()
        await self._write(row)
```

## Use instead

Handle each item in its context. A coroutine needs a task of that context: `Context.run` of a
coroutine function returns before the body has begun, which then runs where it is awaited.

```python
async def _drain(self):
    while True:
        context, row = await self._queue.get()
        await context.run(asyncio.create_task, self._write(row))
```

A relay puts on what it took, context and all. With `WorkItem` it is the item itself that is put on,
and `with activate_request_context(work.context):` around the work that activates it.

Consumers that only count, drop or cancel items are no finding, and neither are those that hand the
item, or its context, to code that cannot be followed, or that handle many items in one go. Tests
are left alone unless the rule is selected by its code or its family (`--select CTX202`).

## Fix safety

There is no fix: which part of the consumer belongs to the item is for its author to say.

## References

- [contextvars.Context.run](https://docs.python.org/3/library/contextvars.html#contextvars.Context.run)
- [Prefect #8523](https://github.com/PrefectHQ/prefect/pull/8523)
"""


def check(program: Program, path: Path, options: Options) -> Iterator[Finding]:
    """Yield the consumers of one file that lose what their items carry."""
    if left_alone(program, path, "CTX202", options):
        return
    for unheeded in program.unheeded.in_file(path):
        yield _finding(program, unheeded)


def _finding(program: Program, found: Unheeded) -> Finding:
    consumer = f"{found.get.scope.label}()"
    if found.kind == "made":
        message = (
            "only the coroutine is made in the context that the item carries: its body runs where "
            "it is awaited, outside it; run it as a task of that context"
        )
    elif found.kind == "relayed":
        message = (
            f"{consumer} passes the payload on without the context that the item carries; put the "
            "context on with it"
        )
    else:
        message = (
            f"{consumer} ignores the context that the item carries: {_done(found)} runs outside "
            "it; activate it around the work"
        )
    at = offset(found.at)
    return finding(program, "CTX202", message, found.module, at, steps(_trail(found)))


def _done(found: Unheeded) -> str:
    """How a message names the work."""
    node = found.use.node
    name = last_name(node) if isinstance(node, m.Call) else ""
    return f"{name}()" if name else "its work"


def _trail(found: Unheeded) -> list[Place]:
    texts = {
        "handled": "it is handled outside the context that it carries",
        "relayed": "only the payload is put on",
        "made": "only a coroutine is made inside the context",
    }
    use = found.use
    return [*found.steps, Place(use.module, offset(use.node), texts[found.kind])]


RULE = Rule(
    code="CTX202",
    name="carried-context-ignored",
    summary="a consumer or relay that drops the context its items carry",
    documentation=DOCUMENTATION,
    check=check,
    bad=(
        Example(
            "the worker unpacks the context and forgets it",
            """\
import asyncio
import contextvars

class Store:
    def __init__(self, database):
        self._database = database
        self._queue = asyncio.Queue()

    async def save(self, row):
        await self._queue.put((contextvars.copy_context(), row))

    async def drain(self):
        while True:
            _, row = await self._queue.get()
            await self._database.insert(row)  # error: CTX202
""",
        ),
        Example(
            "the flush at shutdown forgets it",
            """\
import queue
from ctxlint.detached import WorkItem, activate_request_context

class Spool:
    def __init__(self, upload):
        self._upload = upload
        self._queue = queue.SimpleQueue()

    def write(self, line):
        self._queue.put(WorkItem(line))

    def work(self):
        while True:
            item = self._queue.get()
            with activate_request_context(item.context):
                self._upload(item.payload)

    def close(self):
        while not self._queue.empty():
            self._upload(self._queue.get().payload)  # error: CTX202
""",
        ),
    ),
    good=(
        Example(
            "each item is handled in its context",
            """\
import asyncio
import contextvars

class Store:
    def __init__(self, database):
        self._database = database
        self._queue = asyncio.Queue()

    async def save(self, row):
        await self._queue.put((contextvars.copy_context(), row))

    async def drain(self):
        while True:
            context, row = await self._queue.get()
            await context.run(asyncio.create_task, self._database.insert(row))
""",
        ),
        Example(
            "what is left is thrown away",
            """\
import asyncio
from ctxlint.detached import WorkItem, activate_request_context

class Store:
    def __init__(self, database):
        self._database = database
        self._queue = asyncio.Queue()
        self.dropped = 0

    async def save(self, row):
        await self._queue.put(WorkItem(row))

    async def drain(self):
        while True:
            work = await self._queue.get()
            with activate_request_context(work.context):
                await self._database.insert(work.payload)

    async def close(self):
        while not self._queue.empty():
            work = self._queue.get_nowait()
            print("dropped", work.payload)
            self.dropped += 1
""",
        ),
    ),
)
