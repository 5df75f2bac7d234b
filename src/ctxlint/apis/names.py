"""Names of other people's functions: which mean the same, and what such a function returns."""

from __future__ import annotations

from typing import Final

ALIASES: Final[dict[str, str]] = {
    "asyncio.tasks": "asyncio",
    "asyncio.queues": "asyncio",
    "asyncio.locks": "asyncio",
    "asyncio.events": "asyncio",
    "asyncio.taskgroups": "asyncio",
    "asyncio.runners": "asyncio",
    "asyncio.BaseEventLoop": "asyncio.AbstractEventLoop",
    "asyncio.SelectorEventLoop": "asyncio.AbstractEventLoop",
    "uvloop.Loop": "asyncio.AbstractEventLoop",
    "multiprocessing.dummy.Pool": "multiprocessing.pool.ThreadPool",
    "asyncio.Task.__init__": "asyncio.Task",
    "anyio.abc.TaskGroup": "anyio.TaskGroup",
    "anyio.abc.BlockingPortal": "anyio.BlockingPortal",
    "anyio.from_thread.BlockingPortal": "anyio.BlockingPortal",
    "anyio.abc.ObjectSendStream": "anyio.MemoryObjectSendStream",
    "anyio.abc.ObjectReceiveStream": "anyio.MemoryObjectReceiveStream",
    "anyio.streams.memory": "anyio",
    "asyncer.TaskGroup": "anyio.TaskGroup",
    "trio.abc.SendChannel": "trio.MemorySendChannel",
    "trio.abc.ReceiveChannel": "trio.MemoryReceiveChannel",
    "tornado.ioloop.IOLoop": "tornado.IOLoop",
    "tornado.ioloop.PeriodicCallback": "tornado.PeriodicCallback",
    "tornado.platform.asyncio.AsyncIOLoop": "tornado.IOLoop",
    "concurrent.futures.thread": "concurrent.futures",
    "six.moves.queue": "queue",
    "Queue": "queue",
    "opentelemetry.context.context.Context": "opentelemetry.context.Context",
    "opentelemetry.sdk.trace.Tracer": "opentelemetry.trace.Tracer",
    "sentry_sdk.scope.Scope": "sentry_sdk.Scope",
}
"""Other spellings of a name or of its prefix → the name used in the rows."""

RESULTS: Final[dict[str, str]] = {
    "asyncio.get_running_loop": "asyncio.AbstractEventLoop",
    "asyncio.get_event_loop": "asyncio.AbstractEventLoop",
    "asyncio.new_event_loop": "asyncio.AbstractEventLoop",
    "uvloop.new_event_loop": "asyncio.AbstractEventLoop",
    "asyncio.AbstractEventLoop.create_task": "asyncio.Task",
    "asyncio.create_task": "asyncio.Task",
    "asyncio.ensure_future": "asyncio.Task",
    "anyio.create_task_group": "anyio.TaskGroup",
    "asyncer.create_task_group": "anyio.TaskGroup",
    "trio.open_nursery": "trio.Nursery",
    "anyio.from_thread.start_blocking_portal": "anyio.BlockingPortal",
    "tornado.IOLoop.current": "tornado.IOLoop",
    "tornado.IOLoop.instance": "tornado.IOLoop",
    "contextvars.copy_context": "contextvars.Context",
    "contextvars.Context.copy": "contextvars.Context",
    "asyncio.run_coroutine_threadsafe": "concurrent.futures.Future",
    "concurrent.futures.Executor.submit": "concurrent.futures.Future",
    "concurrent.futures.ThreadPoolExecutor.submit": "concurrent.futures.Future",
    "collections.defaultdict": "builtins.dict",
    "concurrent.futures.ThreadPoolExecutor": "concurrent.futures.ThreadPoolExecutor",
    "opentelemetry.trace.get_tracer": "opentelemetry.trace.Tracer",
    "opentelemetry.trace.TracerProvider.get_tracer": "opentelemetry.trace.Tracer",
    "opentelemetry.sdk.trace.TracerProvider.get_tracer": "opentelemetry.trace.Tracer",
    "opentelemetry.trace.get_tracer_provider": "opentelemetry.trace.TracerProvider",
    "structlog.get_logger": "structlog.BoundLogger",
    "structlog.stdlib.get_logger": "structlog.BoundLogger",
    "structlog.BoundLogger.bind": "structlog.BoundLogger",
}
"""What a function returns, as a type name; classes return themselves."""

PAIRS: Final[dict[str, tuple[str, str]]] = {
    "anyio.create_memory_object_stream": (
        "anyio.MemoryObjectSendStream",
        "anyio.MemoryObjectReceiveStream",
    ),
    "trio.open_memory_channel": ("trio.MemorySendChannel", "trio.MemoryReceiveChannel"),
}
"""Functions that return a pair of ends."""

PARTS: Final[dict[str, str]] = {
    "janus.Queue.sync_q": "janus.Queue",
    "janus.Queue.async_q": "janus.Queue",
}
"""Attributes that are another view of the object they belong to."""

FIELDS: Final[frozenset[str]] = frozenset(
    {
        "pydantic.Field",
        "pydantic.fields.Field",
        "pydantic.PrivateAttr",
        "dataclasses.field",
        "dataclasses.field()",
        "attrs.field()",
        "attr.field()",
        "attr.ib()",
        "sqlmodel.Field",
    }
)
"""What a class body assigns to say more of a field: no value of the field itself."""


def canonical(name: str) -> str:
    """The row's spelling of a dotted name."""
    seen = name
    while True:
        head, tail = seen, ""
        while head not in ALIASES:
            head, _, last = head.rpartition(".")
            if not head:
                return seen
            tail = f".{last}{tail}"
        seen = ALIASES[head] + tail
