"""What runs when a callable does, in the same context: followed forward, the nearest first.

Narrow on purpose, unlike `running`: who asks wants to know that something does run. What is given
to another thread or run in another context is left out, and so is a coroutine that nobody awaits.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from .. import apis
from ..facts import model as m
from . import searches
from .arguments import Arguments, argument_for
from .classes import PROPERTIES, self_name
from .pools import given_pool
from .scope import Scope
from .spawns import Spawn
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

if TYPE_CHECKING:
    from .program import Program

_RUNNING: Final[frozenset[type[m.Node]]] = frozenset({m.Call, m.Await, m.Attribute, m.With})
_MAKING: Final = ("__new__", "__init__", "__post_init__")
_ENTERING: Final = ("__enter__", "__exit__", "__aenter__", "__aexit__")
_CALLING_BUILTINS: Final = frozenset(
    f"builtins.{name}" for name in ("map", "filter", "sorted", "min", "max", "next", "any", "all")
)
_IDLE: Final[Arguments] = ((), ())


class Stage(Struct, frozen=True):
    """A function on the way, and where in it the next one is run."""

    function: Scope
    node: m.Node
    callee: Scope


class Given(Struct, frozen=True):
    """What is passed for a parameter: looked at only where somebody asks what it is."""

    passed: m.Expression
    caller: Visit


class Visit(Struct, frozen=True):
    """A function that runs: the way to it, and what it was passed on that way.

    ``home`` is where the way begins.
    """

    function: Scope
    bound: Mapping[str, Given | Values]
    home: Scope
    way: tuple[Stage, ...] = ()


class Following:
    """Walks over what callables run."""

    def __init__(self, program: Program, most: int) -> None:
        self._resolver: Final = program.resolver
        self._spawns: Final = program.spawns
        self._lifetimes: Final = program.lifetimes
        self._bounds: Final = program.bounds
        self._most: Final = most

    def of(
        self, values: Values, given: Arguments, home: Scope, *, run: bool = False
    ) -> Iterator[Visit]:
        """The functions that run when a value is called with what is given in ``home``.

        ``run``: and what it returns is used up, as ``asyncio.run`` does with a coroutine.
        """
        begin = Visit(home, {}, home)
        follow = self._run if run else self._started
        starts = [visit for value in values for visit in follow(value, given, begin)]
        queue = deque(starts)
        seen = {visit.function for visit in starts}
        while queue:
            visit = queue.popleft()
            yield visit
            for further in self._further(visit):
                if further.function not in seen and len(seen) < self._most:
                    seen.add(further.function)
                    queue.append(further)

    def _started(self, value: Value, given: Arguments, caller: Visit) -> Iterator[Visit]:
        """A generator or coroutine function that is called only makes an object."""
        target = value.target if isinstance(value, Partial) else value
        if isinstance(target, FunctionValue) and makes_object(target.scope):
            return
        yield from self._run(value, given, caller)

    def _run(self, value: Value, given: Arguments, caller: Visit) -> Iterator[Visit]:
        """The functions that run when a value is called and what it returns is used up."""
        if isinstance(value, Partial):
            rest = given if value.scope is caller.function else _IDLE
            given = (*value.call.args[1:], *rest[0]), (*value.call.keywords, *rest[1])
            caller, value = Visit(value.scope, caller.bound, caller.home), value.target
        if isinstance(value, Invocation):
            given = value.call.args, value.call.keywords
            caller, value = Visit(value.scope, caller.bound, caller.home), value.function
        if isinstance(value, FunctionValue):
            bound = {**dict(value.closure), **self._bind(value.scope, given, caller)}
            yield Visit(value.scope, bound, caller.home)
            for wrapper in self.wrappers(value.scope):
                yield Visit(wrapper, {}, caller.home)
        for method in self._methods_run(value):
            yield Visit(method, self._bind(method, given, caller), caller.home)

    def _methods_run(self, value: Value) -> Iterator[Scope]:
        """The methods that run when a class or an object is called."""
        if isinstance(value, ClassValue):
            for name in _MAKING:
                method = self._resolver.classes.method(value.scope, name)
                if method is not None:
                    yield method
        elif isinstance(value, Instance) and isinstance(value.of, Scope):
            for each in self._resolver.members.attribute((value,), "__call__"):
                if isinstance(each, FunctionValue):
                    yield each.scope

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

    def _bind(self, function: Scope, given: Arguments, caller: Visit) -> dict[str, Given | Values]:
        """What is passed for parameters."""
        found: dict[str, Given | Values] = {}
        definition = function.function
        for parameter in definition.parameters if definition is not None else ():
            passed = argument_for(function, parameter, *given)
            if passed is not None and not isinstance(passed, m.Constant):
                found[parameter.name] = Given(passed, caller)
        return found

    # --- one function --------------------------------------------------------------------------

    def _further(self, visit: Visit) -> Iterator[Visit]:
        for node in visit.function.nodes:
            if node.__class__ not in _RUNNING:
                continue
            for found in self._run_by(node, visit):
                stage = Stage(visit.function, node, found.function)
                yield Visit(found.function, found.bound, visit.home, (*visit.way, stage))

    def _run_by(self, node: m.Node, visit: Visit) -> Iterator[Visit]:
        if isinstance(node, m.Call):
            yield from self._by_call(node, visit)
        elif isinstance(node, m.Await) and isinstance(node.value, m.Name):
            for value in self._bound(node.value.id, visit):
                yield from self._run(value, _IDLE, visit)
        elif isinstance(node, m.Attribute) and node.attr in self._property_names:
            yield from self._properties(node, visit)
        elif isinstance(node, m.With):
            for item in node.items:
                yield from self._entered(item.context, visit)

    def _by_call(self, call: m.Call, visit: Visit) -> Iterator[Visit]:
        function = visit.function
        spawn = self._spawns.at(call, function.module)
        if spawn is not None:
            if spawn.callee is not None and self._passes_loss_on(spawn):
                yield from self._handed((spawn.callee,), visit)
            return
        values = self.values(call.func, visit)
        names = {value.name for value in values if isinstance(value, External)}
        if apis.CONTEXT_RUN in names:
            return
        if not names.isdisjoint(apis.RUNNERS | _CALLING_BUILTINS):
            yield from self._handed(call.args, visit)
            return
        for value in values:
            if self._is_used_up(value, call, function):
                yield from self._run(value, (call.args, call.keywords), visit)

    def _passes_loss_on(self, spawn: Spawn) -> bool:
        """Whether what is spawned is a part of the work, and sees no more than its spawner: a copy
        of its context or an empty one, and not a context that came from elsewhere."""
        if spawn.runner is not None or spawn.row.detached or spawn.keyword("context") is not None:
            return False
        if self._is_in_process(spawn) or self.outlives(spawn):
            return False
        values = self._resolver.evaluate(spawn.callee, spawn.scope) if spawn.callee else ()
        targets = [value.target if isinstance(value, Partial) else value for value in values]
        return not any(
            isinstance(value, External) and value.name == apis.CONTEXT_RUN for value in targets
        )

    def outlives(self, spawn: Spawn) -> bool:
        """Whether what is spawned is a worker, and no part of the work that spawns it."""
        if self._bounds.of(spawn) is not None:
            return False
        return self._lifetimes.of_any(spawn.values) is not None

    def _is_in_process(self, spawn: Spawn) -> bool:
        pool = given_pool(spawn) if spawn.kind == "executor" else None
        return any(
            isinstance(value, Instance) and value.of in apis.PROCESS_POOLS
            for value in (self._resolver.evaluate(pool, spawn.scope) if pool is not None else ())
        )

    def _handed(self, arguments: tuple[m.Expression, ...], visit: Visit) -> Iterator[Visit]:
        """Callables and coroutines that are handed to what runs them."""
        for argument in arguments:
            if isinstance(argument, m.Starred):
                argument = argument.value
            for value in self.values(argument, visit):
                if isinstance(value, FunctionValue | Partial | Invocation):
                    yield from self._run(value, _IDLE, visit)

    def values(self, expression: m.Expression, visit: Visit) -> Values:
        """What an expression is in a function that is visited.

        What a parameter is, only the way to the function and its annotation tell: of what all
        callers pass, nobody knows whether it comes this way. For the functions around the
        beginning of the way, all their callers count.
        """
        if isinstance(expression, m.Attribute) and isinstance(_root(expression), m.Name):
            held = self.values(expression.value, visit)
            return self._resolver.members.attribute(held, expression.attr)
        if not isinstance(expression, m.Name):
            return self._resolver.evaluate(expression, visit.function)
        bound = self._bound(expression.id, visit)
        if bound:
            return bound
        parameter = self._parameter(expression.id, visit)
        if parameter is None:
            return self._resolver.evaluate(expression, visit.function)
        where, annotation = parameter
        if annotation is None:
            return ()
        return self._resolver.annotations.types(annotation, where)

    def _bound(self, name: str, visit: Visit) -> Values:
        """What a function's parameter was passed on the way, where that matters to the function."""
        given = visit.bound.get(name, ())
        if isinstance(given, tuple):
            return given
        return tuple(each for each in self.values(given.passed, given.caller) if _is_telling(each))

    def _parameter(self, name: str, visit: Visit) -> tuple[Scope, m.Expression | None] | None:
        """The function whose parameter a name is, and its annotation; none for ``self``."""
        where = self._resolver.binding_scope(name, visit.function)
        if where is None or where.function is None or _stands_in(visit.home, where):
            return None
        if where.owner is not None and self_name(where) == name:
            return None
        found = [each for each in where.bindings[name] if each.kind == "parameter"]
        return (where, found[0].annotation) if found else None

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

    @cached_property
    def _property_names(self) -> frozenset[str]:
        """The names of the project's properties: other attributes run nothing."""
        sources = self._resolver.modules.sources
        return frozenset(
            name
            for names in sources.answers(searches.properties, *PROPERTIES).values()
            for name in names
        )

    def _properties(self, node: m.Attribute, visit: Visit) -> Iterator[Visit]:
        for value in self.values(node.value, visit):
            if isinstance(value, Instance) and isinstance(value.of, Scope):
                found = self._resolver.classes.method(value.of, node.attr)
                if found is not None and found.decorated_with(*PROPERTIES):
                    yield Visit(found, {}, visit.home)

    def _entered(self, expression: m.Expression, visit: Visit) -> Iterator[Visit]:
        for value in self.values(expression, visit):
            if isinstance(value, Instance) and isinstance(value.of, Scope):
                for name in _ENTERING:
                    found = self._resolver.classes.method(value.of, name)
                    if found is not None:
                        yield Visit(found, {}, visit.home)


def _is_telling(value: Value) -> bool:
    """Whether it matters to a function which value of this kind it is passed."""
    if isinstance(value, Instance):
        return isinstance(value.of, Scope)
    return isinstance(value, FunctionValue | Partial | Invocation)


def _root(expression: m.Expression) -> m.Expression:
    """What the dots of an expression begin with."""
    while isinstance(expression, m.Attribute):
        expression = expression.value
    return expression


def makes_object(function: Scope) -> bool:
    """Whether calling a function runs nothing of it: it makes a coroutine or a generator."""
    definition = function.function
    return definition is not None and (definition.is_async or definition.is_generator)


def _stands_in(inner: Scope, outer: Scope) -> bool:
    here: Scope | None = inner
    while here is not None and here is not outer:
        here = here.parent
    return here is not None
