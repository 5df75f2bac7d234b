"""Detachment: which spawns run in a context that holds nothing of their spawner's."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Final

from .. import apis
from ..facts import model as m
from .clearing import Cleared, Clearing
from .entries import matches
from .index import ModuleIndex
from .resolve import Resolver
from .scope import Scope
from .sightings import assigned_variables
from .spawns import Spawn
from .starting import starts_of
from .timers import started_function
from .trees import last_name, walk
from .values import (
    External,
    FunctionValue,
    Instance,
    Invocation,
    Partial,
    Values,
)


class Detachment:
    """Says whether a spawn is given a context, or it is cleared around it or first thing in it."""

    def __init__(self, resolver: Resolver, table: apis.Table) -> None:
        self._resolver = resolver
        self._table = table
        self.clearing: Final = Clearing(resolver)

    def of(self, spawn: Spawn) -> str | None:
        """How a spawn is detached from its spawner's context, as a phrase; None if it is not."""
        return self.by_context(spawn) or self._cleared(spawn)

    def by_context(self, spawn: Spawn) -> str | None:
        """How a spawn runs in another context than its spawner's, or by which helper's leave."""
        if spawn.row.detached:
            return f"{spawn.row.name} starts it without the caller's context"
        return (
            self._given_context(spawn)
            or self._detaching_with(spawn)
            or self._started_by_runner(spawn)
            or self._runs_elsewhere(spawn)
        )

    def _started_by_runner(self, spawn: Spawn) -> str | None:
        """A thread object whose ``start`` is run in a context of its own."""
        if spawn.row.name not in ("threading.Thread", "threading.Timer"):
            return None
        phrases = [self.of_run(start, spawn.module) for start in starts_of(spawn)]
        return phrases[0] if phrases and all(phrases) else None

    def _given_context(self, spawn: Spawn) -> str | None:
        scope = spawn.scope
        if spawn.runner is not None and last_name(spawn.runner) and not spawn.row.awaited:
            if not self._is_copy(spawn.runner, scope):
                return "it is started through another context's run()"
        context = spawn.keyword("context") or self._unpacked_context(spawn, scope)
        if context is None:
            context = self._subclass_context(spawn)
        if context is not None and not self._is_copy(context, scope):
            return "it is given a context of its own"
        return self._runs_in_context(spawn.callee, scope) if spawn.callee is not None else None

    def _runs_in_context(self, callee: m.Expression, scope: Scope) -> str | None:
        """``Context().run`` as what is started: bare, in a partial, or through a variable."""
        if isinstance(callee, m.Attribute) and self._is_copy(callee.value, scope):
            return None
        for value in self._resolver.evaluate(callee, scope):
            target = value.target if isinstance(value, Partial) else value
            if isinstance(target, External) and target.name == apis.CONTEXT_RUN:
                if target.receiver is not None and self._is_fresh(target.receiver, scope):
                    return "it runs in a context of its own"
        return None

    def unpacks_context(self, spawn: Spawn) -> bool:
        """Whether a context is passed on by ``**kwargs``."""
        return self._unpacked_context(spawn, spawn.scope) is not None

    def _unpacked_context(self, spawn: Spawn, scope: Scope) -> m.Expression | None:
        """``**kwargs`` into which the function itself put a ``context``."""
        for keyword in spawn.call.keywords:
            if keyword.name is None and isinstance(keyword.value, m.Name):
                found = _context_key(keyword.value.id, scope)
                if found is not None:
                    return found
        return None

    def _subclass_context(self, spawn: Spawn) -> m.Expression | None:
        """A Thread subclass may pass ``context=`` on to ``Thread.__init__``."""
        if spawn.started is None:
            return None
        for cls in self._resolver.classes.lineage(spawn.started):
            for binding in cls.bindings.get("__init__", ()):
                if isinstance(binding.node, m.Function):
                    for node in walk(*cls.module.scopes[binding.node].body):
                        if isinstance(node, m.Call) and last_name(node.func) == "__init__":
                            for keyword in node.keywords:
                                if keyword.name == "context":
                                    return keyword.value
        return None

    def _is_copy(self, expression: m.Expression, scope: Scope) -> bool:
        """Whether a context is the caller's own: None, or a copy made in this very function."""
        if isinstance(expression, m.Constant):
            return expression.value is None
        if isinstance(expression, m.Call):
            func = self._resolver.evaluate(expression.func, scope)
            if isinstance(expression.func, m.Attribute) and expression.func.attr == "copy":
                return self._is_copy(expression.func.value, scope)
            return any(isinstance(v, External) and v.name == apis.CONTEXT_COPY for v in func)
        if isinstance(expression, m.Name):
            bindings = scope.bindings.get(expression.id, ())
            return any(
                binding.kind == "value"
                and binding.value is not None
                and self._is_copy(binding.value, scope)
                for binding in bindings
            )
        return False

    def _is_fresh(self, receiver: Instance, scope: Scope) -> bool:
        """Whether a Context is another than the current one: not a copy made in this function."""
        origin, made_in = receiver.origin, receiver.scope
        if origin is None or made_in is None or made_in is not scope:
            return True
        func = self._resolver.evaluate(origin.func, made_in)
        return not any(isinstance(v, External) and v.name == apis.CONTEXT_COPY for v in func)

    # --- clearing ------------------------------------------------------------------------------

    def _cleared(self, spawn: Spawn) -> str | None:
        """The context is cleared as a whole, around the spawn or first thing in what it starts.

        As a whole is: what a library keeps, or every variable of the project.
        """
        for cleared, phrase in self._clearings(spawn):
            whole = next((each for each in cleared if each.variable is None), None)
            if whole is not None:
                return phrase or whole.phrase
            if cleared and self._variables <= {each.label.rpartition(".")[2] for each in cleared}:
                return phrase or "its context variables are cleared before it"
        return None

    def _clearings(self, spawn: Spawn) -> Iterator[tuple[list[Cleared], str]]:
        yield self.clearing.around(spawn), ""
        for value in spawn.values:
            function = started_function(value)
            if function is not None:
                yield self.clearing.first_in(function), "the worker clears its context first"

    def _runs_elsewhere(self, spawn: Spawn) -> str | None:
        """What is started does no more than run the worker in an empty context."""
        functions = [started_function(value) for value in spawn.values]
        if functions and all(each is not None and self._only_runs(each) for each in functions):
            return "it runs in a context of its own"
        return None

    def _only_runs(self, function: Scope) -> bool:
        """``lambda: Context().run(worker)``."""
        *before, last = function.statements or (None,)
        if not isinstance(last, m.Return | m.Evaluate) or not isinstance(last.value, m.Call):
            return False
        return all(isinstance(each, m.Assign) for each in before) and any(
            isinstance(value, External)
            and value.name == apis.CONTEXT_RUN
            and value.receiver is not None
            and self._is_empty(value.receiver)
            for value in self._resolver.evaluate(last.value.func, function)
        )

    def _is_empty(self, context: Instance) -> bool:
        """Whether a context is known to be made anew, and to be no copy."""
        if context.origin is None or context.scope is None:
            return False
        func = self._resolver.evaluate(context.origin.func, context.scope)
        return any(isinstance(v, External) and v.name == apis.CONTEXT for v in func)

    def _detaching_with(self, spawn: Spawn) -> str | None:
        """A ``with`` block around a spawn that the settings call a detaching helper."""
        for around in spawn.module.ancestors(spawn.call):
            if isinstance(around, m.With):
                for item in around.items:
                    for value in self._resolver.evaluate(item.context, spawn.scope):
                        if isinstance(value, Invocation):
                            if matches(value.function.scope.dotted, self._table.detaching):
                                return f"{value.function.scope.label}() detaches it"
        return None

    @cached_property
    def _variables(self) -> set[str]:
        """The names of the project's context variables, by their bytes."""
        sources = self._resolver.modules.sources
        return {
            name
            for names in sources.answers(assigned_variables, "ContextVar").values()
            for name in names
        }

    def of_run(self, node: m.Expression, module: ModuleIndex) -> str | None:
        """``Context().run(f)``, ``run_detached(f)``: what f spawns is detached with it.

        So is what a spawner that is run so is given: ``run_detached(loop.call_later, 1, f)``.
        """
        call = module.parents.get(node)
        if not isinstance(call, m.Call) or not call.args:
            return None
        handed = call.args[0] is not node
        if handed and last_name(call.args[0]) not in self._table.spawner_words:
            return None
        scope = module.scope_of(call)
        for value in self._resolver.evaluate(call.func, scope):
            if isinstance(value, External):
                if value.name in self._table.detaching:
                    return f"{value.name}() runs it without the caller's context"
                if value.name == apis.CONTEXT_RUN and value.receiver is not None:
                    if handed or not _is_coroutine_function(self._resolver.evaluate(node, scope)):
                        if self._is_fresh(value.receiver, scope):
                            return "it runs in a context of its own"
            elif isinstance(value, FunctionValue):
                if matches(value.scope.dotted, self._table.detaching):
                    return f"{value.scope.label}() detaches it"
        return None


def _context_key(name: str, scope: Scope) -> m.Expression | None:
    """What a function assigns to ``name["context"]``, or gives in the dict itself."""
    for statement in scope.statements:
        if not isinstance(statement, m.Assign) or statement.value is None:
            continue
        for target in statement.targets:
            if isinstance(target, m.Subscript) and last_name(target.value) == name:
                if isinstance(target.index, m.Constant) and target.index.value == "context":
                    return statement.value
            if isinstance(target, m.Name) and target.id == name:
                found = _in_mapping(statement.value)
                if found is not None:
                    return found
    return None


def _in_mapping(value: m.Expression) -> m.Expression | None:
    if isinstance(value, m.Conditional):
        return _in_mapping(value.body) or _in_mapping(value.orelse)
    if isinstance(value, m.Mapping):
        for key, each in zip(value.keys, value.values, strict=True):
            if isinstance(key, m.Constant) and key.value == "context":
                return each
    if isinstance(value, m.Call):
        return next((k.value for k in value.keywords if k.name == "context"), None)
    return None


def _is_coroutine_function(values: Values) -> bool:
    """Whether a function's body runs only at an await: running it elsewhere detaches nothing."""
    return any(
        isinstance(v, FunctionValue) and v.scope.function is not None and v.scope.function.is_async
        for v in values
    )
