# fix: none
"""The starter sets a variable for the worker to read: that is handing it an argument."""

import asyncio
from contextvars import ContextVar

USER: ContextVar[str] = ContextVar("user", default="nobody")
CHANNEL: ContextVar[str] = ContextVar("channel")


class Pump:
    def __init__(self) -> None:
        self.pumped: list[str] = []
        self.tasks: dict[str, asyncio.Task[None]] = {}

    def open(self, channel: str) -> None:
        if channel not in self.tasks:
            CHANNEL.set(channel)
            self.tasks[channel] = asyncio.create_task(self._run())

    async def _run(self) -> None:
        while True:
            self.pumped.append(CHANNEL.get())
            await asyncio.sleep(0.001)


# --- check ---
import asyncio


async def scenario() -> None:
    pump = Pump()
    pump.open("a")
    pump.open("b")
    await asyncio.sleep(0.2)
    assert set(pump.pumped) == {"a", "b"}, pump.pumped
    assert not any(task.done() for task in pump.tasks.values())
    for task in pump.tasks.values():
        task.cancel()


asyncio.run(scenario())
