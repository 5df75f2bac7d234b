"""The argument `context=`."""

import asyncio
from contextvars import Context, ContextVar, copy_context

var = ContextVar("var", default="an empty context")


async def callee():
    return var.get()


async def main():
    for construct, make in {
        "`create_task(f(), context=Context())`": Context,
        "`create_task(f(), context=copy_context())`": copy_context,
    }.items():
        var.set("a copy made at the call")
        coroutine = callee()
        try:
            started = asyncio.create_task(coroutine, context=make())
        except TypeError:
            coroutine.close()
            print(construct, "->", "`TypeError`: no such argument")
        else:
            var.set("what the caller set later")
            print(construct, "->", await started)


asyncio.run(main())
