# fix: may
"""`start_soon` takes a `name` of its own, which is no argument of the worker."""

import anyio
from anyio.abc import TaskGroup
from contextvars import ContextVar

USER: ContextVar[str] = ContextVar("user", default="nobody")


class Pings:
    def __init__(self, group: TaskGroup) -> None:
        self.group = group
        self.seen: list[tuple[str, str | None]] = []
        self.started = False

    def ensure(self) -> None:
        if not self.started:
            self.started = True
            self.group.start_soon(self._ping, "x", name="pings")

    async def _ping(self, what: str) -> None:
        while True:
            self.seen.append((USER.get() + what, anyio.get_current_task().name))
            await anyio.sleep(0.001)


# --- check ---
import anyio


async def scenario() -> None:
    async with anyio.create_task_group() as group:
        pings = Pings(group)
        USER.set("alice")
        pings.ensure()
        await anyio.sleep(0.2)
        assert set(pings.seen) == {("nobodyx" if FIXED else "alicex", "pings")}, pings.seen
        group.cancel_scope.cancel()


anyio.run(scenario)
