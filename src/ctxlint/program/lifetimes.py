"""Which callables are workers: those that do not end by themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from .. import apis
from ..facts import model as m
from .calls import argument_for
from .index import ModuleIndex, Scope, dotted_name, last_name, own_statements, walk
from .loops import Loops
from .resolve import Resolver
from .spawns import Spawns
from .values import (
    ClassValue,
    External,
    FunctionValue,
    Instance,
    Invocation,
    Literal,
    Partial,
    Value,
    Values,
)

_STOPPING: Final = ("stop", "shut", "exit", "close", "quit", "cancel", "done", "finish", "terminat")
_EVENTS: Final = frozenset({"asyncio.Event", "anyio.Event", "trio.Event", "threading.Event"})


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the program, for trails."""

    module: ModuleIndex
    at: int
    message: str


@dataclass(frozen=True, slots=True)
class Endless:
    """Why a callable never ends: the loop or wait at the end of a chain of calls."""

    reason: str
    function: Scope
    steps: tuple[Place, ...]


Arguments = Mapping[str, Values]


class Lifetimes:
    """Decides which values are workers when run; memoised per function where no argument matters."""

    def __init__(self, resolver: Resolver, spawns: Spawns) -> None:
        self._resolver = resolver
        self._spawns = spawns
        self._loops = Loops(resolver, self)

    def of(self, value: Value) -> Endless | None:
        """Why running a value never ends; None if it may end."""
        if isinstance(value, Invocation):
            arguments = self._bind(value.function, value.call, value.scope)
            return self.of_function(value.function.scope, arguments)
        if isinstance(value, FunctionValue):
            return self.of_function(value.scope)
        if isinstance(value, Partial) and isinstance(value.target, FunctionValue):
            call = m.Call(value.call.func, value.call.args[1:], value.call.keywords, value.call.at)
            arguments = self._bind(value.target, call, value.scope)
            return self.of_function(value.target.scope, arguments)
        if isinstance(value, ClassValue):
            return None
        if isinstance(value, Instance) and isinstance(value.of, Scope):
            call_method = self._resolver.classes.method(value.of, "__call__")
            return self.of_function(call_method) if call_method is not None else None
        return None

    def of_any(self, values: Values) -> Endless | None:
        """The first worker among some values."""
        return next((found for found in map(self.of, values) if found is not None), None)

    def of_function(self, function: Scope, arguments: Arguments | None = None) -> Endless | None:
        """Why a function never ends when called with certain arguments."""
        key = ("lifetime", function, tuple((arguments or {}).items()))
        return self._resolver.fixpoint.solve(
            key, lambda: self._search(function, arguments or {}), None
        )

    def _bind(self, function: FunctionValue, call: m.Call, scope: Scope) -> Arguments:
        """The callables passed for parameters; other arguments do not decide about endings."""
        definition = function.scope.function
        found: dict[str, Values] = {}
        for parameter in definition.parameters if definition is not None else ():
            passed = argument_for(function.scope, parameter, call.args, call.keywords)
            if passed is not None and not isinstance(passed, m.Constant):
                values = self._resolver.evaluate(passed, scope)
                callables = tuple(
                    v for v in values if isinstance(v, FunctionValue | Partial | Invocation)
                )
                if callables:
                    found[parameter.name] = callables
        return found

    # --- the search ----------------------------------------------------------------------------

    def _search(self, function: Scope, arguments: Arguments) -> Endless | None:
        for statement in own_statements(function.body):
            if isinstance(statement, m.While | m.For):
                phrase = self._loops.endless(statement, function)
                if phrase is not None and not self._is_time_limited(statement, function):
                    place = Place(function.module, statement.at, f"never ends: {phrase}")
                    return Endless(phrase, function, (place,))
        for call in _own_calls(function):
            if self._is_time_limited(call, function):
                continue
            found = self._through(call, function, arguments)
            if found is not None:
                return found
        return self._awaited_value(function, arguments)

    def _awaited_value(self, function: Scope, arguments: Arguments) -> Endless | None:
        """``await coro`` of a coroutine that was passed in; ``await Future()``, which nobody sets."""
        for node in walk(*function.body):
            if isinstance(node, m.Await) and isinstance(node.value, m.Call):
                if last_name(node.value.func) in ("Future", "create_future"):
                    reason = "awaits a future that nobody can set"
                    place = Place(function.module, node.at, f"never ends: {reason}")
                    return Endless(reason, function, (place,))
            if isinstance(node, m.Await) and isinstance(node.value, m.Name) and arguments:
                inner = self.of_any(arguments.get(node.value.id, ()))
                if inner is not None and not self._is_time_limited(node, function):
                    text = f"{function.label} awaits {inner.function.label}"
                    step = Place(function.module, node.at, text)
                    return Endless(inner.reason, inner.function, (step, *inner.steps))
        return None

    def _through(self, call: m.Call, function: Scope, arguments: Arguments) -> Endless | None:
        """Whether a call keeps the function from ending."""
        module = function.module
        values = self._called(call, function, arguments)
        reason = self._external(call, values, function)
        if reason is not None:
            place = Place(module, call.at, f"never ends: {reason}")
            return Endless(reason, function, (place,))
        inner: Endless | None = None
        for value in values:
            if isinstance(value, FunctionValue):
                inner = inner or self._project_call(value, call, function, arguments)
        if inner is None and last_name(call.func) in _RUNNER_WORDS:
            inner = self._runner(call, values, function, arguments)
        if inner is None and self._is_held_group(call, function):
            spawn = self._spawns.at(call, module)
            inner = self.of_any(spawn.values) if spawn is not None else None
        if inner is None:
            return None
        step = Place(module, call.at, f"{function.label} runs {inner.function.label}")
        return Endless(inner.reason, inner.function, (step, *inner.steps))

    def _called(self, call: m.Call, function: Scope, arguments: Arguments) -> Values:
        func = call.func
        if isinstance(func, m.Name) and func.id in arguments:
            return arguments[func.id]
        return self._resolver.evaluate(func, function)

    def _project_call(
        self, value: FunctionValue, call: m.Call, function: Scope, arguments: Arguments
    ) -> Endless | None:
        definition = value.scope.function
        if definition is None or definition.is_generator or value.scope is function:
            return None
        if definition.is_async and not _is_awaited(call, function.module):
            return None
        bound = self._bind(value, call, function)
        if not bound and arguments:
            names = {each.id: each for each in call.args if isinstance(each, m.Name)}
            bound = {}
            for parameter in definition.parameters:
                passed = argument_for(value.scope, parameter, call.args, call.keywords)
                if isinstance(passed, m.Name) and passed.id in names and passed.id in arguments:
                    bound[parameter.name] = arguments[passed.id]
        return self.of_function(value.scope, bound)

    def _runner(
        self, call: m.Call, values: Values, function: Scope, arguments: Arguments
    ) -> Endless | None:
        """``asyncio.run(f())``, ``to_thread(f)``, ``gather(a(), b())``, ``ctx.run(f)``, ``await c``."""
        names = [v.name for v in values if isinstance(v, External)]
        known = any(name in apis.RUNNERS for name in names) or (
            not names and last_name(call.func) in ("run_until_complete", "run_sync")
        )
        if not known or not call.args:
            return None
        if any(name in apis.TIME_LIMITED for name in names) and _has_limit(call):
            return None
        many = any(name in ("asyncio.gather", "asyncio.wait") for name in names)
        for argument in call.args if many else call.args[:1]:
            if isinstance(argument, m.Name) and argument.id in arguments:
                found = self.of_any(arguments[argument.id])
            else:
                found = self.of_any(self._resolver.evaluate(argument, function))
            if found is not None:
                return found
        return None

    def _is_held_group(self, call: m.Call, function: Scope) -> bool:
        """Whether a call starts a task in a group that this function itself waits for."""
        func = call.func
        if not isinstance(func, m.Attribute) or func.attr not in ("start_soon", "create_task"):
            return False
        receiver = func.value
        if not isinstance(receiver, m.Name):
            return False
        bindings = function.bindings.get(receiver.id, ())
        return any(binding.kind == "entered" for binding in bindings)

    # --- waiting without a loop ----------------------------------------------------------------

    def _external(self, call: m.Call, values: Values, function: Scope) -> str | None:
        name = last_name(call.func)
        text = dotted_name(call.func) or name
        for value in values:
            if isinstance(value, External) and value.name in apis.ENDLESS:
                last = value.name.rpartition(".")[2]
                iterable = last in ("count", "cycle", "awatch", "watch")
                return None if iterable else f"{text}()"
        if name in apis.ENDLESS_METHODS and not any(isinstance(v, FunctionValue) for v in values):
            return f"{text}()"
        if name == "sleep" and call.args and _is_infinite(call.args[0]):
            return "sleep(forever)"
        if name == "wait" and isinstance(call.func, m.Attribute):
            return self._event(call.func.value, call, function)
        return None

    def _event(self, event: m.Expression, call: m.Call, function: Scope) -> str | None:
        """``await stop.wait()`` while holding a resource."""
        if call.args or call.keywords:
            return None
        values = self._resolver.evaluate(event, function)
        if isinstance(event, m.Call) and any(_is_event(v) for v in values):
            return "waits for an event that nobody can set"
        name = last_name(event).lower()
        stops = any(word in name for word in _STOPPING)
        is_event = any(_is_event(v) for v in values) or (not values and stops)
        if not is_event or not _is_held(call, function.module):
            return None
        if isinstance(event, m.Name) and event.id in function.bindings and not stops:
            return None
        return f"holds a resource until {dotted_name(event) or name}.wait()"

    def _is_time_limited(self, node: m.Node, function: Scope) -> bool:
        for around in function.module.ancestors(node):
            if isinstance(around, m.With):
                for item in around.items:
                    values = self._resolver.evaluate(
                        item.context.func if isinstance(item.context, m.Call) else item.context,
                        function,
                    )
                    if any(isinstance(v, External) and v.name in apis.TIME_LIMITED for v in values):
                        return True
            elif isinstance(around, m.Call) and last_name(around.func) == "wait_for":
                if _has_limit(around):
                    return True
        return False


_RUNNER_WORDS: Final = frozenset(name.rpartition(".")[2] for name in apis.RUNNERS)


def _own_calls(function: Scope) -> Iterator[m.Call]:
    for node in walk(*function.body):
        if isinstance(node, m.Call):
            yield node


def _is_awaited(call: m.Call, module: ModuleIndex) -> bool:
    """Whether a coroutine call is awaited in place."""
    parent = module.parents.get(call)
    return isinstance(parent, m.Await)


def _has_limit(call: m.Call) -> bool:
    """Whether ``wait_for`` is given a timeout other than None."""
    limit = call.args[1] if len(call.args) > 1 else None
    for keyword in call.keywords:
        if keyword.name == "timeout":
            limit = keyword.value
    return limit is not None and not (isinstance(limit, m.Constant) and limit.value is None)


def _is_infinite(node: m.Expression) -> bool:
    if isinstance(node, m.Attribute | m.Name):
        return last_name(node) in ("inf", "infinity")
    return (
        isinstance(node, m.Call)
        and last_name(node) == "float"
        and any(isinstance(each, m.Constant) and str(each.value) == "inf" for each in node.args)
    )


def _is_event(value: Value) -> bool:
    return isinstance(value, Instance) and value.of in _EVENTS


def _is_held(node: m.Node, module: ModuleIndex) -> bool:
    """Whether a resource is held around a node: a ``with``, or a ``try`` with a ``finally``."""
    return any(
        isinstance(around, m.With) or (isinstance(around, m.Try) and bool(around.final))
        for around in module.ancestors(node)
    )


def literal_strings(values: Values) -> list[str]:
    """The strings among some values."""
    return [
        value.node.value
        for value in values
        if isinstance(value, Literal)
        and isinstance(value.node, m.Constant)
        and isinstance(value.node.value, str)
    ]
