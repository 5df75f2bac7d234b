"""Functions of the project that spawn what they are given: ``self._keep(self._drain())``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from .. import apis
from ..facts import model as m
from .arguments import argument_for
from .index import ModuleIndex
from .resolve import Resolver
from .scope import Scope
from .spawns import Spawn, Spawns
from .starting import starts_behind
from .suites import everything
from .uses import Use, alternatives_around
from .values import ClassValue, External, FunctionValue, Invocation

_MAX_DEPTH: Final = 3


class Wrappers:
    """Recognises them by their bodies, wrappers of wrappers among them."""

    def __init__(self, resolver: Resolver, spawns: Spawns) -> None:
        self._resolver: Final = resolver
        self._spawns: Final = spawns

    def spawning(self, use: Use) -> Spawn | None:
        """The spawn that a wrapper makes of the function, or the coroutine, that it is given."""
        return next(self.all_spawning(use), None)

    def all_spawning(self, use: Use) -> Iterator[Spawn]:
        """The same, of a wrapper that has a spawn for each of several cases."""
        given = use.call if use.call is not None else use.node
        yield from self._of_argument(given, use.module, _MAX_DEPTH)

    def _of_argument(self, given: m.Expression, module: ModuleIndex, depth: int) -> Iterator[Spawn]:
        given = alternatives_around(given, module)
        parent = module.parents.get(given)
        call = module.parents.get(parent) if isinstance(parent, m.Keyword) else parent
        if depth == 0 or not isinstance(call, m.Call) or call.func is given:
            return
        for value in self._resolver.evaluate(call.func, module.scope_of(call)):
            if isinstance(value, ClassValue):
                yield from self._of_thread(given, call, module)
            if not isinstance(value, FunctionValue) or value.scope.function is None:
                continue
            for parameter in value.scope.function.parameters:
                if argument_for(value.scope, parameter, call.args, call.keywords) is given:
                    yield from self._of_parameter(parameter.name, value.scope, depth)

    def _of_thread(self, given: m.Expression, made: m.Call, module: ModuleIndex) -> Iterator[Spawn]:
        """The start of a thread object that is given what it runs: ``Runner(function).start()``."""
        for start in starts_behind(made, module):
            call = module.parents.get(start)  # of it, or of what runs it: context.run(t.start)
            spawn = self._spawns.at(call, module) if isinstance(call, m.Call) else None
            if spawn is not None and spawn.started is not None:
                runs = [each for each in spawn.values if isinstance(each, FunctionValue)]
                kept = [value for each in runs for _, values in each.closure for value in values]
                if {*runs, *kept}.intersection(self._resolver.evaluate(given, spawn.scope)):
                    yield spawn

    def _of_parameter(self, name: str, wrapper: Scope, depth: int) -> Iterator[Spawn]:
        """What a function spawns of its parameter, itself or through another wrapper."""
        for node in everything(*wrapper.body):
            if not isinstance(node, m.Name) or node.id != name:
                continue
            where = wrapper.module.scope_of(node)
            if self._resolver.binding_scope(name, where) is wrapper:
                found = list(self._at(node, wrapper.module, depth))
                yield from found or self._around(where, wrapper)

    def _around(self, inner: Scope, wrapper: Scope) -> Iterator[Spawn]:
        """The spawns of a function inside the wrapper, which runs what that was given."""
        if inner is wrapper:
            return
        for spawn in self._spawns.in_module(wrapper.module):
            started = (
                each.function if isinstance(each, Invocation) else each for each in spawn.values
            )
            if spawn.scope is wrapper and any(
                isinstance(each, FunctionValue) and each.scope is inner for each in started
            ):
                yield spawn

    def _at(self, node: m.Expression, module: ModuleIndex, depth: int) -> Iterator[Spawn]:
        parent = module.parents.get(node)
        if isinstance(parent, m.Call) and parent.func is node:  # make() → a coroutine
            node, parent = parent, module.parents.get(parent)
        beside = None
        if isinstance(parent, m.Sequence):  # args=(function,)
            beside, parent = parent, module.parents.get(parent)
        call = module.parents.get(parent) if isinstance(parent, m.Keyword) else parent
        if not isinstance(call, m.Call):
            return
        spawn = self._spawns.at(call, module)
        if beside is not None:
            if spawn is not None and node is beside.elements[0] and self._is_runner(spawn):
                yield spawn
        elif spawn is None:
            yield from self._of_argument(node, module, depth - 1)
        elif spawn.callee is node:
            yield spawn

    def _is_runner(self, spawn: Spawn) -> bool:
        """``Thread(target=context.run, args=(function,))``: what is started runs the first one."""
        if spawn.callee is None:
            return False
        values = self._resolver.evaluate(spawn.callee, spawn.scope)
        return any(isinstance(v, External) and v.name == apis.CONTEXT_RUN for v in values)
