"""MCP servers: tools, resources, middleware, low-level handlers."""

import asyncio
from contextlib import asynccontextmanager

from fastmcp import FastMCP
from fastmcp.server.middleware import Middleware
from mcp.server.lowlevel import Server


async def loop() -> None:
    while True:
        await asyncio.sleep(1)


@asynccontextmanager
async def lifespan(server: FastMCP):
    task = asyncio.create_task(loop())
    yield {"task": task}


mcp = FastMCP("demo", lifespan=lifespan)
server = Server("low")
tasks: dict[str, asyncio.Task[None]] = {}


@mcp.tool
async def search(query: str) -> str:
    tasks["search"] = asyncio.create_task(loop())  # error: CTX101
    return query


@mcp.tool()
async def follow(query: str) -> str:
    tasks["follow"] = asyncio.create_task(loop())  # error: CTX101
    return query


@mcp.resource("notes://{name}")
async def note(name: str) -> str:
    tasks["note"] = asyncio.create_task(loop())  # error: CTX101
    return name


@server.call_tool()
async def call_tool(name: str, arguments: dict[str, str]) -> list[str]:
    tasks["call"] = asyncio.create_task(loop())  # error: CTX101
    return [name, *arguments]


class Pinging(Middleware):
    async def on_message(self, context, call_next):
        self.task = asyncio.create_task(loop())  # error: CTX101
        return await call_next(context)


class Timing(Middleware):
    """Bounded: nothing to report."""

    async def on_call_tool(self, context, call_next):
        ticker = asyncio.create_task(loop())
        try:
            return await call_next(context)
        finally:
            ticker.cancel()


@mcp.tool
async def sleep() -> None:
    """Finite: nothing to report."""
    tasks["sleep"] = asyncio.create_task(asyncio.sleep(1))


async def main() -> None:
    tasks["main"] = asyncio.create_task(loop())
    await mcp.run_async()


if __name__ == "__main__":
    asyncio.run(main())
