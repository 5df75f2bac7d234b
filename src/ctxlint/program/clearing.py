"""What is cleared by the time that something runs: variables, and what libraries keep."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Final

from msgspec import Struct

from .. import apis
from ..facts import model as m
from .contexts import Variable, variable_of
from .places import Place
from .resolve import Resolver
from .scope import Scope
from .sightings import clearers
from .spawns import Spawn
from .trees import dotted_name, last_name, offset, walk
from .values import External, FunctionValue, Instance, Invocation, Literal, Value

_MAX_DEPTH: Final = 4
_UNDOING: Final = {"detach": "opentelemetry", "bind_contextvars": "structlog"}
_TAKING_BACK: Final = ("set", "reset", *_UNDOING)
_EMPTY_TYPES: Final = frozenset({"dict", "list", "set", "tuple", "frozenset", "str"})
_WORDS: Final = ("set", "attach", "use_span", "clear_contextvars")


class Cleared(Struct, frozen=True):
    """Something that is emptied: a variable of the project, or what a library keeps (``area``)."""

    variable: Variable | None
    area: str
    phrase: str
    place: Place

    @property
    def label(self) -> str:
        return self.variable.label if self.variable is not None else f"{self.area}'s context"

    def is_same(self, other: Cleared) -> bool:
        return (self.variable, self.area) == (other.variable, other.area)


class Clearing:
    """Says what code empties, directly or by functions and ``with`` blocks of the project."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver

    def around(self, spawn: Spawn) -> list[Cleared]:
        """What is empty at a spawn, or in the copied context that it is given."""
        return [*self.before(spawn.call, spawn.scope), *self._prepared(spawn)]

    def first_in(self, function: Scope) -> list[Cleared]:
        """What a worker empties before its loop; a function without a loop, before it ends."""
        for statement in function.statements:
            if isinstance(statement, m.While | m.For) and not self._clears_in(statement, function):
                return self.before(statement, function)
        return self.before(None, function)

    def before(self, node: m.Node | None, scope: Scope, depth: int = _MAX_DEPTH) -> list[Cleared]:
        """What is empty at a node of a function, or at its end."""
        found: list[Cleared] = []
        if depth <= 0:
            return found
        around = [] if node is None else list(scope.module.ancestors(node))
        for call in self._calls_before(node, scope, *self._emptying):
            if _is_conditional(call, around, scope):
                continue
            found += [
                each
                for each in self._of_call(call, scope, depth)
                if not self._is_undone(each, call, node, scope)
            ]
        for block in around:
            if isinstance(block, m.With):
                for item in block.items:
                    found += self._of_context(item.context, scope, depth)
        return found

    def is_empty(self, argument: m.Expression, scope: Scope) -> bool:
        """Whether a value says that there is nothing: None, an empty collection, no span."""
        if isinstance(argument, m.Constant):
            return argument.value is None or argument.value == ""
        if isinstance(argument, m.Sequence):
            return not argument.elements
        if isinstance(argument, m.Mapping):
            return not argument.values
        if last_name(argument) in ("INVALID_SPAN", "INVALID_SPAN_CONTEXT"):
            return True
        if isinstance(argument, m.Call):
            bare = not argument.args and not argument.keywords
            return bare and last_name(argument) in _EMPTY_TYPES | {"Context"}
        if isinstance(argument, m.Name):
            values = self._resolver.evaluate(argument, scope)
            return bool(values) and all(
                isinstance(value, Literal)
                and not isinstance(value.node, m.Comprehension)
                and self.is_empty(value.node, scope)
                for value in values
            )
        return False

    # --- calls ---------------------------------------------------------------------------------

    @staticmethod
    def _calls_before(node: m.Node | None, scope: Scope, *names: str) -> Iterator[m.Call]:
        """The calls of some names that a function has made by then, those that open a ``with``
        left aside.

        By their names: a function may make thousands of calls before each of thousands of spawns.
        """
        for each in scope.calls_named(*names):
            if node is None or each.at < offset(node):
                if not isinstance(scope.module.parents.get(each), m.WithItem):
                    yield each

    @cached_property
    def _emptying(self) -> tuple[str, ...]:
        """The names of calls of which `_of_call` can say anything."""
        return tuple(sorted({*_WORDS, *apis.STACK_ENTRIES, *self._clearers}))

    def _of_call(self, call: m.Call, scope: Scope, depth: int) -> Iterator[Cleared]:
        """What a call empties: ``var.set(None)``, ``attach(Context())``, a helper of one's own."""
        name = last_name(call.func)
        place = Place(scope.module, call.at, "")
        if name in ("attach", "use_span") and call.args:
            if self.is_empty(call.args[0], scope):
                phrase = f"{name}() of an empty context comes before it"
                yield Cleared(None, self._area(call, scope), phrase, place)
        elif name == "clear_contextvars":
            yield Cleared(None, "structlog", "the log context is cleared before it", place)
        elif name == "set" and len(call.args) == 1:
            if isinstance(call.args[0], m.Constant) or self.is_empty(call.args[0], scope):
                for variable in self._variables(call.func, scope):
                    if self._is_cleared_by(call, variable, scope):
                        yield _of_variable(variable, place)
        elif name in apis.STACK_ENTRIES and call.args:
            yield from self._of_context(call.args[0], scope, depth)
        elif name in self._clearers:
            for value in self._resolver.evaluate(call.func, scope):
                if isinstance(value, FunctionValue) and not _is_generator(value.scope):
                    yield from self.before(None, value.scope, depth - 1)

    def _is_cleared_by(self, call: m.Call, variable: Variable, scope: Scope) -> bool:
        """Whether a variable is set to nothing, or to a constant for a while: ``set("system")``."""
        return self.is_empty(call.args[0], scope) or any(
            later.at > call.at and variable in self._variables(later.func, scope)
            for later in scope.calls_named("reset")
        )

    def _area(self, call: m.Call, scope: Scope) -> str:
        values = self._resolver.evaluate(call.func, scope)
        homes = {v.name.partition(".")[0] for v in values if isinstance(v, External)}
        return homes.pop() if len(homes) == 1 else "opentelemetry"

    def _variables(self, method: m.Expression, scope: Scope) -> list[Variable]:
        """The variables whose ``set`` or ``reset`` an expression can be."""
        receivers: list[Value | None] = [
            value.receiver
            for value in self._resolver.evaluate(method, scope)
            if isinstance(value, External)
            and value.name.rpartition(".")[0] == apis.CONTEXT_VARIABLE
        ]
        if not receivers and isinstance(method, m.Attribute):
            receivers += self._in_comprehension(method.value, scope)
        found = (variable_of(each) for each in receivers if isinstance(each, Instance))
        return [each for each in found if each is not None]

    def _in_comprehension(self, receiver: m.Expression, scope: Scope) -> Iterator[Value]:
        """The variables that a name of a comprehension goes through."""
        for around in scope.module.ancestors(receiver):
            for clause in around.clauses if isinstance(around, m.Comprehension) else ():
                if isinstance(receiver, m.Name) and last_name(clause.target) == receiver.id:
                    values = self._resolver.evaluate(clause.iter, scope)
                    for each in self._resolver.elements.of(values):
                        if isinstance(each, Instance) and each.of == apis.CONTEXT_VARIABLE:
                            yield each

    def _is_undone(self, cleared: Cleared, call: m.Call, node: m.Node | None, scope: Scope) -> bool:
        """Whether what a call empties is put back before a node is reached."""
        for later in self._calls_before(node, scope, *_TAKING_BACK):
            if later.at <= call.at:
                continue
            name = last_name(later.func)
            if cleared.variable is None:
                if _UNDOING.get(name) == cleared.area:
                    return True
            elif name in ("set", "reset") and cleared.variable in self._variables(
                later.func, scope
            ):
                if name == "reset" or not (later.args and self.is_empty(later.args[0], scope)):
                    return True
        return False

    def _clears_in(self, loop: m.While | m.For, scope: Scope) -> bool:
        """Whether a loop is there to clear: ``for variable in ALL: variable.set(None)``."""
        return isinstance(loop, m.For) and any(
            isinstance(node, m.Call) and any(self._of_call(node, scope, 1))
            for node in walk(*loop.body)
        )

    @cached_property
    def _clearers(self) -> frozenset[str]:
        """The names of functions of the project in which something is emptied."""
        sources = self._resolver.modules.sources
        return frozenset(
            name for names in sources.answers(clearers, *_WORDS).values() for name in names
        )

    # --- with blocks and contexts --------------------------------------------------------------

    def _of_context(self, context: m.Expression, scope: Scope, depth: int) -> list[Cleared]:
        """What is empty inside ``with context:``."""
        found = list(self._of_call(context, scope, 0)) if isinstance(context, m.Call) else []
        for value in self._resolver.evaluate(context, scope):
            if isinstance(value, Invocation) and _is_generator(value.function.scope):
                entered = value.function.scope
                yields = (each for each in entered.nodes if isinstance(each, m.Yield))
                found += self.before(next(yields, None), entered, depth - 1)
            elif isinstance(value, Instance) and isinstance(value.of, Scope):
                for name in ("__enter__", "__aenter__"):
                    method = self._resolver.classes.method(value.of, name)
                    if method is not None:
                        found += self.before(None, method, depth - 1)
        return found

    def _prepared(self, spawn: Spawn) -> Iterator[Cleared]:
        """``copy.run(var.set, None)``, where the spawn is given the copy."""
        context = spawn.keyword("context") or spawn.runner
        name = dotted_name(context) if context is not None else None
        if not name:
            return
        for call in self._calls_before(spawn.call, spawn.scope, "run"):
            func = call.func
            if isinstance(func, m.Attribute) and func.attr == "run" and len(call.args) == 2:
                if dotted_name(func.value) == name and self.is_empty(call.args[1], spawn.scope):
                    if last_name(call.args[0]) == "set":
                        for variable in self._variables(call.args[0], spawn.scope):
                            place = Place(spawn.module, call.at, "")
                            yield _of_variable(variable, place)


def _of_variable(variable: Variable, place: Place) -> Cleared:
    return Cleared(variable, "", f"{variable.label} is cleared before it", place)


def _is_generator(function: Scope) -> bool:
    return function.function is not None and function.function.is_generator


def _is_conditional(call: m.Call, around: list[m.Node], scope: Scope) -> bool:
    """Whether a call stands under a condition that the node it is asked for does not share."""
    return any(
        isinstance(each, m.If | m.Handler | m.Conditional) and each not in around
        for each in scope.module.ancestors(call)
    )
