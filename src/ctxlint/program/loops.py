"""Which loops do not end by themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from .. import apis
from ..facts import model as m
from .bindings import bound_by
from .exits import exits, is_stop, runs_out, words
from .flags import asks_state, says_stop
from .receiving import is_receive, is_receive_call
from .scope import Scope
from .trees import dotted_name, last_name, own_statements, walk
from .values import Container, Instance, Invocation, Literal, Value

if TYPE_CHECKING:
    from .lifetimes import Lifetimes
    from .resolve import Resolver

_DONE_CALLS: Final = frozenset({"done", "empty", "is_alive", "poll", "eof", "at_eof", "finished"})
_TAKING: Final = frozenset({"pop", "popleft", "popitem", "remove", "get_nowait", "clear"})
_WRAPPERS: Final = frozenset({"aclosing", "closing", "aiter", "stream", "iterate"})


class Loops:
    """Decides whether a loop is endless."""

    def __init__(self, resolver: Resolver, lifetimes: Lifetimes) -> None:
        self._resolver = resolver
        self._lifetimes = lifetimes

    def endless(self, loop: m.While | m.For, scope: Scope) -> str | None:
        """Why a loop does not end by itself, as a phrase; None if it may."""
        if isinstance(loop, m.While):
            if _only_waits(loop, scope):
                return None
            phrase = self._condition(loop.test, loop, scope)
        else:
            phrase = self._iteration(loop.iter, scope, is_async=loop.is_async)
        if phrase is None or any(not is_stop(each, loop, scope) for each in exits(loop)):
            return None
        if runs_out(loop, scope):
            return None
        return phrase

    # --- conditions ----------------------------------------------------------------------------

    def _condition(self, test: m.Expression, loop: m.While, scope: Scope) -> str | None:
        if isinstance(test, m.Constant):
            return "while True" if test.value else None
        if isinstance(test, m.Boolean):
            return self._both(test, loop, scope)
        if _is_own_affair(test, scope):
            return None
        if isinstance(test, m.Assigned):
            return "while item := get()" if _receives(test.value) else None
        if isinstance(test, m.Compare):
            return _comparison(test)
        if isinstance(test, m.Not):
            return self._flag(test.operand, loop, scope, negated=True)
        return self._flag(test, loop, scope, negated=False)

    def _both(self, test: m.Boolean, loop: m.While, scope: Scope) -> str | None:
        parts = [self._condition(each, loop, scope) for each in test.operands]
        if test.operator == "and":
            rest = [each for each, part in zip(test.operands, parts, strict=True) if not part]
            if any(not _is_kept(each, loop) for each in rest):
                return None
        return next((part for part in parts if part), None)

    def _flag(
        self, test: m.Expression, loop: m.While, scope: Scope, *, negated: bool
    ) -> str | None:
        sign = "not " if negated else ""
        if _asks_what_it_gets(test, loop):
            return None
        if isinstance(test, m.Call):
            name = last_name(test.func)
            if name in ("is_set", "wait") and isinstance(test.func, m.Attribute):
                return f"while {sign}{_text(test)}"
            known = name not in _DONE_CALLS and says_stop(name)
            return f"while {sign}{_text(test)}" if known else None
        if isinstance(test, m.Name):
            if test.id in scope.bindings and not _is_shared(test.id, loop):
                return None
            bound = scope.bindings.get(test.id, ())
            from_event = bool(bound) and all(
                not binding.path and _is_flag_again(binding.value) for binding in bound
            )
            return f"while {sign}{test.id}" if from_event or says_stop(test.id) else None
        if isinstance(test, m.Attribute):
            values = self._resolver.evaluate(test, scope)
            if any(isinstance(v, Container) or _is_collection(v) for v in values):
                return None
            if asks_state(test.attr) or any(_is_boolean(v) for v in values):
                return f"while {sign}{_text(test)}"
        return "while a flag is set" if isinstance(test, m.Subscript) and _is_state(test) else None

    # --- iteration -----------------------------------------------------------------------------

    def _iteration(self, iterated: m.Expression, scope: Scope, *, is_async: bool) -> str | None:
        word = "async for" if is_async else "for"
        if isinstance(iterated, m.Call):
            name = last_name(iterated.func)
            if name == "iter" and len(iterated.args) == 2:
                getter = last_name(iterated.args[0])
                return "for item in iter(get, sentinel)" if is_receive(getter) else None
            if name in _WRAPPERS and iterated.args:
                return self._iteration(iterated.args[0], scope, is_async=is_async)
        for value in self._resolver.evaluate(iterated, scope):
            if isinstance(value, Instance):
                phrase = self._iterated_instance(value, word)
                if phrase is not None:
                    return phrase
            elif isinstance(value, Invocation):
                ends = self._lifetimes.of(value) is None
                label = value.function.scope.label
                return None if ends else f"{word} over {label}(), which never ends"
        subscription = last_name(iterated) in apis.SUBSCRIPTIONS
        if subscription and (is_async or isinstance(iterated, m.Call)):
            return f"{word} over the subscription {_text(iterated)}"
        return None

    def _iterated_instance(self, value: Instance, word: str) -> str | None:
        if isinstance(value.of, str):
            name = value.of.removesuffix("()")
            row = self._resolver.table.queue_by_type.get(name)
            if row is not None and row.iterable:
                return f"{word} over a stream"
            return f"{word} over {name}()" if name in apis.ENDLESS else None
        for method in ("__anext__", "__next__"):
            found = self._resolver.classes.method(value.of, method)
            if found is not None and any(is_receive_call(n) for n in walk(*found.body)):
                return f"{word} over {value.of.name}"
        for method in ("__aiter__", "__iter__"):
            found = self._resolver.classes.method(value.of, method)
            if found is not None and self._lifetimes.of_function(found) is not None:
                return f"{word} over {value.of.name}, which never ends"
        return None


def stops_by_request(test: m.Expression) -> bool:
    """Whether a condition asks if somebody wants things to stop, or whether a handle is set."""
    if any(says_stop(word) for word in words(test)):
        return True
    if isinstance(test, m.Boolean):
        return all(stops_by_request(each) for each in test.operands)
    if isinstance(test, m.Compare):
        plain = isinstance(test.operands[0], m.Attribute | m.Name)
        return plain and all(isinstance(each, m.Constant) for each in test.operands[1:])
    return isinstance(test, m.Attribute | m.Name | m.Not)


def _only_waits(loop: m.While, scope: Scope) -> bool:
    """``while not ready: await condition.wait()``: waiting for a condition is not work.

    With a limit to each wait, it may be what holds a resource open: then it stands in a ``with``.
    """
    if isinstance(loop.test, m.Constant):
        return False
    calls = [_waiting(statement) for statement in loop.body]
    limited = any(call is not None and call.args for call in calls)
    return None not in calls and not (
        limited and any(isinstance(each, m.With) for each in scope.module.ancestors(loop))
    )


def _waiting(statement: m.Statement) -> m.Call | None:
    """``ready.wait()``, ``await ready.wait()``: a wait of which nothing is asked."""
    if not isinstance(statement, m.Evaluate):
        return None
    node = statement.value
    call = node.value if isinstance(node, m.Await) else node
    return call if isinstance(call, m.Call) and last_name(call.func) == "wait" else None


def _is_own_affair(test: m.Expression, scope: Scope) -> bool:
    """``while answer.status == WAITING: answer = ask()``, ``while run.is_running(): run.step()``.

    The state of something that this very call has got or made ends with its work; an event does
    not, which others may set.
    """
    asked = next((node for node in walk(test) if isinstance(node, m.Attribute)), None)
    if asked is None or not isinstance(asked.value, m.Name) or asked.attr in ("is_set", "wait"):
        return False
    bound = scope.bindings.get(asked.value.id, ())
    if not bound or any(each.kind not in ("value", "entered") for each in bound):
        return False
    return all(isinstance(each.value, m.Call | m.Await) for each in bound)


def _comparison(test: m.Compare) -> str | None:
    first = test.operands[0]
    if isinstance(first, m.Assigned) and _receives(first.value):
        return "while item := get()"
    if _receives(first):
        return "while get() is not a sentinel"
    if all(op in ("==", "!=", "is", "is not", "in", "not in") for op in test.operators):
        if isinstance(first, m.Attribute) and asks_state(first.attr):
            return f"while {_text(first)}"
    return None


def _receives(node: m.Expression) -> bool:
    """Whether an expression is the wait for the next item itself."""
    if isinstance(node, m.Assigned | m.Await):
        return _receives(node.value)
    if isinstance(node, m.Call) and last_name(node.func) == "wait_for" and node.args:
        return _receives(node.args[0])
    return is_receive_call(node)


def _asks_what_it_gets(test: m.Expression, loop: m.While) -> bool:
    """``while job.is_running(): job = await poll()``: the loop is about the one that it gets."""
    asked = test.func if isinstance(test, m.Call) else test
    if not isinstance(asked, m.Attribute) or not isinstance(asked.value, m.Name):
        return False
    return any(
        bound == asked.value.id
        for statement in own_statements(loop.body)
        for bound, _ in bound_by(statement, walrus=False)
    )


def _is_shared(name: str, loop: m.While) -> bool:
    """Whether a local flag is set by others: not in the loop, or there only from their flags."""
    return all(
        not binding.path and _is_flag_again(binding.value)
        for statement in own_statements(loop.body)
        for bound, binding in bound_by(statement, walrus=False)
        if bound == name
    )


def _is_flag_again(value: m.Expression | None) -> bool:
    """``stopped = stop.wait(1)``, ``stopped = self._stopped``: the flag is read anew."""
    if isinstance(value, m.Await):
        value = value.value
    if isinstance(value, m.Conditional):
        return _is_flag_again(value.body) and _is_flag_again(value.orelse)
    if isinstance(value, m.Call):
        return last_name(value.func) in ("is_set", "wait")
    return isinstance(value, m.Attribute) and says_stop(value.attr)


def _is_kept(node: m.Expression, loop: m.While) -> bool:
    """Whether a condition is a plain name from which the loop itself takes nothing."""
    if not isinstance(node, m.Name | m.Attribute):
        return False
    name = last_name(node)
    return not any(
        isinstance(each, m.Call)
        and isinstance(each.func, m.Attribute)
        and last_name(each.func.value) == name
        and each.func.attr in _TAKING
        for each in walk(*loop.body)
    )


def _is_boolean(value: Value) -> bool:
    return (
        isinstance(value, Literal)
        and isinstance(value.node, m.Constant)
        and isinstance(value.node.value, bool)
    )


def _is_collection(value: Value) -> bool:
    if isinstance(value, Instance):
        return isinstance(value.of, str) and value.of.startswith(("collections.", "builtins."))
    return isinstance(value, Literal) and not isinstance(value.node, m.Constant)


def _is_state(element: m.Subscript) -> bool:
    """``running[name]``, ``state["running"]``, ``keep_going[0]``: not what is left of some work."""
    index = element.index.value if isinstance(element.index, m.Constant) else None
    if isinstance(index, str):
        return says_stop(index)
    return isinstance(index, int) or asks_state(last_name(element.value))


def _text(node: m.Expression) -> str:
    if isinstance(node, m.Call):
        return f"{_text(node.func)}()"
    return dotted_name(node) or last_name(node) or "…"
