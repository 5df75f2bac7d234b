"""Tasks that go on behind their requests, and nobody waits for them."""
# enable: CTX105

import asyncio
import contextvars

user: contextvars.ContextVar[str] = contextvars.ContextVar("user", default="nobody")
_background: set[asyncio.Task] = set()


async def notify(text: str = "") -> None:
    await asyncio.sleep(0)
    print(user.get(), text)


async def expire(key: str) -> None:
    """Waits for long before it works."""
    await asyncio.sleep(3600)
    print("expired", key)


class Cache:
    async def refresh(self) -> None:
        await asyncio.sleep(0)


# --- thrown away --------------------------------------------------------------------------------


async def thrown_away() -> None:
    asyncio.create_task(notify())  # error: CTX105


async def thrown_away_with_a_callback() -> None:
    asyncio.create_task(notify()).add_done_callback(print)  # error: CTX105


async def thrown_away_with_a_named_callback() -> None:
    task = asyncio.create_task(notify())  # error: CTX105
    task.add_done_callback(fn=print)


async def by_the_loop() -> None:
    asyncio.get_running_loop().create_task(notify())  # error: CTX105


async def by_ensure_future() -> None:
    asyncio.ensure_future(notify())  # error: CTX105


async def assigned_to_nothing() -> None:
    _ = asyncio.create_task(notify())  # error: CTX105


async def many(texts: list[str]) -> None:
    [asyncio.create_task(notify(text)) for text in texts]  # error: CTX105


async def if_old(cache: Cache, old: bool) -> None:
    if old:
        asyncio.create_task(cache.refresh())  # error: CTX105


# --- kept until they are done -------------------------------------------------------------------


async def in_a_global_set() -> None:
    task = asyncio.create_task(notify())  # error: CTX105
    _background.add(task)
    task.add_done_callback(_background.discard)


async def in_a_local_set() -> None:
    tasks = set()
    tasks.add(asyncio.create_task(notify()))  # error: CTX105


class Service:
    def __init__(self) -> None:
        self._tasks: set[asyncio.Task] = set()
        self._by_key: dict[str, asyncio.Task] = {}
        self._flushing: asyncio.Task | None = None

    async def in_a_set(self) -> None:
        task = asyncio.create_task(notify())  # error: CTX105
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def in_a_dictionary(self, key: str) -> None:
        self._by_key[key] = asyncio.create_task(expire(key))  # error: CTX105

    async def in_an_attribute(self) -> None:
        if self._flushing is None or self._flushing.done():
            self._flushing = asyncio.create_task(self._flush_soon())  # error: CTX105

    async def _flush_soon(self) -> None:
        await asyncio.sleep(5)
        print("flushed")

    async def stop(self) -> None:
        """Waiting here is no waiting: the requests are over."""
        await asyncio.gather(*self._tasks)
        if self._flushing is not None:
            await self._flushing


# --- in a helper of the project's own -----------------------------------------------------------


def in_background(coro) -> None:
    task = asyncio.create_task(coro)  # error: CTX105
    _background.add(task)


async def by_a_helper() -> None:
    in_background(notify())
