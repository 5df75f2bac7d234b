"""Coroutines that are only made in a context: ``await context.run(coroutine_function)``.

`Context.run` returns as soon as the function does. That of a coroutine function has done nothing
yet: its body runs where it is awaited, in the context of whoever awaits it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from .. import apis
from ..facts import model as m
from .index import ModuleIndex
from .scope import Scope
from .takings import ASYNC_WRAPPERS
from .trees import dotted_name, last_name, mentions
from .values import External, FunctionValue, Partial

if TYPE_CHECKING:
    from .program import Program

_AWAITABLE: Final = frozenset({"Awaitable", "Coroutine"})
_ASKING: Final = "iscoroutinefunction"


def runs_outside(call: m.Call, module: ModuleIndex, program: Program) -> bool:
    """Whether ``context.run(f)`` leaves the body of f to whoever awaits what it returns."""
    return (
        bool(call.args)
        and _is_awaited_here(call, module, program)
        and _is_coroutine_function(call.args[0], module.scope_of(call), program)
    )


def _is_awaited_here(call: m.Call, module: ModuleIndex, program: Program) -> bool:
    """Whether what a call returns is awaited, or started as a task, in the context around it."""
    node: m.Node = call
    parent = module.parents.get(node)
    while isinstance(parent, m.Call) and last_name(parent.func) in ASYNC_WRAPPERS:
        node, parent = parent, module.parents.get(parent)
    if isinstance(parent, m.Await):
        return True
    if not isinstance(parent, m.Call) or parent.func is node:
        return False
    scope = module.scope_of(parent)
    values = program.resolver.evaluate(parent.func, scope)
    if any(isinstance(v, External) and v.name in apis.RUNNERS - {apis.CONTEXT_RUN} for v in values):
        return True
    spawn = program.spawns.at(parent, module)
    return (
        spawn is not None
        and spawn.kind == "task"
        and spawn.runner is None
        and program.detachment.of(spawn) is None
        and spawn.keyword("context") is None
    )


def _is_coroutine_function(callee: m.Expression, scope: Scope, program: Program) -> bool:
    """Whether calling it makes a coroutine, by what it is, is declared to be, or is asked for."""
    values = program.resolver.evaluate(callee, scope)
    functions = [v.target if isinstance(v, Partial) else v for v in values]
    if functions:
        return all(
            isinstance(each, FunctionValue)
            and each.scope.function is not None
            and each.scope.function.is_async
            for each in functions
        )
    return _is_declared(callee, scope, program) or _is_asked_for(callee, scope)


def _is_declared(callee: m.Expression, scope: Scope, program: Program) -> bool:
    """``handler: Callable[[Event], Awaitable[None]]``"""
    if isinstance(callee, m.Name):
        home = program.resolver.binding_scope(callee.id, scope)
        bindings = home.bindings[callee.id] if home is not None else []
    else:
        method = scope.enclosing_method
        if not isinstance(callee, m.Attribute) or method is None or method.owner is None:
            return False
        members = program.resolver.classes.members(method.owner, callee.attr)
        bindings = [binding for binding, _ in members]
    return any(
        binding.annotation is not None and mentions(binding.annotation, _AWAITABLE)
        for binding in bindings
    )


def _is_asked_for(callee: m.Expression, scope: Scope) -> bool:
    """Whether the same function or class asks ``iscoroutinefunction(f)`` of it."""
    name = dotted_name(callee)
    method = scope.enclosing_method
    home = method.owner if method is not None else None
    for node in scope.module.uses(_ASKING):
        call = scope.module.parents.get(node)
        if not isinstance(call, m.Call) or call.func is not node or not call.args:
            continue
        where = scope.module.scope_of(call)
        asker = where.enclosing_method
        same = where is scope or (home is not None and asker is not None and asker.owner is home)
        if name is not None and same and dotted_name(call.args[0]) == name:
            return True
    return False
