"""Tasks behind their requests whose handles go from name to name, or wait for nothing at all."""
# enable: CTX105

import asyncio
import contextvars
from typing import Any

user: contextvars.ContextVar[str] = contextvars.ContextVar("user", default="nobody")


async def notify(text: str = "") -> None:
    await asyncio.sleep(0)
    print(user.get(), text)


async def note(text: str) -> None:
    """Begins at once, and waits for nothing."""
    print(user.get(), text)


async def without_waiting() -> None:
    asyncio.create_task(note("now"))  # error: CTX105


async def under_two_names() -> None:
    first = asyncio.create_task(notify())  # error: CTX105
    second = first
    first = second
    print(bool(first))


# --- Handled, or nobody knows: nothing to report --------------------------------------------------


async def asked_at_once() -> bool:
    return asyncio.create_task(notify()).cancel()


async def printed_at_once() -> None:
    print(asyncio.create_task(notify()).add_done_callback(print))


async def two_at_once() -> None:
    first, second = asyncio.create_task(notify()), asyncio.create_task(notify())
    await first
    await second


async def of_unknown(make: Any) -> None:
    (make().task, _) = asyncio.create_task(notify()), 1
