"""Flags that say "started already", kept in a context variable: each context has its own copy."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from ..facts import model as m
from .index import ModuleIndex
from .places import Place
from .scope import Scope
from .scopes import Reach
from .stores import Touch
from .suites import seat_of
from .trees import offset, walk
from .values import FunctionValue

if TYPE_CHECKING:
    from .program import Program

_MAX_DEPTH: Final = 3


class OnceFlag(Struct, frozen=True):
    """A set of a flag; ``done`` is what is done only where it was not set yet."""

    touch: Touch
    done: Place
    steps: tuple[Place, ...]
    reach: Reach


class OnceFlags:
    """Finds flags that guard what is to be done once for the process."""

    def __init__(self, program: Program) -> None:
        self._program: Final = program

    def in_file(self, path: Path) -> Iterator[OnceFlag]:
        """The flags that one file sets, in source order."""
        module = self._program.module(path) if self._program.sieve.sets(path) else None
        if module is None or self._program.calls.is_test(module):
            return
        for touch in self._program.stores.in_module(module):
            found = self._judged(touch)
            if found is not None:
                yield found

    def _judged(self, touch: Touch) -> OnceFlag | None:
        value = touch.value
        if touch.kind != "set" or touch.store.row is not None:
            return None
        if not isinstance(value, m.Constant) or not value.value:
            return None
        guarded = self._guarded(touch)
        if guarded is None or self._program.restoring.somewhere(touch.store):
            return None
        found = self._lasting(guarded, touch.scope, _MAX_DEPTH)
        if found is None:
            return None
        reach = self._program.scopes.reach(touch.call, touch.scope.module)
        return OnceFlag(touch, found[-1], found[:-1], reach) if reach.in_request else None

    def _guarded(self, touch: Touch) -> m.Body | None:
        """The statements that run only where the flag is not set."""
        module = touch.scope.module
        statement = module.statement_of(touch.call)
        seat = seat_of(statement, module)
        around = seat.holder
        if isinstance(around, m.If) and statement in around.body:
            if self._asks(around.test, touch) and _is_negated(around.test):
                return around.body
        for each in seat.suite[: seat.index]:
            if isinstance(each, m.If) and self._asks(each.test, touch):
                if not _is_negated(each.test) and isinstance(each.body[-1], m.Return):
                    return seat.suite[seat.suite.index(each) + 1 :]
        return None

    def _asks(self, test: m.Expression, touch: Touch) -> bool:
        stores = self._program.stores
        if stores.reads(test, touch.scope, touch.store):
            return True
        read = stores.names_read(touch.scope, touch.store)
        return any(isinstance(node, m.Name) and node.id in read for node in walk(test))

    def _lasting(self, body: m.Body, scope: Scope, depth: int) -> tuple[Place, ...] | None:
        """What is done to the process: a worker is started, or a global is set."""
        module = scope.module
        for node in walk(*body):
            if isinstance(node, m.Assign) and any(
                isinstance(target, m.Name) and target.id in scope.declared_outer
                for target in node.targets
            ):
                return (Place(module, node.at, f"{scope.label} sets a global variable"),)
            if isinstance(node, m.Call):
                found = self._starts(node, module) or self._in_callee(node, scope, depth)
                if found is not None:
                    return found
        return None

    def _starts(self, call: m.Call, module: ModuleIndex) -> tuple[Place, ...] | None:
        spawn = self._program.spawns.at(call, module)
        if spawn is None or self._program.lifetimes.of_any(spawn.values) is None:
            return None
        return (Place(module, offset(call), "a worker is started that never ends"),)

    def _in_callee(self, call: m.Call, scope: Scope, depth: int) -> tuple[Place, ...] | None:
        if depth == 0:
            return None
        for value in self._program.resolver.evaluate(call.func, scope):
            if isinstance(value, FunctionValue) and value.scope is not scope:
                found = self._lasting(value.scope.body, value.scope, depth - 1)
                if found is not None:
                    text = f"{scope.label} calls {value.scope.label}"
                    return (Place(scope.module, call.at, text), *found)
        return None


def _is_negated(test: m.Expression) -> bool:
    """``not flag``, ``flag is None``: whether the test holds before the flag is set."""
    if isinstance(test, m.Boolean):
        return any(_is_negated(each) for each in test.operands)
    if isinstance(test, m.Compare):
        no = any(isinstance(each, m.Constant) and not each.value for each in test.operands)
        return no is (test.operators[0] in ("is", "=="))
    return isinstance(test, m.Not)
