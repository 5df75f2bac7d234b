"""Late copies: ``copy_context()`` on the far side, where the context it was meant for is gone."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from .. import apis
from ..facts import model as m
from .captures import Captures
from .crossings import Crossed, Crossings
from .handoffs import Consumer
from .index import ModuleIndex
from .queues import Put
from .scope import Scope
from .searches import member
from .trees import last_name, offset
from .values import External, FunctionValue

if TYPE_CHECKING:
    from .program import Program

_MAX_DEPTH: Final = 2
_SET: Final = f"{apis.CONTEXT_VARIABLE}.set"
_ESTABLISHING: Final = apis.SPAN_MAKERS | {"activate_request_context"}


class LateCopy(Struct, frozen=True):
    """A copy made where the work runs, and what shows that it is too late.

    ``crossings`` say how the function that copies gets to a thread; else ``consumer`` is the
    worker that copies when it has taken an item, and ``put`` is where the item comes from.
    """

    copy: m.Call
    entry: m.Call
    function: Scope
    crossings: Crossed
    consumer: Consumer | None = None
    put: Put | None = None

    @property
    def module(self) -> ModuleIndex:
        return self.function.module


class LateCopies:
    """Judges the copies that a function enters itself, by where that function runs."""

    def __init__(self, program: Program) -> None:
        self._program: Final = program
        self._captures: Final[Captures] = program.captures
        self.crossings: Final = Crossings(
            program.resolver, program.calls, program.spawns, self._is_own
        )

    def in_file(self, path: Path) -> Iterator[LateCopy]:
        """The late copies of one file, each once, in source order."""
        module = self._program.module(path) if self._program.sieve.may_capture(path) else None
        if module is None:
            return
        found: dict[m.Call, LateCopy] = {}
        for node in module.uses("run", member("run")):
            entry = module.parents.get(node)
            if isinstance(node, m.Attribute) and isinstance(entry, m.Call) and entry.func is node:
                late = self.judge(entry, node.value, module)
                if late is not None:
                    found.setdefault(late.copy, late)
        yield from sorted(found.values(), key=lambda each: each.copy.at)

    def judge(self, entry: m.Call, context: m.Expression, module: ModuleIndex) -> LateCopy | None:
        """What is wrong with entering a context here; None if nothing is, or nobody can tell."""
        scope = module.scope_of(entry)
        copy = self._captures.copied_in(context, scope)
        if copy is None or scope.function is None or scope.function.is_generator:
            return None  # a generator's steps have one context between them
        if self._hands_on(entry, scope) or self._is_prepared(scope, copy):
            return None
        if self._is_filled(copy, scope):
            return None
        consumed = self._consumed(entry, copy, scope)
        if consumed is not None:
            consumer, put = consumed
            return None if put is None else LateCopy(copy, entry, scope, (), consumer, put)
        if self._is_repeated(scope, entry):
            return None
        crossings = self.crossings.of(scope)
        return LateCopy(copy, entry, scope, crossings) if crossings else None

    def _hands_on(self, entry: m.Call, scope: Scope) -> bool:
        """``context.run(create_task, job())``: what runs in the copy is started by this function,
        which is the producer of what it starts."""
        if self._program.spawns.at(entry, scope.module) is not None:
            return True
        for value in self._program.resolver.evaluate(entry.args[0], scope) if entry.args else ():
            if isinstance(value, FunctionValue) and value.scope.name == "<lambda>":
                for node in value.scope.nodes:
                    if isinstance(node, m.Call):
                        if self.crossings.spawn_at(node, value.scope.module) is not None:
                            return True
        return False

    # --- what stands before --------------------------------------------------------------------

    def _is_own(self, scope: Scope, node: m.Node) -> bool:
        """Whether the context at a node is a function's own, and no caller's."""
        return self._is_prepared(scope, node) or self._is_repeated(scope, node)

    def _is_repeated(self, scope: Scope, node: m.Node) -> bool:
        """Whether a worker comes by again and again: a copy for each turn isolates the turns."""
        within = takewhile(lambda each: each is not scope.node, scope.module.ancestors(node))
        return any(
            isinstance(around, m.While | m.For)
            and self._program.lifetimes.is_endless(around, scope)
            for around in within
        )

    def _is_prepared(self, scope: Scope, node: m.Node) -> bool:
        """Whether a function brings something into its context before a node: that is copied."""
        return self._establishes(scope, _MAX_DEPTH, offset(node))

    def _is_filled(self, copy: m.Call, scope: Scope) -> bool:
        """Whether variables are set in the copy itself, by ``context.run(variable.set, value)``."""
        entries = [
            entry
            for entry, context in self._captures.entries(scope.module)
            if scope.module.scope_of(entry) is scope
            and self._captures.copied_in(context, scope) is copy
        ]
        values = [
            self._program.resolver.evaluate(entry.args[0], scope) for entry in entries if entry.args
        ]
        if any(isinstance(v, External) and v.name == _SET for each in values for v in each):
            return True
        return len(entries) > 1 and any(
            isinstance(v, FunctionValue) and self._establishes(v.scope, _MAX_DEPTH)
            for each in values[:-1]
            for v in each
        )

    def _establishes(self, function: Scope, depth: int, before: int | None = None) -> bool:
        """Whether a function, or one that it calls, sets a variable or makes a span current."""
        if any(
            access.kind == "set" and (before is None or offset(access.node) < before)
            for access in self._program.contexts.accesses_in(function)
        ):
            return True
        for call in function.nodes:
            if not isinstance(call, m.Call) or (before is not None and call.at >= before):
                continue
            if last_name(call.func) in _ESTABLISHING:
                return True
            values = self._program.resolver.evaluate(call.func, function) if depth else ()
            if any(
                isinstance(value, FunctionValue) and self._establishes(value.scope, depth - 1)
                for value in values
            ):
                return True
        return False

    # --- consumers -----------------------------------------------------------------------------

    def _consumed(
        self, entry: m.Call, copy: m.Call, scope: Scope
    ) -> tuple[Consumer, Put | None] | None:
        """The worker in whose loop an item is taken, copied for and handled; the put of such an
        item, if it carries nothing that the worker could enter instead."""
        program = self._program
        loop = program.scopes.per_item(entry, scope.module)
        if loop is None or program.scopes.per_item(copy, scope.module) is not loop:
            return None
        for queue in program.queues.taken_by(scope):
            consumer = program.handoffs.consumer(queue)
            if consumer is None:
                continue
            if any(program.handoffs.carries(put) for put in queue.puts):
                return consumer, None
            if program.handoffs.rebuilds_context(consumer):
                return consumer, None
            return consumer, next((p for p in queue.puts if self._is_work(p, scope)), None)
        return None

    def _is_work(self, put: Put, consumer: Scope) -> bool:
        return (
            put.item is not None
            and put.scope is not consumer
            and not self._program.markers.is_marker(put.item, put.scope)
        )
