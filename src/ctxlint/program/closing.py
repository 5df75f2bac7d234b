"""Workers that end because their spawner's ``finally`` closes what they work on."""

from __future__ import annotations

from typing import Final

from ..facts import model as m
from .scope import Scope
from .spawns import Spawn
from .suites import names_in
from .timers import started_function
from .trees import walk

_CLOSING: Final = frozenset(
    {"close", "aclose", "terminate", "shutdown", "stop", "cancel", "disconnect", "set", "kill"}
)


def closed_by_spawner(spawn: Spawn) -> str | None:
    """A local of the spawner that the worker uses and that the spawner surely closes."""
    for name in sorted(_closed_in_finally(spawn.scope) & _used_by_worker(spawn)):
        return f"the finally of its spawner ends {name}, on which it works"
    return None


def _closed_in_finally(scope: Scope) -> set[str]:
    """Locals on which a ``finally`` of the function calls close, stop and the like."""
    found: set[str] = set()
    for statement in scope.tries:
        for node in walk(*statement.final):
            if isinstance(node, m.Call) and isinstance(node.func, m.Attribute):
                receiver = node.func.value
                if node.func.attr in _CLOSING and isinstance(receiver, m.Name):
                    found.add(receiver.id)
    return {name for name in found if _is_made_here(name, scope)}


def _is_made_here(name: str, scope: Scope) -> bool:
    return any(binding.kind in ("value", "entered") for binding in scope.bindings.get(name, ()))


def _used_by_worker(spawn: Spawn) -> set[str]:
    """Names of the spawner that the worker sees: passed to it, or closed over, also by the
    functions of the spawner that it calls."""
    roots: list[m.Node] = [] if spawn.callee is None else [spawn.callee]
    roots += [*spawn.call.args, *(keyword.value for keyword in spawn.call.keywords)]
    seen: set[Scope] = set()
    for value in spawn.values:
        function = started_function(value)
        if function is not None and function.parent is spawn.scope:
            roots += function.body
            seen.add(function)
    found: set[str] = set()
    while roots:
        names = names_in(*roots)
        found |= names
        called = [each for each in spawn.scope.inner if each.name in names and each not in seen]
        roots = [statement for each in called for statement in each.body]
        seen.update(called)
    return found
