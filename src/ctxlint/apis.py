"""What is known of other people's functions: one declarative table.

Supporting a library is a new row here; users add rows in ``[tool.ctxlint]`` and those end up in
the same `Table`.  Names are canonical dotted names (see `ALIASES`); a method is written
``type.method``.  The facts about Python are those of the design's section 3, executed on 3.9-3.13.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Final, Literal

from msgspec import Struct

Kind = Literal["task", "thread", "timer", "callback", "executor"]
"""``task``: asyncio, anyio or trio task; ``thread``; ``timer``: runs later, once; ``callback``:
runs soon, once; ``executor``: a pool's thread, which starts with an empty context."""


class Spawner(Struct, frozen=True):
    """A call that starts concurrent execution.

    - ``callee``: the position of what is started; ``keyword``: its name when given by keyword.
    - ``arguments``: how arguments for the callee are given: the ``rest`` of the positions, or
      ``args`` (a tuple in ``args=``).
    - ``by_name``: the method's name alone identifies it where the receiver's type is unknown.
    - ``group``: the callee ends with the receiver's ``with`` block.
    - ``detached``: nothing of the caller's context reaches the callee.
    - ``awaited``: the spawner is itself a coroutine function, whose body runs at the await, in the
      caller's context: running it in another context detaches nothing, and awaiting it waits for
      no more than the start.
    - ``every``: all positional arguments are started.
    - ``many``: the callee is started once for each item of what is passed beside it.
    """

    name: str
    kind: Kind
    callee: int = 0
    keyword: str | None = None
    arguments: Literal["rest", "args", "none"] = "none"
    by_name: bool = False
    group: bool = False
    detached: bool = False
    awaited: bool = False
    every: bool = False
    many: bool = False


class QueueType(Struct, frozen=True):
    """A class whose objects are queues inside one process."""

    name: str
    put: tuple[str, ...] = ("put", "put_nowait")
    get: tuple[str, ...] = ("get", "get_nowait")
    item: int = 0
    iterable: bool = False


class EntryDecorator(Struct, frozen=True):
    """A decorator that registers a function to be run per request (or at startup).

    ``method`` is the decorator's last name; ``types`` are the receivers it belongs to.  Where
    the receiver's type is unknown, ``route`` (a first argument starting with "/") or a receiver
    with one of ``names`` decides.  ``only`` limits the row to functions of these names.
    """

    method: str
    types: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    route: bool = False
    argument: str | None = None
    only: tuple[str, ...] = ()


class EntryBase(Struct, frozen=True):
    """Methods of subclasses of a framework's class that the framework calls."""

    base: str
    methods: tuple[str, ...]


class Registration(Struct, frozen=True):
    """A call that hands a function over to be run per request or at startup."""

    method: str
    callee: int
    keyword: str | None = None
    first: tuple[str, ...] = ()


class ContextUse(Struct, frozen=True):
    """A library's function that reads or sets what the current context holds.

    - ``phrase``: what it does, for messages.
    - ``given``: the position of a parameter ``context`` by which the caller may say which context
      is meant: then nothing is read.
    - ``by_name``: the method's name alone identifies it where the receiver's type is unknown.
    - ``needs``: words that the project must hold for it to be so: a logger reads the log context
      where it is set up to.
    """

    name: str
    kind: Literal["read", "set"]
    phrase: str = ""
    given: int | None = None
    by_name: bool = False
    needs: tuple[str, ...] = ()

    @property
    def area(self) -> str:
        """What belongs together: who sets an area first, loses nothing of it."""
        return _AREAS.get(self.name.partition(".")[0], self.name.partition(".")[0])


_AREAS: Final = {"logfire": "opentelemetry", "langgraph": "langchain_core", "quart": "flask"}


class ContextSetter(Struct, frozen=True):
    """A library's function that sets something in the current context, until it is taken back.

    - ``label``: how messages name what it sets.
    - ``resets``: the functions that take it back.
    - ``within``: last names of ``with`` blocks that restore what was there before, whatever is set
      inside them; ``likely``: parts of such names, where nothing is known of what is entered.
    - ``stacks``: what it sets is made from what is there: an item that sets it anew does not
      get rid of what the last one set.
    """

    name: str
    label: str
    resets: tuple[str, ...]
    within: tuple[str, ...] = ()
    likely: tuple[str, ...] = ()
    stacks: bool = False


class Table(Struct, frozen=True, dict=True):
    """All rows that an analysis works with: the built-in ones and the user's."""

    spawners: tuple[Spawner, ...]
    queues: tuple[QueueType, ...]
    request_decorators: tuple[EntryDecorator, ...]
    request_bases: tuple[EntryBase, ...]
    startup_decorators: tuple[EntryDecorator, ...]
    startup_bases: tuple[EntryBase, ...]
    request_functions: tuple[str, ...] = ()
    startup_functions: tuple[str, ...] = ()
    detaching: tuple[str, ...] = ()
    identity_fields: frozenset[str] = frozenset()

    @cached_property
    def spawner_by_name(self) -> dict[str, Spawner]:
        return {row.name: row for row in self.spawners}

    @cached_property
    def spawner_by_method(self) -> dict[str, Spawner]:
        """Rows that a method name alone identifies; the first row of a name wins."""
        found: dict[str, Spawner] = {}
        for row in self.spawners:
            if row.by_name:
                found.setdefault(row.name.rpartition(".")[2], row)
        return found

    @cached_property
    def spawner_words(self) -> frozenset[str]:
        """Last names of all spawners: what to search a file for."""
        return frozenset(row.name.rpartition(".")[2] for row in self.spawners) | {"Thread"}

    @cached_property
    def spawn_tokens(self) -> frozenset[str]:
        """Words without which a file spawns nothing that can be reported."""
        common = {"start", "submit", "Task", "gather"}
        reported = {row.name.rpartition(".")[2] for row in self.spawners if row.kind != "executor"}
        return frozenset(reported - common) | {
            "asyncio.Task",
            "TaskGroup",
            "create_task_group",
            "open_nursery",
            "Nursery",
        }

    @cached_property
    def crossing_tokens(self) -> frozenset[str]:
        """Words of which a file holds one that gives work to threads, ``map`` left aside."""
        rows = (row for row in self.spawners if row.kind in ("executor", "thread"))
        words = {row.name.rpartition(".")[2] for row in rows if not row.many}
        return frozenset(words - {"add_done_callback"}) | {"Timer"}

    @cached_property
    def put_tokens(self) -> frozenset[str]:
        """Words without which a file puts nothing on a queue."""
        return frozenset(name for row in self.queues for name in row.put) - {"append", "appendleft"}

    @cached_property
    def get_tokens(self) -> frozenset[str]:
        """Words without which a file takes nothing off a queue, but by a loop over it."""
        return frozenset(name for row in self.queues for name in row.get)

    @cached_property
    def queue_by_type(self) -> dict[str, QueueType]:
        return {row.name: row for row in self.queues}

    @cached_property
    def queue_words(self) -> frozenset[str]:
        """Names by which queues are made."""
        makers = {name.rpartition(".")[2] for name in PAIRS}
        return frozenset(row.name.rpartition(".")[2] for row in self.queues) | makers


# --- names -------------------------------------------------------------------------------------

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


# --- spawners ----------------------------------------------------------------------------------

_LOOP: Final = "asyncio.AbstractEventLoop"
_THREAD_POOL: Final = "multiprocessing.pool.ThreadPool"

SPAWNERS: Final[tuple[Spawner, ...]] = (
    Spawner("asyncio.create_task", "task", 0, "coro"),
    Spawner("asyncio.ensure_future", "task", 0, "coro_or_future"),
    Spawner("asyncio.Task", "task", 0, "coro"),
    Spawner("asyncio.gather", "task", 0, every=True),
    Spawner("asyncio.run_coroutine_threadsafe", "task", 0, "coro"),
    Spawner(f"{_LOOP}.create_task", "task", 0, "coro", by_name=True),
    Spawner("asyncio.TaskGroup.create_task", "task", 0, "coro", group=True),
    Spawner("anyio.TaskGroup.start_soon", "task", 0, "func", "rest", by_name=True, group=True),
    Spawner("anyio.TaskGroup.start", "task", 0, "func", "rest", group=True, awaited=True),
    Spawner("anyio.BlockingPortal.start_task_soon", "task", 0, "func", "rest", by_name=True),
    Spawner("anyio.BlockingPortal.start_task", "task", 0, "func", "rest"),
    Spawner("trio.Nursery.start_soon", "task", 0, "async_fn", "rest", group=True),
    Spawner("trio.Nursery.start", "task", 0, "async_fn", "rest", group=True, awaited=True),
    Spawner("trio.lowlevel.spawn_system_task", "task", 0, "async_fn", "rest", detached=True),
    Spawner("tornado.IOLoop.spawn_callback", "task", 0, "callback", "rest", by_name=True),
    Spawner("tornado.IOLoop.add_callback", "task", 0, "callback", "rest"),
    Spawner("threading.Thread", "thread", 1, "target", "args"),
    Spawner("_thread.start_new_thread", "thread", 0, "function", "args"),
    Spawner("threading.Timer", "timer", 1, "function", "args"),
    Spawner(f"{_LOOP}.call_later", "timer", 1, "callback", "rest", by_name=True),
    Spawner(f"{_LOOP}.call_at", "timer", 1, "callback", "rest", by_name=True),
    Spawner("tornado.IOLoop.call_later", "timer", 1, "callback", "rest"),
    Spawner("tornado.IOLoop.call_at", "timer", 1, "callback", "rest"),
    Spawner("tornado.IOLoop.add_timeout", "timer", 1, "callback", "rest"),
    Spawner("tornado.PeriodicCallback", "timer", 0, "callback"),
    Spawner(f"{_LOOP}.call_soon", "callback", 0, "callback", "rest", by_name=True),
    Spawner(f"{_LOOP}.call_soon_threadsafe", "callback", 0, "callback", "rest", by_name=True),
    Spawner(f"{_LOOP}.run_in_executor", "executor", 1, "func", "rest", by_name=True),
    Spawner("concurrent.futures.ThreadPoolExecutor.submit", "executor", 0, "fn", "rest"),
    Spawner("concurrent.futures.Executor.submit", "executor", 0, "fn", "rest"),
    Spawner("concurrent.futures.ThreadPoolExecutor.map", "executor", 0, "fn", many=True),
    Spawner("concurrent.futures.Executor.map", "executor", 0, "fn", many=True),
    Spawner("concurrent.futures.Future.add_done_callback", "executor", 0, "fn"),
    Spawner(f"{_THREAD_POOL}.apply_async", "executor", 0, "func", "args"),
    Spawner(f"{_THREAD_POOL}.map", "executor", 0, "func", many=True),
    Spawner(f"{_THREAD_POOL}.map_async", "executor", 0, "func", many=True),
    Spawner(f"{_THREAD_POOL}.imap", "executor", 0, "func", many=True),
    Spawner(f"{_THREAD_POOL}.imap_unordered", "executor", 0, "func", many=True),
    Spawner(f"{_THREAD_POOL}.starmap", "executor", 0, "func", many=True),
    Spawner("ctxlint.detached.create_detached_background_task", "task", 0, "coro", detached=True),
    Spawner(
        "ctxlint.detached.create_detached_thread", "thread", 0, "target", "args", detached=True
    ),
)

STACK_ENTRIES: Final = frozenset({"enter_context", "enter_async_context"})
"""Methods of exit stacks that enter what they are given, as ``with`` does."""

RUNNERS: Final[frozenset[str]] = frozenset(
    {
        "asyncio.run",
        "asyncio.wait_for",
        "asyncio.shield",
        "asyncio.Runner.run",
        "anyio.run",
        "trio.run",
        "uvloop.run",
        "anyio.from_thread.run",
        "anyio.from_thread.run_sync",
        "trio.from_thread.run",
        f"{_LOOP}.run_until_complete",
        "tornado.IOLoop.run_sync",
        "asyncio.to_thread",
        "anyio.to_thread.run_sync",
        "trio.to_thread.run_sync",
        "starlette.concurrency.run_in_threadpool",
        "fastapi.concurrency.run_in_threadpool",
        "asyncio.gather",
        "asyncio.wait",
        "contextvars.Context.run",
    }
)
"""Functions that run what they are given (their first argument) and return after it."""

THREAD_RUNNERS: Final[frozenset[str]] = frozenset(
    {
        "asyncio.to_thread",
        "anyio.to_thread.run_sync",
        "trio.to_thread.run_sync",
        "starlette.concurrency.run_in_threadpool",
        "fastapi.concurrency.run_in_threadpool",
    }
)
"""Those of them that run it in another thread, which starts when they are awaited."""

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

# --- queues ------------------------------------------------------------------------------------

QUEUES: Final[tuple[QueueType, ...]] = (
    QueueType("asyncio.Queue"),
    QueueType("asyncio.LifoQueue"),
    QueueType("asyncio.PriorityQueue"),
    QueueType("queue.Queue"),
    QueueType("queue.LifoQueue"),
    QueueType("queue.PriorityQueue"),
    QueueType("queue.SimpleQueue"),
    QueueType("janus.Queue"),
    QueueType("anyio.MemoryObjectSendStream", ("send", "send_nowait"), ()),
    QueueType("anyio.MemoryObjectReceiveStream", (), ("receive", "receive_nowait"), iterable=True),
    QueueType("trio.MemorySendChannel", ("send", "send_nowait"), ()),
    QueueType("trio.MemoryReceiveChannel", (), ("receive", "receive_nowait"), iterable=True),
    QueueType("collections.deque", ("append", "appendleft"), ("popleft", "pop")),
)

# --- request entry points ----------------------------------------------------------------------

_APPS: Final = ("app", "router", "api", "blueprint", "bp", "web", "site", "routes", "application")
_WEB: Final = (
    "fastapi.FastAPI",
    "fastapi.APIRouter",
    "starlette.applications.Starlette",
    "starlette.routing.Router",
    "flask.Flask",
    "flask.Blueprint",
    "quart.Quart",
    "quart.Blueprint",
    "sanic.Sanic",
    "sanic.Blueprint",
    "aiohttp.web.RouteTableDef",
    "litestar.Router",
)
_VERBS: Final = ("get", "post", "put", "patch", "delete", "head", "options", "trace")
_BOTS: Final = ("bot", "client", "tree", "dp", "dispatcher", "dispatch")
_SLACK: Final = ("slack_bolt.App", "slack_bolt.async_app.AsyncApp")
_MCP: Final = ("mcp", "server", "app")

REQUEST_DECORATORS: Final[tuple[EntryDecorator, ...]] = (
    EntryDecorator("receiver", ("django.dispatch",)),
    EntryDecorator("before_app_request", _WEB, _APPS),
    EntryDecorator("subscribe_resource", ("mcp.server.Server",), _MCP),
    EntryDecorator("completion", ("mcp.server.Server",), _MCP),
    EntryDecorator("view", _SLACK, ()),
    EntryDecorator("options", _SLACK, ()),
    EntryDecorator("command", _SLACK, ()),
    EntryDecorator("message", _SLACK, ()),
    *(EntryDecorator(verb, _WEB, route=True) for verb in _VERBS),
    *(EntryDecorator(f"{verb}", ("litestar",)) for verb in _VERBS),
    EntryDecorator("route", _WEB, _APPS, route=True),
    EntryDecorator("api_route", _WEB, _APPS, route=True),
    EntryDecorator("websocket", _WEB, _APPS, route=True),
    EntryDecorator("websocket_route", _WEB, _APPS, route=True),
    EntryDecorator("websocket_listener", ("litestar",)),
    EntryDecorator("view", ("aiohttp.web.RouteTableDef",), route=True),
    EntryDecorator("middleware", (*_WEB, "aiohttp.web"), _APPS),
    EntryDecorator("exception_handler", _WEB, _APPS),
    EntryDecorator("errorhandler", _WEB, _APPS),
    EntryDecorator("before_request", _WEB, _APPS),
    EntryDecorator("after_request", _WEB, _APPS),
    EntryDecorator("teardown_request", _WEB, _APPS),
    EntryDecorator("on_request", _WEB, _APPS),
    EntryDecorator("on_response", _WEB, _APPS),
    EntryDecorator("view_config", ("pyramid.view",)),
    EntryDecorator("api_view", ("rest_framework.decorators",)),
    EntryDecorator("tool", ("mcp.server.fastmcp.FastMCP", "fastmcp.FastMCP"), _MCP),
    EntryDecorator("resource", ("mcp.server.fastmcp.FastMCP", "fastmcp.FastMCP"), _MCP),
    EntryDecorator("prompt", ("mcp.server.fastmcp.FastMCP", "fastmcp.FastMCP"), _MCP),
    EntryDecorator("call_tool", ("mcp.server.Server", "mcp.server.lowlevel.Server"), _MCP),
    EntryDecorator("list_tools", ("mcp.server.Server", "mcp.server.lowlevel.Server"), _MCP),
    EntryDecorator("read_resource", ("mcp.server.Server", "mcp.server.lowlevel.Server"), _MCP),
    EntryDecorator("get_prompt", ("mcp.server.Server", "mcp.server.lowlevel.Server"), _MCP),
    EntryDecorator(
        "task", ("celery.Celery", "huey", "taskiq"), ("app", "celery", "huey", "broker")
    ),
    EntryDecorator("shared_task", ("celery",)),
    EntryDecorator("actor", ("dramatiq",), ("dramatiq",)),
    EntryDecorator("job", ("rq.decorators", "django_rq"), ("rq",)),
    EntryDecorator("subscriber", ("faststream",), ("broker", "router")),
    EntryDecorator("agent", ("faust.App",), ()),
    EntryDecorator(
        "event", ("discord.Client", "slack_bolt.App", "slack_bolt.async_app.AsyncApp"), _BOTS
    ),
    EntryDecorator(
        "command", ("discord.ext.commands.Bot", "discord.app_commands", "slack_bolt.App"), _BOTS
    ),
    EntryDecorator("hybrid_command", ("discord.ext.commands",), _BOTS),
    EntryDecorator("listen", ("discord.ext.commands.Bot",), _BOTS),
    EntryDecorator("listener", ("discord.ext.commands.Cog",), ("Cog",)),
    EntryDecorator("message", ("aiogram.Router", "slack_bolt.App"), (*_BOTS, "router")),
    EntryDecorator("callback_query", ("aiogram.Router",), (*_BOTS, "router")),
    EntryDecorator("message_handler", ("telebot.TeleBot",), _BOTS),
    EntryDecorator("on_message", ("pyrogram.Client",), _BOTS),
    EntryDecorator("action", ("slack_bolt.App", "slack_bolt.async_app.AsyncApp"), ()),
    EntryDecorator("shortcut", ("slack_bolt.App", "slack_bolt.async_app.AsyncApp"), ()),
)

_HTTP_METHODS: Final = (*_VERBS, "dispatch", "prepare", "on_finish", "handle", "__call__")

REQUEST_BASES: Final[tuple[EntryBase, ...]] = (
    EntryBase("tornado.web.RequestHandler", (*_VERBS, "prepare", "on_finish", "initialize")),
    EntryBase(
        "tornado.websocket.WebSocketHandler",
        ("open", "on_message", "on_close", "on_ping", "on_pong", "prepare"),
    ),
    EntryBase("aiohttp.web.View", _HTTP_METHODS),
    EntryBase("starlette.endpoints.HTTPEndpoint", _HTTP_METHODS),
    EntryBase(
        "starlette.endpoints.WebSocketEndpoint", ("on_connect", "on_receive", "on_disconnect")
    ),
    EntryBase("starlette.middleware.base.BaseHTTPMiddleware", ("dispatch",)),
    EntryBase("flask.views.MethodView", _HTTP_METHODS),
    EntryBase("flask.views.View", ("dispatch_request",)),
    EntryBase("quart.views.MethodView", _HTTP_METHODS),
    EntryBase("sanic.views.HTTPMethodView", _HTTP_METHODS),
    EntryBase("django.views.View", _HTTP_METHODS),
    EntryBase("django.views.generic", _HTTP_METHODS),
    EntryBase("rest_framework.views.APIView", _HTTP_METHODS),
    EntryBase("django.utils.deprecation.MiddlewareMixin", ("process_request", "process_response")),
    EntryBase("channels.generic.websocket", ("connect", "receive", "receive_json", "disconnect")),
    EntryBase("litestar.Controller", ()),
    EntryBase("litestar.middleware.AbstractMiddleware", ("__call__",)),
    EntryBase("socketserver.BaseRequestHandler", ("handle", "setup", "finish")),
    EntryBase("http.server.BaseHTTPRequestHandler", ("do_GET", "do_POST", "do_PUT", "do_DELETE")),
    EntryBase("asyncio.Protocol", ("data_received", "connection_made", "eof_received")),
    EntryBase("asyncio.DatagramProtocol", ("datagram_received",)),
    EntryBase(
        "fastmcp.server.middleware.Middleware",
        (
            "on_message",
            "on_request",
            "on_call_tool",
            "on_notification",
            "on_read_resource",
            "__call__",
        ),
    ),
    EntryBase(
        "discord.Client", ("on_message", "on_reaction_add", "on_member_join", "on_interaction")
    ),
    EntryBase("celery.Task", ("run", "__call__")),
    EntryBase("opentelemetry.sdk.trace.SpanProcessor", ("on_start", "on_end")),
    EntryBase("grpc.ServerInterceptor", ("intercept_service",)),
    EntryBase("grpc.aio.ServerInterceptor", ("intercept_service",)),
    EntryBase(
        "rest_framework.viewsets",
        ("list", "retrieve", "create", "update", "partial_update", "destroy", "get_queryset"),
    ),
)
"""A base ending in ``Servicer`` is a gRPC servicer: all its public methods (see `scopes`)."""

REQUEST_REGISTRATIONS: Final[tuple[Registration, ...]] = (
    Registration("Route", 1, "endpoint"),
    Registration("WebSocketRoute", 1, "endpoint"),
    Registration("add_route", 1, "endpoint"),
    Registration("add_api_route", 1, "endpoint"),
    Registration("add_websocket_route", 1, "endpoint"),
    Registration("add_api_websocket_route", 1, "endpoint"),
    Registration("add_url_rule", 2, "view_func"),
    Registration("add_route", 2, "handler"),
    Registration("add_route", 0, "handler"),
    *(Registration(f"web.{verb}", 1, "handler") for verb in (*_VERBS, "view")),
    Registration("web.route", 2, "handler"),
    Registration("enqueue", 0, "f"),
    Registration("add_get", 1, "handler"),
    Registration("add_post", 1, "handler"),
    Registration("add_put", 1, "handler"),
    Registration("add_delete", 1, "handler"),
    Registration("add_tool", 0, "fn"),
    Registration("path", 1, "view"),
    Registration("re_path", 1, "view"),
    Registration("CommandHandler", 1, "callback"),
    Registration("MessageHandler", 1, "callback"),
    Registration("CallbackQueryHandler", 0, "callback"),
    Registration("Depends", 0, "dependency"),
    Registration("add_middleware", 0, "middleware_class"),
    Registration("Middleware", 0, "cls"),
    Registration("start_server", 0, "client_connected_cb"),
    Registration("start_unix_server", 0, "client_connected_cb"),
    Registration("Tool", 0, "fn"),
    Registration("StructuredTool", 0, "func"),
)

STARTUP_ATTRIBUTES: Final[frozenset[str]] = frozenset(
    {
        "on_startup",
        "on_shutdown",
        "after_startup",
        "after_shutdown",
        "lifespan",
        "setup_hook",
        "lifespan_context",
    }
)
"""Assigning a function to an attribute or a class variable of such a name makes it a hook."""

JOB_ATTRIBUTES: Final[frozenset[str]] = frozenset({"functions", "cron_jobs"})
"""Class variables of a ``WorkerSettings`` (arq) that list the jobs."""

ASGI_PARAMETERS: Final = ("scope", "receive", "send")
WSGI_PARAMETERS: Final = ("environ", "start_response")
REQUEST_TYPES: Final[frozenset[str]] = frozenset(
    {
        "starlette.requests.Request",
        "fastapi.Request",
        "fastapi.WebSocket",
        "starlette.websockets.WebSocket",
        "aiohttp.web.Request",
        "django.http.HttpRequest",
        "sanic.Request",
        "litestar.Request",
        "telegram.Update",
        "discord.Interaction",
        "discord.Message",
        "grpc.ServicerContext",
        "grpc.aio.ServicerContext",
    }
)
"""A parameter of one of these types makes a function request scope."""

OWN_CONTEXT_FRAMEWORKS: Final[frozenset[str]] = frozenset(
    {"fastapi", "starlette", "litestar", "mcp", "fastmcp", "quart", "sanic", "aiohttp"}
)
"""Frameworks that run also a plain ``def`` of each request in a context of its own."""

# --- startup entry points ----------------------------------------------------------------------

_STREAMS: Final = ("faststream", "taskiq", "arq")
STARTUP_DECORATORS: Final[tuple[EntryDecorator, ...]] = (
    EntryDecorator("on_event", _WEB, _APPS, argument="startup"),
    EntryDecorator("on_event", _WEB, _APPS, argument="shutdown"),
    EntryDecorator("on_startup", _STREAMS, (*_APPS, "broker")),
    EntryDecorator("on_shutdown", _STREAMS, (*_APPS, "broker")),
    EntryDecorator("after_startup", _STREAMS, _APPS),
    EntryDecorator("after_shutdown", _STREAMS, _APPS),
    EntryDecorator("before_serving", _WEB, _APPS),
    EntryDecorator("after_serving", _WEB, _APPS),
    EntryDecorator("while_serving", _WEB, _APPS),
    EntryDecorator("before_server_start", _WEB, _APPS),
    EntryDecorator("after_server_start", _WEB, _APPS),
    EntryDecorator("main_process_start", _WEB, _APPS),
    EntryDecorator("listener", _WEB, _APPS),
    EntryDecorator("before_first_request", _WEB, _APPS),
    EntryDecorator(
        "command", ("click", "typer.Typer", "click.Group"), ("click", "cli", "app", "main", "typer")
    ),
    EntryDecorator("group", ("click",), ("click", "cli")),
    EntryDecorator("callback", ("typer.Typer",), ("app", "cli", "typer")),
    EntryDecorator("fixture", ("pytest", "pytest_asyncio"), ("pytest", "pytest_asyncio")),
    EntryDecorator(
        "event",
        ("discord.Client", "discord.ext.commands.Bot"),
        _BOTS,
        only=("on_ready", "on_connect", "setup_hook"),
    ),
    EntryDecorator("on_event", ("taskiq",), ("broker",)),
    EntryDecorator("startup", ("aiogram.Dispatcher",), ("dp", "dispatcher")),
    EntryDecorator("connect", ("celery.signals",), ("worker_process_init", "worker_init")),
)

STARTUP_BASES: Final[tuple[EntryBase, ...]] = (
    EntryBase("django.apps.AppConfig", ("ready",)),
    EntryBase("django.core.management.base.BaseCommand", ("handle",)),
    EntryBase("click.Command", ("invoke", "main")),
    EntryBase("discord.Client", ("setup_hook", "on_ready")),
    EntryBase("discord.ext.commands.Cog", ("cog_load",)),
    EntryBase("discord.ext.commands.Bot", ("setup_hook", "on_ready")),
    EntryBase("discord.ext.commands.AutoShardedBot", ("setup_hook", "on_ready")),
    EntryBase("multiprocessing.Process", ("run",)),
    EntryBase("multiprocessing.context.Process", ("run",)),
)

STARTUP_REGISTRATIONS: Final[tuple[Registration, ...]] = (
    Registration("add_event_handler", 1, "func", ("startup", "shutdown")),
    Registration("FastAPI", -1, "lifespan"),
    Registration("Starlette", -1, "lifespan"),
    Registration("APIRouter", -1, "lifespan"),
    Registration("FastMCP", -1, "lifespan"),
    Registration("Server", -1, "lifespan"),
    Registration("Litestar", -1, "lifespan"),
    *(
        Registration(app, -1, hook)
        for app in (
            "Starlette",
            "FastAPI",
            "Litestar",
            "Router",
            "APIRouter",
            "Sanic",
            "FastStream",
        )
        for hook in ("on_startup", "on_shutdown", "after_startup", "after_shutdown")
    ),
    Registration("Process", -1, "target"),
    Registration("asyncio.run", 0, "main"),
    Registration("anyio.run", 0, "func"),
    Registration("trio.run", 0, "async_fn"),
    Registration("uvloop.run", 0, "main"),
    Registration("runner.run", 0, "coro"),
    Registration("run_until_complete", 0, "future"),
    Registration("run_sync", 0, "func"),
    Registration("register_listener", 0, "listener"),
    Registration("on_startup.append", 0),
    Registration("cleanup_ctx.append", 0),
    Registration("cleanup_ctx.extend", 0),
    Registration("on_startup.extend", 0),
    Registration("startup.register", 0),
    Registration("post_init", 0),
    Registration("post_shutdown", 0),
    Registration("post_stop", 0),
    Registration("app.add_task", 0, "task"),
    Registration("on_cleanup.append", 0),
    Registration("atexit.register", 0, "func"),
)

STARTUP_NAMES: Final[frozenset[str]] = frozenset(
    {
        "main",
        "lifespan",
        "_lifespan",
        "on_startup",
        "startup",
        "run_server",
        "run_app",
        "create_app",
        "make_app",
        "app_factory",
        "on_start",
        "post_init",
    }
)
"""Functions that are startup hooks by their name, where nothing in the project calls them."""

TEST_PATH_PARTS: Final[frozenset[str]] = frozenset({"tests", "test", "conftest.py"})
TEST_SUPPORT_PARTS: Final = frozenset({"testing", "test_utils", "testutils", "test_helpers"})
"""Packages that tests of others use: what they set, a test sets."""
DEMO_PATH_PARTS: Final[frozenset[str]] = frozenset(
    {"examples", "example", "samples", "demos", "docs", "benchmarks"}
)

# --- contexts ----------------------------------------------------------------------------------

_TRACER: Final = "opentelemetry.trace.Tracer"
_STARTS_SPAN: Final = "starts a span"
_LOG: Final = "asks for the log context"
_LOGS: Final = "logs with the log context"
_MERGED: Final = ("merge_contextvars", "bind_contextvars")
_LEVELS: Final = ("debug", "info", "warning", "error", "exception", "critical", "log")

CAPTURES: Final[frozenset[str]] = frozenset(
    {
        "contextvars.copy_context",
        "opentelemetry.context.get_current",
        "opentelemetry.trace.get_current_span",
        "structlog.contextvars.get_contextvars",
        "sentry_sdk.get_current_scope",
        "sentry_sdk.get_isolation_scope",
        "sentry_sdk.Scope.get_current_scope",
        "sentry_sdk.Scope.get_isolation_scope",
        "ctxlint.detached.capture_request_context",
        "ctxlint.detached.WorkItem",
        "contextvars.ContextVar.get",
    }
)
"""Calls whose result is, or holds, a snapshot of the current context or of a variable in it."""

SNAPSHOTS: Final[frozenset[str]] = CAPTURES - {
    "opentelemetry.trace.get_current_span",
    "ctxlint.detached.WorkItem",
    "contextvars.ContextVar.get",
}
"""Calls whose result is a snapshot to be activated as a whole, and good for nothing else."""

ENVELOPE: Final = "ctxlint.detached.WorkItem"
INJECTORS: Final[frozenset[str]] = frozenset(
    {
        "opentelemetry.propagate.inject",
        "opentelemetry.trace.propagation.tracecontext.TraceContextTextMapPropagator.inject",
    }
)
"""Calls that write the current context into the mapping that they are given first."""

PURE_MODULES: Final[frozenset[str]] = frozenset(
    {"builtins", "collections", "copy", "dataclasses", "datetime", "itertools", "json", "math",
     "operator", "pickle", "re", "time", "typing"}
)  # fmt: skip
"""Modules whose functions only make something of what they are given."""

CONTEXT_USES: Final[tuple[ContextUse, ...]] = (
    ContextUse("opentelemetry.context.get_current", "read", "asks for the current context"),
    ContextUse("opentelemetry.context.get_value", "read", "asks for the current context", 1),
    ContextUse("opentelemetry.trace.get_current_span", "read", "asks for the current span", 0),
    ContextUse("opentelemetry.baggage.get_baggage", "read", "asks for the current baggage", 1),
    ContextUse("opentelemetry.baggage.get_all", "read", "asks for the current baggage", 0),
    ContextUse("opentelemetry.propagate.inject", "read", "sends the current trace on", 1),
    ContextUse(f"{_TRACER}.start_as_current_span", "read", _STARTS_SPAN, 1, by_name=True),
    ContextUse(f"{_TRACER}.start_span", "read", _STARTS_SPAN, 1),
    ContextUse("opentelemetry.context.attach", "set"),
    ContextUse("opentelemetry.trace.use_span", "set"),
    ContextUse("logfire.span", "read", _STARTS_SPAN),
    ContextUse("logfire.instrument", "read", _STARTS_SPAN),
    ContextUse("mlflow.start_span", "read", _STARTS_SPAN),
    ContextUse("mlflow.trace", "read", _STARTS_SPAN),
    ContextUse("langfuse.observe", "read", _STARTS_SPAN),
    ContextUse("langfuse.decorators.observe", "read", _STARTS_SPAN),
    ContextUse("langsmith.traceable", "read", "asks for the current run"),
    ContextUse("langsmith.run_helpers.traceable", "read", "asks for the current run"),
    ContextUse("langsmith.run_helpers.get_current_run_tree", "read", "asks for the current run"),
    ContextUse("langsmith.get_current_run_tree", "read", "asks for the current run"),
    ContextUse("langgraph.config.get_config", "read", "asks for the current run's config"),
    ContextUse("langgraph.config.get_store", "read", "asks for the current run's store"),
    ContextUse("langgraph.config.get_stream_writer", "read", "asks for the current run's writer"),
    ContextUse(
        "langchain_core.runnables.config.var_child_runnable_config.get",
        "read",
        "asks for the current run's config",
    ),
    ContextUse(
        "langchain_core.runnables.config.var_child_runnable_config.set",
        "set",
    ),
    ContextUse("weave.op", "read", "asks for the current call"),
    ContextUse("opik.track", "read", "asks for the current span"),
    ContextUse("structlog.contextvars.get_contextvars", "read", _LOG),
    ContextUse("structlog.contextvars.get_merged_contextvars", "read", _LOG),
    ContextUse("structlog.contextvars.merge_contextvars", "read", _LOG),
    *(
        ContextUse(f"structlog.BoundLogger.{level}", "read", _LOGS, needs=_MERGED)
        for level in _LEVELS
    ),
    ContextUse("structlog.contextvars.bind_contextvars", "set"),
    ContextUse("structlog.contextvars.bound_contextvars", "set"),
    ContextUse("structlog.contextvars.clear_contextvars", "set"),
    *(
        ContextUse(f"loguru.logger.{level}", "read", _LOGS, needs=("contextualize",))
        for level in _LEVELS
    ),
    ContextUse("loguru.logger.contextualize", "set"),
    *(
        ContextUse(f"{home}.{name}", "read", "asks for the current scope")
        for home in ("sentry_sdk", "sentry_sdk.Scope")
        for name in ("get_current_scope", "get_isolation_scope")
    ),
    ContextUse("sentry_sdk.get_current_span", "read", "asks for the current span"),
    ContextUse("sentry_sdk.start_span", "read", _STARTS_SPAN),
    ContextUse("sentry_sdk.isolation_scope", "set"),
    ContextUse("sentry_sdk.new_scope", "set"),
    ContextUse("sentry_sdk.push_scope", "set"),
    ContextUse("ddtrace.tracer.current_span", "read", "asks for the current span"),
    ContextUse("ddtrace.tracer.current_root_span", "read", "asks for the current span"),
    ContextUse("ddtrace.tracer.current_trace_context", "read", "asks for the current trace"),
    ContextUse("asgi_correlation_id.correlation_id.get", "read", "asks for the correlation id"),
    ContextUse("asgi_correlation_id.correlation_id.set", "set"),
    ContextUse("flask.has_request_context", "read", "asks for the current request"),
    ContextUse("quart.has_request_context", "read", "asks for the current request"),
    ContextUse("flask.Flask.app_context", "set", by_name=True),
    ContextUse("flask.Flask.request_context", "set", by_name=True),
    ContextUse("flask.Flask.test_request_context", "set", by_name=True),
)
"""What is known of context variables that libraries keep."""

CONTEXT_MAKERS: Final[dict[str, tuple[str, ...]]] = {
    "opentelemetry": ("start_as_current_span", "use_span", "set_baggage", "Instrumentor"),
    "structlog": ("bind_contextvars", "bound_contextvars"),
    "sentry_sdk": ("sentry_sdk.init",),
    "ddtrace": ("ddtrace",),
    "asgi_correlation_id": ("CorrelationIdMiddleware",),
}
"""Words of which a project holds one if it has a library keep something for each request."""

REQUEST_OBJECTS: Final[frozenset[str]] = frozenset(
    {
        "flask.g",
        "flask.request",
        "flask.session",
        "flask.current_app",
        "flask_login.current_user",
        "quart.g",
        "quart.request",
        "quart.session",
        "quart.websocket",
        "quart.current_app",
        "starlette_context.context",
    }
)
"""Objects that stand for what belongs to the current request."""

CONTEXT_WORDS: Final[frozenset[str]] = frozenset(
    {"ContextVar"}
    | {row.name.partition(".")[0] for row in CONTEXT_USES if row.kind == "read"}
    | {name.partition(".")[0] for name in REQUEST_OBJECTS}
)
"""Words without one of which a project asks its contexts for nothing."""

CONTEXT_USE_BY_NAME: Final[dict[str, ContextUse]] = {row.name: row for row in CONTEXT_USES}
CONTEXT_USE_BY_METHOD: Final[dict[str, ContextUse]] = {
    row.name.rpartition(".")[2]: row for row in CONTEXT_USES if row.by_name
}

CONTEXT_READERS: Final[frozenset[str]] = frozenset(
    row.name for row in CONTEXT_USES if row.kind == "read" and not row.needs
) | {"contextvars.copy_context", "decimal.getcontext"}
"""Library functions that read what the current context holds."""

CONTEXT_OBJECTS: Final[frozenset[str]] = REQUEST_OBJECTS | {
    "celery.current_task",
    "asgiref.local.Local",
    "werkzeug.local.Local",
    "werkzeug.local.LocalProxy",
    "sqlalchemy.orm.scoped_session",
    "sqlalchemy.ext.asyncio.async_scoped_session",
}
"""Objects, and types of objects, whose attributes are those of the current context."""

RUNNING_TYPES: Final[frozenset[str]] = frozenset(
    {"asyncio.Task", "asyncio.Future", "concurrent.futures.Future", "threading.Thread"}
)
"""Objects whose code has been started already."""

CONTEXT: Final = "contextvars.Context"
CONTEXT_COPY: Final = "contextvars.copy_context"
CONTEXT_RUN: Final = "contextvars.Context.run"
CONTEXT_VARIABLE: Final = "contextvars.ContextVar"
CARRYING_DECORATORS: Final[frozenset[str]] = frozenset(
    {
        "flask.copy_current_request_context",
        "quart.copy_current_request_context",
        "quart.copy_current_app_context",
        "quart.copy_current_websocket_context",
    }
)
"""Decorators whose result runs in the context in which they were applied."""

PROCESS_POOLS: Final[frozenset[str]] = frozenset(
    {
        "concurrent.futures.ProcessPoolExecutor",
        "concurrent.futures.process.ProcessPoolExecutor",
        "concurrent.futures.InterpreterPoolExecutor",
        "multiprocessing.Pool",
        "multiprocessing.pool.Pool",
        "loky.ProcessPoolExecutor",
        "loky.get_reusable_executor()",
    }
)
"""Pools that no context can be sent to."""

THREAD_POOLS: Final[frozenset[str]] = frozenset(
    {
        "concurrent.futures.ThreadPoolExecutor",
        "multiprocessing.pool.ThreadPool",
    }
)
"""Pools of threads."""

OWN_LOOP_RUNNERS: Final[frozenset[str]] = frozenset(
    {"anyio.run", "trio.run", "anyio.from_thread.start_blocking_portal"}
)
"""Runners that refuse, or nest, where a context says that another loop runs already."""

DETACHING: Final[tuple[str, ...]] = (
    "ctxlint.detached.create_detached_background_task",
    "ctxlint.detached.create_detached_thread",
    "ctxlint.detached.run_detached",
)
CONTEXT_SETTERS: Final[tuple[ContextSetter, ...]] = (
    ContextSetter(
        "opentelemetry.context.attach",
        "the current OpenTelemetry context",
        ("opentelemetry.context.detach",),
        ("start_as_current_span", "use_span"),
        ("span",),
        stacks=True,
    ),
    ContextSetter(
        "structlog.contextvars.bind_contextvars",
        "structlog's context variables",
        (
            "structlog.contextvars.reset_contextvars",
            "structlog.contextvars.unbind_contextvars",
            "structlog.contextvars.clear_contextvars",
        ),
    ),
)
"""What sets something in the current context; ``ContextVar.set`` itself is not in the table."""
SURE_CALLS: Final[frozenset[str]] = frozenset(
    {
        "asyncio.create_task",
        "asyncio.ensure_future",
        "asyncio.get_running_loop",
        *(
            f"builtins.{name}"
            for name in (
                "bool", "dict", "getattr", "hasattr", "id", "isinstance", "len", "list", "print",
                "repr", "str", "super", "type",
            )
        ),
    }
)  # fmt: skip
"""Functions that do not fail, or whose failure is nobody's concern."""
SURE_HOMES: Final[tuple[str, ...]] = (
    "contextvars.",
    "logging.",
    "opentelemetry.baggage.",
    "opentelemetry.context.",
    "opentelemetry.propagate.",
    "opentelemetry.trace.",
    "structlog.",
    "time.",
    "uuid.",
)
"""Modules of such functions."""


SPAN_MAKERS: Final[frozenset[str]] = frozenset(
    {
        "SpanContext",
        "NonRecordingSpan",
        "start_span",
        "start_as_current_span",
        "set_span_in_context",
        "set_baggage",
        "bind_contextvars",
        "bound_contextvars",
        "continue_trace",
        "set_user",
        "use_span",
        "attach",
        "extract",
    }
)
"""Calls that rebuild a context from ids that an item carries."""

# --- frameworks that make threads inherit ------------------------------------------------------

THREAD_INSTRUMENTORS: Final[frozenset[str]] = frozenset(
    {
        "opentelemetry-instrumentation-threading",
        "opentelemetry-distro",
        "sentry-sdk",
        "ddtrace",
    }
)
"""Distributions under which a plain thread sees (part of) its starter's context."""


class ThreadCarrier(Struct, frozen=True):
    """What takes a library's part of the context into threads, where a project holds a word.

    ``area`` is what it takes along, as `ContextUse.area` has it; ``kinds`` are the spawns that it
    patches.
    """

    word: str
    area: str
    kinds: tuple[Kind, ...] = ("thread", "timer", "executor")


THREAD_CARRIERS: Final[tuple[ThreadCarrier, ...]] = (
    ThreadCarrier("ThreadingInstrumentor", "opentelemetry"),
    ThreadCarrier("logfire", "opentelemetry", ("executor",)),
    ThreadCarrier("sentry_sdk", "sentry_sdk"),
    ThreadCarrier("ddtrace", "ddtrace", ("executor",)),
)
"""Instrumentation that is turned on by name, or by default where the library is used at all:
logfire.configure() and ddtrace patch ThreadPoolExecutor, sentry_sdk.init() threads as well."""


def table(
    *,
    spawners: Iterable[Spawner] = (),
    queues: Iterable[QueueType] = (),
    request_decorators: Iterable[EntryDecorator] = (),
    request_bases: Iterable[EntryBase] = (),
    request_functions: Iterable[str] = (),
    startup_functions: Iterable[str] = (),
    detaching: Iterable[str] = (),
    identity_fields: Iterable[str] = (),
) -> Table:
    """The built-in rows together with the user's; the user's come first and win."""
    return Table(
        spawners=(*spawners, *SPAWNERS),
        queues=(*queues, *QUEUES),
        request_decorators=(*request_decorators, *REQUEST_DECORATORS),
        request_bases=(*request_bases, *REQUEST_BASES),
        startup_decorators=STARTUP_DECORATORS,
        startup_bases=STARTUP_BASES,
        request_functions=tuple(request_functions),
        startup_functions=tuple(startup_functions),
        detaching=(*DETACHING, *detaching),
        identity_fields=frozenset(identity_fields),
    )
