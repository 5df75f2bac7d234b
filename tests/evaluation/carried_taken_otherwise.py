"""Items that carry a context, taken in ways that nobody can follow: nothing is said of them."""

import asyncio
import contextvars
from dataclasses import dataclass, field


@dataclass
class Job:
    row: str
    context: contextvars.Context = field(default_factory=contextvars.copy_context)


class Store:
    def __init__(self, database: object) -> None:
        self.database = database
        self._jobs: asyncio.Queue[Job] = asyncio.Queue()
        self._late: asyncio.Queue[Job] = asyncio.Queue()
        self._handed: asyncio.Queue[Job] = asyncio.Queue()

    async def startup(self) -> None:
        asyncio.create_task(self.ignores())
        asyncio.create_task(self.waits_for_a_task())
        asyncio.create_task(self.hands_the_get_on())

    async def save(self, row: str) -> None:
        await self._jobs.put(Job(row))
        await self._late.put(Job(row))
        await self._handed.put(Job(row))

    async def ignores(self) -> None:
        while True:
            job = await self._jobs.get()
            await self.database.insert(job.row)  # error: CTX202

    async def waits_for_a_task(self) -> None:
        while True:
            getting = asyncio.create_task(self._late.get())
            await asyncio.wait({getting})
            await self.database.insert(getting.result().row)

    async def hands_the_get_on(self) -> None:
        while True:
            await self.database.insert(await self.first_of(self._handed.get))
