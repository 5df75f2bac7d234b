"""One context for several runs, by names, objects and unpacked pairs."""

import asyncio
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context, copy_context
from typing import Any

pool = ThreadPoolExecutor(4)


def store(row: str) -> None:
    print(row)


class Work:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    def run(self, row: str) -> None:
        self.ctx.run(store, row)


def by_named_lambda(rows: list[str]) -> None:
    ctx = copy_context()
    save: Callable[[str], None] = lambda row: ctx.run(store, row)  # noqa: E731
    for row in rows:
        pool.submit(save, row)  # error: CTX303


def by_object(rows: list[str]) -> None:
    work = Work(copy_context())
    for row in rows:
        pool.submit(work.run, row)  # error: CTX303


def by_pairs(rows: list[str], ctx: Context) -> None:
    for number, row in enumerate(rows):
        print(number)
        pool.submit(ctx.run, store, row)  # error: CTX303


async def save(row: str) -> None:
    print(row)


def by_tasks(rows: list[str]) -> None:
    ctx = copy_context()
    for row in rows:
        ctx.run(asyncio.create_task, save(row))


# --- Each run has its own: nothing to report ------------------------------------------------------


def of_its_own_object(rows: list[str]) -> None:
    for row in rows:
        pool.submit(Work(copy_context()).run, row)


def of_unpacked_pairs(pairs: Iterable[tuple[Context, str]]) -> list[Any]:
    return [pool.submit(ctx.run, store, row) for ctx, row in pairs]


def of_listed_pairs() -> list[Any]:
    return [
        pool.submit(lambda ctx=ctx, row=row: ctx.run(store, row))
        for ctx, row in [(copy_context(), "a"), (copy_context(), "b")]
    ]


def looked_up_each_time(rows: list[str]) -> None:
    save = lambda row: copy_context().run(store, row)  # noqa: E731
    for row in rows:
        save(row)


def decorated(rows: list[str]) -> None:
    for row in rows:
        ctx = copy_context()
        pool.submit(ctx.run, store, row)
