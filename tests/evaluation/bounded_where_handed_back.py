"""Starters that hand their task back: their callers see to its end, or they do not."""

import asyncio
from collections.abc import Coroutine

TASKS: "list[asyncio.Task[None]]" = []


async def loop() -> None:
    while True:
        await asyncio.sleep(1)


async def work() -> None:
    await asyncio.sleep(1)


def start(coroutine: Coroutine[None, None, None], name: str = "") -> "asyncio.Task[None]":
    """Hands its caller the task, who sees to its end."""
    task = asyncio.create_task(coroutine, name=name)
    task.add_done_callback(print)
    return task


async def with_a_starter() -> None:
    task = start(loop(), "work")
    try:
        await work()
    finally:
        task.cancel()


async def waits_for_what_it_starts() -> None:
    await start(loop())


class Started:
    async def __aenter__(self) -> "Started":
        self._task = start(loop())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()


async def with_an_object_that_starts() -> None:
    async with Started():
        await work()


def launch(coroutine: Coroutine[None, None, None]) -> "asyncio.Task[None]":
    return asyncio.create_task(coroutine)  # error: CTX101


async def keeps_what_it_launches() -> None:
    TASKS.append(launch(loop()))
    await work()


def leave(coroutine: Coroutine[None, None, None]) -> None:
    asyncio.create_task(coroutine)  # error: CTX101


async def waits_for_something_else() -> None:
    try:
        leave(loop())
    finally:
        await work()
