"""Timers and delayed tasks that arm themselves again, and so never end."""

from __future__ import annotations

from typing import Final

from ..facts import model as m
from .index import Scope, last_name, own_statements, walk
from .lifetimes import Place
from .loops import stops_by_request
from .resolve import Resolver
from .spawns import Spawn, Spawns
from .values import FunctionValue, Invocation, Partial, Value

_MAX_DEPTH: Final = 4


class Timers:
    """Decides whether a spawned callable arms itself again."""

    def __init__(self, resolver: Resolver, spawns: Spawns) -> None:
        self._resolver = resolver
        self._spawns = spawns

    def rearms(self, spawn: Spawn) -> tuple[Scope, tuple[Place, ...]] | None:
        """The callback that arms itself again, and where it does; None if none does."""
        if spawn.row.name == "tornado.PeriodicCallback":
            for value in spawn.values:
                function = started_function(value)
                if function is not None:
                    place = Place(spawn.module, spawn.call.at, "a PeriodicCallback runs until stopped")
                    return function, (place,)
        for value in spawn.values:
            function = started_function(value)
            if function is None:
                continue
            if spawn.kind == "task" and not _sleeps(function):
                continue
            depth = _MAX_DEPTH if spawn.kind == "timer" else 1
            steps = self._arms(function, function, spawn.kind, depth, set())
            if steps is not None:
                return function, steps
        return None

    def _arms(
        self, within: Scope, target: Scope, kind: str, depth: int, seen: set[Scope]
    ) -> tuple[Place, ...] | None:
        """How running ``within`` arms ``target`` again."""
        seen.add(within)
        for node in walk(*within.body):
            if not isinstance(node, m.Call):
                continue
            spawn = self._spawns.at(node, within.module)
            if spawn is not None:
                if spawn.kind == kind and any(started_function(v) is target for v in spawn.values):
                    if self._unconditional(node, within):
                        text = f"{within.label} arms {target.label} again"
                        return (Place(within.module, node.at, text),)
                continue
            if depth == 0:
                continue
            for value in self._resolver.evaluate(node.func, within):
                if isinstance(value, FunctionValue) and value.scope not in seen:
                    if not self._unconditional(node, within):
                        continue
                    inner = self._arms(value.scope, target, kind, depth - 1, seen)
                    if inner is not None:
                        text = f"{within.label} calls {value.scope.label}"
                        return (Place(within.module, node.at, text), *inner)
        return None

    @staticmethod
    def _unconditional(node: m.Node, within: Scope) -> bool:
        """Whether only a request to stop keeps the callback from arming itself again."""
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
    """Whether a condition asks a counter that the callback itself moves on."""
    words = {last_name(node) for node in walk(test) if isinstance(node, m.Name | m.Attribute)}
    return any(
        isinstance(statement, m.Augment) and last_name(statement.target) in words
        for statement in own_statements(function.body)
    )


def started_function(value: Value) -> Scope | None:
    """The function that a spawned value runs first."""
    if isinstance(value, Partial):
        value = value.target
    if isinstance(value, Invocation):
        value = value.function
    return value.scope if isinstance(value, FunctionValue) else None


def _sleeps(function: Scope) -> bool:
    return any(
        isinstance(node, m.Call) and last_name(node.func) in ("sleep", "wait", "wait_for")
        for node in walk(*function.body)
    )
