"""Runs in a context: the spawns that enter a ``Context``, and which object each of them enters."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal

from msgspec import Struct
from msgspec.structs import replace

from .. import apis
from ..facts import model as m
from .arguments import argument_for, passed_beside
from .captures import Captures
from .crossings import Crossings
from .index import ModuleIndex
from .resolve import Resolver
from .scope import Scope
from .searches import any_name
from .spawns import Spawn, Spawns
from .trees import dotted_name, last_name, offset
from .values import External, FunctionValue, Instance

_MAX_DEPTH: Final = 3
_THREAD_RUNNERS: Final = frozenset(name.rpartition(".")[2] for name in apis.THREAD_RUNNERS)


class Source(Struct, frozen=True):
    """Where a context comes from: a name in the scope that binds it, maybe with attributes."""

    home: Scope
    name: str

    @property
    def names(self) -> frozenset[str]:
        """The names that give it another value when they are bound."""
        root, _, rest = self.name.partition(".")
        return frozenset({root, rest.rpartition(".")[2]} - {"", *_OWN})

    @property
    def is_attribute(self) -> bool:
        return "." in self.name


_OWN: Final = frozenset({"self", "cls"})


Form = Literal["run", "argument", "bound"]


class Entered(Struct, frozen=True):
    """A context that a callable enters.

    ``context`` is the expression, in ``module``; ``anchor`` is what it comes from, seen in
    ``scope``.  ``form`` says how it stands there: before ``.run``, as an argument, or before a
    ``.run`` that is evaluated before the run, which several runs then share.
    """

    context: m.Expression
    module: ModuleIndex
    anchor: m.Expression
    scope: Scope
    form: Form


class Run(Struct, frozen=True):
    """A call that starts something in a context.

    ``entered`` is what it enters; ``source`` is None where that is another object each time.
    ``kind`` is ``here`` for a context entered by the caller itself, which is no spawn.
    """

    call: m.Call
    module: ModuleIndex
    entered: Entered
    source: Source | None
    kind: Literal["thread", "task", "here"]
    many: bool = False


class Entering:
    """Finds the runs that a module starts in contexts."""

    def __init__(
        self, resolver: Resolver, spawns: Spawns, captures: Captures, crossings: Crossings
    ) -> None:
        self._resolver = resolver
        self._spawns = spawns
        self._captures = captures
        self._crossings = crossings

    def in_module(self, module: ModuleIndex) -> list[Run]:
        """The runs of a module, in source order."""
        found: list[Run] = []
        words = self._spawns.words(module) | _THREAD_RUNNERS
        for call in module.calls(any_name(frozenset(words))):
            if last_name(call.func) in words and self._may_enter(call, module):
                spawn = self._crossings.spawn_at(call, module)
                if spawn is not None:
                    found += self._of_spawn(spawn)
                elif self._runs_in_thread(call, module):
                    found += self._given(call, call.args, module, many=False)
        started = {run.call for run in found}
        for call, context in self._captures.entries(module):
            if call not in started:
                entered = Entered(context, module, context, module.scope_of(call), "run")
                found.append(Run(call, module, entered, self.source(entered), "here"))
        return sorted(found, key=lambda each: each.call.at)

    def _may_enter(self, call: m.Call, module: ModuleIndex) -> bool:
        """Whether what a call is given can run in a context: asked before anything is resolved."""
        given: list[m.Expression] = list(call.args)
        for keyword in call.keywords:
            if keyword.name == "context":
                return True
            value = keyword.value
            given += value.elements if isinstance(value, m.Sequence) else (value,)
        scope = module.scope_of(call)
        return any(self._is_callable_of_interest(each, scope) for each in given)

    def _is_callable_of_interest(self, given: m.Expression, scope: Scope) -> bool:
        if isinstance(given, m.Name) and (value := self._alias(given, scope)) is not None:
            given = value
        if isinstance(given, m.Lambda):
            return True
        if isinstance(given, m.Call):
            return "partial" in last_name(given.func)
        return isinstance(given, m.Name | m.Attribute) and (
            last_name(given) == "run" or self._may_lead_to_entry(given, scope)
        )

    def _of_spawn(self, spawn: Spawn) -> Iterator[Run]:
        module, scope = spawn.module, spawn.scope
        given = spawn.keyword("context")
        if given is not None and spawn.kind in ("task", "thread"):
            if self._captures.is_context(given, scope):
                kind: Literal["task", "thread"] = "task" if spawn.kind == "task" else "thread"
                entered = Entered(given, module, given, scope, "argument")
                yield Run(spawn.call, module, entered, self.source(entered), kind)
        if spawn.runner is not None or self._is_single(spawn):
            return
        if spawn.kind in ("executor", "thread") or spawn.row.name == "threading.Timer":
            yield from self._given(spawn.call, _arguments(spawn), module, many=spawn.row.many)

    def _given(
        self, call: m.Call, arguments: tuple[m.Expression, ...], module: ModuleIndex, *, many: bool
    ) -> Iterator[Run]:
        """The runs in what a call starts (the first argument), or passes on to be called there."""
        scope = module.scope_of(call)
        for argument in arguments:
            if argument is arguments[0] or not isinstance(argument, m.Name):
                for entered in self._entered(argument, scope, _MAX_DEPTH):
                    yield Run(call, module, entered, self.source(entered), "thread", many)

    def _runs_in_thread(self, call: m.Call, module: ModuleIndex) -> bool:
        values = self._resolver.evaluate(call.func, module.scope_of(call))
        return any(isinstance(v, External) and v.name in apis.THREAD_RUNNERS for v in values)

    def _is_single(self, spawn: Spawn) -> bool:
        """Whether the pool has one thread only: what it runs, it runs one after the other."""
        pools = [spawn.call.func.value] if isinstance(spawn.call.func, m.Attribute) else []
        for pool in (*pools, *spawn.call.args[:1]):
            for value in self._resolver.evaluate(pool, spawn.scope):
                if isinstance(value, Instance) and value.origin is not None:
                    sizes = [k.value for k in value.origin.keywords if k.name == "max_workers"]
                    for size in (*sizes, *value.origin.args[:1]):
                        if isinstance(size, m.Constant) and size.value == 1:
                            return True
        return False

    # --- what callables enter ------------------------------------------------------------------

    def _entered(self, callee: m.Expression, scope: Scope, depth: int) -> Iterator[Entered]:
        """The contexts that a callable enters when it is run."""
        module = scope.module
        context = self._captures.entered(callee, scope)
        if context is not None:
            yield Entered(context, module, context, scope, "bound")
        elif isinstance(callee, m.Lambda):
            yield from self._in_body(module.scopes[callee.function], callee, scope)
        elif isinstance(callee, m.Call) and callee.args and self._is_partial(callee, scope):
            yield from self._entered(callee.args[0], scope, depth)
        elif isinstance(callee, m.Name) and depth > 0 and (value := self._alias(callee, scope)):
            for entered in self._entered(value, scope, depth - 1):
                if isinstance(value, m.Lambda):  # the context is looked up in each run
                    yield entered
                else:
                    yield replace(entered, anchor=callee, scope=scope)
        elif isinstance(callee, m.Name | m.Attribute) and self._may_lead_to_entry(callee, scope):
            for each in self._resolver.evaluate(callee, scope):
                if isinstance(each, FunctionValue):
                    yield from self._in_body(each.scope, callee, scope)

    def _may_lead_to_entry(self, callee: m.Name | m.Attribute, scope: Scope) -> bool:
        """Whether a function by that name enters a context: one of this module, or an import."""
        module, name = scope.module, last_name(callee)
        if any(module.scope_of(entry).name == name for entry, _ in self._captures.entries(module)):
            return True
        root = _root(callee)
        return root is not None and any(
            binding.kind == "import" for binding in module.top.bindings.get(root.id, ())
        )

    def _is_partial(self, call: m.Call, scope: Scope) -> bool:
        values = self._resolver.evaluate(call.func, scope)
        return any(isinstance(v, External) and v.name == "functools.partial" for v in values)

    def _alias(self, name: m.Name, scope: Scope) -> m.Expression | None:
        """What a name was given once and for all: ``run = ctx.run``."""
        home = self._resolver.binding_scope(name.id, scope)
        bindings = home.bindings[name.id] if home is not None else []
        if len(bindings) != 1 or bindings[0].kind != "value" or bindings[0].path:
            return None
        value = bindings[0].value
        return value if isinstance(value, m.Attribute | m.Call | m.Lambda) else None

    def _in_body(self, function: Scope, callee: m.Expression, scope: Scope) -> Iterator[Entered]:
        """The contexts that a function enters itself, by where they come from.

        One of the function's own making is another one in each run.
        """
        for entry, context in self._captures.entries(function.module):
            root = _root(context)
            if root is None or function.module.scope_of(entry) is not function:
                continue
            home = self._resolver.binding_scope(root.id, function)
            if home is not function:
                yield Entered(context, function.module, context, function, "run")
                continue
            parameter = next((p for p in _parameters(function) if p.name == root.id), None)
            if parameter is None:
                continue
            if function.owner is not None and parameter is _parameters(function)[0]:
                receiver = callee.value if isinstance(callee, m.Attribute) else None
                if isinstance(receiver, m.Name | m.Attribute) and isinstance(context, m.Attribute):
                    anchor = m.Attribute(receiver, context.attr, offset(receiver))
                    yield Entered(context, function.module, anchor, scope, "run")
                continue
            given = self._passed(function, parameter, callee, scope)
            if given is not None and isinstance(context, m.Name):
                yield Entered(given, scope.module, given, scope, "argument")

    def _passed(
        self, function: Scope, parameter: m.Parameter, callee: m.Expression, scope: Scope
    ) -> m.Expression | None:
        """What a spawn passes for a parameter; a map passes parts of what stands beside it."""
        beside = passed_beside(callee, scope.module)
        if beside is None:
            return None
        call = scope.module.parents.get(callee)
        spawn = self._spawns.at(call, scope.module) if isinstance(call, m.Call) else None
        if spawn is not None and spawn.row.many:
            return None
        return argument_for(function, parameter, *beside)

    # --- sources -------------------------------------------------------------------------------

    def source(self, entered: Entered) -> Source | None:
        """What a context is known by; None where evaluating it makes another one."""
        return self.known(entered.anchor, entered.scope)

    def known(self, context: m.Expression, scope: Scope) -> Source | None:
        """The name that an expression is, and the scope that binds it."""
        root = _root(context)
        name = dotted_name(context)
        if root is None or name is None or _is_bound_by_comprehension(root, scope.module):
            return None
        home = self._resolver.binding_scope(root.id, scope)
        return Source(home, name) if home is not None else None


def _arguments(spawn: Spawn) -> tuple[m.Expression, ...]:
    """What a spawn starts, and what it passes to it: a ``ctx.run`` may be called over there."""
    callee = (spawn.callee,) if spawn.callee is not None else ()
    beside = passed_beside(spawn.callee, spawn.module) if spawn.callee is not None else None
    return (*callee, *(beside[0] if beside is not None else ()))


def _parameters(function: Scope) -> tuple[m.Parameter, ...]:
    return function.function.parameters if function.function is not None else ()


def _root(expression: m.Expression) -> m.Name | None:
    while isinstance(expression, m.Attribute):
        expression = expression.value
    return expression if isinstance(expression, m.Name) else None


def _is_bound_by_comprehension(name: m.Name, module: ModuleIndex) -> bool:
    return any(
        isinstance(around, m.Comprehension)
        and any(
            isinstance(each, m.Name) and each.id == name.id
            for clause in around.clauses
            for each in _targets(clause.target)
        )
        for around in module.ancestors(name)
    )


def _targets(target: m.Expression) -> Iterator[m.Expression]:
    if isinstance(target, m.Sequence):
        for each in target.elements:
            yield from _targets(each)
    else:
        yield target
