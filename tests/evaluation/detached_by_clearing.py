"""All context variables of a program are emptied first: that is detachment, if they stay empty."""

import asyncio
import contextvars
from collections.abc import Callable, Coroutine
from typing import Any

user: contextvars.ContextVar[str | None] = contextvars.ContextVar("user", default=None)
tags: contextvars.ContextVar[dict[str, str]] = contextvars.ContextVar("tags")
VARIABLES = (user, tags)
THINGS = (user, tags, print)


async def handle(name: str) -> None:
    """What requests set, and workers read."""
    user.set(name)
    tags.set({"name": name})


async def loop() -> None:
    while True:
        print(user.get(), tags.get())
        await asyncio.sleep(1)


def clear() -> None:
    user.set(None)
    tags.set({})


# --- Detached: nothing to report ----------------------------------------------------------------


async def clearing_loop() -> None:
    clear()
    while True:
        await asyncio.sleep(1)


async def by_the_worker() -> None:
    asyncio.create_task(clearing_loop())


async def by_hand() -> None:
    user.set(None)
    tags.set({})
    asyncio.create_task(loop())


async def by_a_task_between() -> None:
    clear()
    asyncio.create_task(between())


async def between() -> None:
    asyncio.create_task(loop())


async def by_a_task_that_clears() -> None:
    asyncio.create_task(clearing_between())


async def clearing_between() -> None:
    clear()
    asyncio.create_task(begin())


async def begin() -> None:
    asyncio.create_task(loop())


async def twice() -> None:
    user.set("system")
    clear()
    clear()
    asyncio.create_task(loop())


async def one_by_one() -> None:
    for variable in VARIABLES:
        variable.set(None)
    asyncio.create_task(loop())


async def in_a_comprehension() -> None:
    [variable.set(None) for variable in VARIABLES]
    asyncio.create_task(loop())


async def in_two_loops() -> None:
    [thing.set(None) for _ in range(2) for thing in THINGS]
    asyncio.create_task(loop())


async def once_more() -> None:
    user.set(None)
    tags.set({})
    user.set(None)
    asyncio.create_task(loop())


def clear_all(left: int) -> None:
    user.set(None)
    tags.set({})
    if not left:
        return
    clear_all(left - 1)


async def again_and_again() -> None:
    clear_all(3)
    asyncio.create_task(loop())


def start(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.create_task(work())


async def by_one_caller() -> None:
    clear()
    start(loop)


async def by_the_other() -> None:
    clear()
    start(loop)


async def in_the_copy() -> None:
    copy = contextvars.copy_context()
    copy.run(print, "prepared")
    copy.run(print, None)
    copy.run(user.set, None)
    copy.run(tags.set, {})
    asyncio.create_task(loop(), context=copy)


# --- Not detached -------------------------------------------------------------------------------


async def set_again(name: str) -> None:
    clear()
    user.set(name)
    asyncio.create_task(loop())  # error: CTX104


async def reset(name: str) -> None:
    token = user.set(None)
    tags.set({})
    print(name)
    user.reset(token)
    asyncio.create_task(loop())  # error: CTX104


async def filled() -> None:
    user.set(None)
    tags.set({"kind": "job"})
    asyncio.create_task(loop())  # error: CTX104


async def perhaps(quiet: bool) -> None:
    if quiet:
        clear()
    asyncio.create_task(loop())  # error: CTX101


def one() -> None:
    two()


def two() -> None:
    three()


def three() -> None:
    four()


def four() -> None:
    clear()


async def out_of_sight() -> None:
    one()
    asyncio.create_task(loop())  # error: CTX101
