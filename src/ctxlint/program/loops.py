"""Loops that do not end by themselves: which loops are endless, and which exits do not count."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from .. import apis
from ..facts import model as m
from .index import Scope, children, dotted_name, last_name, own_statements, suites, walk
from .values import Container, Instance, Invocation, Literal, Value

if TYPE_CHECKING:
    from .lifetimes import Lifetimes
    from .resolve import Resolver

_TOKEN: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
_STOP_STEMS: Final = (
    "stop", "shut", "clos", "cancel", "runn", "exit", "quit", "terminat", "kill", "dispos", "finish",
    "sentinel", "abort", "activ", "enabl", "connect", "disconnect", "poison", "interrupt", "drain",
    "halt", "dying", "forever", "sigterm", "started", "opened", "paus",
)  # fmt: skip
_END_STEMS: Final = (
    "stop", "shut", "clos", "cancel", "runn", "exit", "quit", "terminat", "kill", "dispos",
    "sentinel", "abort", "poison", "interrupt", "halt", "dying", "sigterm", "disconnect",
)  # fmt: skip
_END_TOKENS: Final = frozenset({"alive", "dead", "active", "die"})
_STOP_TOKENS: Final = frozenset({"run", "alive", "dead", "eof", "open", "ready", "die"})
_DONE_CALLS: Final = frozenset({"done", "empty", "is_alive", "poll", "eof", "at_eof", "finished"})
_DRAINED: Final = frozenset({"Empty", "QueueEmpty", "WouldBlock", "StopIteration", "IndexError"})
_ENDS_ITERATION: Final = frozenset({"StopIteration", "StopAsyncIteration"})


class Loops:
    """Decides whether a loop is endless."""

    def __init__(self, resolver: Resolver, lifetimes: Lifetimes) -> None:
        self._resolver = resolver
        self._lifetimes = lifetimes

    def endless(self, loop: m.While | m.For, scope: Scope) -> str | None:
        """Why a loop does not end by itself, as a phrase; None if it may."""
        if isinstance(loop, m.While):
            phrase = self._condition(loop.test, loop, scope)
        else:
            phrase = self._iteration(loop.iter, scope, loop.is_async)
        if phrase is None or any(not self._is_benign(e, loop, scope) for e in exits(loop)):
            return None
        return phrase

    # --- conditions ----------------------------------------------------------------------------

    def _condition(self, test: m.Expression, loop: m.While, scope: Scope) -> str | None:
        if isinstance(test, m.Constant):
            return "while True" if test.value else None
        if isinstance(test, m.Boolean):
            parts = [self._condition(each, loop, scope) for each in test.operands]
            if test.operator == "and":
                rest = [each for each, part in zip(test.operands, parts, strict=True) if not part]
                if any(not _is_kept(each, loop) for each in rest):
                    return None
            return next((p for p in parts if p), None)
        if isinstance(test, m.Assigned):
            return "while item := get()" if self._receives(test.value, scope) else None
        if isinstance(test, m.Compare):
            return self._comparison(test, scope)
        if isinstance(test, m.Not):
            return self._flag(test.operand, loop, scope, negated=True)
        return self._flag(test, loop, scope, negated=False)

    def _comparison(self, test: m.Compare, scope: Scope) -> str | None:
        first = test.operands[0]
        if isinstance(first, m.Assigned) and self._receives(first.value, scope):
            return "while item := get()"
        if self._receives(first, scope):
            return "while get() is not a sentinel"
        if all(operator in ("==", "!=", "is", "is not") for operator in test.operators):
            if isinstance(first, m.Attribute) and _is_state(first.attr):
                return f"while {dotted_name(first) or first.attr}"
        return None

    def _flag(
        self, test: m.Expression, loop: m.While, scope: Scope, *, negated: bool
    ) -> str | None:
        if isinstance(test, m.Call):
            name = last_name(test.func)
            if name in ("is_set", "wait") and isinstance(test.func, m.Attribute):
                return f"while {'not ' if negated else ''}{_text(test.func)}()"
            if name in _DONE_CALLS:
                return None
            return f"while {_text(test.func)}()" if says_stop(name) else None
        if isinstance(test, m.Await):
            return None
        if isinstance(test, m.Name):
            if test.id in scope.bindings and not self._is_shared(test.id, loop, scope):
                return None
            return f"while {test.id}" if says_stop(test.id) else None
        if isinstance(test, m.Attribute):
            values = self._resolver.evaluate(test, scope)
            if any(isinstance(v, Container) or _is_collection(v) for v in values):
                return None
            if _is_state(test.attr) or any(_is_boolean(v) for v in values):
                return f"while {'not ' if negated else ''}{_text(test)}"
        if isinstance(test, m.Subscript):
            return "while a flag is set"
        return None

    @staticmethod
    def _is_shared(name: str, loop: m.While, scope: Scope) -> bool:
        """Whether a local flag is set by somebody else than the loop itself."""
        inside = any(
            isinstance(statement, m.Assign)
            and any(isinstance(target, m.Name) and target.id == name for target in statement.targets)
            for statement in own_statements(loop.body)
        )
        return not inside

    # --- iteration -----------------------------------------------------------------------------

    def _iteration(self, iterated: m.Expression, scope: Scope, is_async: bool) -> str | None:
        word = "async for" if is_async else "for"
        if isinstance(iterated, m.Call):
            name = last_name(iterated.func)
            if name == "iter" and len(iterated.args) == 2:
                inner = iterated.args[0]
                return "for item in iter(get, sentinel)" if _is_receive(last_name(inner)) else None
            if name in ("aclosing", "closing", "aiter", "stream", "iterate") and iterated.args:
                return self._iteration(iterated.args[0], scope, is_async)
        for value in self._resolver.evaluate(iterated, scope):
            if isinstance(value, Instance):
                phrase = self._iterated_instance(value, word)
                if phrase is not None:
                    return phrase
            elif isinstance(value, Invocation):
                if self._lifetimes.of(value) is not None:
                    return f"{word} over {value.function.scope.label}(), which never ends"
                return None
        name = last_name(iterated)
        if is_async or isinstance(iterated, m.Call):
            if name in apis.SUBSCRIPTIONS:
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

    def _receives(self, node: m.Expression, scope: Scope) -> bool:
        if isinstance(node, m.Assigned | m.Await):
            return self._receives(node.value, scope)
        if not isinstance(node, m.Call):
            return False
        if last_name(node.func) == "wait_for" and node.args:
            return self._receives(node.args[0], scope)
        return is_receive_call(node)

    # --- exits ---------------------------------------------------------------------------------

    def _is_benign(self, exit_: m.Statement, loop: m.While | m.For, scope: Scope) -> bool:
        """Whether leaving the loop here means "told to stop" rather than "done"."""
        parents = scope.module.parents
        consumes = is_receiving(loop)
        inner: m.Node = exit_
        node = parents.get(exit_)
        while node is not None and node is not loop:
            if isinstance(node, m.Handler):
                return self._handler_is_benign(node, parents.get(node))
            if isinstance(node, m.If) and self._stops(node, inner, loop, scope, consumes):
                return True
            if isinstance(node, m.Case):
                return consumes
            inner, node = node, parents.get(node)
        return False

    @staticmethod
    def _handler_is_benign(handler: m.Handler, around: m.Node | None) -> bool:
        kinds = _exception_names(handler.type)
        if kinds & _ENDS_ITERATION:
            return False
        if kinds & _DRAINED and isinstance(around, m.Try):
            immediate = ("get_nowait", "receive_nowait", "popleft", "pop")
            return not any(
                isinstance(node, m.Call) and last_name(node.func) in immediate
                for node in walk(*around.body)
            )
        return True

    def _stops(
        self, branch: m.If, inner: m.Node, loop: m.While | m.For, scope: Scope, consumes: bool
    ) -> bool:
        """Whether an ``if`` tests for a request to stop or for a sentinel."""
        if any(_ends_worker(word) for word in _words(branch.test)):
            return True
        received = _received_names(loop)
        if _tests_item(branch.test, received) and consumes:
            return True
        return _is_lost_reference(branch.test, loop)


def _ends_worker(name: str) -> bool:
    """Whether a name asks a worker to stop, rather than telling that work is done."""
    tokens = [token.lower() for token in _TOKEN.findall(name)]
    return any(token in _END_TOKENS or token.startswith(_END_STEMS) for token in tokens)


def says_stop(name: str) -> bool:
    """Whether a name speaks of stopping or of running: a flag that ends a worker."""
    tokens = [token.lower() for token in _TOKEN.findall(name)]
    return any(token in _STOP_TOKENS or token.startswith(_STOP_STEMS) for token in tokens)


def _is_kept(node: m.Expression, loop: m.While) -> bool:
    """Whether a condition is a plain name from which the loop itself takes nothing."""
    if not isinstance(node, m.Name | m.Attribute):
        return False
    name = last_name(node)
    return not any(
        isinstance(each, m.Call)
        and isinstance(each.func, m.Attribute)
        and last_name(each.func.value) == name
        and each.func.attr in ("pop", "popleft", "popitem", "remove", "get_nowait", "clear")
        for each in walk(*loop.body)
    )


def stops_by_request(test: m.Expression) -> bool:
    """Whether a condition asks if somebody wants things to stop, or whether a handle is set."""
    if any(says_stop(word) for word in _words(test)):
        return True
    if isinstance(test, m.Boolean):
        return all(stops_by_request(each) for each in test.operands)
    if isinstance(test, m.Compare):
        plain = isinstance(test.operands[0], m.Attribute | m.Name)
        return plain and all(isinstance(each, m.Constant) for each in test.operands[1:])
    return isinstance(test, m.Attribute | m.Name | m.Not)


def exits(loop: m.While | m.For) -> Iterator[m.Statement]:
    """The statements that leave a loop: its own breaks, and returns at any depth."""
    yield from _exits(loop.body, own=True)


def _exits(body: m.Body, *, own: bool) -> Iterator[m.Statement]:
    for statement in body:
        if isinstance(statement, m.Return) or (own and isinstance(statement, m.Break)):
            yield statement
        elif isinstance(statement, m.While | m.For):
            yield from _exits(statement.body, own=False)
            yield from _exits(statement.orelse, own=own)
        elif not isinstance(statement, m.Function | m.Class):
            for inner in suites(statement):
                yield from _exits(inner, own=own)


def is_receiving(loop: m.While | m.For) -> bool:
    """Whether a loop waits for the next item in its head or body."""
    if isinstance(loop, m.For) and loop.is_async:
        return True
    if isinstance(loop, m.For):
        return any(_is_receive(last_name(each)) for each in _iter_arguments(loop.iter))
    return receive_position(loop) is not None


def receive_position(loop: m.While | m.For) -> int | None:
    """Where, in a loop's head or body, the next item is waited for."""
    roots: tuple[m.Node, ...] = (loop.test, *loop.body) if isinstance(loop, m.While) else loop.body
    for node in walk(*roots):
        if is_receive_call(node) and isinstance(node, m.Call):
            return node.at
    return None


def _iter_arguments(node: m.Expression) -> tuple[m.Expression, ...]:
    if isinstance(node, m.Call) and last_name(node.func) == "iter":
        return node.args[:1]
    return (node,)


def _is_receive(name: str) -> bool:
    return name in apis.RECEIVERS


def is_receive_call(node: m.Node) -> bool:
    """``x.get()`` and its kin; a dict's ``get(key)`` is none."""
    if not isinstance(node, m.Call) or not isinstance(node.func, m.Attribute):
        return False
    name = node.func.attr
    if name in ("get", "poll"):
        first = node.args[0] if node.args else None
        return first is None or isinstance(first, m.Constant) and not isinstance(first.value, str)
    return _is_receive(name)


def _received_names(loop: m.While | m.For) -> set[str]:
    """Names that hold what the loop received last."""
    found: set[str] = set()
    if isinstance(loop, m.For):
        found.update(each.id for each in walk(loop.target) if isinstance(each, m.Name))
        return found
    for node in walk(loop.test, *loop.body):
        if isinstance(node, m.Assign) and node.value is not None and _holds_receive(node.value):
            for target in node.targets:
                found.update(each.id for each in walk(target) if isinstance(each, m.Name))
        elif isinstance(node, m.Assigned) and _holds_receive(node.value):
            found.update(each.id for each in walk(node.target) if isinstance(each, m.Name))
    return found


def _holds_receive(node: m.Expression) -> bool:
    return any(is_receive_call(each) for each in walk(node))


def _tests_item(test: m.Expression, received: set[str]) -> bool:
    """Whether a test asks what the item is, not what it says: ``item is None``, ``not item``."""
    if isinstance(test, m.Boolean):
        return any(_tests_item(each, received) for each in test.operands)
    if isinstance(test, m.Not):
        return _tests_item(test.operand, received)
    if isinstance(test, m.Compare):
        return any(isinstance(each, m.Name) and each.id in received for each in test.operands)
    if isinstance(test, m.Call) and last_name(test.func) in ("isinstance", "all", "any"):
        return any(isinstance(n, m.Name) and n.id in received for n in walk(*test.args[:1]))
    return isinstance(test, m.Name) and test.id in received


def _is_lost_reference(test: m.Expression, loop: m.While | m.For) -> bool:
    """``if (owner := ref()) is None``, ``if owner is None`` after ``owner = ref()``."""
    for node in walk(test):
        if isinstance(node, m.Assigned) and _is_bare_call(node.value):
            return True
    names = {n.id for n in walk(test) if isinstance(n, m.Name)}
    for statement in own_statements(loop.body):
        if isinstance(statement, m.Assign) and statement.value is not None:
            if _is_bare_call(statement.value) and isinstance(statement.value, m.Call):
                func = last_name(statement.value.func)
                if "ref" in func and any(last_name(t) in names for t in statement.targets):
                    return True
    return False


def _is_bare_call(node: m.Expression) -> bool:
    return isinstance(node, m.Call) and not node.args and isinstance(node.func, m.Name)


def _words(node: m.Expression) -> Iterator[str]:
    for each in walk(node):
        if isinstance(each, m.Name):
            yield each.id
        elif isinstance(each, m.Attribute):
            yield each.attr
        elif isinstance(each, m.Constant) and isinstance(each.value, str):
            yield each.value


def _exception_names(node: m.Expression | None) -> set[str]:
    if node is None:
        return set()
    return {last_name(each) for each in (children(node) if isinstance(node, m.Sequence) else [node])}  # type: ignore[arg-type]  # children of a Sequence are expressions


def _is_state(name: str) -> bool:
    return says_stop(name) or name.strip("_") in ("state", "status", "run")


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


def _text(node: m.Expression) -> str:
    if isinstance(node, m.Call):
        return f"{_text(node.func)}()"
    return dotted_name(node) or last_name(node) or "…"
