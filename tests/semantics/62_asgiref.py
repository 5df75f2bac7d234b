"""asgiref, which Django runs its views with."""

import asyncio
from contextvars import ContextVar

from asgiref.sync import async_to_sync, sync_to_async

var = ContextVar("var", default="an empty context")


def callee():
    return var.get()


async def async_callee():
    return var.get()


async def main():
    var.set("the caller's context")
    print("`await sync_to_async(f)()`", "->", await sync_to_async(callee)())


asyncio.run(main())
var.set("the caller's context")
print("`async_to_sync(f)()`", "->", async_to_sync(async_callee)())
