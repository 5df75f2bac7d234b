"""What runs a function: at once, in a task, in a thread or in another process."""

from __future__ import annotations

from typing import Final

from .rows import Spawner, ThreadCarrier

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

STACK_ENTRIES: Final[frozenset[str]] = frozenset({"enter_context", "enter_async_context"})
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

RUNNING_TYPES: Final[frozenset[str]] = frozenset(
    {"asyncio.Task", "asyncio.Future", "concurrent.futures.Future", "threading.Thread"}
)
"""Objects whose code has been started already."""

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

THREAD_INSTRUMENTORS: Final[frozenset[str]] = frozenset(
    {
        "opentelemetry-instrumentation-threading",
        "opentelemetry-distro",
        "sentry-sdk",
        "ddtrace",
    }
)
"""Distributions under which a plain thread sees (part of) its starter's context."""

THREAD_CARRIERS: Final[tuple[ThreadCarrier, ...]] = (
    ThreadCarrier("ThreadingInstrumentor", "opentelemetry"),
    ThreadCarrier("logfire", "opentelemetry", ("executor",)),
    ThreadCarrier("sentry_sdk", "sentry_sdk"),
    ThreadCarrier("ddtrace", "ddtrace", ("executor",)),
)
"""Instrumentation that is turned on by name, or by default where the library is used at all:
logfire.configure() and ddtrace patch ThreadPoolExecutor, sentry_sdk.init() threads as well."""
