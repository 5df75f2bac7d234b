"""Workers that somebody else ends for their spawner, or seems to."""

import asyncio
import threading
from collections.abc import Iterable
from typing import Any


async def loop() -> None:
    while True:
        await asyncio.sleep(1)


def beat() -> None:
    while True:
        print("beat")


# --- Ended: nothing to report -------------------------------------------------------------------


async def end(task: "asyncio.Task[None]") -> None:
    task.cancel()


async def finish(task: "asyncio.Task[None]") -> None:
    await task


async def end_all(*tasks: "asyncio.Task[None]") -> None:
    for task in tasks:
        task.cancel()


async def ended_in_finally() -> None:
    task = asyncio.create_task(loop())
    try:
        await asyncio.sleep(1)
    finally:
        await end(task)


async def finished() -> None:
    task = asyncio.create_task(loop())
    await asyncio.sleep(1)
    await finish(task)


async def several() -> None:
    first = asyncio.create_task(loop())
    second = asyncio.create_task(loop())
    try:
        await asyncio.sleep(1)
    finally:
        await end_all(first, second)


async def by_name() -> None:
    task = asyncio.create_task(loop())
    await finish(task=task)


async def of_a_pair() -> None:
    first, second = asyncio.create_task(loop()), asyncio.create_task(loop())
    await asyncio.gather(first, second)


async def the_rest() -> None:
    first, *rest = [asyncio.create_task(loop()) for _ in range(3)]
    await asyncio.gather(first, *rest)


# --- Not ended, or not for sure -----------------------------------------------------------------


async def note(task: "asyncio.Task[None]") -> None:
    print(task)


async def end_other(name: str, task: "asyncio.Task[None]", other: "asyncio.Task[None]") -> None:
    print(name, task)
    other.cancel()


async def other_ended(other: "asyncio.Task[None]") -> None:
    task = asyncio.create_task(loop())  # error: CTX101
    try:
        await asyncio.sleep(1)
    finally:
        await end_other("one", task, other)


async def end_others(task: "asyncio.Task[None]", *others: "asyncio.Task[None]") -> None:
    print(task)
    for other in others:
        other.cancel()


class Others:
    async def end_more(self, *others: "asyncio.Task[None]") -> None:
        for other in others:
            other.cancel()

    async def ended_too(self) -> None:
        """Nothing to report."""
        task = asyncio.create_task(loop())
        try:
            await asyncio.sleep(1)
        finally:
            await self.end_more(task)


async def others_ended(other: "asyncio.Task[None]") -> None:
    task = asyncio.create_task(loop())  # error: CTX101
    try:
        await asyncio.sleep(1)
    finally:
        await end_others(task, other)


async def noted() -> None:
    task = asyncio.create_task(loop())  # error: CTX101
    try:
        await asyncio.sleep(1)
    finally:
        await note(task)


async def perhaps(fast: bool) -> None:
    task = asyncio.create_task(loop())  # error: CTX101
    if not fast:
        await finish(task)


async def if_it_fails() -> None:
    task = asyncio.create_task(loop())  # error: CTX101
    try:
        await asyncio.sleep(1)
    except OSError:
        await task


def joined_perhaps(fast: bool) -> None:
    thread = threading.Thread(target=beat)  # error: CTX102
    thread.start()
    if not fast:
        thread.join()


class Keeper:
    """Its finally does something else."""

    def __init__(self) -> None:
        self.task: Any = None

    async def keep(self) -> None:
        self.task = asyncio.create_task(loop())  # error: CTX101
        try:
            await asyncio.sleep(1)
        finally:
            self.tell()

    def tell(self) -> None:
        print("kept")

    async def given(self, keep: Any) -> None:
        keep(asyncio.create_task(loop()))  # error: CTX101

    async def made(self) -> None:
        asyncio.create_task(loop()).add_done_callback(print)  # error: CTX101

    async def by_key(self, tasks: dict[str, Any]) -> None:
        tasks["one"] = asyncio.create_task(loop())
        try:
            await asyncio.sleep(1)
        finally:
            tasks["one"].cancel()

    async def starred(self, names: Iterable[str]) -> None:
        print(*[asyncio.create_task(loop(), name=each) for each in names])  # error: CTX101
