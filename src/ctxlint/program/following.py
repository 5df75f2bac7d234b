"""What runs when a callable does, in the same context: followed forward, the nearest first.

Narrow on purpose, unlike `running`: who asks wants to know that something does run. What is given
to another thread or run in another context is left out, and so is a coroutine that nobody awaits.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from typing import Final

from msgspec import Struct

from .. import apis
from ..facts import model as m
from .arguments import Arguments, argument_for
from .classes import self_name
from .index import Scope
from .lifetimes import Lifetimes
from .pools import given_pool
from .resolve import Resolver
from .spawns import Spawn, Spawns
from .trees import walk
from .values import (
    ClassValue,
    External,
    FunctionValue,
    Instance,
    Invocation,
    Partial,
    Value,
    Values,
)

Bound = Mapping[str, Values]
_MAKING: Final = ("__new__", "__init__", "__post_init__")
_ENTERING: Final = ("__enter__", "__exit__", "__aenter__", "__aexit__")
_PROPERTIES: Final = ("property", "cached_property", "lazy_property")
_CALLING_BUILTINS: Final = frozenset(
    f"builtins.{name}" for name in ("map", "filter", "sorted", "min", "max", "next", "any", "all")
)
_IDLE: Final[Arguments] = ((), ())


class Stage(Struct, frozen=True):
    """A function on the way, and where in it the next one is run."""

    function: Scope
    node: m.Node
    callee: Scope


class Visit(Struct, frozen=True):
    """A function that runs: the way to it, and the callables it was passed."""

    function: Scope
    bound: Bound
    way: tuple[Stage, ...] = ()


class Following:
    """Walks over what callables run."""

    def __init__(self, resolver: Resolver, spawns: Spawns, lifetimes: Lifetimes, most: int) -> None:
        self._resolver = resolver
        self._spawns = spawns
        self._lifetimes = lifetimes
        self._most = most

    def of(
        self, values: Values, given: Arguments, home: Scope, *, run: bool = False
    ) -> Iterator[Visit]:
        """The functions that run when a value is called with what is given in ``home``.

        ``run``: and what it returns is used up, as ``asyncio.run`` does with a coroutine.
        """
        starts = [
            visit
            for value in values
            for visit in (
                self._run(value, given, home, {}) if run else self._started(value, given, home)
            )
        ]
        queue = deque(starts)
        seen = {visit.function for visit in starts}
        while queue:
            visit = queue.popleft()
            yield visit
            for further in self._further(visit, home):
                if further.function not in seen and len(seen) < self._most:
                    seen.add(further.function)
                    queue.append(further)

    def _started(self, value: Value, given: Arguments, home: Scope) -> Iterator[Visit]:
        """A generator or coroutine function that is called only makes an object."""
        if isinstance(value, Invocation):
            beside = value.call.args, value.call.keywords
            yield from self._run(value.function, beside, value.scope, {})
            return
        target = value.target if isinstance(value, Partial) else value
        if isinstance(target, FunctionValue) and makes_object(target.scope):
            return
        yield from self._run(value, given, home, {})

    def _run(self, value: Value, given: Arguments, home: Scope, outer: Bound) -> Iterator[Visit]:
        """The functions that run when a value is called and what it returns is used up."""
        classes = self._resolver.classes
        if isinstance(value, Partial):
            rest = given if value.scope is home else _IDLE
            given = (*value.call.args[1:], *rest[0]), (*value.call.keywords, *rest[1])
            home, value = value.scope, value.target
        if isinstance(value, Invocation):
            given, home = (value.call.args, value.call.keywords), value.scope
            value = value.function
        if isinstance(value, FunctionValue):
            bound = {**dict(value.closure), **self._bind(value.scope, given, home, outer)}
            yield Visit(value.scope, bound)
            for wrapper in self.wrappers(value.scope):
                yield Visit(wrapper, {})
        elif isinstance(value, ClassValue):
            for name in _MAKING:
                method = classes.method(value.scope, name)
                if method is not None:
                    yield Visit(method, self._bind(method, given, home, outer))
        elif isinstance(value, Instance) and isinstance(value.of, Scope):
            for each in self._resolver.members.attribute((value,), "__call__"):
                if isinstance(each, FunctionValue):
                    yield Visit(each.scope, self._bind(each.scope, given, home, outer))

    def wrappers(self, function: Scope) -> Iterator[Scope]:
        """The functions that the project's decorators put in a function's place."""
        where = function.parent or function
        for decorator in function.decorators:
            made = self._resolver.evaluate(decorator, where)
            for value in made:
                if not isinstance(value, FunctionValue):
                    continue
                for inner in (value, *self._resolver.results.returned(value)):
                    if isinstance(inner, FunctionValue) and _stands_in(inner.scope, value.scope):
                        if inner.scope is not value.scope:
                            yield inner.scope

    def _bind(self, function: Scope, given: Arguments, home: Scope, outer: Bound) -> Bound:
        """The callables passed for parameters."""
        found: dict[str, Values] = {}
        definition = function.function
        for parameter in definition.parameters if definition is not None else ():
            passed = argument_for(function, parameter, *given)
            if passed is None or isinstance(passed, m.Constant):
                continue
            if isinstance(passed, m.Name) and passed.id in outer:
                values = outer[passed.id]
            else:
                values = self._resolver.evaluate(passed, home)
            kept = tuple(v for v in values if _is_telling(v))
            if kept:
                found[parameter.name] = kept
        return found

    # --- one function --------------------------------------------------------------------------

    def _further(self, visit: Visit, home: Scope) -> Iterator[Visit]:
        for node in walk(*visit.function.body):
            for found in self._run_by(node, visit, home):
                stage = Stage(visit.function, node, found.function)
                yield Visit(found.function, found.bound, (*visit.way, stage))

    def _run_by(self, node: m.Node, visit: Visit, home: Scope) -> Iterator[Visit]:
        function = visit.function
        if isinstance(node, m.Call):
            yield from self._by_call(node, visit, home)
        elif isinstance(node, m.Await) and isinstance(node.value, m.Name):
            for value in visit.bound.get(node.value.id, ()):
                yield from self._run(value, _IDLE, function, visit.bound)
        elif isinstance(node, m.Attribute):
            yield from self._properties(node, function)
        elif isinstance(node, m.With):
            for item in node.items:
                yield from self._methods(item.context, _ENTERING, function)

    def _by_call(self, call: m.Call, visit: Visit, home: Scope) -> Iterator[Visit]:
        function = visit.function
        spawn = self._spawns.at(call, function.module)
        if spawn is not None:
            if spawn.callee is not None and self._passes_loss_on(spawn):
                yield from self._handed((spawn.callee,), visit, home)
            return
        values = self._values(call.func, visit, home)
        names = {value.name for value in values if isinstance(value, External)}
        if apis.CONTEXT_RUN in names:
            return
        if not names.isdisjoint(apis.RUNNERS | _CALLING_BUILTINS):
            yield from self._handed(call.args, visit, home)
            return
        for value in values:
            if self._is_used_up(value, call, function):
                yield from self._run(value, (call.args, call.keywords), function, visit.bound)

    def _passes_loss_on(self, spawn: Spawn) -> bool:
        """Whether what is spawned is a part of the work, and sees no more than its spawner: a copy
        of its context or an empty one, and not a context that came from elsewhere."""
        if spawn.runner is not None or spawn.row.detached or spawn.keyword("context") is not None:
            return False
        if self._lifetimes.of_any(spawn.values) is not None or self._is_in_process(spawn):
            return False
        values = self._resolver.evaluate(spawn.callee, spawn.scope) if spawn.callee else ()
        targets = [value.target if isinstance(value, Partial) else value for value in values]
        return not any(
            isinstance(value, External) and value.name == apis.CONTEXT_RUN for value in targets
        )

    def _is_in_process(self, spawn: Spawn) -> bool:
        pool = given_pool(spawn) if spawn.kind == "executor" else None
        return any(
            isinstance(value, Instance) and value.of in apis.PROCESS_POOLS
            for value in (self._resolver.evaluate(pool, spawn.scope) if pool is not None else ())
        )

    def _handed(
        self, arguments: tuple[m.Expression, ...], visit: Visit, home: Scope
    ) -> Iterator[Visit]:
        """Callables and coroutines that are handed to what runs them."""
        for argument in arguments:
            if isinstance(argument, m.Starred):
                argument = argument.value
            for value in self._values(argument, visit, home):
                if isinstance(value, FunctionValue | Partial | Invocation):
                    yield from self._run(value, _IDLE, visit.function, visit.bound)

    def _values(self, expression: m.Expression, visit: Visit, home: Scope) -> Values:
        """What an expression is. What a parameter is, only the way to the function tells, and for
        the functions around the spawn all their callers."""
        if isinstance(expression, m.Name):
            if expression.id in visit.bound:
                return visit.bound[expression.id]
            where = self._resolver.binding_scope(expression.id, visit.function)
            own = where is not None and where.owner is not None and self_name(where)
            if where is not None and expression.id != own and not _stands_in(home, where):
                if any(binding.kind == "parameter" for binding in where.bindings[expression.id]):
                    return ()
        if isinstance(expression, m.Attribute) and isinstance(expression.value, m.Name):
            if expression.value.id in visit.bound:
                held = visit.bound[expression.value.id]
                return self._resolver.members.attribute(held, expression.attr)
        return self._resolver.evaluate(expression, visit.function)

    def _is_used_up(self, value: Value, call: m.Call, function: Scope) -> bool:
        """Whether a coroutine or generator that a call makes is run here: not where it is returned
        or handed on, for then nobody knows when."""
        target = value.target if isinstance(value, Partial) else value
        if not isinstance(target, FunctionValue) or not makes_object(target.scope):
            return True
        parent = function.module.parents.get(call)
        if isinstance(parent, m.Return | m.Keyword):
            return False
        if isinstance(parent, m.Call):
            values = self._resolver.evaluate(parent.func, function)
            names = {value.name for value in values if isinstance(value, External)}
            spawn = self._spawns.at(parent, function.module)
            if spawn is not None:
                return self._passes_loss_on(spawn)
            return any(name in apis.RUNNERS or name.startswith("builtins.") for name in names)
        return True

    def _properties(self, node: m.Attribute, function: Scope) -> Iterator[Visit]:
        for value in self._resolver.evaluate(node.value, function):
            if isinstance(value, Instance) and isinstance(value.of, Scope):
                found = self._resolver.classes.method(value.of, node.attr)
                if found is not None and found.decorated_with(*_PROPERTIES):
                    yield Visit(found, {})

    def _methods(
        self, expression: m.Expression, names: tuple[str, ...], function: Scope
    ) -> Iterator[Visit]:
        for value in self._resolver.evaluate(expression, function):
            if isinstance(value, Instance) and isinstance(value.of, Scope):
                for name in names:
                    found = self._resolver.classes.method(value.of, name)
                    if found is not None:
                        yield Visit(found, {})


def _is_telling(value: Value) -> bool:
    """Whether it matters to a function which value of this kind it is passed."""
    if isinstance(value, Instance):
        return isinstance(value.of, Scope)
    return isinstance(value, FunctionValue | Partial | Invocation)


def makes_object(function: Scope) -> bool:
    """Whether calling a function runs nothing of it: it makes a coroutine or a generator."""
    definition = function.function
    return definition is not None and (definition.is_async or definition.is_generator)


def _stands_in(inner: Scope, outer: Scope) -> bool:
    here: Scope | None = inner
    while here is not None and here is not outer:
        here = here.parent
    return here is not None
