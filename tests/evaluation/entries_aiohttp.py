"""aiohttp: handlers, middlewares, views, web sockets; on_startup and cleanup_ctx."""

import asyncio

from aiohttp import WSMsgType, web

routes = web.RouteTableDef()


async def loop() -> None:
    while True:
        await asyncio.sleep(1)


@routes.get("/")
async def index(request: web.Request) -> web.Response:
    request.app["task"] = asyncio.create_task(loop())  # error: CTX101
    return web.Response()


@routes.view("/items")
class Items(web.View):
    async def get(self) -> web.Response:
        self.request.app["items"] = asyncio.create_task(loop())  # error: CTX101
        return web.Response()


async def upload(request: web.Request) -> web.Response:
    request.app["upload"] = asyncio.create_task(loop())  # error: CTX101
    return web.Response()


@web.middleware
async def counting(request, handler):
    request.app["counter"] = asyncio.create_task(loop())  # error: CTX101
    return await handler(request)


@routes.get("/ws")
async def chat(request: web.Request) -> web.WebSocketResponse:
    """Bounded by the connection: nothing to report."""
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    pinger = asyncio.create_task(loop())
    try:
        async for message in socket:
            if message.type == WSMsgType.TEXT:
                await socket.send_str(message.data)
    finally:
        pinger.cancel()
    return socket


@routes.get("/slow")
async def slow(request: web.Request) -> web.Response:
    """Finite: nothing to report."""
    request.app["slow"] = asyncio.create_task(asyncio.sleep(10))
    return web.Response()


async def start_up(app: web.Application) -> None:
    app["refresher"] = asyncio.create_task(loop())


async def background(app: web.Application):
    app["listener"] = asyncio.create_task(loop())
    yield
    app["listener"].cancel()


async def clean_up(app: web.Application) -> None:
    app["refresher"].cancel()


def make_app() -> web.Application:
    app = web.Application(middlewares=[counting])
    app.add_routes(routes)
    app.router.add_post("/upload", upload)
    app.on_startup.append(start_up)
    app.on_cleanup.append(clean_up)
    app.cleanup_ctx.append(background)
    return app


if __name__ == "__main__":
    web.run_app(make_app())
