"""Contexts that reach a spawn on their way through other hands."""

import asyncio
import contextvars
import sys
import threading
from functools import partial
from typing import Any

from opentelemetry import context as otel_context


async def loop() -> None:
    while True:
        await asyncio.sleep(1)


def beat() -> None:
    while True:
        print("beat")


# --- Detached: nothing to report ----------------------------------------------------------------


async def by_a_dict() -> None:
    options: dict[str, Any] = {"name": "loop", "context": contextvars.Context()}
    asyncio.create_task(loop(), **options)


async def by_version() -> None:
    options: dict[str, Any] = (
        {"context": contextvars.Context()} if sys.version_info >= (3, 11) else {}
    )
    asyncio.create_task(loop(), **options)


async def by_dict_of() -> None:
    options: dict[str, Any] = dict(name="loop", context=contextvars.Context())
    asyncio.create_task(loop(), **options)


async def by_key() -> None:
    options: dict[str, Any] = {"name": "loop"}
    options["name"] = "other"
    options["context"] = contextvars.Context()
    asyncio.create_task(loop(), **options)


class Apart(threading.Thread):
    """A class of threads that begin with nothing."""

    def __init__(self) -> None:
        super().__init__(daemon=True, context=contextvars.Context())

    def run(self) -> None:
        beat()


def apart() -> None:
    Apart().start()


def bound() -> None:
    threading.Thread(target=partial(contextvars.Context().run, beat)).start()


async def attached_empty() -> None:
    otel_context.attach(otel_context.Context())
    asyncio.create_task(loop())


# --- Not detached -------------------------------------------------------------------------------


async def other_options() -> None:
    options: dict[str, Any] = {"name": "loop"}
    options["name"] = "other"
    asyncio.create_task(loop(), **options)  # error: CTX101


async def copied() -> None:
    asyncio.create_task(loop(), context=contextvars.copy_context().copy())  # error: CTX101


class Daemon(threading.Thread):
    def __init__(self) -> None:
        super().__init__(daemon=True)

    def run(self) -> None:
        beat()


class Bare(threading.Thread):
    __init__ = threading.Thread.__init__

    def run(self) -> None:
        beat()


def bare() -> None:
    Bare().start()  # error: CTX102


class Holder:
    def __init__(self, work: Any) -> None:
        work()


def hold() -> None:
    Holder(start_held)


def start_held() -> None:
    threading.Thread(target=beat).start()  # error: CTX102


def daemon() -> None:
    Daemon().start()  # error: CTX102


def bound_to_copy() -> None:
    copy = contextvars.copy_context()
    threading.Thread(target=partial(copy.run, beat)).start()  # error: CTX102


def run_in_copy() -> None:
    contextvars.copy_context().run(start)


def start() -> None:
    threading.Thread(target=beat).start()  # error: CTX102


async def put_back() -> None:
    token = otel_context.attach(otel_context.Context())
    otel_context.detach(token)
    asyncio.create_task(loop())  # error: CTX101


async def attached(found: otel_context.Context) -> None:
    otel_context.attach(found)
    asyncio.create_task(loop())  # error: CTX101
