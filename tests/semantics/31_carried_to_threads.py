"""Calls that take the caller's context to another thread."""

import asyncio
import threading
from contextvars import ContextVar

var = ContextVar("var", default="an empty context")


def callee():
    return var.get()


async def async_callee():
    return var.get()


async def main():
    var.set("the caller's context")
    print("`asyncio.to_thread(f)`", "->", await asyncio.to_thread(callee))
    loop = asyncio.get_running_loop()
    answer = loop.create_future()

    def in_a_thread():
        var.set("the caller's context")
        future = asyncio.run_coroutine_threadsafe(async_callee(), loop)
        loop.call_soon_threadsafe(answer.set_result, future.result())

    thread = threading.Thread(target=in_a_thread)
    thread.start()
    print("`asyncio.run_coroutine_threadsafe(f(), loop)`", "->", await answer)
    thread.join()


asyncio.run(main())
