"""What serves requests: a function that a framework calls for each of them."""

from __future__ import annotations

from typing import Final

from .rows import EntryBase, EntryDecorator, Registration

APPS: Final = ("app", "router", "api", "blueprint", "bp", "web", "site", "routes", "application")
BOTS: Final = ("bot", "client", "tree", "dp", "dispatcher", "dispatch")
"""Names of variables that hold an application or a bot, where nothing is known of their types."""

WEB: Final = (
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
"""Types whose decorators register handlers of requests."""

_VERBS: Final = ("get", "post", "put", "patch", "delete", "head", "options", "trace")
_SLACK: Final = ("slack_bolt.App", "slack_bolt.async_app.AsyncApp")
_MCP: Final = ("mcp", "server", "app")

REQUEST_DECORATORS: Final[tuple[EntryDecorator, ...]] = (
    EntryDecorator("receiver", ("django.dispatch",)),
    EntryDecorator("before_app_request", WEB, APPS),
    EntryDecorator("subscribe_resource", ("mcp.server.Server",), _MCP),
    EntryDecorator("completion", ("mcp.server.Server",), _MCP),
    EntryDecorator("view", _SLACK, ()),
    EntryDecorator("options", _SLACK, ()),
    EntryDecorator("command", _SLACK, ()),
    EntryDecorator("message", _SLACK, ()),
    *(EntryDecorator(verb, WEB, route=True) for verb in _VERBS),
    *(EntryDecorator(f"{verb}", ("litestar",)) for verb in _VERBS),
    EntryDecorator("route", WEB, APPS, route=True),
    EntryDecorator("api_route", WEB, APPS, route=True),
    EntryDecorator("websocket", WEB, APPS, route=True),
    EntryDecorator("websocket_route", WEB, APPS, route=True),
    EntryDecorator("websocket_listener", ("litestar",)),
    EntryDecorator("view", ("aiohttp.web.RouteTableDef",), route=True),
    EntryDecorator("middleware", (*WEB, "aiohttp.web"), APPS),
    EntryDecorator("exception_handler", WEB, APPS),
    EntryDecorator("errorhandler", WEB, APPS),
    EntryDecorator("before_request", WEB, APPS),
    EntryDecorator("after_request", WEB, APPS),
    EntryDecorator("teardown_request", WEB, APPS),
    EntryDecorator("on_request", WEB, APPS),
    EntryDecorator("on_response", WEB, APPS),
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
        "event", ("discord.Client", "slack_bolt.App", "slack_bolt.async_app.AsyncApp"), BOTS
    ),
    EntryDecorator(
        "command", ("discord.ext.commands.Bot", "discord.app_commands", "slack_bolt.App"), BOTS
    ),
    EntryDecorator("hybrid_command", ("discord.ext.commands",), BOTS),
    EntryDecorator("listen", ("discord.ext.commands.Bot",), BOTS),
    EntryDecorator("listener", ("discord.ext.commands.Cog",), ("Cog",)),
    EntryDecorator("message", ("aiogram.Router", "slack_bolt.App"), (*BOTS, "router")),
    EntryDecorator("callback_query", ("aiogram.Router",), (*BOTS, "router")),
    EntryDecorator("message_handler", ("telebot.TeleBot",), BOTS),
    EntryDecorator("on_message", ("pyrogram.Client",), BOTS),
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
