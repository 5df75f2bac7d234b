"""Waits: what never ends by itself without a loop, and what limits it."""

from __future__ import annotations

from typing import Final

from .. import apis
from ..facts import model as m
from .index import ModuleIndex
from .resolve import Resolver
from .scope import Scope
from .suites import seat_of
from .trees import dotted_name, last_name
from .values import External, FunctionValue, Instance, Value, Values

_STOPPING: Final = ("stop", "shut", "exit", "close", "quit", "cancel", "done", "finish", "terminat")
_LOCKING: Final = ("lock", "mutex", "semaphore", "condition")
_EVENTS: Final = frozenset({"asyncio.Event", "anyio.Event", "trio.Event", "threading.Event"})
_WAIT_WORDS: Final = (
    frozenset(name.rpartition(".")[2] for name in apis.ENDLESS)
    | apis.ENDLESS_METHODS
    | {"wait", "sleep"}
)


class Waits:
    """Says of one expression whether it waits for ever."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver

    def forever(self, node: m.Node, function: Scope) -> str | None:
        """What a call or an await waits for without end, as a phrase."""
        if isinstance(node, m.Call) and _may_wait(node):
            return self._call(node, self._resolver.evaluate(node.func, function), function)
        if isinstance(node, m.Await) and isinstance(node.value, m.Call):
            if last_name(node.value.func) in ("Future", "create_future"):
                return "awaits a future that nobody can set"
        return None

    def _call(self, call: m.Call, values: Values, function: Scope) -> str | None:
        name = last_name(call.func)
        text = dotted_name(call.func) or name
        for value in values:
            if isinstance(value, External) and value.name in apis.ENDLESS:
                last = value.name.rpartition(".")[2]
                iterable = last in ("count", "cycle", "awatch", "watch")
                return None if iterable else f"{text}()"
        if name in apis.ENDLESS_METHODS and not any(isinstance(v, FunctionValue) for v in values):
            return f"{text}()"
        if name == "sleep" and call.args and _is_infinite(call.args[0]):
            return "sleep(forever)"
        if name == "wait" and isinstance(call.func, m.Attribute):
            return self._event(call.func.value, call, function)
        return None

    def _event(self, event: m.Expression, call: m.Call, function: Scope) -> str | None:
        """``await stop.wait()`` while holding a resource."""
        if call.args or call.keywords:
            return None
        values = self._resolver.evaluate(event, function)
        if isinstance(event, m.Call) and self._makes_event(event, function):
            return "waits for an event that nobody can set"
        name = last_name(event).lower()
        stops = any(word in name for word in _STOPPING)
        is_event = any(_is_event(v) for v in values) or (not values and stops)
        if not is_event or not self._is_held(call, function):
            return None
        if not stops and not _is_last(call, function.module):
            return None  # a condition for what comes behind it
        if isinstance(event, m.Name) and event.id in function.bindings and not stops:
            return None
        return f"holds a resource until {dotted_name(event) or name}.wait()"

    def _makes_event(self, event: m.Call, function: Scope) -> bool:
        made = self._resolver.evaluate(event.func, function)
        return any(isinstance(v, External) and v.name in _EVENTS for v in made)

    def _is_held(self, node: m.Node, function: Scope) -> bool:
        """Whether a resource is held around a node: a ``with``, or a ``try`` with a ``finally``.

        A lock is none: who holds it while waiting, waits for somebody to do their part.
        """
        for around in function.module.ancestors(node):
            if isinstance(around, m.Try) and around.final:
                return True
            if isinstance(around, m.With):
                if not all(self._is_lock(item.context, function) for item in around.items):
                    return True
        return False

    def _is_lock(self, held: m.Expression, function: Scope) -> bool:
        values = self._resolver.evaluate(held, function)
        if values:
            return all(isinstance(v, Instance) and v.of in apis.LOCKS for v in values)
        name = last_name(held).lower()
        return any(word in name for word in _LOCKING)

    def is_time_limited(self, node: m.Node, function: Scope) -> bool:
        """Whether a ``with timeout()`` or a ``wait_for()`` around a node ends it."""
        for around in function.module.ancestors(node):
            if isinstance(around, m.With):
                for item in around.items:
                    values = self._resolver.evaluate(
                        item.context.func if isinstance(item.context, m.Call) else item.context,
                        function,
                    )
                    if any(isinstance(v, External) and v.name in apis.TIME_LIMITED for v in values):
                        return True
            elif isinstance(around, m.Call) and last_name(around.func) == "wait_for":
                if has_limit(around):
                    return True
        return False


def _may_wait(call: m.Call) -> bool:
    """Whether a call's name is one that can wait for ever; others need not be resolved."""
    return last_name(call.func) in _WAIT_WORDS


def has_limit(call: m.Call) -> bool:
    """Whether ``wait_for`` is given a timeout other than None."""
    limit = call.args[1] if len(call.args) > 1 else None
    for keyword in call.keywords:
        if keyword.name == "timeout":
            limit = keyword.value
    return limit is not None and not (isinstance(limit, m.Constant) and limit.value is None)


def _is_infinite(node: m.Expression) -> bool:
    if isinstance(node, m.Attribute | m.Name):
        return last_name(node) in ("inf", "infinity")
    return (
        isinstance(node, m.Call)
        and last_name(node) == "float"
        and any(isinstance(each, m.Constant) and str(each.value) == "inf" for each in node.args)
    )


def _is_event(value: Value) -> bool:
    return isinstance(value, Instance) and value.of in _EVENTS


def _is_last(call: m.Call, module: ModuleIndex) -> bool:
    """Whether nothing comes behind a wait in what holds the resource, but to let go of it."""
    inner: m.Node = call
    for around in module.ancestors(call):
        if isinstance(around, m.While | m.For):
            return False
        if isinstance(inner, m.Evaluate | m.Assign | m.If | m.With | m.Try):
            if seat_of(inner, module).behind:
                return False
            if isinstance(around, m.With) or (isinstance(around, m.Try) and around.final):
                return True
        inner = around
    return False
