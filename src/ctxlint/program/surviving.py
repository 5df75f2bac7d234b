"""Whether what a function leaves set in its context is still there for the next item or request.

It is not where each item runs in a context of its own: a task or thread per item, ``Context.run``,
a request handler that its server starts as a task.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final, Literal

from msgspec import Struct

from .. import apis
from ..facts import model as m
from .index import ModuleIndex
from .places import Place
from .scope import Scope
from .spawns import Spawn
from .trees import last_name, offset
from .uses import Use
from .values import External

if TYPE_CHECKING:
    from .program import Program

_MAX_FUNCTIONS: Final = 60


class Survival(Struct, frozen=True):
    """Where the context lives on: ``steps`` lead from there to the place asked about."""

    kind: Literal["loop", "pool", "request", "public"]
    function: Scope
    steps: tuple[Place, ...]


class Surviving:
    """Follows callers back until a context is shared by several items, or ends with one."""

    def __init__(self, program: Program) -> None:
        self._program: Final = program

    def of(self, node: m.Node, module: ModuleIndex) -> Survival | None:
        """Who sees what the code at a node leaves set; None where nobody can."""
        queue: deque[tuple[m.Node, ModuleIndex, tuple[Place, ...]]] = deque([(node, module, ())])
        seen: set[Scope] = set()
        public: Survival | None = None
        while queue and len(seen) < _MAX_FUNCTIONS:
            here, where, steps = queue.popleft()
            function = where.scope_of(here)
            loop = self._program.scopes.per_item(here, where)
            if loop is not None and function.function is not None:
                place = Place(where, loop.at, f"{function.label} serves item after item")
                return Survival("loop", function, (place, *steps))
            if function in seen:
                continue
            seen.add(function)
            found = self._ending(function, steps)
            if found is not None:
                if found.kind != "public":
                    return found
                public = public or found
                continue
            if self._ends(function):
                continue
            for use in self._program.calls.uses(function):
                if use.scope is function:
                    continue
                place = Place(
                    use.module, offset(use.node), f"{use.scope.label} runs {function.label}"
                )
                if self._is_pool(use):
                    return Survival("pool", function, (place, *steps))
                if not self._is_confined(use):
                    queue.append((use.node, use.module, (place, *steps)))
        return public

    def _ends(self, function: Scope) -> bool:
        """Whether a function's context is no other item's: start-up, tests, a task per request."""
        if function.function is None or self._program.calls.is_test(function.module):
            return True
        entry = self._program.entries.of(function)
        if entry is not None:
            return entry[0] == "startup" or not self.is_middleware(function)
        return False

    def _ending(self, function: Scope, steps: tuple[Place, ...]) -> Survival | None:
        if function.function is None or self._program.calls.is_test(function.module):
            return None
        place = Place(
            function.module, function.at, f"{function.label} serves request after request"
        )
        entry = self._program.entries.of(function)
        if entry is not None:
            if entry[0] == "request" and (
                self.is_middleware(function) or not self.has_own_context(function)
            ):
                return Survival("request", function, (place, *steps))
            return None
        uses = [each for each in self._program.calls.uses(function) if each.scope is not function]
        if uses or self._program.entries.is_startup_name(function):
            return None
        return Survival("public", function, steps)

    # --- request handlers ----------------------------------------------------------------------

    def is_middleware(self, function: Scope) -> bool:
        """Whether a request entry wraps others: what it leaves set, these see."""
        entry = self._program.entries.of(function)
        if entry is None or entry[0] != "request":
            return False
        phrase = entry[1].lower()
        return any(word in phrase for word in ("middleware", "sgi callable", "interceptor"))

    def has_own_context(self, function: Scope) -> bool:
        """Whether the server starts a task for each call of a request entry."""
        definition = function.function
        if definition is None:
            return False
        if definition.is_async:
            return True
        scope = function.parent or function
        names = [
            value.name
            for expression in (
                *(each.func if isinstance(each, m.Call) else each for each in function.decorators),
                *(p.annotation for p in definition.parameters if p.annotation is not None),
            )
            for value in self._program.resolver.evaluate(expression, scope)
            if isinstance(value, External)
        ]
        return any(name.partition(".")[0] in apis.OWN_CONTEXT_FRAMEWORKS for name in names)

    # --- uses ----------------------------------------------------------------------------------

    def _spawning(self, use: Use) -> Spawn | None:
        """The spawn that starts the function used, also in a function of the project's own."""
        return self._program.scopes.spawning(use) or self._program.wrappers.spawning(use)

    def _is_pool(self, use: Use) -> bool:
        spawn = self._spawning(use)
        return spawn is not None and spawn.kind == "executor" and not self._runs_in_context(use)

    def _is_confined(self, use: Use) -> bool:
        """Whether a use starts the function in a context of its own."""
        if self._spawning(use) is not None or self._runs_in_context(use):
            return True
        registered = self._program.entries.registered(use.call or use.node, use.module)
        return registered is not None and registered[0] == "startup"

    def _runs_in_context(self, use: Use) -> bool:
        """``context.run(function)``, ``to_thread(function)``: neither changes the caller's."""
        node: m.Node | None = use.call or use.node
        for _ in range(3):
            node = use.module.parents.get(node) if node is not None else None
            if isinstance(node, m.Call):
                scope = use.module.scope_of(node)
                if self._program.captures.entered(node.func, scope) is not None:
                    return True
                if any(self._program.captures.entered(each, scope) for each in node.args):
                    return True
                values = self._program.resolver.evaluate(node.func, scope)
                names = [value.name for value in values if isinstance(value, External)]
                if any(name in apis.THREAD_RUNNERS for name in names):
                    return True
                return last_name(node.func) in ("to_thread", "run_in_threadpool")
        return False
