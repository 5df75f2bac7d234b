"""Copies in functions that reach a thread by other names, in parts, by many hands, or not."""

import asyncio
import contextvars
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from typing import Any

pool = ThreadPoolExecutor(4)
user: contextvars.ContextVar[str] = contextvars.ContextVar("user", default="nobody")


def store(row: str) -> None:
    print(row)


# --- Too late -----------------------------------------------------------------------------------


def handle_other_name(row: str) -> None:
    def work() -> None:
        save = in_copy
        save(row)

    pool.submit(work)


def in_copy(row: str) -> None:
    copy_context().run(store, row)  # error: CTX302


def handle_given(row: str) -> None:
    pool.submit(call, in_other_copy, row)


def call(function: Callable[[str], None], row: str) -> None:
    function(row)


def in_other_copy(row: str) -> None:
    copy_context().run(store, row)  # error: CTX302


def handle_bound(row: str) -> None:
    start(partial(in_third_copy, row))


def start(function: Callable[[], None]) -> None:
    threading.Thread(target=function).start()


def in_third_copy(row: str) -> None:
    copy_context().run(store, row)  # error: CTX302


def handle_partial_starter(row: str) -> None:
    begin = partial(start)
    begin(partial(in_fourth_copy, row))


def in_fourth_copy(row: str) -> None:
    copy_context().run(store, row)  # error: CTX302


def handle_deep(row: str) -> None:
    pool.submit(one, row)


def one(row: str) -> None:
    two(row)


def two(row: str) -> None:
    three(row)


def three(row: str) -> None:
    four(row)


def four(row: str) -> None:
    five(row)


def five(row: str) -> None:
    six(row)


def six(row: str) -> None:
    seven(row)


def seven(row: str) -> None:
    eight(row)


def eight(row: str) -> None:
    nine(row)


def nine(row: str) -> None:
    copy_context().run(store, row)  # error: CTX302


# --- In time, or nobody knows: nothing to report -------------------------------------------------


def decorator(function: Callable[[str], None]) -> Callable[[str], None]:
    copy_context().run(store, "decorated")
    return function


@decorator
def decorated(row: str) -> None:
    print(row)


def handle_decorated(row: str) -> None:
    pool.submit(decorated, row)


def handle_own_context(row: str) -> None:
    threading.Thread(target=in_given_context, args=(row,), context=copy_context()).start()


def in_given_context(row: str) -> None:
    copy_context().run(store, row)


def handle_prepared(row: str) -> None:
    def work() -> None:
        user.set("worker")
        save = in_prepared_copy
        save(row)

    pool.submit(work)


def in_prepared_copy(row: str) -> None:
    copy_context().run(store, row)


def handle_both(row: str) -> None:
    save = in_both
    save(row)
    pool.submit(save, row)


def in_both(row: str) -> None:
    copy_context().run(store, row)


save_now = partial(lambda row: copy_context().run(store, row), "now")
save_now()


async def handle_awaited(row: str) -> None:
    await in_coroutine(row)
    await asyncio.wait_for(in_coroutine(row), 1)


async def in_coroutine(row: str) -> None:
    copy_context().run(store, row)


def handle_starred(rows: list[Any]) -> None:
    hand_on(*rows, in_starred)


def hand_on(first: Any, function: Callable[[str], None]) -> None:
    pool.submit(function, first)


def in_starred(row: str) -> None:
    copy_context().run(store, row)


def handle_circular(row: str) -> None:
    pool.submit(in_circle, row)


def in_circle(row: str) -> None:
    """One of two copies, by turns: nobody knows which."""
    first, second = copy_context(), copy_context()
    for _ in row:
        first = second
        second = first
    first.run(store, row)


class Task(threading.Thread):
    def __init__(self, work: Callable[[str], None]) -> None:
        super().__init__()
        self.work = work

    def run(self) -> None:
        self.work("row")


def handle_in_object(row: str) -> None:
    Task(in_object).start()


def in_object(row: str) -> None:
    copy_context().run(store, row)
