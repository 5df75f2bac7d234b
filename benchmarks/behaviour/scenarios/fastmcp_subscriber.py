"""FastMCP: a session's notifications and pings, sent by tasks that its first requests start.

Server, client, background tasks with their queue (in memory) and elicitation are the real ones. A
middleware says who asks, as authentication does. Notifications and pings are the session's: after
the fix they stand in no request's trace, and nothing of the first request is kept alive.
"""

from __future__ import annotations

import asyncio
import gc
import weakref
from contextvars import ContextVar
from typing import Any

from fastmcp import Client, Context, FastMCP
from fastmcp.client.elicitation import ElicitResult
from fastmcp.server.middleware import Middleware, PingMiddleware
from mcp.server.lowlevel.server import request_ctx
from mcp.server.session import ServerSession
from observing import NOBODY, Work, did, observed, request, requests_overlapped, told

USERS = ("alice", "bob")
OPENED_BY = "alice"


class Connection:
    """Stands for what a request holds on to: a database session, a span, a body."""


connection: ContextVar[Connection] = ContextVar("connection")
connections: list[tuple[str, weakref.ref[Connection]]] = []


class Identity(Middleware):
    async def on_message(self, context: Any, call_next: Any) -> Any:
        user = (getattr(context.message, "arguments", None) or {}).get("user", OPENED_BY)
        with request(user):
            held = Connection()
            connections.append((f"{user}'s {context.method}", weakref.ref(held)))
            token = connection.set(held)
            try:
                await asyncio.sleep(0.01)
                return await call_next(context)
            finally:
                connection.reset(token)


def make_server() -> FastMCP:
    server = FastMCP("scenario")
    # The first to see a message is the identity, as in a server that authenticates.
    server.add_middleware(Identity())
    server.add_middleware(PingMiddleware(interval_ms=300))

    @server.tool(task=True)
    async def book(user: str, context: Context) -> str:
        answer = await context.elicit(f"{user}: window or aisle?", str)
        return f"{user}: {answer.action}"

    return server


def observe_session(pinged: asyncio.Event) -> None:
    """Record what is sent to the client when no request is answered by it."""
    notify, elicit, ping = (
        getattr(ServerSession, name) for name in ("send_notification", "elicit", "send_ping")
    )

    async def send_notification(self: Any, notification: Any, *rest: Any, **more: Any) -> Any:
        params = notification.root.params
        if getattr(params, "status", "") == "input_required":
            did(f"notified: {params.statusMessage}")
        return await notify(self, notification, *rest, **more)

    async def elicited(self: Any, message: str, *rest: Any, **more: Any) -> Any:
        did(f"asked: {message}")
        return await elicit(self, message, *rest, **more)

    async def send_ping(self: Any) -> Any:
        if pinged.is_set():
            await asyncio.Event().wait()  # FastMCP's loop dies of a ping while the session closes
        pinged.set()
        did("ping")
        return await ping(self)

    changes = {"send_notification": send_notification, "elicit": elicited, "send_ping": send_ping}
    for name, change in changes.items():
        setattr(ServerSession, name, change)


async def answer(message: str, *_: Any) -> ElicitResult[Any]:
    return ElicitResult(action="accept", content={"value": "window"})


async def scenario() -> object:
    from fastmcp.server.tasks.notifications import _active_subscribers

    pinged = asyncio.Event()
    observe_session(pinged)
    async with Client(make_server(), elicitation_handler=answer) as client:
        booked = await asyncio.gather(
            *(client.call_tool("book", {"user": u}, task=True) for u in ("alice", "bob"))
        )
        results = [(await task.result()).data for task in booked]
        await pinged.wait()
        await asyncio.sleep(0.05)  # it is answered before the session is closed
        assert requests_overlapped()
        gc.collect()
        [(subscriber, _)] = _active_subscribers.values()
        assert not subscriber.done()
        return {
            "results": results,
            "work": set(observed()),
            "requests still held": {message for message, held in connections if held()},
            "subscriber holds a request": request_ctx in subscriber.get_context(),
        }


def outcome(worker: str, leaks: bool) -> object:
    sent = [f"{verb}: {u}: window or aisle?" for verb in ("notified", "asked") for u in USERS]
    return {
        "results": [f"{u}: accept" for u in USERS],
        "work": {Work(what, worker, worker) for what in [*sent, "ping"]},
        # The client asks what tools there are before it calls the first: that starts the pings.
        "requests still held": [f"{worker}'s tools/call", f"{worker}'s tools/list"] * leaks,
        "subscriber holds a request": leaks,
    }


if __name__ == "__main__":
    told(scenario(), leaky=outcome("alice", True), fixed=outcome(NOBODY, False))
