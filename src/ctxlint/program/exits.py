"""Ways out of a loop, and which of them mean "told to stop" rather than "done".

A worker may leave its loop when it is cancelled, when a flag or a sentinel says so, when an error
ends it, or when it was replaced.  A loop that leaves because its work is done is no worker.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ..facts import model as m
from .flags import asks_state, ends_worker, says_stop
from .receiving import holds_receive, is_receiving
from .scope import Scope
from .trees import children, last_name, own_statements, suites, walk

Loop = m.While | m.For

_DRAINED: Final = frozenset({"Empty", "QueueEmpty", "WouldBlock", "StopIteration", "IndexError"})
_ENDS_ITERATION: Final = frozenset({"StopIteration", "StopAsyncIteration"})
_ERROR_NAMES: Final = frozenset({"err", "error", "exc", "exception"})
_TAKES_AT_ONCE: Final = frozenset({"get_nowait", "receive_nowait", "popleft", "pop"})


def exits(loop: Loop) -> Iterator[m.Statement]:
    """The statements that leave a loop: its own breaks, and returns at any depth."""
    pending = [(statement, True) for statement in reversed(loop.body)]
    while pending:
        statement, own = pending.pop()
        if isinstance(statement, m.Return) or (own and isinstance(statement, m.Break)):
            yield statement
        inner_loop = isinstance(statement, m.While | m.For)
        for index, body in enumerate(suites(statement)):
            # A loop's first suite is its body, whose breaks are the inner loop's own.
            inner_own = own and not (inner_loop and index == 0)
            pending.extend((each, inner_own) for each in reversed(body))


def runs_out(loop: Loop, scope: Scope) -> bool:
    """Whether a ``try`` around a loop waits for the end of what the loop reads.

    ``try: while True: part = next(parts)``, ``except StopIteration: ...``: that leaves the loop.
    """
    inner: m.Node = loop
    for around in scope.module.ancestors(loop):
        if isinstance(around, m.Try) and inner in around.body:
            if any(not _is_failure(each, around) for each in around.handlers):
                return True
        inner = around
    return False


def is_stop(exit_: m.Statement, loop: Loop, scope: Scope) -> bool:
    """Whether leaving a loop at ``exit_`` means that the worker was told to stop, or failed."""
    parents = scope.module.parents
    consumes = is_receiving(loop)
    serves_for_life = isinstance(loop, m.While) and _has_flag(loop.test)
    if _is_told_before(exit_, parents.get(exit_)):
        return True
    node = parents.get(exit_)
    while node is not None and node is not loop:
        if isinstance(node, m.Handler):
            return _is_failure(node, parents.get(node))
        if isinstance(node, m.If):
            # Where the loop's own condition is its owner's life, giving up is failure, not "done";
            # but what is polled for an answer ends with the answer.
            if serves_for_life and (consumes or not _polls(node.test, loop)):
                return True
            if _asks_to_stop(node.test, loop, scope, consumes=consumes):
                return True
        if isinstance(node, m.Case):
            return consumes
        node = parents.get(node)
    return False


def _polls(test: m.Expression, loop: Loop) -> bool:
    """Whether a condition asks the answer of a call that the loop makes again and again."""
    if isinstance(test, m.Not):
        return False  # the step failed
    if isinstance(test, m.Await | m.Call):
        return True
    names = {node.id for node in walk(test) if isinstance(node, m.Name)}
    return any(
        isinstance(statement, m.Assign)
        and isinstance(statement.value, m.Await | m.Call)
        and any(
            name.id in names
            for t in statement.targets
            for name in walk(t)
            if isinstance(name, m.Name)
        )
        for statement in own_statements(loop.body)
    )


def _has_flag(test: m.Expression) -> bool:
    """Whether a loop's condition is a state of its owner, such as ``self.running``."""
    return any(isinstance(node, m.Attribute) and asks_state(node.attr) for node in walk(test))


def _is_told_before(exit_: m.Statement, around: m.Node | None) -> bool:
    """``await wait_for(stop.wait(), t)`` just before the exit, or an error reported by a call."""
    for body in _bodies(around):
        if exit_ not in body:
            continue
        for statement in body[: body.index(exit_)]:
            if isinstance(statement, m.Assign) and _names_error(statement):
                return True
            for node in walk(statement):
                if isinstance(node, m.Call) and (_waits_for_flag(node) or _reports_error(node)):
                    return True
    return False


def _bodies(node: m.Node | None) -> Iterator[m.Body]:
    if isinstance(node, m.Handler | m.Case):
        yield node.body
    elif isinstance(node, m.If | m.While | m.For | m.With | m.Try | m.Match):
        yield from suites(node)


def _waits_for_flag(call: m.Call) -> bool:
    """``<event>.wait()``: waiting, without a value, for somebody to set it."""
    func = call.func
    if not isinstance(func, m.Attribute) or func.attr != "wait":
        return False
    return says_stop(last_name(func.value)) or "event" in last_name(func.value).lower()


def _names_error(statement: m.Assign) -> bool:
    """``err = ...``: what is called an error is one, whatever its class is called."""
    return any(last_name(target).lower() in _ERROR_NAMES for target in statement.targets)


def _reports_error(call: m.Call) -> bool:
    """Whether an exception is made, to be reported before the exit."""
    name = last_name(call.func)
    return name.endswith(("Error", "Exception")) or name.startswith("Err")


def _is_failure(handler: m.Handler, around: m.Node | None) -> bool:
    """Whether an ``except`` means trouble; running out of items does not."""
    kinds = _exception_names(handler.type)
    if kinds & _ENDS_ITERATION:
        return False
    if kinds & _DRAINED and isinstance(around, m.Try):
        return not any(
            isinstance(node, m.Call) and last_name(node.func) in _TAKES_AT_ONCE
            for node in walk(*around.body)
        )
    return True


def _exception_names(node: m.Expression | None) -> set[str]:
    if node is None:
        return set()
    kinds = children(node) if isinstance(node, m.Sequence) else [node]
    return {
        each.attr if isinstance(each, m.Attribute) else getattr(each, "id", "") for each in kinds
    }


def _asks_to_stop(test: m.Expression, loop: Loop, scope: Scope, *, consumes: bool) -> bool:
    """Whether a condition asks for a wish to stop, a sentinel, or a lost owner."""
    if any(ends_worker(word) for word in words(test)):
        return True
    if consumes and _tests_item(test, _received_names(loop)):
        return not _copies_stream(loop, scope)
    return (
        _is_gone(test)
        or _was_replaced(test, scope)
        or _computed_from_stop(test, loop)
        or _is_lost_reference(test, loop)
    )


def _is_gone(test: m.Expression) -> bool:
    """``not self.is_connected``, ``self._transport is None``: what the worker serves has ended."""
    if isinstance(test, m.Boolean):
        return any(_is_gone(each) for each in test.operands)
    if isinstance(test, m.Not):
        return isinstance(test.operand, m.Attribute) and asks_state(test.operand.attr)
    if isinstance(test, m.Compare) and test.operators == ("is",):
        first, second = test.operands
        absent = isinstance(second, m.Constant) and second.value is None
        return absent and isinstance(first, m.Attribute)
    return False


def _was_replaced(test: m.Expression, scope: Scope) -> bool:
    """``mine is not self.session``: another worker has taken over."""
    if not isinstance(test, m.Compare) or test.operators not in (("is not",), ("!=",)):
        return False
    names = [each for each in test.operands if isinstance(each, m.Name)]
    attributes = [each for each in test.operands if isinstance(each, m.Attribute)]
    if len(names) != 1 or len(attributes) != 1:
        return False
    return any(
        isinstance(binding.value, m.Attribute) and binding.value.attr == attributes[0].attr
        for binding in scope.bindings.get(names[0].id, ())
    )


def _computed_from_stop(test: m.Expression, loop: Loop) -> bool:
    """A local of the loop that was computed from flags."""
    names = {node.id for node in walk(test) if isinstance(node, m.Name)}
    return any(
        isinstance(statement, m.Assign)
        and statement.value is not None
        and any(isinstance(t, m.Name) and t.id in names for t in statement.targets)
        and not isinstance(statement.value, m.Await)
        and (
            any(ends_worker(word) for word in words(statement.value))
            or _reads_event(statement.value)
        )
        for statement in own_statements(loop.body)
    )


def _reads_event(value: m.Expression) -> bool:
    """``done.wait(1)``, ``done.is_set()``: the answer of an event that somebody sets."""
    return isinstance(value, m.Call) and last_name(value.func) in ("wait", "is_set")


def _copies_stream(loop: Loop, scope: Scope) -> bool:
    """``part = source.recv(4096)`` from what the function was given: it reads that to its end."""
    return any(
        isinstance(node, m.Call)
        and isinstance(node.func, m.Attribute)
        and node.func.attr == "recv"
        and bool(node.args)
        and isinstance(node.func.value, m.Name)
        and any(b.kind == "parameter" for b in scope.bindings.get(node.func.value.id, ()))
        for node in walk(*loop.body)
    )


def _received_names(loop: Loop) -> set[str]:
    """Names that hold what the loop received last."""
    if isinstance(loop, m.For):
        return {each.id for each in walk(loop.target) if isinstance(each, m.Name)}
    found: set[str] = set()
    for node in walk(loop.test, *loop.body):
        if isinstance(node, m.Assign) and node.value is not None and holds_receive(node.value):
            for target in node.targets:
                found.update(each.id for each in walk(target) if isinstance(each, m.Name))
        elif isinstance(node, m.Assigned) and holds_receive(node.value):
            found.update(each.id for each in walk(node.target) if isinstance(each, m.Name))
    return found


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


def _is_lost_reference(test: m.Expression, loop: Loop) -> bool:
    """``if (owner := ref()) is None``, ``if owner is None`` after ``owner = ref()``."""
    for node in walk(test):
        if isinstance(node, m.Assigned) and _is_bare_call(node.value):
            return True
    names = {n.id for n in walk(test) if isinstance(n, m.Name)}
    for statement in own_statements(loop.body):
        if isinstance(statement, m.Assign) and isinstance(statement.value, m.Call):
            bare = _is_bare_call(statement.value) and "ref" in last_name(statement.value.func)
            if bare and any(last_name(target) in names for target in statement.targets):
                return True
    return False


def _is_bare_call(node: m.Expression) -> bool:
    return isinstance(node, m.Call) and not node.args and isinstance(node.func, m.Name)


def words(node: m.Expression) -> Iterator[str]:
    """The names and strings that stand in an expression."""
    for each in walk(node):
        if isinstance(each, m.Name):
            yield each.id
        elif isinstance(each, m.Attribute):
            yield each.attr
        elif isinstance(each, m.Constant) and isinstance(each.value, str):
            yield each.value
