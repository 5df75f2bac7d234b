"""A task group that was entered in another context than its tasks are started in."""

import asyncio
from contextvars import ContextVar

var = ContextVar("var", default="an empty context")


async def callee():
    return var.get()


async def main():
    construct = "`group.create_task(f())` of `asyncio.TaskGroup`"
    if not hasattr(asyncio, "TaskGroup"):
        print(construct, "->", "not there")
        return
    var.set("the context in which the group was entered")
    async with asyncio.TaskGroup() as group:
        var.set("a copy made at the call")
        started = group.create_task(callee())
        var.set("what the caller set later")
    print(construct, "->", started.result())


asyncio.run(main())
