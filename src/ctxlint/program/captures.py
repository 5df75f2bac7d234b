"""Captured contexts: which expressions are one, where the copy is made, where one is entered."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from .. import apis
from ..facts import model as m
from .index import ModuleIndex
from .resolve import Resolver
from .scope import Scope
from .searches import member
from .trees import last_name, mentions
from .values import External, FunctionValue, Instance

_MAX_DEPTH: Final = 5
_NAMES: Final = re.compile("ctx|context|snapshot|captur", re.IGNORECASE)


class Captures:
    """Tells contexts from other values, and fresh copies from contexts made elsewhere."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver
        self._entries: dict[ModuleIndex, list[tuple[m.Call, m.Expression]]] = {}

    def is_context(self, expression: m.Expression, scope: Scope) -> bool:
        """Whether an expression is known to be, or may be, a ``contextvars.Context``."""
        return any(
            isinstance(value, Instance) and value.of == apis.CONTEXT
            for value in self._resolver.evaluate(expression, scope)
        )

    def entered(self, node: m.Node, scope: Scope) -> m.Expression | None:
        """The context of ``context.run``, called or handed on; None for anything else."""
        if isinstance(node, m.Attribute) and node.attr == "run":
            if self._is_plausible(node.value, scope) and self.is_context(node.value, scope):
                return node.value
        return None

    def may_enter(self, call: m.Call) -> bool:
        """Whether a call is ``context.run(f)`` by the name alone, of a context from anywhere."""
        func = call.func
        if not isinstance(func, m.Attribute) or func.attr != "run":
            return False
        return _NAMES.search(last_name(func.value)) is not None

    def _is_plausible(self, receiver: m.Expression, scope: Scope) -> bool:
        """Whether a receiver is worth resolving: many other things have a ``run``, too.

        What a parameter or an attribute is leads to the callers; a context goes by its name there.
        """
        name = last_name(receiver)
        if _NAMES.search(name) is not None or not isinstance(receiver, m.Name | m.Attribute):
            return True
        home = self._resolver.binding_scope(name, scope) if isinstance(receiver, m.Name) else None
        return home is not None and any(
            isinstance(each.value, m.Call)
            or (each.annotation is not None and mentions(each.annotation, {"Context"}))
            for each in home.bindings[name]
        )

    def entries(self, module: ModuleIndex) -> list[tuple[m.Call, m.Expression]]:
        """Where a module enters a context itself, ``context.run(f)``: the call and the context.

        In source order.
        """
        if module not in self._entries:
            found = self._find_entries(module)
            self._entries[module] = sorted(found, key=lambda each: each[0].at)
        return self._entries[module]

    def _find_entries(self, module: ModuleIndex) -> Iterator[tuple[m.Call, m.Expression]]:
        for node in module.uses("run", member("run")):
            call = module.parents.get(node)
            if isinstance(call, m.Call) and call.func is node:
                context = self.entered(node, module.scope_of(call))
                if context is not None:
                    yield call, context

    # --- copies --------------------------------------------------------------------------------

    def copied_in(
        self, expression: m.Expression, scope: Scope, depth: int = _MAX_DEPTH
    ) -> m.Call | None:
        """The call by which a function copies the context it runs in, for an expression in it.

        None for a context that comes from elsewhere: a parameter, the function around, an object.
        Of several possibilities all must be copies.
        """
        if depth == 0:
            return None
        if isinstance(expression, m.Call):
            return expression if self._copies(expression, scope, depth) else None
        if isinstance(expression, m.Assigned):
            return self.copied_in(expression.value, scope, depth)
        if isinstance(expression, m.Name):
            return self._all_copied(self._local_values(expression, scope), scope, depth)
        if isinstance(expression, m.Attribute):
            return self._all_copied(self._attribute_values(expression, scope), scope, depth)
        return None

    def _all_copied(
        self, values: list[m.Expression | None], scope: Scope, depth: int
    ) -> m.Call | None:
        found = [
            None if value is None else self.copied_in(value, scope, depth - 1)
            for value in values
            if not isinstance(value, m.Constant)  # None, until there is one
        ]
        return found[0] if found and None not in found else None

    def _local_values(self, name: m.Name, scope: Scope) -> list[m.Expression | None]:
        """What a function assigns to a name of its own; None for what it gets otherwise."""
        if self._resolver.binding_scope(name.id, scope) is not scope or scope.function is None:
            return []
        return [
            binding.value if binding.kind == "value" and not binding.path else None
            for binding in scope.bindings[name.id]
        ]

    def _attribute_values(self, attribute: m.Attribute, scope: Scope) -> list[m.Expression | None]:
        """What is assigned to an attribute; None for what other functions assign."""
        found: list[m.Expression | None] = []
        for value in self._resolver.evaluate(attribute.value, scope):
            if isinstance(value, Instance) and isinstance(value.of, Scope):
                members = self._resolver.classes.members(value.of, attribute.attr)
                found += [b.value if where is scope else None for b, where in members]
        return found

    def _copies(self, call: m.Call, scope: Scope, depth: int) -> bool:
        values = self._resolver.evaluate(call.func, scope)
        return bool(values) and all(
            (isinstance(value, External) and value.name == apis.CONTEXT_COPY)
            or (isinstance(value, FunctionValue) and self._returns_copy(value.scope, depth))
            for value in values
        )

    def _returns_copy(self, function: Scope, depth: int) -> bool:
        """Whether a helper returns a copy of the context that it is called in."""
        definition = function.function
        if definition is None or definition.is_async or definition.is_generator:
            return False
        returned = [each.value for each in function.statements if isinstance(each, m.Return)]
        return self._all_copied(returned, function, depth) is not None
