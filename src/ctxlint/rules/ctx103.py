"""CTX103: a timer that arms itself again keeps the context in which it was first armed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ..findings import Finding
from ..program.program import Judgement, Program
from .rule import Example, Options, Rule
from .trails import finding, is_silenced, spawn_trail, who_reaches, worker_name

DOCUMENTATION = """\
# CTX103 timer-inherits-context

## What it does

Reports a timer (`call_later`, `call_at`, `threading.Timer`, a delayed task) whose callback arms it
again, for ever, when it is first armed while a request can be running.

## Why it is bad

`call_later` and `call_at` copy the context when the callback is registered. A callback that
registers itself again copies the copy: the chain runs in the first request's context for as long
as the process lives.

## Example

```python
class Cache:
    def get(self, key):
        if self._timer is None:
            self._schedule()
        return self._data.get(key)

    def _schedule(self):
        self._timer = self._loop.call_later(60, self._refresh)

    def _refresh(self):
        self._data = load()
        self._schedule()
```

## Use instead

Give the timer a context of its own:

```python
self._timer = self._loop.call_later(60, self._refresh, context=contextvars.Context())
```

or arm it first in start-up code. For `threading.Timer` use `create_detached_thread` with a loop, or
start the timer through `run_detached(timer.start)`.

## Fix safety

The callback loses every variable, also those that start-up code has set: where it reads one that it
would miss, the fix is left to you. It is safe where all that the callback runs is known and reads
none, and unsafe where something stays unknown.

## References

- [loop.call_later](https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.loop.call_later)
"""


def check(program: Program, path: Path, options: Options) -> Iterator[Finding]:
    """Yield the leaking timers of one file, where each chain is first armed."""
    for spawn in program.spawns_in(path):
        judgement = program.judge(spawn)
        if (
            not judgement.leaks
            or judgement.chain is None
            or program.is_first_armed_elsewhere(judgement)
        ):
            continue
        if not is_silenced(judgement, options.public_starters):
            yield _finding(program, judgement)


def _finding(program: Program, judgement: Judgement) -> Finding:
    spawn = judgement.spawn
    message = (
        f"{worker_name(judgement)} arms itself again for ever and keeps the context of "
        f"{who_reaches(judgement.reach)}; arm it in a context of its own"
    )
    fix = program.remedies.of_spawn(judgement, worker_name(judgement))
    trail = spawn_trail(judgement)
    return finding(program, "CTX103", message, spawn.module, spawn.call.at, trail, fix)


RULE = Rule(
    code="CTX103",
    name="timer-inherits-context",
    summary="a self-re-arming timer first armed in request scope",
    documentation=DOCUMENTATION,
    check=check,
    bad=(
        Example(
            "call_later",
            """\
import asyncio

class Cache:
    def __init__(self):
        self._timer = None

    def get(self, key):
        if self._timer is None:
            self._schedule()

    def _schedule(self):
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(60, self._refresh)  # error: CTX103

    def _refresh(self):
        self._schedule()
""",
        ),
        Example(
            "threading.Timer",
            """\
import threading

class Limiter:
    def acquire(self):
        threading.Timer(60, self._reset).start()  # error: CTX103

    def _reset(self):
        timer = threading.Timer(60, self._reset)
        timer.start()
""",
        ),
    ),
    good=(
        Example(
            "runs once",
            """\
import asyncio

class Connection:
    def keep_alive(self):
        self._timer = asyncio.get_running_loop().call_later(60, self.close)

    def close(self):
        self._timer.cancel()
""",
        ),
        Example(
            "a context of its own",
            """\
import asyncio
import contextvars

class Cache:
    def get(self, key):
        self._schedule()

    def _schedule(self):
        loop = asyncio.get_running_loop()
        loop.call_later(60, self._refresh, context=contextvars.Context())

    def _refresh(self):
        self._schedule()
""",
        ),
    ),
)
