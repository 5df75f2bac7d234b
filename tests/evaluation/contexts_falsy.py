"""Fallbacks that ask a context for its truth, and those that ask whether there is one."""

import contextvars
from contextvars import Context, copy_context
from dataclasses import dataclass
from typing import Optional


def current():
    return copy_context()


def by_or(ctx: Optional[Context] = None):
    return ctx or copy_context()  # error: CTX304


def by_or_called(f, ctx: "Context | None" = None):
    (ctx or contextvars.copy_context()).run(f)  # error: CTX304


def untyped(f, ctx=None):
    ctx = ctx or copy_context()  # error: CTX304
    ctx.run(f)


def by_helper(ctx: Context | None):
    return ctx or current()  # error: CTX304


def conditional(ctx: Context | None):
    return ctx if ctx else copy_context()  # error: CTX304


def conditional_negated(ctx: Context | None):
    return copy_context() if not ctx else ctx  # error: CTX304


def by_if(ctx=None):
    if not ctx:
        ctx = copy_context()  # error: CTX304
    return ctx


def by_if_else(ctx: Context | None):
    if ctx:
        chosen = ctx
    else:
        chosen = copy_context()  # error: CTX304
    return chosen


class Job:
    def __init__(self, context: Context | None = None) -> None:
        self.context = context

    def run(self, f):
        return (self.context or copy_context()).run(f)  # error: CTX304


@dataclass
class Item:
    context: Context | None = None


def of_item(item: Item):
    return item.context or copy_context()  # error: CTX304


def of_mapping(item: dict):
    return item.get("context") or copy_context()  # error: CTX304


def three(first: Context | None, second: Context | None):
    return first or second or copy_context()  # error: CTX304


def a_copy_of_it(ctx: Context | None):
    return ctx.copy() if ctx else copy_context()  # error: CTX304


def a_copy_by_name(carried: Context | None, f):
    current = copy_context()
    (carried or current).run(f)  # error: CTX304


def asked_for_none(ctx: Context | None = None):
    return ctx if ctx is not None else copy_context()


def asked_for_none_by_if(ctx: Context | None = None):
    if ctx is None:
        ctx = copy_context()
    return ctx


def flag(ctx: Context, isolated: bool = False):
    return copy_context() if isolated else ctx


def other_test(ctx: Context, name: str):
    return ctx if name else copy_context()


def flag_or(isolated: bool):
    return isolated or copy_context()


def compared(ctx, name):
    return ctx is not None or copy_context()


def and_copy(ctx: Context | None):
    return ctx and copy_context()


class Snapshot:
    def run(self, f):
        return f()


def own_class(snapshot: Snapshot):
    return snapshot or copy_context()


def text(name: str = ""):
    return name or copy_context()


def other_fallback(ctx: Context | None, f):
    return ctx.run(f) if ctx else f()


def empty(ctx: Context | None):
    return ctx or Context()


def other_names(carried: str | None, f):
    current = copy_context()
    name = carried or "nobody"
    current.run(f, name or carried)


def copy_first(ctx: Context | None):
    current = copy_context()
    return current or ctx
