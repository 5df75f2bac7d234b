"""Pools: which one a spawn gives its work to, and whether it takes the context along by itself."""

from __future__ import annotations

from typing import Final, Literal

from .. import apis
from ..facts import model as m
from .contexts import Contexts
from .resolve import Resolver
from .scope import Scope
from .spawns import Spawn
from .trees import last_name, walk
from .values import (
    External,
    FunctionValue,
    Instance,
    Partial,
    Value,
    Values,
    is_none,
    union,
)

Pool = Literal["default", "threads", "unknown", "processes", "carrying"]
"""``default``: the loop's own; ``carrying``: its threads, or its ``submit``, see to the context."""

_RUN_IN: Final = ".run_in_executor"
_MAX_DEPTH: Final = 4
"""Through how many functions a pool is followed to where it is made."""
_SUBMITTING: Final = ("submit", "map", "apply_async")


class Pools:
    """Tells the pools of executor spawns from each other."""

    def __init__(self, resolver: Resolver, contexts: Contexts) -> None:
        self._resolver = resolver
        self._contexts = contexts

    def of(self, spawn: Spawn) -> Pool:
        """The pool that a spawn gives its work to."""
        expression = given_pool(spawn)
        if expression is None:
            return "unknown"
        if isinstance(expression, m.Constant):
            return "default"
        values = self._values(expression, spawn.scope, _MAX_DEPTH)
        kinds = {self._kind(value, spawn) for value in values}
        for kind in ("processes", "carrying", "unknown"):
            if kind in kinds:
                return kind
        return "threads" if kinds else "unknown"

    def _values(self, expression: m.Expression, scope: Scope, depth: int) -> Values:
        """What a pool can be: of a parameter, whatever its annotation, also what is passed."""
        values = self._resolver.evaluate(expression, scope)
        if not isinstance(expression, m.Name) or depth == 0:
            return values
        home = self._resolver.binding_scope(expression.id, scope)
        parameters = [
            binding.node
            for binding in (home.bindings[expression.id] if home is not None else ())
            if isinstance(binding.node, m.Parameter)
        ]
        passed = [
            self._values(argument, where, depth - 1)
            for parameter in parameters
            if home is not None
            for argument, where in self._resolver.arguments_of(home, parameter)
        ]
        return union(values, *passed)

    def _kind(self, value: Value, spawn: Spawn) -> Pool:
        if not isinstance(value, Instance):
            return "threads" if is_none(value) else "unknown"
        if self._replays(value):
            return "carrying"
        if isinstance(value.of, str):
            names: tuple[str, ...] = (value.of,)
        else:
            if self._submits_itself(value.of, spawn):
                return "carrying"
            names = self._resolver.classes.external_bases(value.of)
        if any(name in apis.PROCESS_POOLS for name in names):
            return "processes"
        return "threads" if any(name in apis.THREAD_POOLS for name in names) else "unknown"

    def _submits_itself(self, cls: Scope, spawn: Spawn) -> bool:
        """Whether a pool's class of the project submits in its own way: that is judged there.

        ``map`` and ``run_in_executor`` go through ``submit``.
        """
        methods = {self._resolver.classes.method(cls, name) for name in _SUBMITTING}
        return bool(methods - {None, spawn.scope})

    def _replays(self, pool: Instance) -> bool:
        """Whether each of a pool's threads begins by setting what the pool's maker knew."""
        if pool.origin is None or pool.scope is None:
            return False
        return any(
            self._sets(value)
            for keyword in pool.origin.keywords
            if keyword.name == "initializer"
            for value in self._resolver.evaluate(keyword.value, pool.scope)
        )

    def _sets(self, value: Value) -> bool:
        target = value.target if isinstance(value, Partial) else value
        if isinstance(target, External):
            return target.name in (apis.CONTEXT_RUN, f"{apis.CONTEXT_VARIABLE}.set") or (
                target.name in apis.CONTEXT_USE_BY_NAME
            )
        if not isinstance(target, FunctionValue):
            return False
        found = self._contexts.footprint((target.scope,))
        return any(each.kind == "set" for each in found.accesses) or _sets_all(target.scope)


def given_pool(spawn: Spawn) -> m.Expression | None:
    """The expression of the pool of an executor spawn."""
    call = spawn.call
    if spawn.row.name.endswith(_RUN_IN):
        return spawn.keyword("executor") or (call.args[0] if call.args else None)
    return call.func.value if isinstance(call.func, m.Attribute) else None


def _sets_all(function: Scope) -> bool:
    """``for variable, value in context.items(): variable.set(value)``"""
    return any(
        isinstance(node, m.For)
        and any(
            isinstance(each, m.Call) and last_name(each.func) == "set" for each in walk(*node.body)
        )
        for node in function.nodes
    )
