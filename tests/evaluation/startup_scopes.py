"""What runs while the process or the app starts, in all its spellings: nothing to report."""

import asyncio
import atexit
import threading
import time
from contextlib import asynccontextmanager

import click
import pytest
import trio
import typer
from fastapi import FastAPI
from litestar import Litestar
from quart import Quart
from sanic import Sanic
from traitlets.config import Application

cli = typer.Typer()
quart = Quart(__name__)
sanic = Sanic("app")


def beat() -> None:
    while True:
        time.sleep(1)


async def loop() -> None:
    while True:
        await asyncio.sleep(1)


threading.Thread(target=beat, daemon=True).start()


class Service:
    """Made while the module is imported."""

    def __init__(self) -> None:
        self.thread = threading.Thread(target=beat, daemon=True)
        self.thread.start()


service = Service()


@click.group()
def group() -> None:
    threading.Thread(target=beat, daemon=True).start()


@click.command()
@click.option("--port")
def serve(port: int) -> None:
    threading.Thread(target=beat, args=(port,), daemon=True).start()


@cli.command()
def work() -> None:
    threading.Thread(target=beat, daemon=True).start()


@pytest.fixture
def background():
    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    return thread


class Notebook(Application):
    def start(self) -> None:
        threading.Thread(target=beat, daemon=True).start()


@quart.before_serving
async def before_serving() -> None:
    quart.task = asyncio.create_task(loop())


@quart.while_serving
async def while_serving():
    quart.other = asyncio.create_task(loop())
    yield


@sanic.before_server_start
async def before_start(app, _loop) -> None:
    app.ctx.task = asyncio.create_task(loop())


@sanic.listener("after_server_start")
async def after_start(app, _loop) -> None:
    app.ctx.other = asyncio.create_task(loop())


async def open_shop() -> None:
    asyncio.create_task(loop())


litestar = Litestar(on_startup=[open_shop])


@asynccontextmanager
async def app_lifespan(app: FastAPI):
    await prepare()
    yield


async def prepare() -> None:
    asyncio.create_task(loop())


app = FastAPI(lifespan=app_lifespan)


def report() -> None:
    threading.Thread(target=beat).start()


atexit.register(report)


async def trio_beat() -> None:
    while True:
        await trio.sleep(1)


async def trio_main() -> None:
    async with trio.open_nursery() as nursery:
        start_all(nursery)


def start_all(nursery: trio.Nursery) -> None:
    nursery.start_soon(trio_beat)


async def run_forever() -> None:
    asyncio.create_task(loop())
    await asyncio.sleep(1000)


class Worker(threading.Thread):
    """Its own loop makes another one: nobody's request."""

    def run(self) -> None:
        threading.Thread(target=beat, daemon=True).start()
        beat()


def main() -> None:
    Worker().start()
    trio.run(trio_main)
    asyncio.get_event_loop().run_until_complete(run_forever())


if __name__ == "__main__":
    main()
