"""CTX402: a "started already" flag kept in a context variable."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ..findings import Finding
from ..program.once import OnceFlag
from ..program.places import Place
from ..program.program import Program
from .rule import Example, Options, Rule
from .trails import finding, steps

DOCUMENTATION = """\
# CTX402 context-var-as-once-flag

## What it does

Reports a context variable that is used as a "started already" flag: code that asks for it, sets it
and then starts a worker or sets a global variable, once for the process, as it is meant.

## Why it is bad

Each request runs in a copy of the context. What one of them sets is seen by nobody else: the flag
is never true for the next request, and each starts another worker, or sets the global anew.

## Example

```python
started = ContextVar("started", default=False)

async def handle(request):
    if not started.get():
        started.set(True)
        asyncio.create_task(refresh())
```

## Use instead

A flag that the process shares: an attribute, a global, or the task itself. And start the worker
detached (CTX101):

```python
if self._task is None:
    self._task = create_detached_background_task(refresh())
```

A flag per request ("logged already") belongs in a context variable and is not reported, nor is one
that only start-up code sets.

## Fix safety

There is no fix: where the flag is to live depends on who shares the worker.

## References

- [PEP 567 - Context Variables](https://peps.python.org/pep-0567/)
"""


def check(program: Program, path: Path, _options: Options) -> Iterator[Finding]:
    """Yield the once-flags of one file."""
    for flag in program.once_flags.in_file(path):
        yield _finding(program, flag)


def _finding(program: Program, flag: OnceFlag) -> Finding:
    touch = flag.touch
    module = touch.scope.module
    message = (
        f"{touch.store.label} is to say that something is done already, but each request has its "
        f"own copy of it; keep the flag where all requests share it"
    )
    places = [
        *flag.reach.steps,
        Place(module, touch.call.at, f"{touch.scope.label} sets {touch.store.label} for itself"),
        *flag.steps,
        flag.done,
    ]
    return finding(program, "CTX402", message, module, touch.call.at, steps(places))


RULE = Rule(
    code="CTX402",
    name="context-var-as-once-flag",
    summary='a "started already" flag kept in a context variable',
    documentation=DOCUMENTATION,
    check=check,
    bad=(
        Example(
            "a worker that every request starts",
            """\
import asyncio
from contextvars import Context, ContextVar

started = ContextVar("started", default=False)

async def handle(request):
    if not started.get():
        started.set(True)  # error: CTX402
        Context().run(asyncio.create_task, refresh())

async def refresh():
    while True:
        await asyncio.sleep(60)
""",
        ),
    ),
    good=(
        Example(
            "a flag of the request itself",
            """\
from contextvars import ContextVar

warned = ContextVar("warned", default=False)

def warn_once(text):
    if not warned.get():
        warned.set(True)
        print(text)
""",
        ),
        Example(
            "a flag that all requests share",
            """\
import asyncio
from contextvars import Context

started = False

async def handle(request):
    global started
    if not started:
        started = True
        Context().run(asyncio.create_task, refresh())

async def refresh():
    while True:
        await asyncio.sleep(60)
""",
        ),
    ),
)
