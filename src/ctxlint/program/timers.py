"""Timers and delayed tasks that arm themselves again, and so never end.

What a callback runs and what it arms make a graph.  A chain is endless where an arming leads back
to the function that arms, and nothing but a request to stop can break it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from ..facts import model as m
from .calls import CallGraph
from .lifetimes import Lifetimes
from .loops import stops_by_request
from .places import Place
from .resolve import Resolver
from .scope import Scope
from .spawns import Spawn, Spawns
from .trees import last_name, walk
from .uses import Use
from .values import FunctionValue, Invocation, Partial, Value

_MAX_FUNCTIONS: Final = 24
_PERIODIC: Final = "tornado.PeriodicCallback"


class Chain(Struct, frozen=True):
    """An endless chain: the callback first armed, all functions on it, and where it goes on."""

    callback: Scope
    functions: frozenset[Scope]
    steps: tuple[Place, ...]


class _Edge(Struct, frozen=True):
    """``source`` runs ``target``, at once or (``arms``) later."""

    source: Scope
    target: Scope
    arms: bool
    place: Place


class Timers:
    """Decides whether what a spawn arms goes on for ever."""

    def __init__(
        self, resolver: Resolver, spawns: Spawns, calls: CallGraph, lifetimes: Lifetimes
    ) -> None:
        self._lifetimes = lifetimes
        self._resolver = resolver
        self._spawns = spawns
        self._calls = calls

    def chain(self, spawn: Spawn) -> Chain | None:
        """The endless chain that a timer or a delayed task starts; None if it ends."""
        for value in spawn.values:
            callback = started_function(value)
            if callback is None:
                continue
            if spawn.row.name == _PERIODIC:
                place = Place(spawn.module, spawn.call.at, "a PeriodicCallback runs until stopped")
                return Chain(callback, frozenset({callback}), (place,))
            if spawn.kind == "timer" or _sleeps(callback):
                found = self._cycle(callback)
                if found is not None:
                    return found
        return None

    def _cycle(self, callback: Scope) -> Chain | None:
        edges = self._reachable(callback)
        after: dict[Scope, set[Scope]] = {}
        for edge in edges:
            after.setdefault(edge.source, set()).add(edge.target)
        for edge in edges:
            if edge.arms:
                back = _all_after(edge.target, after)
                if edge.source in back:
                    on_cycle = {f for f in back if edge.source in _all_after(f, after)}
                    return Chain(callback, frozenset({callback, *on_cycle}), (edge.place,))
        return None

    def _reachable(self, callback: Scope) -> list[_Edge]:
        found: list[_Edge] = []
        pending, seen = [callback], {callback}
        while pending and len(seen) < _MAX_FUNCTIONS:
            for edge in self._edges(pending.pop(0)):
                found.append(edge)
                if edge.target not in seen:
                    seen.add(edge.target)
                    pending.append(edge.target)
        return found

    def _edges(self, source: Scope) -> Iterator[_Edge]:
        """What a function surely runs or arms."""
        for node in source.nodes:
            if not isinstance(node, m.Call) or not _is_certain(node, source):
                continue
            spawn = self._spawns.at(node, source.module)
            if spawn is not None:
                arms = spawn.kind == "timer"
                if arms or spawn.kind in ("task", "callback"):
                    for value in spawn.values:
                        target = started_function(value)
                        if target is not None and self._lifetimes.of(value) is None:
                            later = arms or _sleeps(target)
                            yield self._edge(source, target, later, node.at)
                continue
            for value in self._resolver.evaluate(node.func, source):
                if isinstance(value, FunctionValue) and value.scope.module is source.module:
                    yield self._edge(source, value.scope, False, node.at)

    @staticmethod
    def _edge(source: Scope, target: Scope, arms: bool, at: int) -> _Edge:
        verb = "arms" if arms else "runs"
        text = f"{source.label} {verb} {target.label} again"
        return _Edge(source, target, arms, Place(source.module, at, text))

    # --- first arming --------------------------------------------------------------------------

    def outside_uses(self, chain: Chain) -> Iterator[Use]:
        """The uses of a chain's functions by functions that are not on it."""
        for function in chain.functions:
            for use in self._calls.uses(function):
                if use.scope not in chain.functions:
                    yield use


def _all_after(start: Scope, after: dict[Scope, set[Scope]]) -> set[Scope]:
    found: set[Scope] = {start}
    pending = [start]
    while pending:
        for target in after.get(pending.pop(), ()):
            if target not in found:
                found.add(target)
                pending.append(target)
    return found


def _is_certain(node: m.Node, within: Scope) -> bool:
    """Whether only a request to stop keeps the callback from running a node."""
    inner = node
    for around in within.module.ancestors(node):
        if isinstance(around, m.Handler):
            return False
        if isinstance(around, m.If) and inner is not around.test:
            if not stops_by_request(around.test) or _counts(around.test, within):
                return False
        inner = around
    return True


def _counts(test: m.Expression, function: Scope) -> bool:
    """Whether a condition asks a counter: moved on by the callback, or passed from run to run."""
    parameters = {p.name for p in function.function.parameters} if function.function else set()
    passed_on = any(
        isinstance(node, m.Compare)
        and any(op in ("<", ">", "<=", ">=") for op in node.operators)
        and any(isinstance(each, m.Name) and each.id in parameters for each in node.operands)
        for node in walk(test)
    )
    words = {last_name(node) for node in walk(test) if isinstance(node, m.Name | m.Attribute)}
    moved = any(
        isinstance(statement, m.Augment) and last_name(statement.target) in words
        for statement in function.statements
    )
    return moved or passed_on


def started_function(value: Value) -> Scope | None:
    """The function that a spawned value runs first."""
    if isinstance(value, Partial):
        target = value.target
        return target.scope if isinstance(target, FunctionValue) else None
    if isinstance(value, Invocation):
        return value.function.scope
    return value.scope if isinstance(value, FunctionValue) else None


def _sleeps(function: Scope) -> bool:
    return any(
        isinstance(node, m.Call) and last_name(node.func) in ("sleep", "wait", "wait_for")
        for node in function.nodes
    )
