"""What the threads of the project's own Thread classes run, and what their objects keep for it."""

from __future__ import annotations

import sys
from typing import Final

from msgspec import Struct

from ..facts import model as m
from .arguments import argument_for
from .classes import self_name
from .making import Making
from .resolve import Resolver
from .scope import Scope
from .trees import last_name
from .values import FunctionValue, Instance, Partial, Values

SELF: Final = "self."
"""Before the name of an attribute, among the callables that a function is given."""
_TARGETS: Final = {"threading.Thread": ("target", 1), "threading.Timer": ("function", 1)}


class _Given(Struct, frozen=True):
    """What a constructor is called with, and where that is evaluated."""

    positional: tuple[m.Expression, ...]
    keywords: tuple[m.Keyword, ...]
    scope: Scope


Evaluated = tuple[m.Expression, Scope]


class Threads:
    """Follows what one object of a Thread class is made with."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver: Final = resolver
        self._making: Final = Making(resolver)

    def run_by(self, cls: Scope, made: Instance) -> Values:
        """What ``start()`` of an object runs: the class's ``run``, or what Thread's own calls."""
        run = self._resolver.classes.method(cls, "run")
        if run is not None:
            return (FunctionValue(run, cls, self._kept(cls, made)),)
        target = self._target(cls, made)
        if target is None:
            return ()
        values = _callables(self._evaluated(*target, cls))
        if isinstance(target[0], m.Call):  # what a call makes of it may run it in another context
            return tuple(v for v in values if isinstance(v, Partial) and v.call is target[0])
        return values

    def _kept(self, cls: Scope, made: Instance) -> tuple[tuple[str, Values], ...]:
        """The callables that this object keeps in attributes: those of others need not be told."""
        if made.origin is None or made.scope is None:
            return ()
        return tuple(
            (SELF + name, _callables(self._resolver.evaluate(given, where)))
            for name, given, where in self._making.attributes(made, cls)
            if where is made.scope and len(self._resolver.classes.members(cls, name)) == 1
        )

    def _evaluated(self, target: m.Expression, where: Scope, cls: Scope) -> Values:
        """A method of the object may be that of a class below the constructor's."""
        if isinstance(target, m.Attribute) and isinstance(target.value, m.Name):
            constructs = where.owner in self._resolver.classes.lineage(cls)
            if constructs and target.value.id == self_name(where):
                return self._resolver.members.attribute((Instance(cls),), target.attr)
        return self._resolver.evaluate(target, where)

    # --- the target of a class without a ``run`` of its own ---------------------------------------

    def _target(self, cls: Scope, made: Instance) -> Evaluated | None:
        constructors = [
            ancestor.module.scopes[binding.node]
            for ancestor in self._resolver.classes.lineage(cls)
            for binding in ancestor.bindings.get("__init__", ())
            if binding.kind == "function"
        ]
        call = made.origin
        given = _Given(call.args, call.keywords, made.scope) if call and made.scope else None
        for base in self._resolver.classes.external_bases(cls):
            if base in _TARGETS:
                return self._passed(constructors, given, *_TARGETS[base])
        return None

    def _passed(
        self, constructors: list[Scope], given: _Given | None, keyword: str, index: int
    ) -> Evaluated | None:
        """What Thread's constructor gets, passed on by one constructor after the other."""
        if not constructors:
            return _argument(given, keyword, index)
        constructor, *above = constructors
        called = _base_call(constructor)
        found = self._passed(above, called, keyword, index)
        parameters = {each.name: each for each in _parameters(constructor)}
        if found is None:
            has_rest = called is not None and any(each.name is None for each in called.keywords)
            rest = given if has_rest and keyword not in parameters else None
            return _argument(rest, keyword, sys.maxsize)
        name = found[0].id if found[1] is constructor and isinstance(found[0], m.Name) else ""
        if name not in parameters:
            return found
        if given is None:
            return None
        passed = argument_for(constructor, parameters[name], given.positional, given.keywords)
        return None if passed is None else (passed, given.scope)


def _parameters(constructor: Scope) -> tuple[m.Parameter, ...]:
    return constructor.function.parameters if constructor.function is not None else ()


def _base_call(constructor: Scope) -> _Given | None:
    """What a constructor calls that of its base with."""
    for node in constructor.nodes:
        if not isinstance(node, m.Call) or not isinstance(node.func, m.Attribute):
            continue
        if node.func.attr != "__init__":
            continue
        of = node.func.value
        positional = node.args
        if not isinstance(of, m.Call) or last_name(of.func) != "super":
            if not positional or last_name(positional[0]) != self_name(constructor):
                continue
            positional = positional[1:]  # Thread.__init__(self, ...)
        return _Given(positional, node.keywords, constructor)
    return None


def _argument(given: _Given | None, keyword: str, index: int) -> Evaluated | None:
    if given is None:
        return None
    for each in given.keywords:
        if each.name == keyword:
            return each.value, given.scope
    before = given.positional[: index + 1]
    if len(before) <= index or any(isinstance(each, m.Starred) for each in before):
        return None
    return before[index], given.scope


def _callables(values: Values) -> Values:
    return tuple(each for each in values if isinstance(each, FunctionValue | Partial))
