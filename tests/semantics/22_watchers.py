"""What an event loop calls when a file or a signal is there."""

import asyncio
import os
import signal
import socket
from contextvars import Context, ContextVar

var = ContextVar("var", default="an empty context")


async def main():
    loop = asyncio.get_running_loop()
    ours, theirs = socket.socketpair()
    theirs.send(b"!")
    registrations = {
        "`loop.add_reader(file, f)`": lambda f: loop.add_reader(ours, f),
        "`loop.add_writer(file, f)`": lambda f: loop.add_writer(theirs, f),
        "`loop.add_signal_handler(number, f)`": lambda f: loop.add_signal_handler(
            signal.SIGUSR1, f
        ),
    }
    seen = {}
    for construct, register in registrations.items():
        var.set("a copy made when it was registered")
        register(lambda name=construct: seen.update({name: var.get()}))
        var.set("what the caller set later")
    os.kill(os.getpid(), signal.SIGUSR1)
    await asyncio.sleep(0.01)
    for construct in registrations:
        print(construct, "->", seen[construct])
    construct = "loop.add_reader(file, f, context=Context())"
    try:
        loop.add_reader(ours, print, context=Context())
    except TypeError:
        print(f"`{construct}`", "->", "`TypeError`: no such argument")
    loop.remove_reader(ours)
    loop.remove_writer(theirs)
    ours.close()
    theirs.close()


asyncio.run(main())
