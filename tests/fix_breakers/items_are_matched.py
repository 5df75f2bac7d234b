# fix: may
"""The item is taken apart by `match`."""

import asyncio
from contextvars import ContextVar

USER: ContextVar[str] = ContextVar("user", default="nobody")


class Commands:
    def __init__(self) -> None:
        self.done: list[str] = []
        self._queue: asyncio.Queue[tuple[str, ...]] = asyncio.Queue()
        self.task: asyncio.Task[None] | None = None

    def order(self, *command: str) -> None:
        if self.task is None:
            self.task = asyncio.create_task(self._run())
        self._queue.put_nowait(command)

    async def _run(self) -> None:
        while True:
            match await self._queue.get():
                case ("say", text):
                    self.done.append(f"{USER.get()} said {text}")
                case ("stop",):
                    return


# --- check ---
import asyncio


async def request(commands: Commands, user: str) -> None:
    USER.set(user)
    commands.order("say", user)


async def scenario() -> None:
    commands = Commands()
    for user in ("alice", "bob"):
        await asyncio.create_task(request(commands, user))
    commands.order("stop")
    await asyncio.wait_for(commands.task, 2)
    bob = "bob" if FIXED else "alice"
    assert commands.done == ["alice said alice", f"{bob} said bob"], commands.done


asyncio.run(scenario())
