# fix: may
"""The item has no name: it goes from the queue straight into a call."""

import asyncio
from contextvars import ContextVar

USER: ContextVar[str] = ContextVar("user", default="nobody")


class Printer:
    def __init__(self) -> None:
        self.lines: list[str] = []
        self._queue: asyncio.Queue[str] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    def print(self, line: str) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._run())
        self._queue.put_nowait(line)

    async def _run(self) -> None:
        while True:
            await self._handle(await self._queue.get(), USER.get())

    async def _handle(self, line: str, user: str) -> None:
        self.lines.append(f"{user} {line}")


# --- check ---
import asyncio


async def request(printer: Printer, user: str) -> None:
    USER.set(user)
    printer.print(user)


async def scenario() -> None:
    printer = Printer()
    for user in ("alice", "bob"):
        await asyncio.create_task(request(printer, user))
    await asyncio.sleep(0.2)
    bob = "bob" if FIXED else "alice"
    assert printer.lines == ["alice alice", f"{bob} bob"], printer.lines


asyncio.run(scenario())
