"""Tasks made by their class, in a file that spawns by no other name."""

import asyncio as aio
from asyncio import Task


async def poll() -> None:
    while True:
        await aio.sleep(1)


async def once() -> None:
    await aio.sleep(1)


class Poller:
    async def begin(self) -> None:
        self._task = Task(poll())  # error: CTX101

    async def begin_by_module(self) -> None:
        self._task = aio.Task(poll())  # error: CTX101

    async def ask_once(self) -> None:
        """Ends: nothing to report."""
        self._task = Task(once())


class Chore:
    """No task, whatever it holds: nothing to report."""

    def __init__(self, work: object) -> None:
        self.work = work


def note(work: object) -> "Chore":
    return Chore(poll)
