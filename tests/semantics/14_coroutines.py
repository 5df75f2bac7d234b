"""Coroutines: a body runs where it is awaited, wherever the coroutine was made."""

import asyncio
from contextvars import Context, ContextVar

var = ContextVar("var", default="an empty context")


async def callee():
    return var.get()


async def main():
    var.set("the context in which it was made")
    coroutine = callee()
    var.set("the context of whoever awaits it")
    print("`await coroutine`", "->", await coroutine)
    print("`await Context().run(f)`, where `f` is `async`", "->", await Context().run(callee))


asyncio.run(main())
