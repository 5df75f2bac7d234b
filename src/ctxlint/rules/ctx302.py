"""CTX302: a context copied on the far side, where the one that was meant is gone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ..findings import Finding
from ..program.late import LateCopy
from ..program.places import Place
from ..program.program import Program
from .rule import Example, Options, Rule
from .trails import finding, left_alone, steps

DOCUMENTATION = """\
# CTX302 context-captured-too-late

## What it does

Reports `copy_context()` inside the function that a thread, an executor or a queue's worker runs,
where that function then runs something in the copy. The copy is made when the function runs, and
not when the work was handed over.

## Why it is bad

`pool.submit(lambda: copy_context().run(f))` looks as if it took the context along, and copies the
pool thread's context: an empty one, or what an earlier job left there. Trace, user and log fields
of the request are lost as if nothing had been done.

## Example

```python
def handle(request):
    pool.submit(lambda: contextvars.copy_context().run(store, request))
```

## Use instead

Copy on the side that hands the work over, once for each run:

```python
def handle(request):
    pool.submit(contextvars.copy_context().run, store, request)
```

A copy made in a thread for what that thread hands on to others is right, and not reported. Where
isolation is all that is wanted, say so with `contextvars.Context().run(f)`. Tests, which often want
that, are left alone unless the rule is selected by its code or its family (`--select CTX302`).
Where threads inherit (free-threaded 3.14), a copy in a thread is right, and goes wrong elsewhere.

## Fix safety

Unsafe: the work now runs in the context of the code that handed it over, which is what the copy was
for, and the arguments of a lambda's body are evaluated when it is handed over.

## References

- [contextvars.copy_context](https://docs.python.org/3/library/contextvars.html#contextvars.copy_context)
"""


def check(program: Program, path: Path, options: Options) -> Iterator[Finding]:
    """Yield the late copies of one file."""
    if left_alone(program, path, "CTX302", options):
        return
    for late in program.late.in_file(path):
        yield _finding(program, late)


def _finding(program: Program, late: LateCopy) -> Finding:
    what = f"{late.function.label}()" if late.function.name != "<lambda>" else "the lambda"
    if late.consumer is not None:
        message = (
            f"{what} copies its own context when it takes the item, not that of whoever put the "
            "item; copy it where the item is put, and put it along"
        )
    else:
        message = (
            f"the context is copied when {what} runs, in the {late.crossings[0].runner}; copy it "
            "where the work is handed over"
        )
    fix = program.remedies.of_late_copy(late)
    return finding(program, "CTX302", message, late.module, late.copy.at, steps(_trail(late)), fix)


def _trail(late: LateCopy) -> list[Place]:
    """Handed over → run on the far side → copied there; for an item: put → taken → copied."""
    places: list[Place] = []
    if late.consumer is not None and late.put is not None:
        text = f"{late.put.scope.label} puts the item"
        places.append(Place(late.put.module, late.put.call.at, text))
        places += late.consumer.steps
    for crossing in late.crossings:
        places += crossing.steps
    here = Place(late.module, late.copy.at, f"{late.function.label} copies the context it runs in")
    return [*places, here, Place(late.module, late.entry.at, "and runs the work in the copy")]


RULE = Rule(
    code="CTX302",
    name="context-captured-too-late",
    summary="copy_context() inside the callable that the thread, executor or worker runs",
    documentation=DOCUMENTATION,
    check=check,
    bad=(
        Example(
            "a copy inside a lambda",
            """\
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context

pool = ThreadPoolExecutor()

def handle(request):
    pool.submit(lambda: copy_context().run(store, request))  # error: CTX302

def store(request):
    print(request)
""",
        ),
        Example(
            "a copy as the thread's first act",
            """\
import contextvars
import threading

def handle(request):
    threading.Thread(target=work, args=(request,)).start()

def work(request):
    ctx = contextvars.copy_context()  # error: CTX302
    ctx.run(print, request)
""",
        ),
    ),
    good=(
        Example(
            "copied where it is handed over",
            """\
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context

pool = ThreadPoolExecutor()

def handle(request):
    pool.submit(copy_context().run, print, request)
    ctx = copy_context()
    pool.submit(lambda: ctx.run(print, request))
""",
        ),
        Example(
            "a thread that hands work on",
            """\
import threading
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context

pool = ThreadPoolExecutor()

def handle(request):
    threading.Thread(target=fan_out, args=(request,)).start()

def fan_out(request):
    for part in request:
        pool.submit(copy_context().run, print, part)
""",
        ),
        Example(
            "to_thread brings the context along",
            """\
import asyncio
from contextvars import copy_context

async def handle(request):
    await asyncio.to_thread(lambda: copy_context().run(print, request))
""",
        ),
    ),
)
