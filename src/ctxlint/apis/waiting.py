"""What a worker waits for, and what ends by itself."""

from __future__ import annotations

from typing import Final

TIME_LIMITED: Final[frozenset[str]] = frozenset(
    {
        "asyncio.wait_for",
        "asyncio.timeout",
        "asyncio.timeout_at",
        "anyio.fail_after",
        "anyio.move_on_after",
        "trio.fail_after",
        "trio.move_on_after",
        "async_timeout.timeout",
    }
)
"""Functions and ``with`` blocks that end what they hold after a time."""

ENDLESS: Final[frozenset[str]] = frozenset(
    {
        "asyncio.AbstractEventLoop.run_forever",
        "asyncio.Server.serve_forever",
        "anyio.sleep_forever",
        "trio.sleep_forever",
        "tornado.IOLoop.start",
        "socketserver.BaseServer.serve_forever",
        "http.server.HTTPServer.serve_forever",
        "signal.pause",
        "uvicorn.Server.serve",
        "uvicorn.Server.run",
        "hypercorn.asyncio.serve",
        "watchfiles.awatch",
        "watchfiles.watch",
        "itertools.count",
        "itertools.cycle",
    }
)
"""Calls that do not end by themselves, and iterables that never run out."""

ENDLESS_METHODS: Final[frozenset[str]] = frozenset(
    {"serve_forever", "run_forever", "sleep_forever"}
)
"""The same by the method's name alone."""

SUBSCRIPTIONS: Final[frozenset[str]] = frozenset(
    {
        "listen",
        "subscribe",
        "subscription",
        "consume",
        "consumer",
        "iter_messages",
        "messages",
        "notifications",
        "watch",
        "awatch",
        "pubsub",
        "changes",
        "listener",
        "start_consuming",
    }
)
"""Last names of streams that are subscriptions: they end when somebody ends them."""

RECEIVERS: Final[frozenset[str]] = frozenset(
    {
        "get",
        "get_nowait",
        "get_message",
        "recv",
        "recv_json",
        "recvfrom",
        "recv_multipart",
        "receive",
        "receive_json",
        "receive_text",
        "receive_bytes",
        "receive_nowait",
        "accept",
        "popleft",
        "brpop",
        "blpop",
        "brpoplpush",
        "xread",
        "xreadgroup",
        "poll",
        "getone",
        "getmany",
        "next_message",
        "fetch",
        "wait_for_batch",
    }
)
"""Last names of calls that wait for the next request, message, connection or job."""

LOCKS: Final[frozenset[str]] = frozenset(
    f"{home}.{kind}"
    for home in ("asyncio", "threading", "anyio", "trio", "multiprocessing")
    for kind in ("Lock", "RLock", "Semaphore", "BoundedSemaphore", "Condition", "CapacityLimiter")
)
"""What is held so that others wait: it keeps nothing open."""
