"""Who reads, sets and resets which context variable: in one function, and in all that it runs.

Rules and fixes ask three questions: what does a function read, and by which way (`footprint`);
where is a variable set, and in whose scope (`settings_of`); and what stayed open
(`Footprint.unresolved`). That nothing is read means something only where nothing stayed open.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Final, Literal

from msgspec import Struct
from msgspec.structs import replace

from .. import apis
from ..facts import model as m
from .index import ModuleIndex
from .places import Place
from .running import Runs
from .scope import Scope
from .searches import called_member, member
from .trees import dotted_name
from .values import External, Instance, Value

if TYPE_CHECKING:
    from .program import Program

Kind = Literal["read", "set", "reset", "enter"]
"""``enter``: something runs in another context, or with the variables of a captured one."""

_METHODS: Final[dict[str, Kind]] = {"get": "read", "set": "set", "reset": "reset"}
_ENTERING: Final = (apis.CONTEXT_RUN, "ctxlint.detached.activate_request_context")
_MAX_FUNCTIONS: Final = 160
_MAX_MODULES: Final = 24
"""How far a search goes: what a worker does with context variables stands near its loop."""


class Variable(Struct, frozen=True):
    """A context variable of the project, by the call that makes it.

    ``name`` is how its module (or class) calls it; None where it has no name of its own.
    """

    made: m.Call
    module: ModuleIndex
    name: str | None
    has_default: bool

    @property
    def label(self) -> str:
        return self.name or "a context variable"


class Access(Struct, frozen=True):
    """One use of a context variable, or of what a library keeps in one (``library``)."""

    kind: Kind
    variable: Variable | None
    library: str
    node: m.Node
    scope: Scope
    steps: tuple[Place, ...] = ()

    @property
    def label(self) -> str:
        return self.variable.label if self.variable is not None else self.library

    @property
    def phrase(self) -> str:
        """What a read does, for messages."""
        row = apis.CONTEXT_USE_BY_NAME.get(self.library)
        return row.phrase if row is not None else f"reads {self.label}"

    @property
    def area(self) -> m.Call | str | None:
        """What is read or set as one: a variable, all that one library keeps; None if unknown."""
        if self.variable is not None:
            return self.variable.made
        row = apis.CONTEXT_USE_BY_NAME.get(self.library)
        return row.area if row is not None else self.library.partition(".")[0] or None


class Footprint(Struct, frozen=True):
    """What a function, and all that it is known to run, does with context variables.

    ``unresolved`` are the calls of which it is not known what they run: the first ones only where
    the search was told to stop there. ``cut_off``: the search was not followed to its end.
    ``functions`` are those that it came to.
    """

    accesses: tuple[Access, ...]
    unresolved: tuple[Place, ...]
    cut_off: bool
    functions: frozenset[Scope]

    @property
    def reads(self) -> tuple[Access, ...]:
        return tuple(each for each in self.accesses if each.kind == "read")

    @property
    def is_whole(self) -> bool:
        """Whether nothing that is run is left out."""
        return not self.unresolved and not self.cut_off


class Contexts:
    """Answers about context variables; memoised per function."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._resolver = program.resolver
        self._footprints: dict[frozenset[Scope], Footprint] = {}
        self._settings: dict[m.Call, tuple[Access, ...]] = {}

    # --- in one function -----------------------------------------------------------------------

    def accesses_in(self, function: Scope) -> Iterator[Access]:
        """What a function does itself, nested functions left out, in source order."""
        for node in function.nodes:
            if isinstance(node, m.Call):
                yield from self.accesses_of(node, function)
            elif isinstance(node, m.Attribute):
                yield from self.accesses_by(node, function)

    def accesses_of(self, call: m.Call, scope: Scope) -> Iterator[Access]:
        """What one call does."""
        values = self._resolver.evaluate(call.func, scope)
        for value in values:
            if isinstance(value, External):
                yield from self._of_library(value, call, scope)
        if not values and isinstance(call.func, m.Attribute):
            row = apis.CONTEXT_USE_BY_METHOD.get(call.func.attr)
            if row is not None:
                yield self._use(row, call, scope)

    def touched(self, call: m.Call, scope: Scope) -> tuple[Access, ...]:
        """What one call does with context variables, by itself; what libraries set is left out."""
        return tuple(
            each for each in self.accesses_of(call, scope) if each.kind != "set" or not each.library
        )

    def _of_library(self, value: External, call: m.Call, scope: Scope) -> Iterator[Access]:
        row = apis.CONTEXT_USE_BY_NAME.get(value.name)
        if row is not None and self.is_so(row):
            yield self._use(row, call, scope)
        elif value.name in apis.CONTEXT_READERS:
            yield Access("read", None, value.name, call, scope)
        if value.name in _ENTERING:
            yield Access("enter", None, value.name, call, scope)
        method = value.name.removeprefix(f"{apis.CONTEXT_VARIABLE}.")
        kind = _METHODS.get(method)
        if kind is not None and method != value.name:
            yield Access(kind, variable_of(value.receiver), "", call, scope)

    @staticmethod
    def _use(row: apis.ContextUse, call: m.Call, scope: Scope) -> Access:
        """A use of what a library keeps; who names another context makes that the current one."""
        kind: Kind = "set" if row.given is not None and _is_given(call, row.given) else row.kind
        return Access(kind, None, row.name, call, scope)

    def is_so(self, row: apis.ContextUse) -> bool:
        """Whether the project is set up in the way that a row speaks of."""
        sources = self._program.modules.sources
        return all(sources.containing(word) for word in row.needs)

    def accesses_by(self, node: m.Attribute, scope: Scope) -> Iterator[Access]:
        """``flask.g.user``, ``Session.query`` of a scoped session: read where they are used."""
        for value in self._resolver.evaluate(node.value, scope):
            name = value.name if isinstance(value, External) else _type_name(value)
            if name in apis.CONTEXT_OBJECTS:
                yield Access("read", None, name, node, scope)

    # --- in all that a function runs -----------------------------------------------------------

    def footprint(self, functions: Iterable[Scope]) -> Footprint:
        """What some functions and all that they run do; breadth first, the nearest first."""
        key = frozenset(functions)
        if key not in self._footprints:
            self._footprints[key] = self._search(key)
        return self._footprints[key]

    def _search(self, functions: frozenset[Scope]) -> Footprint:
        ordered = sorted(functions, key=lambda each: (each.module.path, each.at))
        queue: deque[tuple[Scope, tuple[Place, ...]]] = deque((each, ()) for each in ordered)
        seen, modules = set(functions), {each.module for each in functions}
        accesses: list[Access] = []
        unresolved: list[Place] = []
        while queue:
            function, steps = queue.popleft()
            accesses += (replace(each, steps=steps) for each in self.accesses_in(function))
            ran, open_calls = self._runs.of(function)
            unresolved += open_calls
            if open_calls and not self.any_variables:
                return Footprint(tuple(accesses), tuple(unresolved), True, frozenset(seen))
            for callee, at in ran:
                modules.add(callee.module)
                if callee in seen:
                    continue
                if len(seen) >= _MAX_FUNCTIONS or len(modules) > _MAX_MODULES:
                    return Footprint(tuple(accesses), tuple(unresolved), True, frozenset(seen))
                seen.add(callee)
                text = f"{function.label} runs {callee.label}"
                queue.append((callee, (*steps, Place(function.module, at, text))))
        return Footprint(tuple(accesses), tuple(unresolved), False, frozenset(seen))

    @cached_property
    def _runs(self) -> Runs:
        return Runs(self._resolver, logs_tell=self.any_variables)

    @cached_property
    def any_variables(self) -> bool:
        """Whether the project has context variables of its own, by its bytes."""
        return bool(self._program.modules.sources.containing("ContextVar"))

    # --- where a variable is set ---------------------------------------------------------------

    def settings_of(self, variable: Variable) -> tuple[Access, ...]:
        """All places outside tests that set a variable."""
        if variable.made not in self._settings:
            self._settings[variable.made] = tuple(self._find_settings(variable))
        return self._settings[variable.made]

    def _find_settings(self, variable: Variable) -> Iterator[Access]:
        for module in self._program.modules.matching(called_member("set")):
            if self._program.calls.is_test(module):
                continue
            for node in module.uses("set", member("set")):
                call = module.parents.get(node)
                if isinstance(call, m.Call) and call.func is node:
                    for access in self.accesses_of(call, module.scope_of(call)):
                        if access.kind == "set" and access.variable == variable:
                            yield access

    def is_set_at_startup_only(self, variable: Variable) -> bool:
        """Whether start-up code sets a variable, and nothing else does."""
        reach = self._program.scopes.reach
        found = self.settings_of(variable)
        return bool(found) and all(
            reach(each.node, each.scope.module).ending == "startup" for each in found
        )

    def kept(self, functions: Iterable[Scope]) -> tuple[Variable, ...]:
        """The variables that functions read and only start-up code sets: no request's state."""
        if not self.any_variables:
            return ()
        read = dict.fromkeys(each.variable for each in self.footprint(functions).reads)
        return tuple(
            each for each in read if each is not None and self.is_set_at_startup_only(each)
        )

    def starved(self, functions: Iterable[Scope], spawner: Scope) -> Variable | None:
        """A variable that workers cannot do without, and that only their spawner's context has.

        The spawner sets it right there, or it has no value at all in a context of its own.
        """
        if not self.any_variables:
            return None
        found = self.footprint(functions)
        kept = self.kept(functions)
        handed = {e.variable for e in self.accesses_in(spawner) if e.kind == "set"}
        given = {
            e.variable
            for e in found.accesses
            if e.kind == "enter" or (e.kind == "set" and not e.library)
        }
        for read in found.reads:
            variable = read.variable
            if variable is None or variable in kept or variable in given:
                continue
            if variable in handed or (None not in given and _must_have_value(read, variable)):
                return variable
        return None


def variable_of(receiver: Instance | None) -> Variable | None:
    """The variable that an object is."""
    if receiver is None or receiver.origin is None or receiver.scope is None:
        return None
    call, module = receiver.origin, receiver.scope.module
    assign = module.parents.get(call)
    target = assign.targets[0] if isinstance(assign, m.Assign) else None
    within = module.scope_of(call)
    name = dotted_name(target) if target is not None and within.function is None else None
    if name is not None and within.is_class:
        name = f"{within.qualname}.{name}"
    default = any(keyword.name == "default" for keyword in call.keywords)
    return Variable(call, module, name, default)


def _must_have_value(read: Access, variable: Variable) -> bool:
    """Whether reading a variable that is not set is an error that nobody expects."""
    call = read.node
    if variable.has_default or not isinstance(call, m.Call) or call.args:
        return False
    return not any(isinstance(each, m.Try) for each in read.scope.module.ancestors(call))


def _is_given(call: m.Call, position: int) -> bool:
    """Whether a call says which context is meant."""
    given = [keyword.value for keyword in call.keywords if keyword.name == "context"]
    given += call.args[position : position + 1]
    return any(not (isinstance(each, m.Constant) and each.value is None) for each in given)


def _type_name(value: Value) -> str:
    return value.of if isinstance(value, Instance) and isinstance(value.of, str) else ""
