"""Carriers: which items take a captured context along to whoever handles them."""

from __future__ import annotations

from typing import Final

from .. import apis
from ..facts import model as m
from .making import default_factory, stored_by_name
from .resolve import Resolver
from .scope import Scope
from .trees import last_name, walk
from .values import (
    ClassValue,
    External,
    FunctionValue,
    Instance,
    Literal,
    Value,
)

_MAX_DEPTH: Final = 5


class Carriers:
    """Follows captures through names, constructors, factories and functions into items."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver

    def carries(self, item: m.Expression, scope: Scope, depth: int = _MAX_DEPTH) -> bool:
        """Whether a captured context (or something made of one) travels with an item."""
        if depth <= 0:
            return False
        for node in walk(item):
            if isinstance(node, m.Call) and self._call_captures(node, scope, depth):
                return True
            if isinstance(node, m.Name | m.Attribute) and self._name_carries(node, scope, depth):
                return True
            if isinstance(node, m.Comprehension) and self.reads_variables(node, scope):
                return True
            if isinstance(node, m.Lambda):
                inner = scope.module.scopes[node.function]
                if any(self.carries(n, inner, depth - 1) for n in _returns(inner)):
                    return True
        return False

    def reads_variables(self, made: m.Comprehension, scope: Scope) -> bool:
        """``{variable: variable.get() for variable in VARIABLES}``: a snapshot of one's own."""
        variables = {
            clause.target.id
            for clause in made.clauses
            if isinstance(clause.target, m.Name)
            and any(
                isinstance(value, Instance) and value.of == apis.CONTEXT_VARIABLE
                for value in self._resolver.elements.of(self._resolver.evaluate(clause.iter, scope))
            )
        }
        return any(
            isinstance(node, m.Attribute)
            and node.attr == "get"
            and isinstance(node.value, m.Name)
            and node.value.id in variables
            for node in walk(*made.elements)
        )

    def _call_captures(self, call: m.Call, scope: Scope, depth: int) -> bool:
        for value in self._resolver.evaluate(call.func, scope):
            if isinstance(value, External) and value.name in apis.CAPTURES:
                return True
            if isinstance(value, FunctionValue) and self._captures(value.scope, depth):
                return True
            if isinstance(value, ClassValue) and self._class_captures(value.scope, depth):
                return True
        return False

    def _name_carries(self, node: m.Name | m.Attribute, scope: Scope, depth: int) -> bool:
        values = self._resolver.evaluate(node, scope)
        if any(self._value_carries(value, depth) for value in values):
            return True
        home = self._resolver.binding_scope(node.id, scope) if isinstance(node, m.Name) else None
        if home is None or home.function is None or not isinstance(node, m.Name):
            return False
        return self.is_injected(node, scope) or any(
            self.carries(binding.value, home, depth - 1)
            if binding.kind == "value" and binding.value is not None
            else not values and self._is_passed_with_context(binding.node, home, depth)
            for binding in home.bindings[node.id]
        )

    def _is_passed_with_context(self, parameter: m.Node, home: Scope, depth: int) -> bool:
        """Whether all callers pass what carries, where the type says nothing: ``item: Any``."""
        if not isinstance(parameter, m.Parameter) or parameter.annotation is None:
            return False
        if last_name(parameter.annotation) not in ("Any", "object"):
            return False
        passed = [
            (each, where)
            for each, where in self._resolver.arguments_of(home, parameter)
            if not isinstance(each, m.Constant)
        ]
        return bool(passed) and all(self.carries(each, where, depth - 1) for each, where in passed)

    def is_injected(self, name: m.Name, scope: Scope) -> bool:
        """Whether the current context is written into a mapping: ``inject(headers)``."""
        home = self._resolver.binding_scope(name.id, scope)
        if home is not scope or scope.function is None:
            return False
        for node in scope.module.uses(name.id):
            parent = scope.module.parents.get(node)
            call = scope.module.parents.get(parent) if isinstance(parent, m.Keyword) else parent
            if not isinstance(call, m.Call) or scope.module.scope_of(call) is not scope:
                continue
            if node in call.args[:1] or (
                isinstance(parent, m.Keyword) and parent.name == "carrier"
            ):
                values = self._resolver.evaluate(call.func, scope)
                if any(isinstance(v, External) and v.name in apis.INJECTORS for v in values):
                    return True
        return False

    def _value_carries(self, value: Value, depth: int) -> bool:
        if _is_context(value):
            return True
        if isinstance(value, External):
            return value.name == apis.CONTEXT_RUN
        if isinstance(value, Instance) and isinstance(value.of, Scope):
            return self._class_captures(value.of, depth) or self._holds_context(value, depth)
        if isinstance(value, Instance):
            return isinstance(value.of, str) and value.of.removesuffix("()") in apis.CAPTURES
        if isinstance(value, FunctionValue) and value.receiver is None:
            return depth > 1 and self._closure_carries(value.scope, depth)
        if isinstance(value, Literal) and not isinstance(value.node, m.Constant):
            return self.carries(value.node, value.scope, depth - 1)
        return False

    def _closure_carries(self, function: Scope, depth: int) -> bool:
        """A nested function that uses a context of the function around it."""
        if function.parent is None or function.parent.function is None:
            return False
        return any(
            self._name_carries(node, function, depth - 1)
            for node in function.nodes
            if isinstance(node, m.Name) and node.id not in function.bindings
        )

    def _holds_context(self, value: Instance, depth: int) -> bool:
        """An envelope made with a context among its arguments."""
        if value.origin is None or value.scope is None:
            return False
        arguments = (*value.origin.args, *(k.value for k in value.origin.keywords))
        return any(self.carries(each, value.scope, depth - 1) for each in arguments)

    def _captures(self, function: Scope, depth: int) -> bool:
        """Whether a function returns a captured context or something that holds one."""
        return self._resolver.fixpoint.solve(
            ("captures", function, depth),
            lambda: any(self.carries(each, function, depth - 1) for each in _returns(function)),
            False,
        )

    def _class_captures(self, cls: Scope, depth: int) -> bool:
        """Whether making an object captures: in the constructor or a default factory."""
        return self._resolver.fixpoint.solve(
            ("class captures", cls, depth), lambda: self._makes_capture(cls, depth), False
        )

    def _makes_capture(self, cls: Scope, depth: int) -> bool:
        if apis.ENVELOPE in self._resolver.classes.external_bases(cls):
            return True
        for ancestor in self._resolver.classes.lineage(cls):
            for name in ("__init__", "__post_init__", "__new__"):
                for binding in ancestor.bindings.get(name, ()):
                    inner = ancestor.module.scopes.get(binding.node)
                    if inner is not None and self._stores_capture(inner, depth):
                        return True
            for bindings in ancestor.bindings.values():
                for binding in bindings:
                    if binding.value is not None and self._factory_captures(
                        binding.value, ancestor
                    ):
                        return True
        return False

    def _stores_capture(self, constructor: Scope, depth: int) -> bool:
        return depth > 0 and any(
            (isinstance(node, m.Call) and self._call_captures(node, constructor, depth - 1))
            or (isinstance(node, m.Comprehension) and self.reads_variables(node, constructor))
            for stored in map(_stored, constructor.statements)
            for node in walk(*stored)
        )

    def _factory_captures(self, value: m.Expression, scope: Scope) -> bool:
        factory = default_factory(value)
        if factory is None:
            return False
        for each in self._resolver.evaluate(factory, scope):
            if isinstance(each, External) and each.name in apis.CAPTURES:
                return True
            if isinstance(each, FunctionValue) and self._captures(each.scope, _MAX_DEPTH):
                return True
        return False


def _stored(statement: m.Node) -> tuple[m.Expression, ...]:
    """What a statement stores under a name, or in an attribute."""
    if isinstance(statement, m.Assign):
        return () if statement.value is None else (statement.value,)
    named = stored_by_name(statement)
    return () if named is None else named[2:]


def _returns(function: Scope) -> list[m.Expression]:
    return [
        statement.value
        for statement in function.statements
        if isinstance(statement, m.Return) and statement.value is not None
    ]


def _is_context(value: Value) -> bool:
    return isinstance(value, Instance) and value.of == "contextvars.Context"
