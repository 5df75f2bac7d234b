"""What the attributes of a new object are made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from ..facts import model as m
from .arguments import argument_for
from .classes import self_name
from .resolve import Resolver
from .scope import Scope
from .trees import dotted_name, last_name, offset
from .values import Instance

_MAKING: Final = ("__init__", "__post_init__")
_SETTING: Final = ("__setattr__", "setattr")

Made = tuple[str, m.Expression, Scope]
"""An attribute, what it is made of, and where that is evaluated."""


class Making:
    """Follows what objects of the project's classes are given when they are made."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver: Final = resolver

    def attributes(self, value: Instance, cls: Scope) -> Iterator[Made]:
        """What the attributes of a new object get, and where that is evaluated."""
        if self._resolver.classes.method(cls, "__init__") is None:
            yield from self._given_fields(value, cls)
        for method in (self._resolver.classes.method(cls, name) for name in _MAKING):
            if method is not None:
                yield from _assigned(method, value)

    def _given_fields(self, value: Instance, cls: Scope) -> Iterator[Made]:
        """The same of a class that takes its fields, one after the other."""
        made, maker = value.origin, value.scope
        for index, name in enumerate(self.fields(cls)):
            given: list[m.Expression] = []
            if made is not None:
                given = [keyword.value for keyword in made.keywords if keyword.name == name]
                given = given or list(made.args[index : index + 1])
            if given and maker is not None:
                yield name, given[0], maker
            else:
                yield from self._default(name, cls)

    def _default(self, name: str, cls: Scope) -> Iterable[Made]:
        """What makes a field that is not given."""
        for ancestor in self._resolver.classes.lineage(cls):
            for binding in ancestor.bindings.get(name, ()):
                factory = default_factory(binding.value) if binding.value is not None else None
                if factory is not None:
                    yield name, m.Call(factory, (), (), offset(factory)), ancestor
                    return

    def fields(self, cls: Scope) -> list[str]:
        """The names of the annotated fields of a class, in the order of its constructor."""
        found: dict[str, None] = {}
        for ancestor in reversed(self._resolver.classes.lineage(cls)):
            for name, bindings in ancestor.bindings.items():
                if bindings[0].annotation is not None:
                    found[name] = None
        return list(found)


def _assigned(constructor: Scope, value: Instance) -> Iterator[Made]:
    """What a constructor stores; for a parameter, what the object was made with."""
    made, maker = value.origin, value.scope
    for name, stored in _stored(constructor):
        parameter = _parameter(stored, constructor)
        if parameter is None or made is None or maker is None:
            yield name, stored, constructor
            continue
        given = argument_for(constructor, parameter, made.args, made.keywords)
        if given is not None:
            yield name, given, maker


def _stored(constructor: Scope) -> Iterator[tuple[str, m.Expression]]:
    own = self_name(constructor)
    for statement in constructor.statements:
        if isinstance(statement, m.Assign) and statement.value is not None:
            for target in statement.targets:
                if isinstance(target, m.Attribute) and dotted_name(target.value) == own:
                    yield target.attr, statement.value
        elif (named := stored_by_name(statement)) is not None:
            about, name, value = named
            if about is None or dotted_name(about) == own:
                yield name, value


def stored_by_name(statement: m.Node) -> tuple[m.Expression | None, str, m.Expression] | None:
    """``object.__setattr__(self, "name", value)``, as frozen classes store what they are given.

    The object is None where it is that of ``super()``.
    """
    call = statement.value if isinstance(statement, m.Evaluate) else None
    if not isinstance(call, m.Call) or last_name(call.func) not in _SETTING:
        return None
    *about, name, value = call.args if len(call.args) in (2, 3) else (call, call)
    if not isinstance(name, m.Constant) or not isinstance(name.value, str):
        return None
    return about[0] if about else None, name.value, value


def _parameter(expression: m.Expression, constructor: Scope) -> m.Parameter | None:
    """The parameter of a constructor that an expression is."""
    function = constructor.function
    if function is None or not isinstance(expression, m.Name):
        return None
    return next((each for each in function.parameters if each.name == expression.id), None)


def default_factory(value: m.Expression) -> m.Expression | None:
    """``field(default_factory=f)``: what makes the value of a field that is not given."""
    if isinstance(value, m.Call) and last_name(value.func) in ("field", "Factory", "ib", "Field"):
        for keyword in value.keywords:
            if keyword.name in ("default_factory", "factory"):
                return keyword.value
    return None
