"""What reads the current context, and what takes a snapshot of it."""

from __future__ import annotations

from typing import Final

from .rows import ContextUse

_TRACER: Final = "opentelemetry.trace.Tracer"
_STARTS_SPAN: Final = "starts a span"
_LOG: Final = "asks for the log context"
_LOGS: Final = "logs with the log context"
_MERGED: Final = ("merge_contextvars", "bind_contextvars")
_LEVELS: Final = ("debug", "info", "warning", "error", "exception", "critical", "log")

CONTEXT: Final = "contextvars.Context"
CONTEXT_COPY: Final = "contextvars.copy_context"
CONTEXT_RUN: Final = "contextvars.Context.run"
CONTEXT_VARIABLE: Final = "contextvars.ContextVar"

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

CARRYING_DECORATORS: Final[frozenset[str]] = frozenset(
    {
        "flask.copy_current_request_context",
        "quart.copy_current_request_context",
        "quart.copy_current_app_context",
        "quart.copy_current_websocket_context",
    }
)
"""Decorators whose result runs in the context in which they were applied."""

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
