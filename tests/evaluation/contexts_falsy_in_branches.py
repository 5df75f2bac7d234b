"""Fallbacks to a copy of the context, in branches, and of names that say less of what they are."""

from contextvars import Context, copy_context
from typing import Any

from somewhere import current


def work() -> None: ...


def in_branch(ctx: Context | None) -> Context:
    if not ctx:
        ctx = copy_context()  # error: CTX304
    return ctx


def for_a_number(retries: int, ctx: Any = None) -> object:
    """Something else is tested: nothing to report."""
    if retries:
        ctx = copy_context()
    return ctx


def to_two_names(ctx: Context | None) -> Context:
    """Nothing to report: who knows what the other name is for."""
    if not ctx:
        ctx = other = copy_context()
        other.run(work)
    return ctx


def before(given: Any) -> object:
    """Nothing says that it is a context: nothing to report."""
    current = copy_context()
    return given or current


def before_an_optional(given=None):
    current = copy_context()
    return given or current  # error: CTX304


LAST = None


def of_module() -> Context:
    return LAST or copy_context()  # error: CTX304


def of_library() -> Any:
    return current or copy_context()  # error: CTX304


def of_its_parts(ctx: Context) -> Any:
    """What is chosen is another: nothing to report."""
    return ctx.items() if ctx else copy_context()


def of_its_copy(ctx: Context | None) -> Context:
    return ctx.copy() if ctx else copy_context()  # error: CTX304
