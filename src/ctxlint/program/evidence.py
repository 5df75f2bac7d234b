"""Evidence: what a callable, run in a context that is empty, asks its context for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from .. import apis
from ..facts import model as m
from . import searches
from .arguments import passed_beside
from .classes import self_name
from .contexts import Access, Variable
from .following import Following, Stage, Visit
from .places import Place
from .scope import Scope
from .spawns import Spawn
from .trees import last_name, mentions, offset, walk
from .values import External, FunctionValue, Instance, Partial

if TYPE_CHECKING:
    from .program import Program

_MAX_FUNCTIONS: Final = 800
_ANY: Final = "any variable of the project"
_MAX_DEPTH: Final = 2
"""How deep a call before the read is looked into for what it sets."""


class Read(Struct, frozen=True):
    """What is asked of the context, and the steps that lead there from the callee."""

    access: Access
    steps: tuple[Place, ...]


class Evidence:
    """Searches what spawns start; memoised per spawn."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._resolver = program.resolver
        self._contexts = program.contexts
        self.following: Final = Following(program, _MAX_FUNCTIONS)
        self._found: dict[Spawn, Read | None] = {}
        self._set: dict[m.Call, bool] = {}

    def of(self, spawn: Spawn) -> Read | None:
        """The nearest read of what the spawner's context holds, and the callee's does not."""
        if spawn not in self._found:
            self._found[spawn] = next(self._reads(spawn), None)
        return self._found[spawn]

    def visits(self, spawn: Spawn) -> Iterator[Visit]:
        """The functions that run in the callee's context."""
        callee = spawn.callee
        if not apis.RUNNERS.isdisjoint(self._called(spawn)):
            return self.following.of(spawn.values, ((), ()), spawn.scope, run=True)
        beside = passed_beside(callee, spawn.module) if callee is not None else None
        given = beside if beside is not None and not spawn.row.many else ((), ())
        return self.following.of(spawn.values, given, spawn.scope)

    def _called(self, spawn: Spawn) -> set[str]:
        """The names of the library functions that the spawn itself calls."""
        values = self._resolver.evaluate(spawn.callee, spawn.scope) if spawn.callee else ()
        targets = [value.target if isinstance(value, Partial) else value for value in values]
        return {target.name for target in targets if isinstance(target, External)}

    def _reads(self, spawn: Spawn) -> Iterator[Read]:
        for visit in self.visits(spawn):
            for access in self._accesses(visit):
                if access.kind == "read" and self._counts(access, visit, spawn.kind):
                    steps = (*map(_step, visit.way), _place(access))
                    yield Read(access, steps)

    def _accesses(self, visit: Visit) -> Iterator[Access]:
        function = visit.function
        yield from self._by_decorators(function)
        for node in function.nodes:
            if isinstance(node, m.Call):
                if self._may_read(node.func, visit):
                    yield from self._contexts.accesses_of(node, function)
            elif isinstance(node, m.Attribute) and last_name(node.value) in _REQUEST_WORDS:
                yield from self._contexts.accesses_by(node, function)

    def _may_read(self, func: m.Expression, visit: Visit) -> bool:
        """Whether to look at all whose method is called, by its name and what it is called on."""
        if isinstance(func, m.Attribute):
            if func.attr not in _READING_WORDS:
                return False
            return func.attr in apis.CONTEXT_USE_BY_METHOD or bool(
                self.following.values(func.value, visit)
            )
        return isinstance(func, m.Name)

    def _by_decorators(self, function: Scope) -> Iterator[Access]:
        """``@tracer.start_as_current_span("name")``, ``@traceable``: read before each call."""
        where = function.parent or function
        for decorator in function.decorators:
            if isinstance(decorator, m.Call):
                yield from self._contexts.accesses_of(decorator, where)
                continue
            for value in self._resolver.evaluate(decorator, where):
                name = value.name if isinstance(value, External) else ""
                row = apis.CONTEXT_USE_BY_NAME.get(name)
                if row is not None and row.kind == "read":
                    yield Access("read", None, name, decorator, where)

    # --- which reads count ---------------------------------------------------------------------

    def _counts(self, read: Access, visit: Visit, kind: apis.Kind) -> bool:
        if read.variable is not None:
            if not self._is_ever_set(read.variable) or _only_restores(read):
                return False
        elif read.library not in _TELLING or read.area in self._carried[kind]:
            return False
        return not self._is_set_before(read, visit)

    @cached_property
    def _carried(self) -> dict[apis.Kind, set[str]]:
        """What instrumentation takes along into threads, by the kind of spawn."""
        found: dict[apis.Kind, set[str]] = defaultdict(set)
        for carrier in apis.THREAD_CARRIERS:
            if self._program.modules.sources.containing(carrier.word):
                for kind in carrier.kinds:
                    found[kind].add(carrier.area)
        return found

    def _is_ever_set(self, variable: Variable) -> bool:
        """Whether the project ever sets a variable; asked of the bytes before it is resolved."""
        if variable.made not in self._set:
            name = (variable.name or "").rpartition(".")[2]
            modules = self._program.modules
            self._set[variable.made] = bool(
                name and modules.sources.matching(searches.setting(name))
            ) or bool(self._contexts.settings_of(variable))
        return self._set[variable.made]

    def _is_set_before(self, read: Access, visit: Visit) -> bool:
        """Whether the callee, or what it ran before, has set what is read."""
        if self._sets_before(read.area, visit.function, read.node):
            return True
        first = visit.way[0] if visit.way else Stage(visit.function, read.node, visit.function)
        if self._restores(read.area, first) or self._activates(first):
            return True
        return any(self._sets_before(read.area, each.function, each.node) for each in visit.way)

    def _restores(self, area: object, first: Stage) -> bool:
        """``use_user(user)`` in the callee itself: it is given what it would have lost."""
        call = first.node
        return (
            isinstance(call, m.Call)
            and self._takes_given(call, first.function)
            and self._sets(area, call, first.function, _MAX_DEPTH)
        )

    def _activates(self, first: Stage) -> bool:
        """Whether the callee does it inside a ``with`` that enters a context which it is given."""
        for around in first.function.module.ancestors(first.node):
            for item in around.items if isinstance(around, m.With) else ():
                call = item.context
                if isinstance(call, m.Call) and self._takes_given(call, first.function):
                    if self._sets(_ANY, call, first.function, _MAX_DEPTH):
                        return True
        return False

    def _takes_given(self, call: m.Call, function: Scope) -> bool:
        own = self_name(function) if function.owner is not None else None
        return any(self._is_given(each, function, own) for each in call.args)

    def _is_given(self, argument: m.Expression, function: Scope, own: str | None) -> bool:
        """Whether an argument is what the function was given: a parameter, a name of the function
        around it, an attribute of its object."""
        if isinstance(argument, m.Attribute) and isinstance(argument.value, m.Name):
            return argument.value.id == own
        if not isinstance(argument, m.Name) or argument.id == own:
            return False
        home = self._resolver.binding_scope(argument.id, function)
        if home is None or home.function is None:
            return False
        kinds = {binding.kind for binding in home.bindings[argument.id]}
        return home is not function or "parameter" in kinds

    def _sets_before(self, area: object, function: Scope, node: m.Node) -> bool:
        end = offset(node)
        for before in function.nodes:
            if isinstance(before, m.With) and before.at < end:
                entered = self._entered(before, function)
                if any(self._sets_itself(area, each) for each in entered):
                    return True
            elif isinstance(before, m.Call) and before.at < end and not _holds(before, node):
                if self._sets(area, before, function, _MAX_DEPTH):
                    return True
        return False

    def _entered(self, block: m.With, scope: Scope) -> Iterator[Scope]:
        """What runs when a ``with`` is entered."""
        for item in block.items:
            for value in self._resolver.evaluate(item.context, scope):
                if isinstance(value, Instance) and isinstance(value.of, Scope):
                    for name in ("__enter__", "__aenter__"):
                        method = self._resolver.classes.method(value.of, name)
                        if method is not None:
                            yield method

    def _sets(self, area: object, call: m.Call, scope: Scope, depth: int) -> bool:
        """Whether a call, or what it calls in the project a few levels deep, sets something."""
        if _replays(call, scope):
            return True
        for access in self._contexts.accesses_of(call, scope):
            if area == _ANY and access.kind == "enter":
                return True
            if access.kind == "set" and (
                access.area == area or (area == _ANY and access.variable is not None)
            ):
                return True
        if depth == 0:
            return False
        return any(
            isinstance(inner, m.Call) and self._sets(area, inner, value.scope, depth - 1)
            for value in self._resolver.evaluate(call.func, scope)
            if isinstance(value, FunctionValue)
            for inner in value.scope.nodes
        )

    def _sets_itself(self, area: object, function: Scope) -> bool:
        return any(
            access.kind == "set" and access.area == area
            for access in self._contexts.accesses_in(function)
        )

    # --- other questions -----------------------------------------------------------------------

    def runs_own_loop(self, spawn: Spawn) -> bool:
        """Whether the callee reaches a runner that a carried context would confuse."""
        if not self._has_own_loops:
            return False
        if not apis.OWN_LOOP_RUNNERS.isdisjoint(self._called(spawn)):
            return True
        for visit in self.visits(spawn):
            for node in visit.function.nodes:
                if isinstance(node, m.Call) and last_name(node.func) in _OWN_LOOP_WORDS:
                    for value in self._resolver.evaluate(node.func, visit.function):
                        if isinstance(value, External) and value.name in apis.OWN_LOOP_RUNNERS:
                            return True
        return False

    @cached_property
    def _has_own_loops(self) -> bool:
        """Whether the project names such a runner: to follow what leads to one takes long."""
        return bool(self._program.modules.sources.matching(_NAMES_OWN_LOOP))


_TELLING: Final = (
    frozenset(row.name for row in apis.CONTEXT_USES if row.kind == "read") | apis.REQUEST_OBJECTS
)
"""Of what libraries keep in context variables, what belongs to a request."""
_READING_WORDS: Final = frozenset(name.rpartition(".")[2] for name in apis.CONTEXT_READERS) | {
    "get",
    *(row.name.rpartition(".")[2] for row in apis.CONTEXT_USES if row.kind == "read"),
}
_REQUEST_WORDS: Final = frozenset(name.rpartition(".")[2] for name in apis.REQUEST_OBJECTS)
_NAMES_OWN_LOOP: Final = searches.names_member(frozenset(apis.OWN_LOOP_RUNNERS))
_OWN_LOOP_WORDS: Final = frozenset(name.rpartition(".")[2] for name in apis.OWN_LOOP_RUNNERS)


def _step(stage: Stage) -> Place:
    text = f"{stage.function.label} runs {stage.callee.label}"
    return Place(stage.function.module, offset(stage.node), text)


def _place(access: Access) -> Place:
    text = f"{access.scope.label} {access.phrase}"
    return Place(access.scope.module, offset(access.node), text)


def _replays(call: m.Call, scope: Scope) -> bool:
    """``variable.set(value)`` in ``for variable, value in snapshot.items()``, or
    ``variable.set(snapshot[variable])``: all that was captured, by whatever means, is set again."""
    func = call.func
    if not isinstance(func, m.Attribute) or func.attr != "set":
        return False
    if not isinstance(func.value, m.Name):
        return False
    name = {func.value.id}
    looked_up = any(mentions(each, name, m.Name) for each in call.args)
    return any(
        isinstance(around, m.For)
        and (looked_up or isinstance(around.target, m.Sequence))
        and mentions(around.target, name, m.Name)
        for around in scope.module.ancestors(call)
    )


def _holds(call: m.Call, node: m.Node) -> bool:
    """Whether a node stands in a call's arguments: it is run first."""
    return any(each is node for each in walk(call))


def _only_restores(read: Access) -> bool:
    """``before = var.get()``, only to ``var.set(before)`` in the end: nothing is asked for."""
    module = read.scope.module
    assign = module.parents.get(read.node)
    if not isinstance(assign, m.Assign) or len(assign.targets) != 1:
        return False
    target = assign.targets[0]
    if not isinstance(target, m.Name):
        return False
    uses = [
        node
        for node in read.scope.nodes
        if isinstance(node, m.Name) and node.id == target.id and node is not target
    ]
    return bool(uses) and all(_is_set_argument(node, module.parents.get(node)) for node in uses)


def _is_set_argument(node: m.Name, parent: m.Node | None) -> bool:
    return isinstance(parent, m.Call) and node in parent.args and last_name(parent.func) == "set"
