"""Flags in context variables that are asked for in other ways, or guard something else."""

import asyncio
import contextvars
from contextvars import ContextVar

live = ContextVar("live", default=False)
closed = ContextVar("closed", default=False)
begun = ContextVar("begun", default=False)
begun_again = ContextVar("begun_again", default=False)
deep = ContextVar("deep", default=False)
deeper = ContextVar("deeper", default=False)
either = ContextVar("either", default=False)
tested = ContextVar("tested", default=False)


async def refresh() -> None:
    while True:
        await asyncio.sleep(60)


def start() -> None:
    contextvars.Context().run(asyncio.create_task, refresh())


def step() -> None:
    print("step")


def one() -> None:
    start()


def two() -> None:
    one()


def three() -> None:
    two()


def four() -> None:
    three()


def five() -> None:
    four()


async def whatever_the_flag_says(request) -> None:
    if request.live:
        live.set(True)
        start()


async def where_it_is_set_already(request) -> None:
    if closed.get():
        closed.set(True)
        start()


async def only_where_it_is_set(request) -> None:
    if not begun.get():
        return
    begun.set(True)
    start()


async def where_it_is_only_noted(request) -> None:
    if begun_again.get():
        print("again")
    begun_again.set(True)
    start()


async def two_calls_deep(request) -> None:
    if not deep.get():
        deep.set(True)  # error: CTX402
        one()


async def deeper_than_anybody_looks(request) -> None:
    if not deeper.get():
        deeper.set(True)
        five()


async def one_of_two(request) -> None:
    begin = step if request.quiet else one
    if not either.get():
        either.set(True)  # error: CTX402
        begin()


async def nothing_that_lasts(request) -> None:
    if not tested.get():
        tested.set(True)
        step()
