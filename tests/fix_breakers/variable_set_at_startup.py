# fix: may
"""What start-up code sets is meant for all; an empty context hides it from the worker."""

import asyncio
from contextvars import ContextVar

USER: ContextVar[str] = ContextVar("user", default="nobody")
REGION: ContextVar[str] = ContextVar("region")


class Refresher:
    def __init__(self) -> None:
        self.regions: list[str] = []
        self.task: asyncio.Task[None] | None = None

    def ensure(self) -> None:
        if self.task is None or self.task.done():
            self.task = asyncio.create_task(self._refresh())

    async def _refresh(self) -> None:
        while True:
            self.regions.append(REGION.get())
            await asyncio.sleep(0.001)


async def main(refresher: Refresher, serve: object) -> None:
    REGION.set("north")
    await serve(refresher)


def start(refresher: Refresher, serve: object) -> None:
    asyncio.run(main(refresher, serve))


if __name__ == "__main__":
    start(Refresher(), None)

# --- check ---
import asyncio


async def serve(refresher: Refresher) -> None:
    USER.set("alice")
    refresher.ensure()
    await asyncio.sleep(0.2)
    assert not refresher.task.done(), refresher.task.exception()
    assert set(refresher.regions) == {"north"}


start(Refresher(), serve)
