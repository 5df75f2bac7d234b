"""anyio: a group's tasks get the context of whoever calls ``start_soon``, not of the group."""

import contextvars

import anyio
from anyio.abc import TaskGroup


async def ping() -> None:
    while True:
        await anyio.sleep(15)


async def serve(*, task_status=anyio.TASK_STATUS_IGNORED) -> None:
    task_status.started()
    await anyio.sleep_forever()


async def once() -> None:
    await anyio.sleep(1)


class Server:
    """A group that lives as long as the server."""

    def __init__(self) -> None:
        self._group: TaskGroup | None = None

    async def __aenter__(self) -> "Server":
        self._group = anyio.create_task_group()
        await self._group.__aenter__()
        return self

    async def __aexit__(self, *error) -> None:
        if self._group is not None:
            await self._group.__aexit__(*error)

    async def on_message(self, message: str) -> None:
        assert self._group is not None
        self._group.start_soon(ping)  # error: CTX101

    async def on_open(self) -> None:
        assert self._group is not None
        await self._group.start(serve)  # error: CTX101

    async def on_event(self) -> None:
        assert self._group is not None
        self._group.start_soon(once)

    async def on_detached(self) -> None:
        assert self._group is not None
        contextvars.Context().run(self._group.start_soon, ping)


async def handle(message: str) -> None:
    """A group of the request's own: nothing to report."""
    async with anyio.create_task_group() as group:
        group.start_soon(ping)
        await once()
        group.cancel_scope.cancel()


async def handle_in(group: TaskGroup) -> None:
    group.start_soon(ping)  # error: CTX101


async def handle_finite_in(group: TaskGroup) -> None:
    """Nothing to report."""
    group.start_soon(once)
    for seconds in (1, 2, 3):
        group.start_soon(anyio.sleep, seconds)


async def handle_with_limit() -> None:
    """Nothing to report."""
    with anyio.move_on_after(5):
        async with anyio.create_task_group() as group:
            group.start_soon(ping)


async def main() -> None:
    """Start-up: nothing to report."""
    async with anyio.create_task_group() as group:
        group.start_soon(ping)
        await group.start(serve)


if __name__ == "__main__":
    anyio.run(main)
