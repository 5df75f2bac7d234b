"""Callbacks of an event loop."""

import asyncio
from contextvars import Context, ContextVar

var = ContextVar("var", default="an empty context")


async def main():
    loop = asyncio.get_running_loop()
    future = loop.create_future()
    registrations = {
        "`loop.call_soon(f)`": loop.call_soon,
        "`loop.call_later(0, f)`": lambda f, **given: loop.call_later(0, f, **given),
        "`loop.call_at(0, f)`": lambda f, **given: loop.call_at(0, f, **given),
        "`loop.call_soon_threadsafe(f)`": loop.call_soon_threadsafe,
        "`asyncio.Future.add_done_callback(f)`": future.add_done_callback,
    }
    seen = {}
    for construct, register in registrations.items():
        var.set("a copy made when it was registered")
        register(lambda *_, name=construct: seen.update({name: var.get()}))
        register(
            lambda *_, name=f"... with `context=Context()`: {construct}": seen.update(
                {name: var.get()}
            ),
            context=Context(),
        )
        var.set("what the caller set later")
    future.set_result(None)
    await asyncio.sleep(0.01)
    empty = {seen.pop(name) for name in list(seen) if name.startswith("...")}
    for construct in registrations:
        print(construct, "->", seen[construct])
    print("`loop.call_soon(f, context=Context())`, and the others alike", "->", *empty)


asyncio.run(main())
