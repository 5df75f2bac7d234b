"""A task that is made in an empty context."""

import asyncio
from contextvars import Context, ContextVar

var = ContextVar("var", default="an empty context")


async def callee(argument):
    return argument, var.get()


async def main():
    var.set("the caller's context")
    started = Context().run(asyncio.create_task, callee(var.get()))
    argument, seen = await started
    print("`Context().run(asyncio.create_task, f())`", "->", seen)
    print("... the arguments of `f(...)` there are evaluated in", "->", argument)


asyncio.run(main())
