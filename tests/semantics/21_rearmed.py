"""A timer that arms itself again copies its own copy."""

import asyncio
from contextvars import ContextVar

var = ContextVar("var", default="an empty context")


async def main():
    loop = asyncio.get_running_loop()
    over = loop.create_future()

    def tick(rounds):
        if rounds:
            loop.call_later(0, tick, rounds - 1)
        else:
            over.set_result(var.get())

    var.set("a copy made when it was armed first")
    tick(3)
    var.set("what the caller set later")
    print("the third round of a `call_later` that arms itself", "->", await over)


asyncio.run(main())
