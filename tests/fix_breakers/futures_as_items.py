# fix: may
"""Items are pairs of a future and what answers it; errors reach who waits."""

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import ContextVar

USER: ContextVar[str] = ContextVar("user", default="nobody")
Call = Callable[[], Awaitable[str]]


class Single:
    """Runs calls one after the other."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[tuple[asyncio.Future[str], Call]] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    async def run(self, call: Call) -> str:
        if self._task is None:
            self._task = asyncio.create_task(self._work())
        answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._queue.put_nowait((answer, call))
        return await answer

    async def _work(self) -> None:
        while True:
            answer, call = await self._queue.get()
            try:
                result = await call()
            except Exception as error:
                answer.set_exception(error)
            else:
                answer.set_result(result)
            finally:
                self._queue.task_done()


# --- check ---
import asyncio


async def who() -> str:
    return USER.get()


async def fails() -> str:
    raise KeyError(USER.get())


async def request(single: Single, user: str) -> list[object]:
    USER.set(user)
    return [await single.run(who), *await asyncio.gather(single.run(fails), return_exceptions=True)]


async def scenario() -> None:
    single = Single()
    alice, bob = await asyncio.gather(request(single, "alice"), request(single, "bob"))
    assert alice[0] == "alice"
    assert bob[0] == ("bob" if FIXED else "alice"), bob
    assert repr(bob[1]) == repr(KeyError(bob[0])), bob


asyncio.run(scenario())
