"""CTX304: an empty context is false, so `or` replaces it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ..findings import Finding
from ..program.fallbacks import Fallback
from ..program.places import Place
from ..program.program import Program
from ..program.trees import dotted_name, offset
from .rule import Example, Options, Rule
from .trails import finding, left_alone, steps

DOCUMENTATION = """\
# CTX304 falsy-context-fallback

## What it does

Reports `ctx or copy_context()`, and `if`s that ask a context for its truth to the same end.

## Why it is bad

A `Context` has a length, so an empty one is false. Code that is given an empty context on purpose,
to be detached from the request, runs in a copy of the caller's context after all.

## Example

```python
def spawn(f, ctx=None):
    ctx = ctx or contextvars.copy_context()
    pool.submit(ctx.run, f)
```

## Use instead

```python
def spawn(f, ctx=None):
    ctx = ctx if ctx is not None else contextvars.copy_context()
    pool.submit(ctx.run, f)
```

## Fix safety

Safe where nothing but None and contexts can be meant; unsafe where ctxlint does not know what is
tested. Not offered where the context is the result of a call, which would be made twice.

## References

- [contextvars.Context](https://docs.python.org/3/library/contextvars.html#contextvars.Context)
"""


def check(program: Program, path: Path, options: Options) -> Iterator[Finding]:
    """Yield the fallbacks of one file."""
    if left_alone(program, path, "CTX304", options):
        return
    for fallback in program.fallbacks.in_file(path):
        yield _finding(program, fallback)


def _finding(program: Program, fallback: Fallback) -> Finding:
    name = dotted_name(fallback.tested)
    message = (
        f"an empty context counts as false, and is replaced by a copy of the current one; test "
        f"`{name if name is not None else '...'} is not None`"
    )
    tested, module = fallback.tested, fallback.module
    trail = steps(
        [
            Place(module, offset(tested), "false if the context is empty"),
            Place(module, fallback.copy.at, "then the current context is copied instead"),
        ]
    )
    fix = program.remedies.of_fallback(fallback)
    return finding(program, "CTX304", message, module, fallback.copy.at, trail, fix)


RULE = Rule(
    code="CTX304",
    name="falsy-context-fallback",
    summary="an empty context replaced by `ctx or copy_context()`",
    documentation=DOCUMENTATION,
    check=check,
    bad=(
        Example(
            "or",
            """\
import contextvars

class Runner:
    def __init__(self, context: contextvars.Context | None = None):
        self._context = context or contextvars.copy_context()  # error: CTX304
""",
        ),
        Example(
            "an if that asks for the truth",
            """\
from contextvars import copy_context

def run(f, ctx=None):
    if not ctx:
        ctx = copy_context()  # error: CTX304
    ctx.run(f)
""",
        ),
    ),
    good=(
        Example(
            "asked whether it is None",
            """\
from contextvars import copy_context

def run(f, ctx=None):
    ctx = ctx if ctx is not None else copy_context()
    ctx.run(f)
""",
        ),
        Example(
            "a flag is no context",
            """\
from contextvars import copy_context

def run(f, ctx, fresh: bool = False):
    ctx = copy_context() if fresh else ctx
    ctx.run(f)
""",
        ),
    ),
)
