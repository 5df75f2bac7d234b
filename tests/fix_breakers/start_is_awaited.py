# fix: may
"""anyio's `start` waits until the worker says it is ready; run detached it would run at the await."""

import anyio
from anyio.abc import TaskGroup, TaskStatus
from contextvars import ContextVar

USER: ContextVar[str] = ContextVar("user", default="nobody")


class Server:
    def __init__(self, group: TaskGroup) -> None:
        self.group = group
        self.beats = 0
        self.port = 0

    async def ensure(self) -> None:
        if not self.port:
            self.port = await self.group.start(self._serve, 8080)

    async def _serve(self, port: int, *, task_status: TaskStatus[int]) -> None:
        task_status.started(port)
        while True:
            self.beats += 1
            await anyio.sleep(0.001)


# --- check ---
import anyio


async def scenario() -> None:
    async with anyio.create_task_group() as group:
        server = Server(group)
        await server.ensure()
        assert server.port == 8080
        await anyio.sleep(0.2)
        assert server.beats
        group.cancel_scope.cancel()


anyio.run(scenario)
