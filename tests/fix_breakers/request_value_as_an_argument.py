# fix: applied
"""Arguments of the worker are evaluated by its starter, and stay what they were."""

import asyncio
from contextvars import ContextVar

USER: ContextVar[str] = ContextVar("user", default="nobody")


class Sessions:
    def __init__(self) -> None:
        self.seen: list[tuple[str, str]] = []
        self.task: asyncio.Task[None] | None = None

    def ensure(self) -> None:
        if self.task is None:
            self.task = asyncio.create_task(
                self._run(
                    USER.get(),  # the owner
                ),
                # a comment of its own
                name=USER.get(),
            )

    async def _run(self, owner: str) -> None:
        while True:
            self.seen.append((owner, USER.get()))
            await asyncio.sleep(0.001)


# --- check ---
import asyncio


async def scenario() -> None:
    USER.set("alice")
    sessions = Sessions()
    sessions.ensure()
    await asyncio.sleep(0.2)
    assert set(sessions.seen) == {("alice", "nobody" if FIXED else "alice")}
    assert sessions.task.get_name() == "alice"
    sessions.task.cancel()


asyncio.run(scenario())
