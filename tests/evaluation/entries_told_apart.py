"""What enters a program, and what looks like it: another kind, another event, another name."""

import asyncio
from asyncio import run
from collections.abc import Callable
from typing import Any

import click
from arq import cron
from fastapi import FastAPI
from somewhere import bus, plugin

app = FastAPI()
PATH = "/path"


async def loop() -> None:
    while True:
        await asyncio.sleep(1)


# --- Events -------------------------------------------------------------------------------------


@app.on_event("startup")
async def first() -> None:
    asyncio.create_task(loop())


@bus.on_event("order")
async def order() -> None:
    asyncio.create_task(loop())  # error: CTX101


@app.on_event(PATH)
async def either() -> None:
    asyncio.create_task(loop())  # error: CTX101


async def opened() -> None:
    asyncio.create_task(loop())


async def message() -> None:
    asyncio.create_task(loop())  # error: CTX101


app.add_event_handler("startup", opened)
bus.add_event_handler("message", message)


# --- Commands and functions of one's own --------------------------------------------------------


@click.group()
def cli() -> None: ...


@cli.command()
def work() -> None:
    asyncio.run(serve())


@cli.command("beat")
def beat() -> None:
    asyncio.get_event_loop().create_task(loop())


@cli.get("/nothing")
def nothing() -> None:
    asyncio.get_event_loop().create_task(loop())  # error: CTX101


async def by_import() -> None:
    asyncio.create_task(loop())
    await asyncio.sleep(1000)


def main() -> None:
    run(by_import())


async def serve() -> None:
    asyncio.create_task(loop())
    await asyncio.sleep(1000)


class Registry:
    """Its decorators are its own, whatever they are called."""

    def __init__(self) -> None:
        self.known: dict[str, Callable[[], Any]] = {}

    def on_startup(self, function: Callable[[], Any]) -> Callable[[], Any]:
        self.known["start"] = function
        return function

    def get(self, path: str) -> Callable[[Callable[[], Any]], Callable[[], Any]]:
        def keep(function: Callable[[], Any]) -> Callable[[], Any]:
            self.known[path] = function
            return function

        return keep


registry = Registry()


@registry.on_startup
def begin() -> None:
    asyncio.create_task(loop())  # error: CTX101


def register(server: Any) -> None:
    """What has paths serves requests."""

    @server.get("/rows")
    async def rows() -> None:
        asyncio.create_task(loop())  # error: CTX101

    @server.get("rows")
    async def setting() -> None:
        asyncio.create_task(loop())  # error: CTX101


# --- Assigned -----------------------------------------------------------------------------------


async def open_up(ctx: dict[str, Any]) -> None:
    asyncio.create_task(loop())


async def resize(ctx: dict[str, Any]) -> None:
    asyncio.create_task(loop())  # error: CTX101


async def tidy(ctx: dict[str, Any]) -> None:
    asyncio.create_task(loop())  # error: CTX101


class WorkerSettings:
    on_startup = open_up
    functions = [resize]
    cron_jobs = [cron(tidy, hour=3)]


async def warm_up() -> None:
    asyncio.create_task(loop())


plugin.on_startup = warm_up
