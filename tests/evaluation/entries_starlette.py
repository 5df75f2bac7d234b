"""Starlette and plain ASGI."""

import asyncio

from starlette.applications import Starlette
from starlette.endpoints import HTTPEndpoint, WebSocketEndpoint
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute


async def loop() -> None:
    while True:
        await asyncio.sleep(1)


class Home(HTTPEndpoint):
    async def get(self, request: Request) -> PlainTextResponse:
        request.app.state.task = asyncio.create_task(loop())  # error: CTX101
        return PlainTextResponse("")


class Echo(WebSocketEndpoint):
    async def on_connect(self, websocket) -> None:
        await websocket.accept()
        self.pinger = asyncio.create_task(loop())  # error: CTX101

    async def on_disconnect(self, websocket, close_code) -> None:
        print("gone")


class Timing(BaseHTTPMiddleware):
    async def dispatch(self, request, call_next):
        self.reporter = asyncio.create_task(loop())  # error: CTX101
        return await call_next(request)


class Plain:
    """An ASGI middleware: what it starts, the first request starts."""

    def __init__(self, app) -> None:
        self.app = app
        self.task = None

    async def __call__(self, scope, receive, send) -> None:
        if self.task is None:
            self.task = asyncio.create_task(loop())  # error: CTX101
        await self.app(scope, receive, send)


async def about(request: Request) -> PlainTextResponse:
    await start(request.app)
    return PlainTextResponse("")


async def start(app: Starlette) -> None:
    app.state.about = asyncio.create_task(loop())  # error: CTX101


async def warm_up() -> None:
    """Start-up: nothing to report."""
    app.state.warm = asyncio.create_task(loop())


async def flush() -> None:
    """Shutdown: nothing to report."""
    asyncio.create_task(loop())


app = Starlette(
    routes=[Route("/", Home), Route("/about", about), WebSocketRoute("/echo", Echo)],
    middleware=[Middleware(Timing), Middleware(Plain)],
    on_startup=[warm_up],
    on_shutdown=[flush],
)
