"""Which callables are workers: those that do not end by themselves."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from typing import Final

from msgspec import Struct

from .. import apis
from ..facts import model as m
from .arguments import argument_for
from .classes import is_self
from .index import ModuleIndex
from .loops import Loops
from .places import Place
from .resolve import Resolver
from .runnable import GROUP_WORDS, RUNNER_WORDS, Runnable
from .scope import Scope
from .spawns import Spawns
from .threads import SELF
from .trees import last_name, offset
from .values import (
    External,
    FunctionValue,
    Instance,
    Invocation,
    Partial,
    Value,
    Values,
)
from .waits import Waits, has_limit


class Endless(Struct, frozen=True):
    """Why a callable never ends: the loop or wait at the end of a chain of calls."""

    reason: str
    function: Scope
    steps: tuple[Place, ...]


Arguments = Mapping[str, Values]


class _Running(Struct, frozen=True):
    """A function on the way from a spawn, with the callables passed to it."""

    function: Scope
    arguments: Arguments
    steps: tuple[Place, ...]

    @property
    def key(self) -> tuple[Scope, tuple[tuple[str, Values], ...]]:
        return self.function, tuple(self.arguments.items())


class Lifetimes:
    """Decides which values are workers when run; memoised by the callables passed."""

    def __init__(self, resolver: Resolver, spawns: Spawns) -> None:
        self._resolver = resolver
        self._spawns = spawns
        self._loops = Loops(resolver, self)
        self._waits = Waits(resolver)
        self._runnable = Runnable(resolver)

    def of(self, value: Value) -> Endless | None:
        """Why running a value never ends; None if it may end."""
        if isinstance(value, Invocation):
            arguments = self._bind(value.function, value.call, value.scope)
            return self.of_function(value.function.scope, arguments)
        if isinstance(value, FunctionValue):
            return self.of_function(value.scope, dict(value.closure))
        if isinstance(value, Partial) and isinstance(value.target, FunctionValue):
            call = m.Call(value.call.func, value.call.args[1:], value.call.keywords, value.call.at)
            arguments = self._bind(value.target, call, value.scope)
            return self.of_function(value.target.scope, arguments)
        if isinstance(value, External) and value.receiver is not None:
            return self._of_external(value)
        if isinstance(value, Instance) and isinstance(value.of, Scope):
            call_method = self._resolver.classes.method(value.of, "__call__")
            return self.of_function(call_method) if call_method is not None else None
        return None

    def _of_external(self, value: External) -> Endless | None:
        """A library's own endless method as what is started: ``target=loop.run_forever``."""
        last = value.name.rpartition(".")[2]
        receiver = value.receiver
        if (
            value.name not in apis.ENDLESS and last not in apis.ENDLESS_METHODS
        ) or receiver is None:
            return None
        return Endless(f"{last}()", receiver.scope, ()) if receiver.scope is not None else None

    def of_any(self, values: Values) -> Endless | None:
        """The first worker among some values."""
        return next((found for found in map(self.of, values) if found is not None), None)

    def is_endless(self, loop: m.While | m.For, function: Scope) -> bool:
        """Whether a loop of a function does not end by itself."""
        return self._loops.endless(loop, function) is not None

    def of_function(self, function: Scope, arguments: Arguments | None = None) -> Endless | None:
        """Why a function never ends when called with certain arguments."""
        key = ("lifetime", function, tuple((arguments or {}).items()))
        return self._resolver.fixpoint.solve(
            key, lambda: self._search(_Running(function, arguments or {}, ())), None
        )

    def _search(self, start: _Running) -> Endless | None:
        """Breadth first over the calls that a function waits for, the nearest first."""
        queue = deque([start])
        seen = {start.key}
        elsewhere = 0
        while queue:
            running = queue.popleft()
            found = self._by_itself(running.function)
            if found is not None:
                return Endless(found[0], running.function, (*running.steps, found[1]))
            for callee in self._callees(running):
                if callee.key in seen:
                    continue
                elsewhere += callee.function.module is not start.function.module
                if elsewhere > _MAX_ELSEWHERE:
                    break
                seen.add(callee.key)
                queue.append(callee)
        return None

    def _bind(
        self, function: FunctionValue, call: m.Call, scope: Scope, outer: Arguments | None = None
    ) -> Arguments:
        """The callables passed for parameters; other arguments do not decide about endings."""
        definition = function.scope.function
        found: dict[str, Values] = {}
        for parameter in definition.parameters if definition is not None else ():
            passed = argument_for(function.scope, parameter, call.args, call.keywords)
            if passed is None or isinstance(passed, m.Constant):
                continue
            if self._runnable.may_run(function.scope, parameter.name):
                if isinstance(passed, m.Name) and outer and passed.id in outer:
                    values = outer[passed.id]
                else:
                    values = self._resolver.evaluate(passed, scope)
                found[parameter.name] = tuple(
                    v for v in values if isinstance(v, FunctionValue | Partial | Invocation)
                )
        return found

    # --- one function --------------------------------------------------------------------------

    def _by_itself(self, function: Scope) -> tuple[str, Place] | None:
        """Why a function never ends by what stands in it, callees left aside."""
        return self._resolver.fixpoint.solve(
            ("endless", function), lambda: self._find_endless(function), None
        )

    def _find_endless(self, function: Scope) -> tuple[str, Place] | None:
        for statement in function.statements:
            if isinstance(statement, m.While | m.For):
                phrase = self._loops.endless(statement, function)
                if phrase is not None and not self._waits.is_time_limited(statement, function):
                    return _never_ends(phrase, statement.at, function)
        for node in function.nodes:
            phrase = self._waits.forever(node, function)
            if phrase is not None and not self._waits.is_time_limited(node, function):
                return _never_ends(phrase, offset(node), function)
        return None

    # --- calls ---------------------------------------------------------------------------------

    def _callees(self, running: _Running) -> Iterator[_Running]:
        """What a function runs and waits for: calls, awaits, runners, groups of its own."""
        function, arguments = running.function, running.arguments
        for node in function.nodes:
            values: Values = ()
            if isinstance(node, m.Call):
                values = self._run_by(node, function, arguments)
            elif isinstance(node, m.Await) and isinstance(node.value, m.Name):
                values = arguments.get(node.value.id, ())
            for value in values:
                callee = self._running(value, running, offset(node))
                if callee is not None and not self._waits.is_time_limited(node, function):
                    yield callee

    def _run_by(self, call: m.Call, function: Scope, arguments: Arguments) -> Values:
        """The functions that a call runs before it returns (or its await does)."""
        definition = function.function
        awaited = _is_awaited(call, function.module)
        name = last_name(call.func)
        passes_on = any(isinstance(each, m.Name) and each.id in arguments for each in call.args)
        if definition is not None and definition.is_async and not awaited and not passes_on:
            # A sync call that never ends would block the event loop: nobody writes that.
            return self._group_member(call, function) if name in GROUP_WORDS else ()
        values = self._called(call, function, arguments)
        if name in RUNNER_WORDS:
            ran = self._runner(call, values, function, arguments)
            if ran:
                return ran
        return tuple(
            Invocation(value, call, function) if isinstance(value, FunctionValue) else value
            for value in values
            if _runs_in_place(value, function, awaited=awaited)
        )

    def _running(self, value: Value, within: _Running, at: int) -> _Running | None:
        """The function that runs, with the callables passed to it, one step further."""
        passed: Arguments = {}
        if isinstance(value, Invocation):
            passed = self._bind(value.function, value.call, value.scope, within.arguments)
            if _is_own(value.call.func, within.function):
                kept = {k: v for k, v in within.arguments.items() if k.startswith(SELF)}
                passed = {**kept, **passed}
            value = value.function
        elif isinstance(value, Partial) and isinstance(value.target, FunctionValue):
            call = m.Call(value.call.func, value.call.args[1:], value.call.keywords, value.call.at)
            passed = self._bind(value.target, call, value.scope, within.arguments)
            value = value.target
        if not isinstance(value, FunctionValue):
            return None
        passed = {**dict(value.closure), **passed}
        text = f"{within.function.label} runs {value.scope.label}"
        step = Place(within.function.module, at, text)
        return _Running(value.scope, passed, (*within.steps, step))

    def _called(self, call: m.Call, function: Scope, arguments: Arguments) -> Values:
        func = call.func
        if isinstance(func, m.Name) and func.id in arguments:
            return arguments[func.id]
        if isinstance(func, m.Attribute) and SELF + func.attr in arguments:
            if _is_own(func, function):
                return arguments[SELF + func.attr]
        return self._resolver.evaluate(func, function)

    def _runner(
        self, call: m.Call, values: Values, function: Scope, arguments: Arguments
    ) -> Values:
        """``asyncio.run(f())``, ``to_thread(f)``, ``gather(a(), b())``, ``ctx.run(f)``."""
        names = [v.name for v in values if isinstance(v, External)]
        known = any(name in apis.RUNNERS for name in names) or (
            not names and last_name(call.func) in ("run_until_complete", "run_sync")
        )
        if not known or not call.args:
            return ()
        if any(name in apis.TIME_LIMITED for name in names) and has_limit(call):
            return ()
        many = any(name in ("asyncio.gather", "asyncio.wait") for name in names)
        found: list[Values] = []
        for argument in call.args if many else call.args[:1]:
            if isinstance(argument, m.Name) and argument.id in arguments:
                found.append(arguments[argument.id])
            else:
                found.append(self._resolver.evaluate(argument, function))
        return tuple(value for group in found for value in group)

    def _group_member(self, call: m.Call, function: Scope) -> Values:
        """What a call starts in a task group that this function itself waits for."""
        func = call.func
        if not isinstance(func, m.Attribute) or not isinstance(func.value, m.Name):
            return ()
        bindings = function.bindings.get(func.value.id, ())
        if not any(binding.kind == "entered" for binding in bindings):
            return ()
        spawn = self._spawns.at(call, function.module)
        return spawn.values if spawn is not None else ()


_MAX_ELSEWHERE: Final = 24
"""How many functions of other modules are looked at for one spawn: a worker's loop is near."""


def _never_ends(phrase: str, at: int, function: Scope) -> tuple[str, Place]:
    return phrase, Place(function.module, at, f"never ends: {phrase}")


def _runs_in_place(value: Value, function: Scope, *, awaited: bool) -> bool:
    target = value.target if isinstance(value, Partial) else value
    definition = target.scope.function if isinstance(target, FunctionValue) else None
    if definition is None or definition.is_generator or definition is function.function:
        return False
    return awaited or not definition.is_async


def _is_own(func: m.Expression, function: Scope) -> bool:
    """Whether a method calls something of its own object."""
    return isinstance(func, m.Attribute) and is_self(func.value, function)


def _is_awaited(call: m.Call, module: ModuleIndex) -> bool:
    """Whether a coroutine call is awaited in place."""
    parent = module.parents.get(call)
    return isinstance(parent, m.Await)
