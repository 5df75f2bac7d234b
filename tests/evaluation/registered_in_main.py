"""A function handed to a library in start-up code runs when the library likes: for requests."""

import asyncio

import nats
from aiohttp import web


async def loop() -> None:
    while True:
        await asyncio.sleep(1)


class Handlers:
    async def orders(self, request) -> web.Response:
        self._a = asyncio.create_task(loop())  # error: CTX101
        return web.Response()

    async def on_message(self, message) -> None:
        self._b = asyncio.create_task(loop())  # error: CTX101


def make_app() -> web.Application:
    handlers = Handlers()
    app = web.Application()
    app.add_routes([web.get("/orders", handlers.orders)])
    return app


async def main() -> None:
    handlers = Handlers()
    connection = await nats.connect()
    await connection.subscribe("orders", cb=handlers.on_message)


class Socket:
    """The finally of the spawner calls a method that cancels: bounded."""

    async def serve(self) -> None:
        self._beat = asyncio.create_task(loop())
        try:
            await asyncio.sleep(1)
        finally:
            await self.close()

    async def close(self) -> None:
        self._beat.cancel()


if __name__ == "__main__":
    web.run_app(make_app())
    asyncio.run(main())
