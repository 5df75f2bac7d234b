"""A cell: something that is started, who starts it, and what is to come of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Sight = Literal["user", "nobody", "gone", "any", "whoever"]
"""What the stage sees of a worker once all requests are over: a request's user, nobody, no worker;
or it depends on who comes first. ``whoever``: nothing is said of it, before and after a fix.
"""


@dataclass
class Cell:
    """Modules by name, and how requests and start-up code call into them.

    ``call`` and ``begin`` are expressions with ``item`` in them; ``takes`` are the imports that
    they need.
    """

    label: str
    modules: dict[str, list[str]] = field(default_factory=dict)
    takes: str = ""
    call: str = ""
    coroutine: bool = True
    begin: str = ""
    sight: Sight = "any"
    items: Sight = "gone"
    """Whose context items are handled in: ``user`` is each one's own, ``any`` is the wrong one."""


GUARDED = """\
async def guarded(coro):
    try:
        await coro
    except OSError as error:
        print(error)


async def end(task):
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        pass


async def guarded_call(function):
    try:
        await function()
    except OSError as error:
        print(error)


def traced(function):
    @functools.wraps(function)
    async def inner(*args, **kwargs):
        print(function.__name__)
        return await function(*args, **kwargs)

    return inner


_TASKS = set()
_LOCK = threading.Lock()
""".splitlines()

GUARDED_THREADS = """\
def guarded_call(function):
    try:
        function()
    except OSError as error:
        print(error)


def traced(function):
    @functools.wraps(function)
    def inner(*args, **kwargs):
        print(function.__name__)
        return function(*args, **kwargs)

    return inner


_LOCK = threading.Lock()
""".splitlines()
