"""Attributes: what ``value.name`` is, for instances, classes, modules and names of libraries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import apis
from ..facts import model as m
from .bindings import Binding
from .classes import PROPERTIES, is_abstract
from .scope import Scope
from .values import (
    ClassValue,
    External,
    FunctionValue,
    Instance,
    ModuleValue,
    Value,
    Values,
    is_none,
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
            if method.decorated_with(*PROPERTIES):
                return self._resolver.results.returned(FunctionValue(method, cls))
            bound = (FunctionValue(method, cls),)
            if is_abstract(method):
                return self._below(cls, name) or bound
            return bound
        values = self._member_values(cls, name)
        if values:
            return values
        below = self._below(cls, name)
        if below:
            return below
        bases = self._resolver.classes.external_bases(cls)
        return tuple(External(apis.canonical(f"{base}.{name}"), instance) for base in bases)

    def _below(self, cls: Scope, name: str) -> Values:
        """The methods of subclasses."""
        methods = self._resolver.classes.some_overrides(cls, name)
        return tuple(FunctionValue(each, each.owner) for each in methods)

    def _member_values(self, cls: Scope, name: str) -> Values:
        return self._resolver.fixpoint.solve((cls, name), lambda: self._all_members(cls, name), ())

    def _all_members(self, cls: Scope, name: str) -> Values:
        members = self._resolver.classes.members(cls, name)
        return union(*(self._member(binding, where, name) for binding, where in members))

    def _member(self, binding: Binding, where: Scope, name: str) -> Values:
        values = self._resolver.bound(binding, where, name)
        if where.is_class and binding.value is not None:
            return self._field_default(values, binding, where)
        return values

    def _field_default(self, values: Values, binding: Binding, where: Scope) -> Values:
        """What a class says of its objects' field by ``field(default_factory=f)``, and by the
        annotation beside it."""
        found: list[Values] = []
        for value in values:
            call = value.origin if isinstance(value, Instance) else None
            factories = _keywords(call, "default_factory")
            if call is not None and factories:
                made = self._resolver.evaluate(factories[0], where)
                found.append(self._resolver.results.called(made, call, where))
            elif isinstance(value, Instance) and value.of in apis.FIELDS:
                given = _keywords(call, "default") or list(call.args[:1] if call else ())
                defaults = [self._resolver.evaluate(each, where) for each in given]
                found += [tuple(v for v in each if not is_none(v)) for each in defaults]
                if binding.annotation is not None:
                    found.append(self._resolver.annotations.types(binding.annotation, where))
            else:
                found.append((value,))
        return union(*found)


def _keywords(call: m.Call | None, name: str) -> list[m.Expression]:
    return [each.value for each in call.keywords if each.name == name] if call is not None else []
