"""Tasks of asyncio."""

import asyncio
from contextvars import ContextVar

var = ContextVar("var", default="an empty context")


async def callee():
    return var.get()


async def main():
    loop = asyncio.get_running_loop()
    starters = {
        "`asyncio.create_task(f())`": asyncio.create_task,
        "`loop.create_task(f())`": loop.create_task,
        "`asyncio.ensure_future(f())`": asyncio.ensure_future,
        "`asyncio.Task(f())`": asyncio.Task,
        "`asyncio.gather(f())`": asyncio.gather,
        "`asyncio.shield(f())`": asyncio.shield,
    }
    for construct, start in starters.items():
        var.set("a copy made at the call")
        started = start(callee())
        var.set("what the caller set later")
        seen = await started
        print(construct, "->", seen[0] if isinstance(seen, list) else seen)


asyncio.run(main())
