"""One context given to two tasks."""

import asyncio
from contextvars import ContextVar, copy_context

var = ContextVar("var")
construct = "one `Context` as `context=` of two tasks"


async def callee(mine):
    var.set(mine)
    await asyncio.sleep(0)
    return "its own value" if var.get() == mine else "what the other task has set"


async def main():
    context = copy_context()
    coroutines = [callee("first"), callee("second")]
    try:
        tasks = [asyncio.create_task(each, context=context) for each in coroutines]
    except TypeError:
        for each in coroutines:
            each.close()
        print(construct, "->", "`TypeError`: no such argument")
        return
    print(construct, "->", (await asyncio.gather(*tasks))[0])


asyncio.run(main())
