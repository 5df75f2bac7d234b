# fix: may
"""What an item is decides what is done with it, and a Stop among them ends the worker."""

import asyncio
from contextvars import ContextVar
from dataclasses import dataclass

USER: ContextVar[str] = ContextVar("user", default="nobody")


@dataclass
class Insert:
    row: str


@dataclass
class Delete:
    row: str


class Stop:
    pass


class Table:
    def __init__(self) -> None:
        self.log: list[str] = []
        self._queue: asyncio.Queue[Insert | Delete | Stop] = asyncio.Queue()
        self.task: asyncio.Task[None] | None = None

    def change(self, what: Insert | Delete) -> None:
        if self.task is None:
            self.task = asyncio.create_task(self._run())
        self._queue.put_nowait(what)

    def close(self) -> None:
        self._queue.put_nowait(Stop())

    async def _run(self) -> None:
        while True:
            what = await self._queue.get()
            if isinstance(what, Stop):
                break
            if isinstance(what, Insert):
                self.log.append(f"{USER.get()} +{what.row}")
            elif isinstance(what, Delete):
                self.log.append(f"{USER.get()} -{what.row}")


# --- check ---
import asyncio


async def request(table: Table, user: str) -> None:
    USER.set(user)
    table.change(Insert(user))
    table.change(Delete(user))


async def scenario() -> None:
    table = Table()
    for user in ("alice", "bob"):
        await asyncio.create_task(request(table, user))
    table.close()
    await asyncio.wait_for(table.task, 2)
    bob = "bob" if FIXED else "alice"
    assert table.log == ["alice +alice", "alice -alice", f"{bob} +bob", f"{bob} -bob"], table.log


asyncio.run(scenario())
