"""What a function runs: calls, callables handed on, properties, context managers, iteration.

Broad on purpose, unlike the search for workers: who asks wants to know that nothing else runs.
"""

from __future__ import annotations

import builtins
import sys
from collections.abc import Iterator
from typing import Final

from .. import apis
from ..facts import model as m
from .classes import PROPERTIES
from .places import Place
from .resolve import Resolver
from .scope import Scope
from .trees import last_name, offset
from .values import (
    ClassValue,
    Container,
    External,
    FunctionValue,
    Instance,
    Invocation,
    Literal,
    Partial,
    Value,
)

_MAKING: Final = ("__new__", "__init__", "__post_init__")
_ENTERING: Final = ("__enter__", "__exit__", "__aenter__", "__aexit__")
_ITERATING: Final = ("__iter__", "__next__", "__aiter__", "__anext__", "__getitem__")

Ran = tuple[Scope, int]
"""A function, and where the one that runs it does so."""


class Runs:
    """Finds what a function runs, and the calls of which that cannot be told; memoised.

    ``logs_tell``: filters and formatters of the project may put what context variables hold into
    every record, so that what a call of ``logging`` runs is not known.
    """

    def __init__(self, resolver: Resolver, *, logs_tell: bool) -> None:
        self._resolver = resolver
        self._open = _TELLING | ({"logging"} if logs_tell else set())
        self._known: dict[Scope, tuple[tuple[Ran, ...], tuple[Place, ...]]] = {}

    def of(self, function: Scope) -> tuple[tuple[Ran, ...], tuple[Place, ...]]:
        """The functions of the project that a function runs, and its calls that stay open."""
        if function not in self._known:
            ran: dict[Scope, int] = {}
            unresolved: list[Place] = []
            for decorator in function.decorators:
                if not self._keeps_function(decorator, function.parent or function):
                    text = f"it is not known what decorates {function.label}"
                    unresolved.append(Place(function.module, offset(decorator), text))
            for node in function.nodes:
                at = offset(node)
                for value in self._run_by(node, function):
                    if value is None:
                        text = f"it is not known what {function.label} calls here"
                        unresolved.append(Place(function.module, at, text))
                    else:
                        ran.setdefault(value, at)
            self._known[function] = tuple(ran.items()), tuple(unresolved)
        return self._known[function]

    def _run_by(self, node: m.Node, scope: Scope) -> Iterator[Scope | None]:
        """The functions that a node runs; None for one that is not known."""
        if isinstance(node, m.Call):
            yield from self._called(node, scope)
        elif isinstance(node, m.Attribute):
            yield from self._looked_up(node, scope)
        elif isinstance(node, m.With):
            for item in node.items:
                yield from self._methods(item.context, _ENTERING, scope)
        elif isinstance(node, m.For | m.Clause):
            yield from self._methods(node.iter, _ITERATING, scope)

    def _called(self, call: m.Call, scope: Scope) -> Iterator[Scope | None]:
        values = self._resolver.evaluate(call.func, scope)
        if not values and not self._is_of_builtin(call.func, scope):
            yield None
        for value in values:
            yield from self._by(value)
        for argument in (*call.args, *(keyword.value for keyword in call.keywords)):
            if not isinstance(argument, m.Call):  # calls are walked themselves
                for value in self._resolver.evaluate(argument, scope):
                    if isinstance(value, FunctionValue | Partial | Invocation):
                        yield from self._by(value)

    def _by(self, value: Value) -> Iterator[Scope | None]:
        """The functions that run when a value is called."""
        classes = self._resolver.classes
        if isinstance(value, Partial):
            value = value.target
        if isinstance(value, Invocation):
            value = value.function
        if isinstance(value, FunctionValue):
            yield value.scope
            if value.receiver is not None:
                yield from classes.overrides(value.receiver, value.scope.name)
        elif isinstance(value, ClassValue):
            made = (classes.method(value.scope, name) for name in _MAKING)
            yield from (each for each in made if each is not None)
        elif isinstance(value, Instance) and isinstance(value.of, Scope):
            yield classes.method(value.of, "__call__")
        elif isinstance(value, External):
            if not self._is_harmless(value.name):
                yield None
        else:
            yield None

    def _looked_up(self, node: m.Attribute, scope: Scope) -> Iterator[Scope]:
        """The properties behind an attribute: what gets it, sets it and deletes it."""
        classes = self._resolver.classes
        for value in self._resolver.evaluate(node.value, scope):
            if isinstance(value, Instance) and isinstance(value.of, Scope):
                found = classes.definitions(value.of, node.attr)
                if any(each.decorated_with(*PROPERTIES, "setter") for each in found):
                    yield from found
                    yield from classes.overrides(value.of, node.attr)

    def _methods(
        self, expression: m.Expression, names: tuple[str, ...], scope: Scope
    ) -> Iterator[Scope | None]:
        """The methods that Python calls on the objects that an expression can be."""
        values = self._resolver.evaluate(expression, scope)
        if not values and names is _ENTERING and not isinstance(expression, m.Call):
            yield None
        for value in values:
            if isinstance(value, Instance) and isinstance(value.of, Scope):
                for name in names:
                    found = self._resolver.classes.method(value.of, name)
                    if found is not None:
                        yield found

    def _keeps_function(self, decorator: m.Expression, scope: Scope) -> bool:
        """Whether a decorator is Python's own, and runs nothing else."""
        if last_name(decorator) in ("setter", "getter", "deleter"):
            return True
        func = decorator.func if isinstance(decorator, m.Call) else decorator
        values = self._resolver.evaluate(func, scope)
        return bool(values) and all(
            isinstance(value, External) and self._is_harmless(value.name) for value in values
        )

    def _is_of_builtin(self, func: m.Expression, scope: Scope) -> bool:
        """``pending.append``, where ``pending`` is a list, a dict or a string."""
        if not isinstance(func, m.Attribute):
            return False
        receivers = self._resolver.evaluate(func.value, scope)
        return bool(receivers) and all(isinstance(v, Literal | Container) for v in receivers)

    def _is_harmless(self, name: str) -> bool:
        """Whether a library's function looks at no context, or is counted as what it reads."""
        if name in apis.CONTEXT_READERS:
            return True
        top, _, rest = name.partition(".")
        if top == "builtins":  # any name that nothing else binds is looked up there
            return hasattr(builtins, rest.partition(".")[0])
        return top in sys.stdlib_module_names - self._open


_TELLING: Final = frozenset({"decimal", "warnings"})
