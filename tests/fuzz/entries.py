"""Who calls: handlers of many frameworks, and code that runs at start-up."""

from __future__ import annotations

from dataclasses import dataclass

from .cell import Cell
from .loops import Pick, indented


@dataclass(frozen=True)
class Entry:
    """A module that serves requests, and the expression with ``item`` that serves one."""

    lines: list[str]
    call: str


def handler(pick: Pick, cell: Cell) -> Entry:
    """A handler that calls into a cell, itself or by way of other functions."""
    wait = "await " if cell.coroutine else ""
    body = [f"{wait}{cell.call}"]
    between: list[str] = []
    for number in range(pick(0, 0, 1, 2)):
        word = "async def" if cell.coroutine else "def"
        between += [f"{word} step_{number}(item):", *indented(body), "", ""]
        body = [f"{wait}step_{number}(item)"]
    plain = _ASYNC if cell.coroutine else (*_ASYNC, *_SYNC)
    first, *rest = plain
    imports, before, head, after, call = pick(first, *rest)
    inside = indented(body, 2 if head.startswith("class") else 1)
    if pick(False, False, False, True):
        imports, before = f"{imports}\nimport functools", f"{before}\n{_TIMED}"
        above, _, last = head.rpartition("\n")
        indent = last[: len(last) - len(last.lstrip())]
        head = "\n".join([*([above] if above else []), f"{indent}@timed", last])
    made = [*head.split("\n"), *inside]
    take = cell.takes
    return Entry(
        [*imports.split("\n"), "", take, "", *before.split("\n"), "", "", *between, *made, *after],
        call,
    )


_TIMED = """

def timed(function):
    @functools.wraps(function)
    def inner(*args, **kwargs):
        print(function.__name__)
        return function(*args, **kwargs)

    return inner"""

Shape = tuple[str, str, str, list[str], str]

_ASYNC: tuple[Shape, ...] = (
    (
        "from fastapi import FastAPI",
        "app = FastAPI()",
        '@app.post("/items")\nasync def serve(item: str):',
        [],
        "serve(item)",
    ),
    (
        "from fastapi import APIRouter",
        'router = APIRouter(prefix="/items")',
        '@router.get("/one")\nasync def serve(item: str):',
        [],
        "serve(item)",
    ),
    (
        "from starlette.applications import Starlette\nfrom starlette.routing import Route",
        "",
        "async def serve(item):",
        ["", "", 'app = Starlette(routes=[Route("/items", serve)])'],
        "serve(item)",
    ),
    (
        "from aiohttp import web",
        "",
        "async def serve(item):",
        ["", "", "app = web.Application()", 'app.router.add_get("/items", serve)'],
        "serve(item)",
    ),
    (
        "from aiohttp import web",
        "routes = web.RouteTableDef()",
        '@routes.post("/items")\nasync def serve(item):',
        [],
        "serve(item)",
    ),
    (
        "import tornado.web",
        "",
        "class Items(tornado.web.RequestHandler):\n    async def get(self, item):",
        [],
        "Items().get(item)",
    ),
    (
        "from mcp.server.fastmcp import FastMCP",
        'mcp = FastMCP("items")',
        "@mcp.tool()\nasync def serve(item: str):",
        [],
        "serve(item)",
    ),
    (
        "from quart import Quart",
        "app = Quart(__name__)",
        '@app.route("/items")\nasync def serve(item):',
        [],
        "serve(item)",
    ),
    (
        "import asyncio",
        "",
        "async def serve(item, writer=None):",
        [
            "",
            "",
            "async def main():",
            "    server = await asyncio.start_server(serve, port=9000)",
            "    await server.serve_forever()",
            "",
            "",
            'if __name__ == "__main__":',
            "    asyncio.run(main())",
        ],
        "serve(item)",
    ),
    (
        "from starlette.middleware.base import BaseHTTPMiddleware",
        "",
        "class Items(BaseHTTPMiddleware):\n    async def dispatch(self, item, call_next=None):",
        [],
        "Items(None).dispatch(item)",
    ),
)

_SYNC: tuple[Shape, ...] = (
    (
        "from flask import Flask",
        "app = Flask(__name__)",
        '@app.route("/items")\ndef serve(item):',
        [],
        "serve(item)",
    ),
    (
        "from django.views import View",
        "",
        "class Items(View):\n    def get(self, item):",
        [],
        "Items().get(item)",
    ),
    (
        "from celery import Celery",
        'app = Celery("items")',
        "@app.task\ndef serve(item):",
        [],
        "serve(item)",
    ),
    (
        "import socketserver",
        "",
        "class Items(socketserver.BaseRequestHandler):\n    def handle(self, item=None):",
        [],
        "Items.handle(object.__new__(Items), item)",
    ),
)


def startup(pick: Pick, cell: Cell, *, coroutine: bool) -> Entry:
    """What calls into a cell while the app starts."""
    body = [f"{'await ' if coroutine else ''}{cell.begin}"]
    imports, before, head, after, call = pick(
        (
            "from contextlib import asynccontextmanager\n\nfrom fastapi import FastAPI",
            "",
            "@asynccontextmanager\nasync def lifespan(app):",
            ["    yield", "", "", "app = FastAPI(lifespan=lifespan)"],
            "lifespan(None)",
        ),
        (
            "from fastapi import FastAPI",
            "app = FastAPI()",
            '@app.on_event("startup")\nasync def start_up():',
            [],
            "start_up()",
        ),
        (
            "import asyncio",
            "",
            "async def main():",
            [
                "    await asyncio.sleep(0)",
                "",
                "",
                'if __name__ == "__main__":',
                "    asyncio.run(main())",
            ],
            "main()",
        ),
    )
    above = [*imports.split("\n"), "", cell.takes, "", *before.split("\n"), "", ""]
    return Entry([*above, *head.split("\n"), *indented(body), *after], call)
