"""Work in threads that reads the context where one has to look twice."""

import asyncio
import functools
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from typing import Any

current_user: ContextVar[str | None] = ContextVar("current_user", default=None)
tenant: ContextVar[str | None] = ContextVar("tenant", default=None)
VARIABLES = {"user": current_user}
pool = ThreadPoolExecutor(4)


def authenticate(user: str) -> None:
    current_user.set(user)
    tenant.set(user)


def store(row: str) -> None:
    print(row, current_user.get())


async def save(row: str) -> None:
    print(row, current_user.get())


async def wait_for(work: Awaitable[None]) -> None:
    await work


def handle_awaited_by_another(row: str) -> None:
    pool.submit(asyncio.run, wait_for(save(row)))  # error: CTX301


async def save_all(row: str) -> None:
    await asyncio.gather(*[save(row), save(row)])


def handle_gathered(row: str) -> None:
    pool.submit(asyncio.run, save_all(row))  # error: CTX301


class Saver:
    def __call__(self, row: str) -> None:
        store(row)


def handle_object(row: str) -> None:
    pool.submit(Saver(), row)  # error: CTX301


class Entered:
    """Nothing happens when it is entered."""

    def __exit__(self, *failure: object) -> None: ...

    def __enter__(self) -> None:
        print("entered")


def handle_entered(row: str) -> None:
    def work() -> None:
        with Entered():
            store(row)

    pool.submit(work)  # error: CTX301


class Named:
    def __init__(self, function: Callable[[str], None]) -> None:
        self.function = function

    def __call__(self, row: str) -> None:
        self.function(row)


def named(function: Callable[[str], None]) -> Any:
    return Named(function)


@named
def store_named(row: str) -> None:
    print(row, current_user.get())


def handle_named(row: str) -> None:
    pool.submit(store_named, row)  # error: CTX301


# --- Nothing to report ----------------------------------------------------------------------------


class Acting:
    """Sets it when it is entered."""

    def __enter__(self) -> None:
        self.token = current_user.set("worker")

    def __exit__(self, *failure: object) -> None:
        current_user.reset(self.token)


def handle_acting(row: str) -> None:
    def work() -> None:
        with Acting():
            store(row)

    pool.submit(work)


def handle_set_by_key(row: str) -> None:
    """One of them is set, who knows which."""

    def work() -> None:
        VARIABLES["tenant"].set("worker")
        store(row)

    pool.submit(work)


class Calling:
    """What is called is given from outside."""

    def __init__(self, call: Callable[[str], None]) -> None:
        self.__call__ = call  # type: ignore[method-assign]


def handle_unknown(call: Callable[[str], None], row: str) -> None:
    pool.submit(Calling(call), row)


def made(row: str) -> Awaitable[None]:
    return save(row)


def handle_only_made(row: str) -> Any:
    return pool.submit(made, row)


def handle_made_for_later(row: str) -> Any:
    def work() -> Any:
        return functools.partial(keep, later=save(row))

    return pool.submit(work)


def keep(later: Any) -> None:
    print(later)
