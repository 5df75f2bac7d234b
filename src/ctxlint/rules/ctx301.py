"""CTX301: request work given to a thread or an executor without the request's context."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ..findings import Finding
from ..program.losses import Loss
from ..program.places import Place
from ..program.program import Program
from ..program.spawns import Spawn
from ..program.timers import started_function
from ..program.trees import last_name
from .rule import Example, Options, Rule
from .trails import finding, steps, who_reaches

DOCUMENTATION = """\
# CTX301 context-lost-in-thread

## What it does

Reports work that request code gives to a thread, a timer or a pool of threads without a context,
where that work asks its context for something: it reads a `ContextVar` before setting it, asks for
the current span or starts one, or logs with the log context. The trail ends where it asks.

## Why it is bad

A new thread, and each thread of a pool, starts with an empty context: `executor.submit`,
`executor.map`, `loop.run_in_executor` and `threading.Thread` take nothing along. The work finds no
user, no request id and no span. Rows are written as nobody, log lines cannot be found by request,
and spans become the roots of traces of their own.

## Example

```python
def handle(request):
    return pool.submit(store, request.body).result()

def store(body):
    rows.append((current_user.get(), body))
```

## Use instead

Run the work in a copy of the caller's context, made where it is handed over, one for each run:

```python
pool.submit(contextvars.copy_context().run, store, request.body)
```

For one function that is awaited at once, `await asyncio.to_thread(store, request.body)` does that
by itself. So do `anyio.to_thread.run_sync` and Starlette's `run_in_threadpool`.

Nothing is reported without such evidence, nor for pools of processes, for pools that take the
context along themselves (a subclass whose `submit` does, an initializer that sets it again), for
what a tracer takes into threads by itself (OpenTelemetry's `ThreadingInstrumentor`, Sentry), and
for work that start-up code hands over. Workers that never end are a matter of CTX102.

## Fix safety

Unsafe: the work now sees the request's context, and keeps alive what its variables hold. It is
left to you where the work runs an event loop of `anyio` or `trio`, which would take the caller's
loop for its own, and where the pool may be one of processes, to which no context can be sent.

## References

- [contextvars.copy_context](https://docs.python.org/3/library/contextvars.html#contextvars.copy_context)
- [asyncio.to_thread](https://docs.python.org/3/library/asyncio-task.html#asyncio.to_thread)
"""


def check(program: Program, path: Path, _options: Options) -> Iterator[Finding]:
    """Yield the losses of one file."""
    for loss in program.losses.in_file(path):
        yield _finding(program, loss)


def _finding(program: Program, loss: Loss) -> Finding:
    assert loss.read is not None
    spawn = loss.spawn
    work = _work(spawn)
    where = "a pool's thread" if spawn.kind == "executor" else "a thread"
    message = (
        f"{work} runs in {where}, outside the context of {who_reaches(loss.reach)}, and "
        f"{loss.read.access.phrase}; run it in a copy of the caller's context"
    )
    fix = program.remedies.of_loss(loss, work)
    return finding(
        program, "CTX301", message, spawn.module, spawn.call.at, steps(_trail(loss, work)), fix
    )


def _trail(loss: Loss, work: str) -> list[Place]:
    """Request handler → spawn → the functions that it runs → the read."""
    spawn = loss.spawn
    places = list(loss.reach.steps) if loss.reach is not None else []
    to = "a pool" if spawn.kind == "executor" else "a thread"
    text = f"{spawn.scope.label} hands {work} to {to}"
    places.append(Place(spawn.module, spawn.call.at, text))
    return [*places, *(loss.read.steps if loss.read is not None else ())]


def _work(spawn: Spawn) -> str:
    """How messages name what is handed over."""
    started = {started_function(value) for value in spawn.values} - {None}
    if len(started) == 1 and (only := started.pop()) is not None:
        return "the lambda" if only.name == "<lambda>" else f"{only.label}()"
    callee = spawn.callee
    return f"{last_name(callee)}()" if callee is not None and last_name(callee) else "the work"


RULE = Rule(
    code="CTX301",
    name="context-lost-in-thread",
    summary="request work given to a thread or executor without a context that it asks for",
    documentation=DOCUMENTATION,
    check=check,
    bad=(
        Example(
            "a pool",
            """\
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar

current_user = ContextVar("current_user")
pool = ThreadPoolExecutor()

def handle(request):
    current_user.set(request.user)
    return pool.submit(store, request.body).result()  # error: CTX301

def store(body):
    print(current_user.get(), body)
""",
        ),
        Example(
            "a span in a thread",
            """\
import threading
from opentelemetry import trace

tracer = trace.get_tracer(__name__)

def handle(request):
    thread = threading.Thread(target=render, args=(request,))  # error: CTX301
    thread.start()
    thread.join()

def render(request):
    with tracer.start_as_current_span("render"):
        print(request)
""",
        ),
    ),
    good=(
        Example(
            "a copy for the run",
            """\
import contextvars
from concurrent.futures import ThreadPoolExecutor

current_user = contextvars.ContextVar("current_user")
pool = ThreadPoolExecutor()

def handle(request):
    current_user.set(request.user)
    return pool.submit(contextvars.copy_context().run, store, request.body).result()

def store(body):
    print(current_user.get(), body)
""",
        ),
        Example(
            "to_thread takes the context along",
            """\
import asyncio
from contextvars import ContextVar

current_user = ContextVar("current_user")

async def handle(request):
    current_user.set(request.user)
    await asyncio.to_thread(store, request.body)

def store(body):
    print(current_user.get(), body)
""",
        ),
        Example(
            "work that asks its context for nothing",
            """\
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar

current_user = ContextVar("current_user")
pool = ThreadPoolExecutor()

def handle(request):
    current_user.set(request.user)
    return pool.submit(sum, request.numbers).result()
""",
        ),
        Example(
            "set before it is read",
            """\
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar

current_user = ContextVar("current_user")
pool = ThreadPoolExecutor()

def handle(request):
    return pool.submit(store, request.user, request.body).result()

def store(user, body):
    current_user.set(user)
    print(current_user.get(), body)
""",
        ),
    ),
)
