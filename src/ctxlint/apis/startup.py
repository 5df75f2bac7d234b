"""What starts a program or ends it, and what is none: tests and examples."""

from __future__ import annotations

from typing import Final

from .requests import APPS, BOTS, WEB
from .rows import EntryBase, EntryDecorator, Registration

_STREAMS: Final = ("faststream", "taskiq", "arq")

STARTUP_DECORATORS: Final[tuple[EntryDecorator, ...]] = (
    EntryDecorator("on_event", WEB, APPS, argument="startup"),
    EntryDecorator("on_event", WEB, APPS, argument="shutdown"),
    EntryDecorator("on_startup", _STREAMS, (*APPS, "broker")),
    EntryDecorator("on_shutdown", _STREAMS, (*APPS, "broker")),
    EntryDecorator("after_startup", _STREAMS, APPS),
    EntryDecorator("after_shutdown", _STREAMS, APPS),
    EntryDecorator("before_serving", WEB, APPS),
    EntryDecorator("after_serving", WEB, APPS),
    EntryDecorator("while_serving", WEB, APPS),
    EntryDecorator("before_server_start", WEB, APPS),
    EntryDecorator("after_server_start", WEB, APPS),
    EntryDecorator("main_process_start", WEB, APPS),
    EntryDecorator("listener", WEB, APPS),
    EntryDecorator("before_first_request", WEB, APPS),
    EntryDecorator(
        "command", ("click", "typer.Typer", "click.Group"), ("click", "cli", "app", "main", "typer")
    ),
    EntryDecorator("group", ("click",), ("click", "cli")),
    EntryDecorator("callback", ("typer.Typer",), ("app", "cli", "typer")),
    EntryDecorator("fixture", ("pytest", "pytest_asyncio"), ("pytest", "pytest_asyncio")),
    EntryDecorator(
        "event",
        ("discord.Client", "discord.ext.commands.Bot"),
        BOTS,
        only=("on_ready", "on_connect", "setup_hook"),
    ),
    EntryDecorator("on_event", ("taskiq",), ("broker",)),
    EntryDecorator("startup", ("aiogram.Dispatcher",), ("dp", "dispatcher")),
    EntryDecorator("connect", ("celery.signals",), ("worker_process_init", "worker_init")),
)

_APPLICATION: Final = ("launch_instance", "initialize", "start")
STARTUP_BASES: Final[tuple[EntryBase, ...]] = (
    EntryBase("django.apps.AppConfig", ("ready",)),
    EntryBase("django.core.management.base.BaseCommand", ("handle",)),
    EntryBase("click.Command", ("invoke", "main")),
    EntryBase("traitlets.config.Application", _APPLICATION),
    EntryBase("traitlets.config.application.Application", _APPLICATION),
    EntryBase("jupyter_core.application.JupyterApp", _APPLICATION),
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
