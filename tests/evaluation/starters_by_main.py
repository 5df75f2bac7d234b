"""A process whose workers belong to ``main``; what it serves per connection is another matter."""

import asyncio

from factories import make


class Reporter:
    def __init__(self) -> None:
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        self._task = asyncio.create_task(self._report())

    async def _report(self) -> None:
        while True:
            await asyncio.sleep(60)


class Connection:
    def __init__(self) -> None:
        self._pinger: asyncio.Task[None] | None = None

    async def serve(self) -> None:
        self._pinger = asyncio.create_task(self._ping())  # error: CTX101

    async def _ping(self) -> None:
        while True:
            await asyncio.sleep(20)


async def on_connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await Connection().serve()


class Poller:
    """Made by main; that a request asks for the class makes no other: nothing to report."""

    def __init__(self) -> None:
        asyncio.ensure_future(heartbeat())


class Timed:
    """A request has one made."""

    def __init__(self) -> None:
        asyncio.ensure_future(heartbeat())  # error: CTX101


async def kind(scope: object, receive: object, send: object) -> None:
    if not isinstance(scope, Poller):
        print(make(Timed))


class Opened:
    """A request has one made by the class itself."""

    def __init__(self) -> None:
        asyncio.ensure_future(heartbeat())  # error: CTX101

    @classmethod
    def open(cls) -> "Opened":
        return cls()


class OpenedByMain:
    """Nothing to report."""

    def __init__(self) -> None:
        asyncio.ensure_future(heartbeat())

    @classmethod
    def open(cls) -> "OpenedByMain":
        return cls()


def start_at_once() -> None:
    """In a table that main hands on: nothing to report."""
    asyncio.ensure_future(heartbeat())


def start_when_asked() -> None:
    """In a table that requests hand on."""
    asyncio.ensure_future(heartbeat())  # error: CTX101


AT_ONCE = [start_at_once]
WHEN_ASKED = [start_when_asked]


async def ask(scope: object, receive: object, send: object) -> None:
    print(make(WHEN_ASKED), Opened.open())


class Pump:
    async def begin(self) -> None:
        """Main calls it on what a function declares to return: nothing to report."""
        asyncio.create_task(heartbeat())


pumps: dict[str, object] = {}


def pump_named(name: str) -> Pump:
    return pumps[name]


async def heartbeat() -> None:
    while True:
        await asyncio.sleep(1)


async def clean_up() -> None:
    while True:
        await asyncio.sleep(3600)


async def run() -> None:
    Reporter().begin()
    print(Poller(), Timed(), make(AT_ONCE), OpenedByMain.open(), Opened.open())
    await pump_named("first").begin()
    asyncio.create_task(heartbeat())
    background = [asyncio.ensure_future(clean_up())]
    server = await asyncio.start_server(on_connect, port=9000)
    print(background)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(run())
