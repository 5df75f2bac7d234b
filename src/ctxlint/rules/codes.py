"""The codes of the rules and their names: all that settings and flags need to know of them."""

from __future__ import annotations

from typing import Final

CODES: Final[dict[str, str]] = {
    "CTX101": "task-inherits-context",
    "CTX102": "thread-inherits-context",
    "CTX103": "timer-inherits-context",
    "CTX104": "partially-detached-worker",
    "CTX105": "background-task-inherits-context",
    "CTX201": "queued-without-context",
    "CTX202": "carried-context-ignored",
    "CTX301": "context-lost-in-thread",
    "CTX302": "context-captured-too-late",
    "CTX303": "context-shared-by-runs",
    "CTX304": "falsy-context-fallback",
    "CTX401": "context-not-reset",
    "CTX402": "context-var-as-once-flag",
    "CTX900": "unreadable-file",
    "CTX901": "unused-noqa",
}

SITE: Final = "https://ctxlint.readthedocs.io/en/latest/"
"""Where the documentation stands, built from `docs/`: the one place that knows it."""

ON_REQUEST: Final = frozenset({"CTX105", "CTX901"})
"""Rules that are off unless they are selected by their whole code, or with `ALL`."""

BY_HAND: Final = frozenset({"CTX104", "CTX202", "CTX402", "CTX900"})
"""Rules whose findings have no automatic fix."""

ALL: Final = "ALL"
"""Selects every rule, those included that are off otherwise."""


def page_address(code: str) -> str:
    """The address of a rule's page."""
    return f"{SITE}rules/{code}/"


def covers(selector: str, code: str) -> bool:
    """Whether a code, the beginning of one, or `ALL` is about a rule."""
    return selector == ALL or code.startswith(selector)
