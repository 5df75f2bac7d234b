"""CTX401: something set in the context per item, with no reset that is certain to run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from ..findings import Finding
from ..program.places import Place
from ..program.program import Program
from ..program.resets import Unreset
from ..program.ways import Exit
from .rule import Example, Options, Rule
from .trails import finding, steps

DOCUMENTATION = """\
# CTX401 context-not-reset

## What it does

Reports `ContextVar.set`, OpenTelemetry's `context.attach` and structlog's `bind_contextvars` where
no reset is certain to run: in the loop of a worker, in a handler that runs in the loop's own task,
in middleware, and in context managers. A reset is not certain without a `finally`; behind an early
return, a `raise` or an `await`, be it between the set and the `try` or before the reset in the same
`finally`; with a token that is thrown away, or kept on an object that all requests share; or
in a `stop` or `process_response` that can return before.

## Why it is bad

What is left set is still there for the next item or request that runs in the same context: a
worker's loop, a thread of a pool, a connection that is kept alive. It is handled with the user,
the tenant or the trace of the one before.

## Example

```python
class UserMiddleware:
    def __call__(self, request):
        token = current_user.set(request.user)
        response = self.get_response(request)   # when this raises, the user stays
        current_user.reset(token)
        return response
```

## Use instead

```python
token = current_user.set(request.user)
try:
    response = self.get_response(request)
finally:
    current_user.reset(token)
return response
```

Not reported: what runs in a task or thread per item, a set at the start of every item that
overwrites the last one, a context that is cleared first, start-up code, endpoints of servers that
run each request as a task, and functions whose purpose is to set (`set_user()`): they are judged
where they are called.

## Fix safety

Unsafe: the statements behind the set go into a `try`, and what followed a failure sees the
variable reset. There is no fix where the set and its reset stand in different functions.

## References

- [ContextVar.reset](https://docs.python.org/3/library/contextvars.html#contextvars.ContextVar.reset)
- [opentelemetry.context.attach](https://opentelemetry-python.readthedocs.io/en/latest/api/context.html)
"""

_WHEN: Final[Mapping[Exit, str]] = {
    "return": "when it returns here",
    "raise": "when it raises here",
    "continue": "when the turn ends here",
    "yield": "when what runs at the yield fails",
    "await": "when what it awaits fails or is cancelled",
    "call": "when what it calls fails",
}


def check(program: Program, path: Path, _options: Options) -> Iterator[Finding]:
    """Yield the sets of one file that can outlive their item."""
    for unreset in program.resets.in_file(path):
        yield _finding(program, unreset)


def _finding(program: Program, unreset: Unreset) -> Finding:
    touch = unreset.touch
    module, label = touch.scope.module, touch.store.label
    sets = Place(module, touch.call.at, f"{touch.scope.label} sets {label}")
    places = [*unreset.steps, sets]
    out = unreset.out
    if out is not None and unreset.reset_in is None:
        text = f"{unreset.function.label} does not take it back {_WHEN[out.kind]}"
        places.append(Place(unreset.function.module, out.at, text))
    places += unreset.counterpart
    fix = program.remedies.of_unreset(unreset)
    message = _message(unreset)
    return finding(program, "CTX401", message, module, touch.call.at, steps(places), fix)


def _message(unreset: Unreset) -> str:
    label, function = unreset.touch.store.label, unreset.function.label
    if unreset.reason == "shared":
        return (
            f"the token of {label} is kept where all requests share it and overwrite it; "
            f"keep it in a local variable or on the request"
        )
    if unreset.reason == "sometimes":
        return (
            f"{label} is set for some items only and never reset: the next one sees what the last "
            f"one left; set it for every item, or reset it in a finally"
        )
    if unreset.reason == "dropped":
        return (
            f"nothing takes back {label}: it stays as it is set here when {function}() is done; "
            f"keep the token and use it in a finally"
        )
    if unreset.reason == "never":
        if unreset.reset_in is not None:
            return f"{unreset.reset_in.label}() does not reset {label}, which is set on entering"
        return (
            f"{function}() leaves {label} set in whatever runs it and never resets it; "
            f"reset it in a finally"
        )
    if unreset.reset_in is not None:
        return (
            f"{unreset.reset_in.label}() can leave before it resets {label}; "
            f"reset it first, or in a finally"
        )
    line = unreset.function.module.line(unreset.out.at) if unreset.out is not None else 0
    when = _WHEN[unreset.out.kind].replace(" here", f" in line {line}") if unreset.out else ""
    return f"{label} is not reset {when}; reset it in a finally that begins right behind the set"


RULE = Rule(
    code="CTX401",
    name="context-not-reset",
    summary="something set in the context per item, with no reset that is certain to run",
    documentation=DOCUMENTATION,
    check=check,
    bad=(
        Example(
            "middleware without a finally",
            """\
from contextvars import ContextVar

current_user = ContextVar("current_user", default=None)

class UserMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        token = current_user.set(request.user)  # error: CTX401
        response = self.get_response(request)
        current_user.reset(token)
        return response
""",
        ),
        Example(
            "a worker that sets it for some items only",
            """\
import asyncio
from contextvars import ContextVar

tenant = ContextVar("tenant", default=None)

async def consume(queue: asyncio.Queue):
    while True:
        job = await queue.get()
        if job.tenant:
            tenant.set(job.tenant)  # error: CTX401
        print(job, tenant.get())
""",
        ),
        Example(
            "a token that is thrown away",
            """\
from opentelemetry import context, trace

def traced(function):
    def wrapper(*args):
        span = trace.get_tracer(__name__).start_span(function.__name__)
        context.attach(trace.set_span_in_context(span))  # error: CTX401
        try:
            return function(*args)
        finally:
            span.end()
    return wrapper
""",
        ),
    ),
    good=(
        Example(
            "a finally right behind the set",
            """\
from contextvars import ContextVar

current_user = ContextVar("current_user", default=None)

class UserMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        token = current_user.set(request.user)
        try:
            return self.get_response(request)
        finally:
            current_user.reset(token)
""",
        ),
        Example(
            "a task for each item",
            """\
import asyncio
from contextvars import ContextVar

tenant = ContextVar("tenant", default=None)

async def consume(queue: asyncio.Queue):
    while True:
        job = await queue.get()
        await asyncio.create_task(handle(job))

async def handle(job):
    token = tenant.set(job.tenant)
    await job.run()
    tenant.reset(token)
""",
        ),
        Example(
            "overwritten at the start of every item",
            """\
import asyncio
from contextvars import ContextVar

tenant = ContextVar("tenant", default=None)

async def consume(queue: asyncio.Queue):
    while True:
        job = await queue.get()
        tenant.set(job.tenant)
        print(job, tenant.get())
""",
        ),
    ),
)
