"""Attributes: what ``value.name`` is, for instances, classes, modules and names of libraries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import apis
from .bindings import Binding
from .classes import is_abstract
from .index import Scope
from .values import (
    ClassValue,
    External,
    FunctionValue,
    Instance,
    ModuleValue,
    Value,
    Values,
    union,
)

if TYPE_CHECKING:
    from .resolve import Resolver


class Members:
    """Resolves attributes; part of the `Resolver`."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver

    def attribute(self, values: Values, name: str) -> Values:
        """What ``value.name`` is, for every value."""
        return union(*(self._attribute(value, name) for value in values))

    def _attribute(self, value: Value, name: str) -> Values:
        if isinstance(value, ModuleValue):
            return self._resolver.member_of_module(value.module, name)
        if isinstance(value, External):
            return (External(apis.canonical(f"{value.name}.{name}")),)
        if isinstance(value, Instance):
            if isinstance(value.of, Scope):
                return self._instance_member(value.of, name, value)
            part = apis.PARTS.get(f"{value.of}.{name}")
            if part is not None:
                return (Instance(part, value.origin, value.scope),)
            return (External(apis.canonical(f"{value.of}.{name}"), value),)
        if isinstance(value, ClassValue):
            return self._class_member(value.scope, name)
        return ()

    def _class_member(self, cls: Scope, name: str) -> Values:
        method = self._resolver.classes.method(cls, name)
        if method is not None:
            bound = cls if method.decorated_with("classmethod") else None
            return (FunctionValue(method, bound),)
        return self._member_values(cls, name)

    def _instance_member(self, cls: Scope, name: str, instance: Instance | None = None) -> Values:
        """What an attribute of an instance is: a bound method, a property's result, a value."""
        method = self._resolver.classes.method(cls, name)
        if method is not None:
            if method.decorated_with("property", "cached_property", "lazy_property"):
                return self._resolver.results.returned(FunctionValue(method, cls))
            found: list[Value] = [FunctionValue(method, cls)]
            if is_abstract(method):
                found = [
                    FunctionValue(each, each.owner)
                    for each in self._resolver.classes.overrides(cls, name)
                ]
                found = found or [FunctionValue(method, cls)]
            return tuple(found)
        values = self._member_values(cls, name)
        if values:
            return values
        below = [
            FunctionValue(each, each.owner) for each in self._resolver.classes.overrides(cls, name)
        ]
        if below:
            return tuple(below)
        bases = self._resolver.classes.external_bases(cls)
        return tuple(External(apis.canonical(f"{base}.{name}"), instance) for base in bases)

    def _member_values(self, cls: Scope, name: str) -> Values:
        return self._resolver.fixpoint.solve((cls, name), lambda: self._all_members(cls, name), ())

    def _all_members(self, cls: Scope, name: str) -> Values:
        members = self._resolver.classes.members(cls, name)
        return union(*(self._member(binding, where, name) for binding, where in members))

    def _member(self, binding: Binding, where: Scope, name: str) -> Values:
        values = self._resolver.bound(binding, where, name)
        if where.is_class and binding.value is not None:
            return self._field_default(values, where)
        return values

    def _field_default(self, values: Values, where: Scope) -> Values:
        """``field(default_factory=f)`` of a dataclass is what f returns."""
        found: list[Values] = []
        for value in values:
            if isinstance(value, Instance) and value.origin is not None:
                factories = [k.value for k in value.origin.keywords if k.name == "default_factory"]
                if factories:
                    made = self._resolver.evaluate(factories[0], where)
                    found.append(self._resolver.results.called(made, value.origin, where))
                    continue
            found.append((value,))
        return union(*found)
