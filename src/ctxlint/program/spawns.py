"""Spawn sites: calls that start concurrent execution, with what they start."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from .. import apis
from ..facts import model as m
from .classes import self_name
from .index import ModuleIndex
from .resolve import Resolver
from .scope import Scope
from .searches import any_name, spawner
from .threads import Threads
from .trees import last_name
from .values import (
    External,
    FunctionValue,
    Instance,
    Literal,
    Partial,
    Value,
    Values,
    union,
)

_THREAD: Final = "threading.Thread"


class Spawn(Struct, frozen=True, eq=False):
    """One spawn: the call, the row that says what it does, and what it starts.

    ``runner`` is the context object whose ``run`` makes the spawn, if one does; ``callee`` is
    the expression started (None for a Thread subclass's ``run``).
    """

    call: m.Call
    module: ModuleIndex
    row: apis.Spawner
    callee: m.Expression | None
    values: Values
    runner: m.Expression | None = None
    started: Scope | None = None

    @property
    def scope(self) -> Scope:
        return self.module.scope_of(self.call)

    @property
    def kind(self) -> apis.Kind:
        return self.row.kind

    @property
    def group(self) -> m.Expression | None:
        """The task group or nursery the spawn belongs to."""
        func = self.call.func
        if self.row.group and isinstance(func, m.Attribute) and self.runner is None:
            return func.value
        return None

    def keyword(self, name: str) -> m.Expression | None:
        """The value of a keyword argument of the call."""
        return next((each.value for each in self.call.keywords if each.name == name), None)


class Spawns:
    """Recognises spawn sites; memoised per call."""

    def __init__(self, resolver: Resolver, table: apis.Table) -> None:
        self._resolver = resolver
        self._table = table
        self._threads = Threads(resolver)

    def in_module(self, module: ModuleIndex) -> Iterator[Spawn]:
        """All spawn sites of a module, in source order."""
        words = self.words(module)
        renamed = any_name(frozenset(words - self._table.spawner_words))
        for call in sorted(module.calls(renamed), key=lambda each: each.at):
            if self._may_spawn(call, words):
                spawn = self.at(call, module)
                if spawn is not None:
                    yield spawn

    def words(self, module: ModuleIndex) -> set[str]:
        """Names under which spawners go in a module: their own, and what they are assigned to."""
        words = set(self._table.spawner_words)
        for word, files in self._spoken.items():
            if module.path not in files:
                continue
            sites = spawner(word)
            for node in module.uses(word, sites):
                statement = module.parents.get(node)
                if isinstance(statement, m.Assign) and statement.value is node:
                    words.update(last_name(target) for target in statement.targets)
            for each in module.imports_of(word, sites):
                words.update(n.alias for n in each.names if n.alias and n.name == word)
        words.discard("")
        return words

    @cached_property
    def _spoken(self) -> Mapping[str, frozenset[Path]]:
        """The files in which each spawner's word stands."""
        containing = self._resolver.modules.sources.containing
        return {word: frozenset(containing(word)) for word in sorted(self._table.spawner_words)}

    @staticmethod
    def _may_spawn(call: m.Call, words: set[str]) -> bool:
        if last_name(call.func) in words:
            return True
        return any(last_name(each) in words for each in call.args[:2])

    def at(self, call: m.Call, module: ModuleIndex) -> Spawn | None:
        """The spawn that a call makes, if it makes one."""
        return self._resolver.fixpoint.solve(
            ("spawn", call), lambda: self._recognise(call, module), None
        )

    def by_name(self, call: m.Call, module: ModuleIndex, method: str, name: str) -> Spawn | None:
        """A call of a method on an object that nobody knows, taken for the spawner ``name``."""
        func = call.func
        if not isinstance(func, m.Attribute) or func.attr != method:
            return None
        if self._resolver.evaluate(func, module.scope_of(call)):
            return None
        return self._make(call, module, self._table.spawner_by_name[name])

    def _recognise(self, call: m.Call, module: ModuleIndex) -> Spawn | None:
        scope = module.scope_of(call)
        func = call.func
        values = self._resolver.evaluate(func, scope)
        row = self._row(func, values)
        if row is not None:
            if row.kind == "callback":
                return self._nested(call, 1, module) or self._make(call, module, row)
            return self._make(call, module, row)
        if isinstance(func, m.Attribute):
            if func.attr == "run" and call.args and self._is_context(func.value, values, scope):
                return self._nested(call, 1, module, func.value)
            if func.attr == "start":
                return self._thread_start(call, values, module)
        # ``run_detached(loop.create_task, coro)``
        if any(isinstance(v, External) and v.name in self._table.detaching for v in values):
            spawn = self._nested(call, 1, module)
            return spawn and replace(spawn, row=replace(spawn.row, detached=True))
        return None

    def _row(self, func: m.Expression, values: Values) -> apis.Spawner | None:
        for value in values:
            if isinstance(value, External):
                row = self._table.spawner_by_name.get(value.name)
                if row is not None:
                    return row
            elif isinstance(value, FunctionValue):
                row = self._project_row(value)
                if row is not None:
                    return row
        unknown = not values or all(_is_unknown(value) for value in values)
        if unknown and isinstance(func, m.Attribute):
            return self._table.spawner_by_method.get(func.attr)
        return None

    def _project_row(self, value: FunctionValue) -> apis.Spawner | None:
        """A row of the user's for a function of the project."""
        rows = self._rows_by_last_name.get(value.scope.name)
        dotted = value.scope.dotted if rows else ""
        for row in rows or ():
            if row.name == dotted or row.name.endswith(f".{dotted}"):
                return row
        return None

    @cached_property
    def _rows_by_last_name(self) -> dict[str, list[apis.Spawner]]:
        found: dict[str, list[apis.Spawner]] = {}
        for row in self._table.spawner_by_name.values():
            found.setdefault(row.name.rpartition(".")[2], []).append(row)
        return found

    def _is_context(self, receiver: m.Expression, values: Values, scope: Scope) -> bool:
        if any(isinstance(v, External) and v.name == apis.CONTEXT_RUN for v in values):
            return True
        return not self._resolver.evaluate(receiver, scope) or any(
            isinstance(v, Instance) and v.of == "contextvars.Context"
            for v in self._resolver.evaluate(receiver, scope)
        )

    def _nested(
        self, call: m.Call, count: int, module: ModuleIndex, runner: m.Expression | None = None
    ) -> Spawn | None:
        """``ctx.run(create_task, coro)``: the spawner is the first argument."""
        scope = module.scope_of(call)
        if not call.args:
            return None
        spawner = call.args[0]
        called = self._resolver.evaluate(spawner, scope)
        row = self._row(spawner, called)
        if row is None and isinstance(spawner, m.Attribute) and spawner.attr == "start":
            started = self._thread_start(call, called, module)
            return started and replace(started, runner=runner or m.Name("", call.at))
        if row is None or row.kind in ("callback", "executor"):
            return None
        inner = m.Call(spawner, call.args[count:], call.keywords, call.at)
        callee = _argument(inner, row)
        values = self._started(callee, scope) if callee is not None else ()
        return Spawn(call, module, row, callee, values, runner or m.Name("", call.at))

    def _make(self, call: m.Call, module: ModuleIndex, row: apis.Spawner) -> Spawn:
        scope = module.scope_of(call)
        callee = _argument(call, row)
        if row.every:
            values = union(*(self._started(_unstarred(each), scope) for each in call.args))
        else:
            values = self._started(callee, scope) if callee is not None else ()
        return Spawn(call, module, row, callee, values)

    def _thread_start(self, call: m.Call, values: Values, module: ModuleIndex) -> Spawn | None:
        """``t.start()`` of a Thread subclass starts its ``run``."""
        own = self._own_start(call, module)
        for value in values:
            if isinstance(value, External):
                cls = own or (value.receiver.of if value.receiver is not None else None)
                if isinstance(cls, Scope) and value.name in (
                    "threading.Thread.start",
                    "threading.Timer.start",
                ):
                    made = value.receiver if own is None else None
                    runs = self._threads.run_by(cls, made or Instance(cls))
                    if runs:
                        row = self._table.spawner_by_name[_THREAD]
                        return Spawn(call, module, row, None, runs, None, cls)
        return None

    def _own_start(self, call: m.Call, module: ModuleIndex) -> Scope | None:
        """The class whose ``start`` passes on to Thread's: ``super().start()``."""
        func = call.func
        method = module.scope_of(call).enclosing_method
        if method is None or method.owner is None or not isinstance(func, m.Attribute):
            return None
        handed_self = bool(call.args) and last_name(call.args[0]) == self_name(method)
        is_super = isinstance(func.value, m.Call) and last_name(func.value.func) == "super"
        return method.owner if is_super or handed_self else None

    def _started(self, callee: m.Expression, scope: Scope) -> Values:
        """The functions that a spawn's argument runs, wrappers looked through."""
        return self._resolver.fixpoint.solve(
            ("started", callee), lambda: self._find_started(callee, scope), ()
        )

    def _find_started(self, callee: m.Expression, scope: Scope) -> Values:
        if isinstance(callee, m.Starred):
            return ()
        if isinstance(callee, m.Comprehension):
            return self._started(callee.elements[-1], scope)
        values = self._resolver.evaluate(callee, scope)
        return union(*(self._unwrapped(value, scope, callee) for value in values))

    def _unwrapped(self, value: Value, scope: Scope, callee: m.Expression) -> Values:
        if isinstance(value, Partial) and isinstance(value.target, External):
            return self._ran(value.target, value.call.args[1:], value.scope) or (value,)
        if isinstance(value, External) and value.name in apis.RUNNERS:
            call = scope.module.parents.get(callee)
            if isinstance(call, m.Keyword):
                call = scope.module.parents.get(call)
            if isinstance(call, m.Call):
                return self._ran(value, _arguments_beside(call, callee), scope) or (value,)
        if isinstance(value, Instance) and isinstance(value.of, str) and value.origin is not None:
            name = value.of.removesuffix("()")
            if name in apis.RUNNERS and value.scope is not None:
                return self._ran(External(name), value.origin.args, value.scope) or (value,)
        if isinstance(value, Literal) and isinstance(value.node, m.Comprehension):
            return self._started(value.node.elements[-1], value.scope)
        return (value,)

    def _ran(self, runner: External, arguments: tuple[m.Expression, ...], scope: Scope) -> Values:
        """What ``to_thread(f)``, ``ctx.run(f)`` or ``gather(a(), b())`` runs."""
        if runner.name not in apis.RUNNERS:
            return ()
        many = arguments if runner.name in ("asyncio.gather", "asyncio.wait") else arguments[:1]
        return union(*(self._started(each, scope) for each in many))


def _argument(call: m.Call, row: apis.Spawner) -> m.Expression | None:
    if row.keyword is not None:
        for keyword in call.keywords:
            if keyword.name == row.keyword:
                return keyword.value
    return call.args[row.callee] if 0 <= row.callee < len(call.args) else None


def _unstarred(node: m.Expression) -> m.Expression:
    return node.value if isinstance(node, m.Starred) else node


def _arguments_beside(call: m.Call, callee: m.Expression) -> tuple[m.Expression, ...]:
    """The callee's own arguments: in ``args=(...)`` or behind it."""
    for keyword in call.keywords:
        if keyword.name == "args" and isinstance(keyword.value, m.Sequence):
            return keyword.value.elements
    if callee in call.args:
        return call.args[call.args.index(callee) + 1 :]
    return ()


def _is_unknown(value: Value) -> bool:
    """A name of a library without a row says nothing against a distinctive method name."""
    return isinstance(value, External)
