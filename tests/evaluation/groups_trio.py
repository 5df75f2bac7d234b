"""trio: nurseries."""

import contextvars

import trio


async def beat() -> None:
    while True:
        await trio.sleep(1)


async def once() -> None:
    await trio.sleep(1)


class Service:
    def __init__(self, nursery: trio.Nursery) -> None:
        self._nursery = nursery

    async def on_message(self, message: str) -> None:
        self._nursery.start_soon(beat)  # error: CTX101

    async def on_open(self) -> None:
        await self._nursery.start(self._hold)  # error: CTX101

    async def _hold(self, task_status=trio.TASK_STATUS_IGNORED) -> None:
        task_status.started()
        await trio.sleep_forever()

    async def on_event(self) -> None:
        """Nothing to report."""
        self._nursery.start_soon(once)

    async def on_detached(self) -> None:
        """Nothing to report."""
        contextvars.Context().run(self._nursery.start_soon, beat)

    def on_system(self) -> None:
        """A system task has the context in which the run began: nothing to report."""
        trio.lowlevel.spawn_system_task(beat)


async def handle() -> None:
    """Nothing to report."""
    async with trio.open_nursery() as nursery:
        nursery.start_soon(beat)
        await once()
        nursery.cancel_scope.cancel()


async def handle_with_limit() -> None:
    """Nothing to report."""
    with trio.fail_after(5):
        await beat()


async def main() -> None:
    """Nothing to report."""
    async with trio.open_nursery() as nursery:
        nursery.start_soon(beat)
        print(Service(nursery))


if __name__ == "__main__":
    trio.run(main)
