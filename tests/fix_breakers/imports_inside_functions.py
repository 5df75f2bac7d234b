# fix: may
"""The module imports nothing at its top level but what functions need later."""


class Service:
    def __init__(self) -> None:
        self.users: list[str] = []
        self.task = None

    def ensure(self) -> None:
        from asyncio import create_task

        if self.task is None:
            self.task = create_task(self._tick())

    async def _tick(self) -> None:
        import asyncio

        while True:
            self.users.append("tick")
            await asyncio.sleep(0.001)


# --- check ---
import asyncio


async def scenario() -> None:
    service = Service()
    service.ensure()
    await asyncio.sleep(0.2)
    assert service.users
    service.task.cancel()


asyncio.run(scenario())
