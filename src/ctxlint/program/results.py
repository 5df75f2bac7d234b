"""Results: what calls return, and what awaiting or entering their results gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from .. import apis
from ..facts import model as m
from .arguments import argument_for
from .scope import Scope
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
    Values,
    is_none,
    union,
)

if TYPE_CHECKING:
    from .resolve import Resolver

_ENTERING: Final = ("enter_context", "enter_async_context")


class Results:
    """Resolves calls; part of the `Resolver`."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver
        self._tellings: dict[Scope, frozenset[str]] = {}

    def of(self, node: m.Call, scope: Scope) -> Values:
        """What a call returns."""
        func = node.func
        if isinstance(func, m.Name) and func.id == "super":
            return self._super(scope)
        if isinstance(func, m.Name) and func.id == "getattr" and len(node.args) >= 2:
            return self._getattr(node, scope)
        if isinstance(func, m.Attribute) and func.attr == "__new__" and node.args:
            made = self._resolver.evaluate(node.args[0], scope)
            return tuple(Instance(v.scope, node, scope) for v in made if isinstance(v, ClassValue))
        if isinstance(func, m.Attribute) and func.attr in ("get", "setdefault", "pop"):
            held = self._resolver.evaluate(func.value, scope)
            if any(isinstance(v, Container | Literal) for v in held):
                defaults = [self._resolver.evaluate(each, scope) for each in node.args[1:]]
                found = self._resolver.elements.of(held)
                found = found or self._resolver.elements.stored(func.value, scope)
                return union(found, *defaults)
        functions = self._resolver.evaluate(func, scope)
        if isinstance(func, m.Attribute) and func.attr in _ENTERING and node.args:
            if not any(isinstance(function, FunctionValue) for function in functions):
                return self.entered(self._resolver.evaluate(node.args[0], scope))
        return self.called(functions, node, scope)

    def _super(self, scope: Scope) -> Values:
        method = scope.enclosing_method
        cls = method.owner if method is not None else None
        if cls is None:
            return ()
        above = self._resolver.classes.lineage(cls)[1:]
        bases = self._resolver.classes.external_bases(cls)
        return (*(Instance(each) for each in above[:1]), *(Instance(base) for base in bases))

    def _getattr(self, node: m.Call, scope: Scope) -> Values:
        target = self._resolver.evaluate(node.args[0], scope)
        names = self._strings(node.args[1], scope)
        return union(*(self._resolver.members.attribute(target, name) for name in names))

    def _strings(self, node: m.Expression, scope: Scope) -> list[str]:
        """The strings an expression can be; of a parameter, whatever its annotation."""
        if isinstance(node, m.Constant):
            return [node.value] if isinstance(node.value, str) else []
        if not isinstance(node, m.Name):
            return []
        home = self._resolver.binding_scope(node.id, scope)
        found: list[str] = []
        for binding in home.bindings[node.id] if home is not None else ():
            if isinstance(binding.node, m.Parameter) and home is not None:
                for passed, _ in self._resolver.arguments_of(home, binding.node):
                    if isinstance(passed, m.Constant) and isinstance(passed.value, str):
                        found.append(passed.value)
            elif isinstance(binding.value, m.Constant) and isinstance(binding.value.value, str):
                found.append(binding.value.value)
        return found

    def called(self, functions: Values, node: m.Call, scope: Scope) -> Values:
        """What calling each of ``functions`` as ``node`` does returns."""
        return union(*(self._called(function, node, scope) for function in functions))

    def _called(self, function: Value, node: m.Call, scope: Scope) -> Values:
        if isinstance(function, ClassValue):
            return (Instance(function.scope, node, scope),)
        if isinstance(function, FunctionValue):
            definition = function.scope.function
            if definition is not None and (definition.is_async or definition.is_generator):
                return (Invocation(function, node, scope),)
            return self._returned_to(function, node, scope)
        if isinstance(function, External):
            return self._external_call(function, node, scope)
        if isinstance(function, Partial):
            return self._called(function.target, node, scope)
        if isinstance(function, Instance) and isinstance(function.of, Scope):
            call = self._resolver.classes.method(function.of, "__call__")
            if call is not None:
                return self._called(FunctionValue(call, function.of), node, scope)
        return ()

    def _returned_to(self, function: FunctionValue, node: m.Call, scope: Scope) -> Values:
        """What a call returns: a parameter that is returned is what this call passed for it."""
        definition = function.scope.function
        if definition is None or not (node.args or node.keywords):
            return self.returned(function)
        passed: list[tuple[str, Values]] = []
        telling = self._telling(function.scope)
        for parameter in definition.parameters:
            if parameter.name not in telling:
                continue
            argument = argument_for(function.scope, parameter, node.args, node.keywords)
            values = () if argument is None else self._resolver.evaluate(argument, scope)
            if any(isinstance(v, FunctionValue | Partial | Invocation | External) for v in values):
                passed.append((parameter.name, values))
        if not passed:
            return self.returned(function)
        known = dict(passed)
        found: list[Values] = []
        for statement in function.scope.statements:
            if isinstance(statement, m.Return) and statement.value is not None:
                value = statement.value
                if isinstance(value, m.Name) and value.id in known:
                    found.append(known[value.id])
                else:
                    found.append(self._resolver.evaluate(value, function.scope))
        return tuple(_closed_over(v, function.scope, tuple(passed)) for v in union(*found))

    def _telling(self, function: Scope) -> frozenset[str]:
        """The names whose values tell what a function returns: those that it returns as they are,
        and those that functions inside it use."""
        known = self._tellings.get(function)
        if known is None:
            names = {
                each.value.id
                for each in function.statements
                if isinstance(each, m.Return) and isinstance(each.value, m.Name)
            }
            pending = [each for each in function.inner if each.function is not None]
            while pending:
                inner = pending.pop()
                pending += inner.inner
                names.update(node.id for node in inner.nodes if isinstance(node, m.Name))
            known = self._tellings[function] = frozenset(names)
        return known

    def _external_call(self, function: External, node: m.Call, scope: Scope) -> Values:
        name = function.name
        if name in ("functools.partial", "functools.partialmethod") and node.args:
            targets = self._resolver.evaluate(node.args[0], scope)
            return tuple(
                Partial(target, node, scope)
                for target in targets
                if isinstance(target, FunctionValue | ClassValue | External)
            )
        if name in ("functools.wraps", "typing.cast", "builtins.list", "builtins.tuple"):
            return self._resolver.evaluate(node.args[-1], scope) if node.args else ()
        if name in ("weakref.ref", "weakref.proxy") and node.args:
            return self._resolver.evaluate(node.args[0], scope)
        if name in apis.PAIRS:
            halves = (Instance(of, node, scope, i) for i, of in enumerate(apis.PAIRS[name]))
            return (Container(tuple(halves)),)
        if name in apis.RESULTS:
            return (Instance(apis.RESULTS[name], node, scope),)
        if name in ("builtins.dict", "builtins.set", "collections.defaultdict"):
            return (Container(()),)
        last = name.rpartition(".")[2]
        return (
            Instance(
                name
                if last[:1].isupper() or name in self._resolver.table.queue_by_type
                else f"{name}()",
                node,
                scope,
            ),
        )

    def returned(self, function: FunctionValue) -> Values:
        """What a function returns; its annotation where its body does not tell."""
        return self._resolver.fixpoint.solve(function, lambda: self._returned(function), ())

    def _returned(self, function: FunctionValue) -> Values:
        scope = function.scope
        definition = scope.function
        if definition is None:
            return ()
        results = [
            self._resolver.evaluate(statement.value, scope)
            for statement in scope.statements
            if isinstance(statement, m.Return) and statement.value is not None
        ]
        values = tuple(_rebound(value, function) for value in union(*results) if not is_none(value))
        if not values and definition.returns is not None:
            values = self._resolver.annotations.types(definition.returns, scope)
        return values

    def awaited(self, values: Values) -> Values:
        """What awaiting each value gives."""
        found: list[Values] = []
        for value in values:
            if isinstance(value, Invocation):
                found.append(self.returned(value.function))
            elif isinstance(value, Instance | Container):
                found.append((value,))
        return union(*found)

    def entered(self, values: Values) -> Values:
        """What ``with value as name`` binds."""
        found: list[Values] = []
        for value in values:
            if isinstance(value, Invocation):
                found.append(self._yielded(value.function.scope))
            elif isinstance(value, Instance) and isinstance(value.of, Scope):
                for name in ("__aenter__", "__enter__"):
                    method = self._resolver.classes.method(value.of, name)
                    if method is not None:
                        found.append(self.returned(FunctionValue(method, value.of)))
            else:
                found.append((value,))
        return union(*found)

    def _yielded(self, scope: Scope) -> Values:
        found = [
            self._resolver.evaluate(node.value, scope)
            for node in scope.nodes
            if isinstance(node, m.Yield) and node.value is not None
        ]
        return union(*found)


def _closed_over(value: Value, scope: Scope, passed: tuple[tuple[str, Values], ...]) -> Value:
    """A nested function remembers what was passed to the function around it."""
    if isinstance(value, FunctionValue) and value.scope.parent is scope:
        return FunctionValue(value.scope, value.receiver, passed)
    return value


def _rebound(value: Value, function: FunctionValue) -> Value:
    """``return self`` returns an object of the class the method was called on."""
    if isinstance(value, Instance) and value.of is function.scope.owner and function.receiver:
        return Instance(function.receiver, value.origin, value.scope)
    return value
