"""What sets something in the current context, takes it back, or has no part in that."""

from __future__ import annotations

from typing import Final

from .rows import ContextSetter

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

PURE_MODULES: Final[frozenset[str]] = frozenset(
    {"builtins", "collections", "copy", "dataclasses", "datetime", "itertools", "json", "math",
     "operator", "pickle", "re", "time", "typing"}
)  # fmt: skip
"""Modules whose functions only make something of what they are given."""
