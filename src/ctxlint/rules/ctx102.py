"""CTX102: a worker thread started in request scope can inherit the request's context."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from .. import apis
from ..facts import model as m
from ..findings import Finding
from ..program.program import Judgement, Program
from ..program.spawns import Spawn
from .rule import Example, Options, Rule
from .trails import finding, is_silenced, spawn_trail, who_reaches, why_endless, worker_name

DOCUMENTATION = """\
# CTX102 thread-inherits-context

## What it does

Reports a thread that does not end by itself (a *worker*) when it is started while a request can be
running, and nothing detaches it from that request's context or joins it within the request.

## Why it is bad

On ordinary Python up to 3.13 a new thread starts with an empty context. It inherits its starter's
context on free-threaded Python 3.14, with `-X thread_inherit_context`, and under the threading
instrumentation of OpenTelemetry, Sentry and ddtrace, which is on by default in many services. The
thread then keeps the first request's trace and user for as long as it lives. `target=ctx.run` with
a copied context does the same on every version.

## Example

```python
class Client:
    def send(self, event):
        if self._thread is None:
            self._thread = threading.Thread(target=self._loop, daemon=True)
            self._thread.start()
        self._queue.put(event)
```

## Use instead

```python
from ctxlint.detached import create_detached_thread

self._thread = create_detached_thread(self._loop, daemon=True)
self._thread.start()
```

With the standard library alone:
`threading.Thread(target=contextvars.Context().run, args=(self._loop,))`.

`threads-inherit = false` in `[tool.ctxlint]` limits the rule to threads that are given a context;
`"auto"` decides by the project's dependencies and `requires-python`.

## Fix safety

The thread loses its starter's variables; those that only start-up code sets are handed on with
`keep=`. The fix is safe where all that the thread runs is known and reads no variable, and unsafe
where something stays unknown. It is left to you where the thread's arguments are unpacked from a
variable, and where the thread would miss what it reads.

## References

- [PEP 567 - Context Variables](https://peps.python.org/pep-0567/)
- [threading.Thread](https://docs.python.org/3.14/library/threading.html#threading.Thread)
"""


def check(program: Program, path: Path, options: Options) -> Iterator[Finding]:
    """Yield the leaking threads of one file."""
    for spawn in program.spawns_in(path):
        if spawn.kind != "thread" and spawn.row.name != "threading.Timer":
            continue
        judgement = program.judge(spawn)
        if not judgement.leaks or judgement.worker is None:
            continue
        if not options.threads_inherit and not is_given_context(program, spawn):
            continue
        if not is_silenced(judgement, options.public_starters):
            yield _finding(program, judgement)


def is_given_context(program: Program, spawn: Spawn) -> bool:
    """Whether the thread gets a copied context whatever the Python version."""
    if spawn.keyword("context") is not None:
        return True
    target = spawn.callee
    if not isinstance(target, m.Attribute) or target.attr != "run":
        return False
    names = program.resolver.evaluate(target, spawn.scope)
    return any(getattr(value, "name", "") == apis.CONTEXT_RUN for value in names)


def _finding(program: Program, judgement: Judgement) -> Finding:
    spawn = judgement.spawn
    when = "" if is_given_context(program, spawn) else " wherever threads inherit (3.14t, tracing)"
    message = (
        f"thread {worker_name(judgement)} never ends ({why_endless(judgement)}) and keeps the "
        f"context of {who_reaches(judgement.reach)}{when}; start it detached"
    )
    fix = program.remedies.of_spawn(judgement, worker_name(judgement))
    trail = spawn_trail(judgement)
    return finding(program, "CTX102", message, spawn.module, spawn.call.at, trail, fix)


RULE = Rule(
    code="CTX102",
    name="thread-inherits-context",
    summary="a worker thread started in request scope, not detached",
    documentation=DOCUMENTATION,
    check=check,
    bad=(
        Example(
            "started by the first event",
            """\
import queue
import threading

class Client:
    def __init__(self):
        self._thread = None
        self._queue = queue.Queue()

    def send(self, event):
        if self._thread is None:
            self._thread = threading.Thread(target=self._loop, daemon=True)  # error: CTX102
            self._thread.start()

    def _loop(self):
        while True:
            self._queue.get()
""",
        ),
        Example(
            "a Thread subclass",
            """\
import threading
import time

class Flusher(threading.Thread):
    def run(self):
        while True:
            time.sleep(1)

def record(event):
    flusher = Flusher(daemon=True)
    flusher.start()  # error: CTX102
""",
        ),
    ),
    good=(
        Example(
            "an empty context",
            """\
import contextvars
import threading
import time

def record(event):
    threading.Thread(target=contextvars.Context().run, args=(loop,), daemon=True).start()

def loop():
    while True:
        time.sleep(1)
""",
        ),
        Example(
            "joined by its starter",
            """\
import threading

def handle(request):
    stop = threading.Event()
    thread = threading.Thread(target=beat, args=(stop,))
    thread.start()
    stop.set()
    thread.join()

def beat(stop):
    while not stop.wait(1):
        pass
""",
        ),
        Example(
            "started by main",
            """\
import threading
import time

def main():
    threading.Thread(target=loop, daemon=True).start()

def loop():
    while True:
        time.sleep(1)

if __name__ == "__main__":
    main()
""",
        ),
    ),
)
