"""How a spawn can be rewritten so that it starts its worker detached, or why it cannot."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from .. import apis
from ..facts import model as m
from ..intents import Detach, Form, Spot
from ..rows import Role
from .contexts import Variable
from .importing import Importing
from .index import ModuleIndex
from .scope import Scope
from .spawns import Spawn
from .starting import starts_of
from .timers import started_function
from .trees import dotted_name, last_name, walk
from .uses import Use
from .values import ClassValue, External, FunctionValue, Invocation

if TYPE_CHECKING:
    from .program import Judgement, Program

_LOOP: Final = "asyncio.AbstractEventLoop"
_PLAIN_TIMERS: Final = (f"{_LOOP}.call_later", f"{_LOOP}.call_at")
_PLAIN: Final = frozenset({"coro", "name", "context"})
_SOON: Final = ("call_soon", "call_soon_threadsafe")
ROLES: Final[Mapping[Form, Role]] = {
    "task": "task",
    "thread": "thread",
    "through": "run",
    "runner": "run",
}
"""What helper takes the place of a call, by its form; the others need none."""
_KEEPING: Final[Mapping[Form, Role]] = {"task": "task", "thread": "thread"}


class Unwritable(Exception):
    """A spawn that no edit of ours detaches; the message says why."""


class Rewriting:
    """Chooses the form that the call of a spawn has for the fixes."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._resolver = program.resolver
        self._importing = Importing(program.modules)

    def of(self, judgement: Judgement) -> Detach:
        """What is to be rewritten. Raises Unwritable."""
        spawn = judgement.spawn
        if judgement.passed:
            found = [self._of_wrapper(use, spawn) for use in dict.fromkeys(judgement.passed)]
            detach = msgspec.structs.replace(found[0], also=tuple(found[1:]))
        elif spawn.row.awaited:
            raise Unwritable("whoever awaits the start runs it in their own context")
        else:
            detach = self._of_spawn(spawn)
        return self._supplied(self._keeping(detach, judgement))

    def _of_spawn(self, spawn: Spawn) -> Detach:
        if spawn.row.name == "threading.Timer":
            return _detach(self._start_of(spawn), spawn.module, "through")
        if spawn.row.name == "tornado.PeriodicCallback":
            raise Unwritable("it takes its context where start() is called")
        if self._program.detachment.unpacks_context(spawn):
            raise Unwritable("its context comes out of a dictionary")
        loop = None
        form = self._form(spawn)
        if form == "task" and isinstance(spawn.call.func, m.Attribute):
            receiver = spawn.call.func.value
            if isinstance(receiver, m.Name):
                loop = self.loop_assignment(receiver, spawn)
        return _detach(spawn.call, spawn.module, form, loop)

    def _form(self, spawn: Spawn) -> Form:
        row, call = spawn.row, spawn.call
        if spawn.runner is not None:
            if dotted_name(spawn.runner) != "":
                return "runner"
            return "timer" if _attribute(call.func) in _SOON else "through"
        if spawn.started is not None:
            return "through"
        if row.name == "threading.Thread":
            return self._thread_form(spawn)
        if row.name in _PLAIN_TIMERS:
            return "timer" if self._is_known(call.func, spawn.scope) else "through"
        return "task" if self._makes_plain_task(spawn) else "through"

    def _makes_plain_task(self, spawn: Spawn) -> bool:
        """Whether a call makes an asyncio task of the loop that runs it, and nothing else."""
        name, call = spawn.row.name, spawn.call
        if not {keyword.name for keyword in call.keywords} <= _PLAIN:
            return False
        if name == "asyncio.create_task":
            return True
        if name == "asyncio.ensure_future":
            return _is_async(spawn.scope) and _makes_coroutine(spawn)
        if name != f"{_LOOP}.create_task" or not isinstance(call.func, m.Attribute):
            return False
        receiver = call.func.value
        if isinstance(receiver, m.Call):
            in_try = _in_try(call, spawn.module) and not _is_async(spawn.scope)
            return self.is_running_loop(receiver, spawn.scope) and not in_try
        if isinstance(receiver, m.Name):
            return self.loop_assignment(receiver, spawn) is not None
        return False

    # --- loops ---------------------------------------------------------------------------------

    def loop_assignment(self, name: m.Name, spawn: Spawn) -> m.Assign | None:
        """Where a variable is made the running loop, if the spawn can do without it.

        In a plain function, getting the loop may fail, and where it does decides what happens
        then: only an assignment right before the spawn can go.
        """
        scope = spawn.scope
        bindings = scope.bindings.get(name.id, ())
        if len(bindings) != 1 or name.id in scope.declared_outer:
            return None
        assign = bindings[0].node
        if not isinstance(assign, m.Assign) or not isinstance(assign.value, m.Call):
            return None
        if len(assign.targets) != 1 or not isinstance(assign.targets[0], m.Name):
            return None
        if not self.is_running_loop(assign.value, scope):
            return None
        if _is_async(scope) or _stand_together(assign, spawn):
            return assign
        return None

    def is_running_loop(self, call: m.Call, scope: Scope) -> bool:
        values = self._resolver.evaluate(call.func, scope)
        if call.args or call.keywords:
            return False
        if values == (External("asyncio.get_event_loop"),):  # elsewhere, it may not run yet
            return _is_async(scope)
        return values == (External("asyncio.get_running_loop"),)

    def _is_known(self, func: m.Expression, scope: Scope) -> bool:
        """Whether a method is asyncio's own, and does not only have its name."""
        values = self._resolver.evaluate(func, scope)
        return bool(values) and all(
            isinstance(v, External) and v.name.startswith(f"{_LOOP}.") for v in values
        )

    # --- threads -------------------------------------------------------------------------------

    def _thread_form(self, spawn: Spawn) -> Form:
        call = spawn.call
        unpacked = any(isinstance(each, m.Starred) for each in call.args)
        if unpacked or any(keyword.name is None for keyword in call.keywords):
            raise Unwritable("the thread's arguments are unpacked from a variable")
        target = spawn.callee
        values = self._resolver.evaluate(target, spawn.scope) if target is not None else ()
        if not any(isinstance(v, External) and v.name == apis.CONTEXT_RUN for v in values):
            return "thread"
        if target is None or _attribute(target) != "run":
            raise Unwritable("it runs in a context that is made elsewhere")
        return "target"

    @staticmethod
    def _start_of(spawn: Spawn) -> m.Call:
        """The call that starts a Timer object."""
        starts = starts_of(spawn)
        call = spawn.module.parents.get(starts[0]) if len(starts) == 1 else None
        if not isinstance(call, m.Call) or call.func is not starts[0]:
            raise Unwritable("it is not started right where it is made")
        return call

    # --- wrappers ------------------------------------------------------------------------------

    def _of_wrapper(self, use: Use, spawn: Spawn) -> Detach:
        """A worker handed to a function that spawns it: others hand over what must not change."""
        values = self._resolver.evaluate(use.node, use.scope)
        if use.call is None or not use.certain or not values:
            raise Unwritable(f"{spawn.scope.label}() spawns what several callers hand to it")
        for value in values:
            if isinstance(value, FunctionValue):
                definition = value.scope.function
                if definition is None or definition.is_async or definition.is_generator:
                    raise Unwritable(f"{value.scope.label}() runs where it is awaited")
            elif not isinstance(value, ClassValue):
                raise Unwritable("it is not known what starts it")
        return _detach(use.call, use.module, "through")

    # --- what the worker needs -----------------------------------------------------------------

    def _keeping(self, detach: Detach, judgement: Judgement) -> Detach:
        """The same, with the variables that start-up code has set for the worker."""
        kept = self._program.contexts.kept(started_functions(judgement))
        if not kept:
            return detach
        names = " and ".join(each.label for each in kept)
        role = _KEEPING.get(detach.form)
        if role is None or self._program.supply.helper(role, "keep") is None:
            raise Unwritable(f"it reads {names}, which start-up code sets")
        scope = judgement.spawn.scope
        return msgspec.structs.replace(detach, keep=tuple(self._named(e, scope) for e in kept))

    def _named(self, variable: Variable, scope: Scope) -> str:
        """``module:name``, without the module in its own file. Raises Unwritable."""
        module, name = variable.module, variable.name
        if name is not None and module is scope.module:
            if self._resolver.binding_scope(name, scope) is module.top:
                return f":{name}"
            raise Unwritable(f"it needs {name}, which means something else here")
        if name is None or "." in name or self._needs(module.name, scope.module.path.as_posix()):
            raise Unwritable(f"it needs {variable.label}, which cannot be imported here")
        return f"{module.name}:{name}"

    def _supplied(self, detach: Detach) -> Detach:
        """The same, if its files can import the helper that it takes."""
        role = ROLES.get(detach.form)
        helper = self._program.supply.helper(role) if role is not None else None
        if helper is None:
            return detach
        if any(self._needs(helper.module, each.spot.path) for each in (detach, *detach.also)):
            raise Unwritable(f"{helper.module} imports this file, or is it")
        return detach

    def _needs(self, module: str, path: str) -> bool:
        """Whether importing a module of the project needs a file, which then cannot import it."""
        return Path(path) in self._importing.needed_by(module)


def is_all_known(judgement: Judgement) -> bool:
    """Whether everything that a spawn can start is a function of the project."""
    started = judgement.started
    return bool(started) and all(started_function(value) is not None for value in started)


def started_functions(judgement: Judgement) -> frozenset[Scope]:
    """The functions of the project that a spawn starts, and those detached along with it."""
    found = {started_function(value) for value in judgement.started} - {None}
    if judgement.passed_at is not None:
        found.add(judgement.spawn.scope)
    if judgement.worker is not None:
        found.add(judgement.worker.function)
    if judgement.chain is not None:
        found |= judgement.chain.functions
    return frozenset(each for each in found if each is not None)


def _detach(call: m.Call, module: ModuleIndex, form: Form, loop: m.Assign | None = None) -> Detach:
    path = module.path.as_posix()
    inner = sum(1 for node in walk(call.func) if isinstance(node, m.Call) and node.at == call.at)
    assigned = Spot(path, loop.at) if loop is not None else None
    return Detach(spot=Spot(path, call.at), form=form, inner=inner, loop=assigned)


def _is_async(scope: Scope) -> bool:
    return scope.function is not None and scope.function.is_async


def _makes_coroutine(spawn: Spawn) -> bool:
    """Whether what is started is a coroutine for sure, and no future that exists already."""
    return bool(spawn.values) and all(
        isinstance(value, Invocation) and _is_async(value.function.scope) for value in spawn.values
    )


def _in_try(node: m.Node, module: ModuleIndex) -> bool:
    """Whether an error may be expected where a node stands."""
    return any(
        isinstance(each, m.Try)
        or (
            isinstance(each, m.With) and any(last_name(i.context) == "suppress" for i in each.items)
        )
        for each in module.ancestors(node)
    )


def _stand_together(assign: m.Assign, spawn: Spawn) -> bool:
    """Whether nothing happens between an assignment and the spawn, not even an error."""
    module = spawn.module
    if _in_try(assign, module):
        return False
    statement = module.statement_of(spawn.call)
    parent = module.parents.get(assign)
    if module.parents.get(statement) is not parent:
        return False
    if isinstance(parent, m.Function):
        own = module.scopes[parent].body
    else:
        own = parent.body if isinstance(parent, m.If | m.With | m.For | m.While) else ()
    at = next((i for i, each in enumerate(own) if each is assign), None)
    return at is not None and at + 1 < len(own) and own[at + 1] is statement


def _attribute(expression: m.Expression) -> str:
    return expression.attr if isinstance(expression, m.Attribute) else ""
