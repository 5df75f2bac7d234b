"""What calls do with an item: who handles its payload, and whether anybody heeds its context."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from .. import apis
from ..facts import model as m
from .arguments import argument_for
from .classes import self_name
from .coroutines import runs_outside
from .handled import COMPLETING, PLAIN_METHODS, is_dropping
from .index import ModuleIndex
from .items import COLLECTING, Held, ItemFlow, Use, Way
from .occurrences import is_idle_call
from .places import Place
from .scope import Scope
from .trees import last_name, offset
from .values import ClassValue, Container, External, FunctionValue, Literal, Values

if TYPE_CHECKING:
    from .envelopes import Envelopes
    from .program import Program

_MAX_CALLS: Final = 5


class Heeding(ItemFlow):
    """Notes which calls handle the payload (``handled``), which only put it on another queue
    (``relayed``), which make no more than a coroutine inside the context (``outside``), and
    whether anything is run in it (``run_in``).
    """

    def __init__(self, program: Program, envelopes: Envelopes) -> None:
        super().__init__(program.resolver)
        self._program: Final = program
        self._envelopes: Final = envelopes
        self._callers: dict[Scope, list[m.Call]] = {}
        self.run_in = False
        self.relayed: list[Use] = []
        self.outside: list[Use] = []

    def _called(self, call: m.Call, module: ModuleIndex, held: Held, way: Way) -> None:
        """What is held is called, or one of its methods is."""
        if held.envelope is not None:
            self._escapes(held)
        elif isinstance(call.func, m.Attribute) and call.func.attr in PLAIN_METHODS:
            self._visit(call, module, held, way)
        elif not is_dropping(call) and not held.many:
            self.handled.append(Use(call, module, way))

    def _argument(
        self, node: m.Expression, call: m.Call, module: ModuleIndex, held: Held, way: Way
    ) -> None:
        given_up = is_dropping(call) or last_name(call.func) in COMPLETING
        if is_idle_call(call) or (given_up and not held.is_context):
            return
        puts = [each for each in self._envelopes.puts_at(call) if each[0].item is node]
        func = call.func
        if puts:
            if held.envelope is not None:
                self.heeded = True  # it goes on as it came
            elif any(self._program.handoffs.consumer(queue) is not None for _, queue in puts):
                self.relayed.append(Use(call, module, way))
        elif isinstance(func, m.Attribute) and self._collects(func, module):
            self._collected(func.value, module, held, way)
        elif held.many:
            self._escapes(held)
        else:
            self._given(node, call, module, held, way)

    def _collects(self, func: m.Attribute, module: ModuleIndex) -> bool:
        """``batch.append``; many other things than collections have an ``add`` or ``insert``."""
        if func.attr in ("append", "appendleft"):
            return True
        values = self._resolver.evaluate(func.value, module.scope_of(func))
        return func.attr in COLLECTING and any(
            isinstance(value, Literal | Container) for value in values
        )

    def _collected(self, where: m.Expression, module: ModuleIndex, held: Held, way: Way) -> None:
        scope = module.scope_of(where)
        if isinstance(where, m.Name) and self._resolver.binding_scope(where.id, scope) is scope:
            self._bind(where, module, replace(held, many=True), way)
        else:
            self._escapes(held)

    def _given(
        self, node: m.Expression, call: m.Call, module: ModuleIndex, held: Held, way: Way
    ) -> None:
        values = self._resolver.evaluate(call.func, module.scope_of(call))
        entered = self._entered_by(node, call, values)
        if entered:
            for function, parameter in entered:
                self._enter(function, parameter, call, module, held, way)
        elif held.envelope is not None:
            self._escapes(held)
        elif last_name(call.func) in apis.SPAN_MAKERS or _sets_variable(values):
            self.heeded = True
        elif values and all(_only_makes(value) for value in values):
            self._visit(call, module, held, way)
        else:
            self.handled.append(Use(call, module, way))

    def _method_called(
        self, method: Scope, call: m.Call | None, module: ModuleIndex, held: Held, way: Way
    ) -> None:
        """``item.handle()``: the methods of an item know what it carries."""
        own = self_name(method)
        if call is None or own is None or held.envelope is None or held.envelope.cls is None:
            self.lost = True
            return
        overrides = self._resolver.classes.overrides(held.envelope.cls, method.name)
        for each in (method, *overrides):
            self._enter(each, own, call, module, held, way)

    def _entered_by(
        self, node: m.Expression, call: m.Call, values: Values
    ) -> list[tuple[Scope, str]]:
        """The functions of the project that are given something, with their parameters."""
        found: list[tuple[Scope, str]] = []
        for value in values:
            if not isinstance(value, FunctionValue) or value.scope.function is None:
                return []
            functions = [value.scope]
            if value.receiver is not None:
                classes = self._resolver.classes
                functions += classes.overrides(value.receiver, value.scope.name)
            for function in functions:
                names = [
                    each.name
                    for each in (function.function.parameters if function.function else ())
                    if argument_for(function, each, call.args, call.keywords) is node
                ]
                if not names:
                    return []
                found.append((function, names[0]))
        return found

    def _enter(
        self,
        function: Scope,
        parameter: str,
        call: m.Call,
        module: ModuleIndex,
        held: Held,
        way: Way,
    ) -> None:
        if len(way.steps) >= _MAX_CALLS:
            self._escapes(held)
            return
        text = f"{module.scope_of(call).label} calls {function.label}"
        step = Place(module, call.at, text)
        if (function, parameter) in self._roles and held.envelope is not None:
            self.lost = True  # what it returns to one caller, it returns to the other
        self._callers.setdefault(function, []).append(call)
        self._name(function, parameter, held, Way(way.root or call, (*way.steps, step)))

    def _returned(self, function: Scope, held: Held, way: Way) -> None:
        """What a function returns is held where it is called."""
        if function.function is None or function.name == "<lambda>":
            self._escapes(held)
            return
        for use in self._program.calls.uses(function):
            call = use.call
            if function in self._callers and call not in self._callers[function]:
                continue
            if call is None or not use.certain:
                self._escapes(held)
                continue
            result: m.Expression = call
            if function.function.is_async:
                awaited = use.module.parents.get(call)
                if not isinstance(awaited, m.Await):
                    self._escapes(held)
                    continue
                result = awaited
            self._work.append((result, use.module, held, way))

    # --- contexts ------------------------------------------------------------------------------

    def _entry(
        self, member: m.Attribute, call: m.Call | None, module: ModuleIndex, way: Way
    ) -> None:
        """``context.run(f)``, or anything else that is done with a context."""
        if member.attr != "run" or call is None:
            self.heeded = True
        elif runs_outside(call, module, self._program):
            self.outside.append(Use(call, module, way))
        else:
            self.run_in = True


def _sets_variable(values: Values) -> bool:
    name = f"{apis.CONTEXT_VARIABLE}.set"
    return any(isinstance(value, External) and value.name == name for value in values)


def _only_makes(value: object) -> bool:
    """Whether a callee only makes something of what it is given."""
    if isinstance(value, External):
        return value.name == apis.ENVELOPE or value.name.partition(".")[0] in apis.PURE_MODULES
    return isinstance(value, ClassValue)


def first(uses: list[Use]) -> Use:
    """The use that stands first: whoever reads the consumer meets it first."""
    return min(uses, key=lambda each: offset(each.way.root or each.node))
