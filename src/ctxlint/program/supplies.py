"""Helpers that a project already has, recognised by what they do, whatever they are called.

Fixes call what is found here without anybody's leave, so only what is beyond doubt is taken: a
public function of a module that imports nothing of the project (it can be imported anywhere), that
needs nothing but what it is there for, and that is the only one of its kind.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec

from ..facts import model as m
from ..rows import ROLES, Role
from ..supply import Helper, Supply, helpers_of
from . import searches
from .calls import CallGraph
from .index import ModuleIndex
from .item_helpers import ItemHelpers
from .resolve import Resolver
from .scope import Scope
from .spawns import Spawn, Spawns
from .trees import last_name
from .values import ClassValue, External, FunctionValue

_SPAWNS: Final = frozenset(
    {"asyncio.create_task", "asyncio.AbstractEventLoop.create_task", "asyncio.Task"}
)
_MAX_DEPTH: Final = 6


class OwnHelpers:
    """Looks for helpers in a project; asked once."""

    def __init__(self, resolver: Resolver, spawns: Spawns, calls: CallGraph) -> None:
        self._resolver = resolver
        self._spawns = spawns
        self._calls = calls
        self._items = ItemHelpers(resolver)

    def found(self) -> dict[Role, Helper]:
        """The helpers by role; a role for which there are several, or none, is left out."""
        candidates: dict[Role, set[Helper]] = {}
        for module in self._resolver.modules.matching(searches.makes_context):
            if self._calls.is_test(module) or self._calls.is_demo(module):
                continue
            if self._imports_project(module):
                continue
            for role, helper in self._of_module(module):
                candidates.setdefault(role, set()).add(helper)
        found = {role: helpers.pop() for role, helpers in candidates.items() if len(helpers) == 1}
        if not {"item", "activate"} <= found.keys():
            found.pop("item", None)
            found.pop("activate", None)
        return {role: found[role] for role in ROLES if role in found}

    def signed(self, supply: Supply) -> Supply:
        """The supply with what the signatures of helpers say, where the settings name only them."""
        helpers = {
            role: helper
            if helper.takes
            else Helper(helper.module, helper.name, self._taken(helper))
            for role, helper in supply.helpers.items()
        }
        return msgspec.structs.replace(supply, helpers=helpers)

    def _taken(self, helper: Helper) -> frozenset[str]:
        """The keywords that a function or class of the project takes besides its first argument."""
        modules = self._resolver.modules
        module = modules.imported(helper.module, modules.sources.root / "any.py")
        values = self._resolver.member_of_module(module, helper.name) if module else ()
        if len(values) != 1:
            return frozenset()
        value, skipped = values[0], 1
        if isinstance(value, ClassValue):
            constructor = self._resolver.classes.method(value.scope, "__init__")
            function, skipped = constructor.function if constructor else None, 2
        else:
            function = value.scope.function if isinstance(value, FunctionValue) else None
        if function is None:
            return frozenset()
        return frozenset(
            each.name for each in function.parameters[skipped:] if each.kind in ("", "kw")
        )

    def _imports_project(self, module: ModuleIndex) -> bool:
        """Whether importing it imports other modules of the project, which may lead in a circle."""
        modules = self._resolver.modules
        for node in module.imports():
            if _for_types_only(node, module):
                continue
            dotted = [node.module] if node.is_from else [name.name for name in node.names]
            if node.level or any(modules.locate(name, module.path) for name in dotted):
                return True
        return False

    def _of_module(self, module: ModuleIndex) -> Iterator[tuple[Role, Helper]]:
        found = dict(self._starters(module))
        copy = helpers_of(module.name)
        if all(helper.name in module.top.bindings for helper in copy.values()):
            # The six names of ctxlint.detached: a copy of it, if what starts things does it right.
            if all(found.get(role) == copy[role].name for role in ("task", "run")):
                yield from copy.items()
            return
        for scope in _public_functions(module):
            if scope.name in found.values():
                role = next(role for role, name in found.items() if name == scope.name)
                yield role, Helper(module.name, scope.name, _keywords(scope, role))
        yield from self._items.of_module(module)

    def _starters(self, module: ModuleIndex) -> Iterator[tuple[Role, str]]:
        for scope in _public_functions(module):
            function = scope.function
            if function is None or function.is_async or function.is_generator or scope.decorators:
                continue
            parameters = function.parameters
            if not parameters or not _needs_only_first(parameters):
                continue
            if self._starts_task(scope, parameters[0].name):
                yield "task", scope.name
            elif self._starts_thread(scope, parameters[0].name):
                yield "thread", scope.name
            elif self._runs(scope, parameters):
                yield "run", scope.name

    def _starts_task(self, scope: Scope, coroutine: str) -> bool:
        """It spawns its first argument in an empty context, on every way, and returns the task."""
        made = [
            spawn for call in _calls_in(scope) if (spawn := self._spawns.at(call, scope.module))
        ]
        return (
            bool(made)
            and all(self._is_detached_task(spawn, coroutine) for spawn in made)
            and _returns_only(scope, {spawn.call for spawn in made})
        )

    def _is_detached_task(self, spawn: Spawn, coroutine: str) -> bool:
        if spawn.row.name not in _SPAWNS or spawn.kind != "task":
            return False
        if not isinstance(spawn.callee, m.Name) or spawn.callee.id != coroutine:
            return False
        context = spawn.keyword("context") or spawn.runner
        return context is not None and self._is_empty(context, spawn.scope)

    def _starts_thread(self, scope: Scope, target: str) -> bool:
        """It makes a thread that runs its first argument in an empty context, and returns it."""
        made = [call for call in _calls_in(scope) if self._is(call.func, scope, "threading.Thread")]
        return (
            bool(made)
            and all(self._runs_target(call, scope, target) for call in made)
            and _returns_only(scope, set(made))
        )

    def _runs_target(self, call: m.Call, scope: Scope, target: str) -> bool:
        given = {keyword.name: keyword.value for keyword in call.keywords}
        run, arguments = given.get("target"), given.get("args")
        if not isinstance(run, m.Attribute) or run.attr != "run":
            return False
        if not isinstance(arguments, m.Sequence) or not arguments.elements:
            return False
        first = arguments.elements[0]
        return isinstance(first, m.Name) and first.id == target and self._is_empty(run.value, scope)

    def _runs(self, scope: Scope, parameters: tuple[m.Parameter, ...]) -> bool:
        """It calls its first argument with all others in an empty context: ``run(f, *a, **k)``."""
        if [each.kind for each in parameters[1:]] != ["*", "**"]:
            return False
        runs = [
            call
            for call in _calls_in(scope)
            if isinstance(call.func, m.Attribute)
            and call.func.attr == "run"
            and self._is_empty(call.func.value, scope)
            and _passes_all(call, parameters)
        ]
        return bool(runs) and _returns_only(scope, set(runs))

    def _is_empty(self, context: m.Expression, scope: Scope, depth: int = _MAX_DEPTH) -> bool:
        """Whether an expression is a context made for this call, which holds nothing of it."""
        if depth == 0:
            return False
        if isinstance(context, m.Name):
            home = self._resolver.binding_scope(context.id, scope)
            return home is scope and all(
                binding.kind == "value"
                and binding.value is not None
                and not binding.path
                and self._is_empty(binding.value, scope, depth - 1)
                for binding in scope.bindings[context.id]
            )
        if not isinstance(context, m.Call):
            return False
        values = self._resolver.evaluate(context.func, scope)
        if len(values) != 1:
            return False
        value = values[0]
        if isinstance(value, External):
            return value.name == "contextvars.Context" and not context.args
        return isinstance(value, FunctionValue) and self._makes_empty(value.scope, depth)

    def _makes_empty(self, function: Scope, depth: int) -> bool:
        returned = [each.value for each in function.statements if isinstance(each, m.Return)]
        return bool(returned) and all(
            value is not None and self._is_empty(value, function, depth - 1) for value in returned
        )

    def _is(self, expression: m.Expression, scope: Scope, name: str) -> bool:
        return External(name) in self._resolver.evaluate(expression, scope)


def _for_types_only(node: m.Import, module: ModuleIndex) -> bool:
    return any(
        isinstance(each, m.If) and last_name(each.test) == "TYPE_CHECKING"
        for each in module.ancestors(node)
    )


def _public_functions(module: ModuleIndex) -> Iterator[Scope]:
    """Functions of a module that have their name to themselves, and no underscore before it."""
    for name, bindings in module.top.bindings.items():
        if not name.startswith("_") and len(bindings) == 1 and bindings[0].kind == "function":
            yield module.scopes[bindings[0].node]


def _needs_only_first(parameters: tuple[m.Parameter, ...]) -> bool:
    first, rest = parameters[0], parameters[1:]
    return first.kind in ("", "/") and all(
        each.default is not None or each.kind in ("*", "**") for each in rest
    )


def _calls_in(scope: Scope) -> list[m.Call]:
    """The calls in a function's own body, those of nested functions left out."""
    module = scope.module
    return [
        node for node in scope.nodes if isinstance(node, m.Call) and module.scope_of(node) is scope
    ]


def _returns_only(scope: Scope, calls: set[m.Call]) -> bool:
    """Whether a function ends with the result of one of some calls, and with nothing else."""
    returned = [each.value for each in scope.statements if isinstance(each, m.Return)]
    return bool(returned) and all(_is_result(value, scope, calls) for value in returned)


def _is_result(value: m.Expression | None, scope: Scope, calls: set[m.Call]) -> bool:
    if isinstance(value, m.Name):
        bindings = scope.bindings.get(value.id, ())
        return bool(bindings) and all(binding.value in calls for binding in bindings)
    return value in calls


def _passes_all(call: m.Call, parameters: tuple[m.Parameter, ...]) -> bool:
    first, rest, named = parameters
    if len(call.args) != 2 or len(call.keywords) != 1:
        return False
    function, others = call.args
    return (
        isinstance(function, m.Name)
        and function.id == first.name
        and isinstance(others, m.Starred)
        and last_name(others.value) == rest.name
        and call.keywords[0].name is None
        and last_name(call.keywords[0].value) == named.name
    )


def _keywords(scope: Scope, role: Role) -> frozenset[str]:
    """The keywords of asyncio's or threading's own that a helper takes, and passes on."""
    wanted = {"task": {"name"}, "thread": {"name", "daemon"}}.get(role, set())
    function = scope.function
    taken = (
        {each.name for each in function.parameters if each.kind in ("", "kw")}
        if function
        else set()
    )
    passed = {
        keyword.name
        for call in _calls_in(scope)
        for keyword in call.keywords
        if keyword.name is not None and last_name(keyword.value) == keyword.name
    }
    return frozenset(wanted & taken & passed)
