"""Starters called by tables and by names that are put together, and by nobody that is seen."""

import asyncio

from aiohttp import web

_tasks: set[object] = set()


async def loop() -> None:
    while True:
        await asyncio.sleep(1)


# --- tables ---


def start_by_request() -> None:
    _tasks.add(asyncio.create_task(loop()))  # error: CTX101


def start_by_main() -> None:
    _tasks.add(asyncio.create_task(loop()))


def start_for_a_library() -> None:
    _tasks.add(asyncio.create_task(loop()))  # error: CTX101


def start_as_a_default() -> None:
    _tasks.add(asyncio.create_task(loop()))  # error: CTX101


def start_in_an_unused_table() -> None:
    _tasks.add(asyncio.create_task(loop()))  # error: CTX101


ACTIONS = {"start": start_by_request, "stop": print}
STEPS = [start_by_main]
UNUSED = {"start": start_in_an_unused_table}
HOOKS = object()
HOOKS.add(start_for_a_library)


async def act(request: web.Request) -> web.Response:
    ACTIONS[request.match_info["action"]]()
    return web.Response()


def with_a_default(hook=start_as_a_default) -> None:
    hook()


# --- names that are put together ---


class Commands:
    """Its methods are called by what requests name."""

    async def handle(self, request: web.Request) -> web.Response:
        getattr(self, "_do_" + request.match_info["command"])()
        return web.Response()

    def _do_start(self) -> None:
        _tasks.add(asyncio.create_task(loop()))  # error: CTX101


class Stages:
    """Its methods are called by what main names."""

    def go(self, name: str) -> None:
        getattr(self, "_stage_" + name)()

    def _stage_start(self) -> None:
        _tasks.add(asyncio.create_task(loop()))


class Phases:
    """... also where it is formatted."""

    def go(self, name: str) -> None:
        getattr(self, f"_phase_{name}")()

    def _phase_start(self) -> None:
        _tasks.add(asyncio.create_task(loop()))


class Other:
    """A name that begins in another way, or nobody knows how, is none of these."""

    def go(self, name: str) -> None:
        getattr(self, "_step_" + name)()
        getattr(self, name + "_start")()
        getattr(self, "_" + name)()

    def _round_start(self) -> None:
        _tasks.add(asyncio.create_task(loop()))  # error: CTX101


app = web.Application()
app.router.add_get("/{command}", Commands().handle)
app.router.add_get("/act/{action}", act)


async def main() -> None:
    for step in STEPS:
        step()
    Stages().go("start")
    Phases().go("start")
    Other().go("round")


if __name__ == "__main__":
    asyncio.run(main())
