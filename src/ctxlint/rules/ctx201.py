"""CTX201: an item put on a worker's queue without its producer's context."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ..findings import Finding
from ..program.handoffs import Handoff
from ..program.places import Place
from ..program.program import Program
from .rule import Example, Options, Rule
from .trails import finding, steps, who_reaches

DOCUMENTATION = """\
# CTX201 queued-without-context

## What it does

Reports an item that request code puts on a queue which outlives the request and is consumed by a
worker, when no captured context travels with the item.

## Why it is bad

A queue attaches nothing to its items. The worker handles each one in its own context: with no trace
and no user at all, or with those of whichever request happened to start the worker. Spans are lost
or land in a foreign trace, and code that asks for the current user gets the wrong one.

## Example

```python
class Store:
    async def save(self, row):
        await self._queue.put(row)

    async def _drain(self):
        while True:
            row = await self._queue.get()
            await self._write(row)
```

## Use instead

Let each item carry its producer's context, and activate it for the length of the item:

```python
from ctxlint.detached import WorkItem, activate_request_context

await self._queue.put(WorkItem(row))

while True:
    work = await self._queue.get()
    with activate_request_context(work.context):
        row = work.payload
        await self._write(row)
```

Items that carry ids on purpose are no finding where the consumer rebuilds a context from them, or
where the field is one of `identity-fields` in `[tool.ctxlint]`.

## Fix safety

Unsafe, where there is one: whatever else uses the queue has to know about `WorkItem`, and a carried
context keeps alive what its variables hold, such as sessions and spans (`never-carry` leaves some
out). Both ends change together, and with them the annotations of the queue and the spawns of its
workers. The title says why a queue is left to be fixed by hand: a reference to it that is not
understood, a queue class of the project's own, items that are collected over several rounds. Where
items are handled together, their batch is divided by contexts: more and smaller calls, but each in
the name of those who asked for it.

## References

- [contextvars.copy_context](https://docs.python.org/3/library/contextvars.html#contextvars.copy_context)
"""


def check(program: Program, path: Path, _options: Options) -> Iterator[Finding]:
    """Yield the context-less puts of one file."""
    for handoff in program.handoffs.in_file(path):
        yield _finding(program, handoff)


def _finding(program: Program, handoff: Handoff) -> Finding:
    worker = handoff.consumer.worker.label
    message = (
        f"the item carries no context: {worker}() will handle it outside "
        f"{who_reaches(handoff.reach)}; put a WorkItem and activate its context"
    )
    put = handoff.put
    places = [
        *handoff.reach.steps,
        Place(put.module, put.call.at, f"{put.scope.label} puts an item without its context"),
        Place(handoff.queue.module, handoff.queue.made.at, "the queue is made here"),
        *handoff.consumer.steps,
    ]
    fix = program.remedies.of_handoff(handoff)
    return finding(program, "CTX201", message, put.module, put.call.at, steps(places), fix)


RULE = Rule(
    code="CTX201",
    name="queued-without-context",
    summary="an item put on a worker's queue without its producer's context",
    documentation=DOCUMENTATION,
    check=check,
    bad=(
        Example(
            "a store's write queue",
            """\
import asyncio

class Store:
    def __init__(self):
        self._queue = asyncio.Queue()

    async def start(self):
        self._task = asyncio.create_task(self._drain())  # error: CTX101

    async def save(self, row):
        await self._queue.put(row)  # error: CTX201

    async def _drain(self):
        while True:
            print(await self._queue.get())
""",
        ),
    ),
    good=(
        Example(
            "each item carries a context",
            """\
import asyncio
import contextvars

class Store:
    def __init__(self):
        self._queue = asyncio.Queue()
        self._task = contextvars.Context().run(asyncio.create_task, self._drain())

    async def save(self, row):
        await self._queue.put((contextvars.copy_context(), row))

    async def _drain(self):
        while True:
            context, row = await self._queue.get()
            context.run(print, row)
""",
        ),
        Example(
            "a queue of one request",
            """\
import asyncio

async def handle(request):
    queue = asyncio.Queue()
    task = asyncio.create_task(produce(queue))
    while True:
        item = await queue.get()
        if item is None:
            break
    await task

async def produce(queue):
    await queue.put(1)
    await queue.put(None)
""",
        ),
        Example(
            "a sentinel",
            """\
import asyncio

class Store:
    def __init__(self):
        self._queue = asyncio.Queue()

    async def close(self):
        await self._queue.put(None)

    async def _drain(self):
        while (item := await self._queue.get()) is not None:
            print(item)

async def main():
    store = Store()
    task = asyncio.create_task(store._drain())
    await store.close()
    await task

asyncio.run(main())
""",
        ),
    ),
)
