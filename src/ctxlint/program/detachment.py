"""Detachment: which spawns run in a context that holds nothing of their spawner's."""

from __future__ import annotations

import re
from functools import cached_property
from typing import Final

from .. import apis
from ..facts import model as m
from .entries import matches
from .index import ModuleIndex, Scope
from .resolve import Resolver
from .spawns import Spawn
from .starting import starts_of
from .trees import last_name, own_statements, walk
from .values import (
    External,
    FunctionValue,
    Instance,
    Invocation,
    Partial,
    Values,
)

_VARIABLE: Final = re.compile(rb"(\w+)(?:\s*:[^=\n]+)?\s*=\s*(?:contextvars\.)?ContextVar\b")


class Detachment:
    """Says whether a spawn is given a context, or it is cleared around it or first thing in it."""

    def __init__(self, resolver: Resolver, table: apis.Table) -> None:
        self._resolver = resolver
        self._table = table

    def of(self, spawn: Spawn) -> str | None:
        """How a spawn is detached from its spawner's context, as a phrase; None if it is not."""
        if spawn.row.detached:
            return f"{spawn.row.name} starts it without the caller's context"
        scope = spawn.scope
        given = self._given_context(spawn)
        if given is not None:
            return given
        return (
            self._cleared_around(spawn.call, scope)
            or self._clears_first(spawn)
            or self._started_by_runner(spawn)
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

    def _cleared_around(self, call: m.Call, scope: Scope) -> str | None:
        """The context is cleared before the spawn in the same function, or by a ``with`` around."""
        for node in walk(*scope.body):
            if isinstance(node, m.Call) and node.at < call.at:
                phrase = self._clears(node, scope)
                if phrase is not None and not _in_other_branch(node, call, scope):
                    return phrase
        for around in scope.module.ancestors(call):
            if isinstance(around, m.With):
                for item in around.items:
                    phrase = self._clearing_with(item.context, scope)
                    if phrase is not None:
                        return phrase
        return None

    def _clearing_with(self, context: m.Expression, scope: Scope) -> str | None:
        for value in self._resolver.evaluate(context, scope):
            if isinstance(value, Invocation):
                if matches(value.function.scope.dotted, self._table.detaching):
                    return f"{value.function.scope.label}() detaches it"
                phrase = self._clears_context(value.function.scope)
                if phrase is not None:
                    return phrase
        if isinstance(context, m.Call):
            return self._clears(context, scope)
        return None

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

    def _clears(self, call: m.Call, scope: Scope) -> str | None:
        """``attach(Context())``, ``var.set(None)``, ``clear_contextvars()``."""
        name = last_name(call.func)
        if name in ("attach", "use_span") and call.args:
            if self._is_empty(call.args[0], scope):
                return f"{name}() of an empty context comes before it"
        if name == "clear_contextvars":
            return "the log context is cleared before it"
        if name == "set" and isinstance(call.func, m.Attribute) and call.args:
            values = self._resolver.evaluate(call.func, scope)
            is_variable = any(
                isinstance(v, External) and v.name == f"{apis.CONTEXT_VARIABLE}.set" for v in values
            )
            if is_variable and self._clears_all(scope):
                return "its context variables are cleared before it"
        return None

    def _clears_all(self, scope: Scope) -> bool:
        """Whether a function sets every context variable of the project to nothing.

        Clearing some variables detaches only those: the others still leak.
        """
        cleared = {
            last_name(node.func.value)
            for node in walk(*scope.body)
            if isinstance(node, m.Call)
            and isinstance(node.func, m.Attribute)
            and node.func.attr == "set"
            and node.args
            and self._is_empty(node.args[0], scope)
        }
        return self._variables <= cleared

    @cached_property
    def _variables(self) -> set[str]:
        """The names of the project's context variables, by their bytes."""
        sources = self._resolver.modules.sources
        return {
            match.decode()
            for path in sources.matching(_VARIABLE)
            for match in _VARIABLE.findall(sources.read(path))
        }

    def _is_empty(self, argument: m.Expression, scope: Scope) -> bool:
        if isinstance(argument, m.Constant):
            return argument.value is None
        if isinstance(argument, m.Sequence):
            return not argument.elements
        if isinstance(argument, m.Mapping):
            return not argument.values
        if last_name(argument) in ("INVALID_SPAN", "INVALID_SPAN_CONTEXT"):
            return True
        if isinstance(argument, m.Call):
            return last_name(argument.func) == "Context" and not argument.args
        return False

    def _clears_context(self, function: Scope) -> str | None:
        """How a function's body clears the context, whatever it is called."""
        for node in walk(*function.body):
            if isinstance(node, m.Call):
                phrase = self._clears(node, function)
                if phrase is not None:
                    return phrase
        return None

    def _clears_first(self, spawn: Spawn) -> str | None:
        """The worker itself clears its context before its loop."""
        for value in spawn.values:
            function = value.function if isinstance(value, Invocation) else value
            if not isinstance(function, FunctionValue):
                continue
            for statement in function.scope.body:
                if isinstance(statement, m.While | m.For):
                    break
                for node in walk(statement):
                    if isinstance(node, m.While | m.For):
                        break
                    if isinstance(node, m.Call) and self._clears(node, function.scope):
                        return "the worker clears its context first"
        return None


def _context_key(name: str, scope: Scope) -> m.Expression | None:
    """What a function assigns to ``name["context"]``, or gives in the dict itself."""
    for statement in own_statements(scope.body):
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


def _in_other_branch(node: m.Node, call: m.Call, scope: Scope) -> bool:
    """Whether a clearing call stands under a condition that the spawn does not stand under."""
    around = set(scope.module.ancestors(call))
    return any(
        isinstance(each, m.If | m.Handler) and each not in around
        for each in scope.module.ancestors(node)
    )


def _is_coroutine_function(values: Values) -> bool:
    """Whether a function's body runs only at an await: running it elsewhere detaches nothing."""
    return any(
        isinstance(v, FunctionValue) and v.scope.function is not None and v.scope.function.is_async
        for v in values
    )
