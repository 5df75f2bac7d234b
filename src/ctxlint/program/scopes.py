"""Startup scope and request scope: how a function comes to run, followed back over its callers."""

from __future__ import annotations

from collections import deque
from typing import Final, Literal

from msgspec import Struct

from .. import apis
from ..facts import model as m
from .calls import CallGraph
from .detachment import Detachment
from .entries import Entries
from .index import ModuleIndex
from .lifetimes import Lifetimes
from .other_names import is_alias
from .places import Place
from .receiving import is_receiving, receive_position
from .scope import Scope
from .spawns import Spawn, Spawns
from .trees import offset
from .uses import Use
from .wrappers import Wrappers

Ending = Literal["request", "public", "startup", "test", "detached"]
_MAX_FUNCTIONS: Final = 400


class Reach(Struct, frozen=True):
    """How a function can come to run.

    ``request``: from a request entry point, or per item of a receiving loop; ``public``: nobody
    in the project calls the first function of the way; otherwise only start-up (or tests, or
    detached spawns) reach it.  ``steps`` lead from there to the function.
    """

    ending: Ending
    entry: Scope | None
    steps: tuple[Place, ...]
    reason: str

    @property
    def in_request(self) -> bool:
        """Whether a request's context can be current."""
        return self.ending in ("request", "public")


class _Way(Struct, frozen=True):
    """A function on the way back, and the steps from it to where the search began."""

    function: Scope
    steps: tuple[Place, ...]


class Scopes:
    """Follows callers back until a request entry, start-up, or nobody is found; memoised."""

    def __init__(
        self,
        calls: CallGraph,
        entries: Entries,
        spawns: Spawns,
        wrappers: Wrappers,
        detachment: Detachment,
        lifetimes: Lifetimes,
    ) -> None:
        self._lifetimes = lifetimes
        self._calls = calls
        self._entries = entries
        self._spawns = spawns
        self._wrappers = wrappers
        self._detachment = detachment
        self._memo: dict[tuple[Scope, bool], Reach] = {}

    def reach(self, node: m.Node, module: ModuleIndex, *, through_workers: bool = True) -> Reach:
        """How the code at a node comes to run.

        With ``through_workers`` false, the loop of a worker is not request scope and the search
        does not go on behind the worker's spawn: what a worker does, it does in its own context.
        """
        scope = module.scope_of(node)
        loop = self.per_item(node, module) if through_workers else None
        if loop is not None and scope.node is not None:
            place = Place(module, loop.at, f"{scope.label} serves item after item")
            return Reach("request", scope, (place,), "runs for each item received")
        key = (scope, through_workers)
        if key not in self._memo:
            self._memo[key] = self._search(scope, through_workers)
        return self._memo[key]

    def _search(self, start: Scope, through_workers: bool) -> Reach:
        if self._calls.is_test(start.module):
            return Reach("test", None, (), "is test code")
        queue = deque([_Way(start, ())])
        seen = {start}
        public: Reach | None = None
        fallback: Reach | None = None
        while queue and len(seen) < _MAX_FUNCTIONS:
            way = queue.popleft()
            ended = self._ending(way)
            if ended is None:
                callers, ended = self._callers(way, through_workers)
                for caller in callers:
                    if caller.function not in seen:
                        seen.add(caller.function)
                        queue.append(caller)
            if ended is None:
                continue
            if ended.ending == "request":
                return ended
            if ended.ending == "public":
                public = ended if public is None or _is_better(ended, public) else public
            else:
                fallback = fallback or ended
            if public is not None and len(seen) > _MAX_FUNCTIONS // 25:
                break
        return public or fallback or self._uncalled(_Way(start, ()))

    def _ending(self, way: _Way) -> Reach | None:
        """Whether a function is where the way begins."""
        function = way.function
        if function.function is None:
            place = Place(function.module, 0, "runs when the module is imported")
            return Reach("startup", function, (place, *way.steps), "runs at import")
        entry = self._entries.of(function)
        if entry is not None:
            kind, phrase = entry
            place = Place(function.module, function.at, f"{function.label}: {phrase}")
            return Reach(kind, function, (place, *way.steps), phrase)
        return None

    def _callers(self, way: _Way, through_workers: bool) -> tuple[list[_Way], Reach | None]:
        function = way.function
        calls = self._calls
        found = (
            *calls.uses(function), *calls.handed_out(function), *calls.by_other_names(function)
        )  # fmt: skip
        uses = [use for use in found if use.scope is not function]
        if not uses:
            return [], self._uncalled(way)
        callers: list[_Way] = []
        ended: Reach | None = None
        for use in uses:
            step = self._step(use, way, through_workers)
            if isinstance(step, Reach):
                if ended is None or _RANK[step.ending] < _RANK[ended.ending]:
                    ended = step
            else:
                callers += step
        return callers, ended

    def _step(self, use: Use, way: _Way, through_workers: bool) -> Reach | list[_Way]:
        function, module = way.function, use.module
        caller = use.scope
        registered = self._entries.registered(use.call or use.node, module)
        if registered is not None:
            kind, phrase = registered
            place = Place(module, offset(use.node), f"{function.label}: {phrase}")
            return Reach(kind, function, (place, *way.steps), phrase)
        spawn = self.spawning(use)
        if not through_workers and self._starts_worker(spawn, use, function):
            return Reach("detached", function, way.steps, "runs in a worker of its own")
        detached = self._detachment.of(spawn) if spawn is not None else None
        detached = detached or self._detachment.of_run(use.node, module)
        if detached is not None:
            return Reach("detached", function, way.steps, detached)
        verb = "starts" if spawn is not None else "calls" if use.call is not None else "uses"
        place = Place(module, offset(use.node), f"{caller.label} {verb} {function.label}")
        steps = (place, *way.steps)
        if caller.function is None and use.call is None:
            return self._handed_on(use, way, steps)
        if self._is_returned(use):
            return self._public(function, way.steps, "is returned to unknown callers")
        hook = self._entries.is_startup_name(function)
        if spawn is None and use.call is None and not hook and self._is_given_away(use):
            return self._public(function, steps, "is registered with a library")
        loop = self.per_item(use.node, module) if through_workers else None
        if loop is not None and caller.function is not None:
            served = Place(module, loop.at, f"{caller.label} serves item after item")
            return Reach("request", caller, (served, *steps), "runs for each item received")
        return [_Way(caller, steps)]

    def _handed_on(self, use: Use, way: _Way, steps: tuple[Place, ...]) -> Reach | list[_Way]:
        """A reference at module level: in a table, whoever reads the table calls the function."""
        module = use.module
        statement = module.statement_of(use.node)
        if use.scope.is_class and is_alias(statement, use.node):
            return []  # who uses the method by its other name, is a caller of its own
        if isinstance(statement, m.Assign):
            readers = [
                _Way(module.scope_of(node), steps)
                for target in statement.targets
                if isinstance(target, m.Name)
                for node in module.uses(target.id)
                if module.scope_of(node).function is not None
            ]
            if readers:
                return readers
        if isinstance(statement, m.Class | m.Function):
            return self._public(way.function, way.steps, "is used by a definition")
        return self._public(way.function, way.steps, "is handed on at module level")

    def _public(self, function: Scope, steps: tuple[Place, ...], reason: str) -> Reach:
        place = Place(function.module, function.at, f"{function.label} {reason}")
        return Reach("public", function, (place, *steps), reason)

    def _uncalled(self, way: _Way) -> Reach:
        function = way.function
        if self._entries.is_startup_name(function):
            place = Place(function.module, function.at, f"{function.label} runs at start-up")
            return Reach("startup", function, (place, *way.steps), "is a startup hook by its name")
        return self._public(function, way.steps, "is public: any request may call it")

    def _is_given_away(self, use: Use) -> bool:
        """Whether a function is handed to a library's function, to be called nobody knows when."""
        call = use.module.parents.get(use.node)
        while isinstance(call, m.Keyword | m.Sequence):
            call = use.module.parents.get(call)
        if not isinstance(call, m.Call) or call.func is use.node:
            return False
        names = self._calls.external_names(call.func, use.module)
        return bool(names) and not any(_calls_at_once(name) for name in names)

    @staticmethod
    def _is_returned(use: Use) -> bool:
        """Whether a function, or a table that it stands in, is returned and not called."""
        around = use.module.parents.get(use.node)
        while isinstance(around, m.Sequence | m.Mapping):
            around = use.module.parents.get(around)
        return use.call is None and isinstance(around, m.Return)

    def _starts_worker(self, spawn: Spawn | None, use: Use, function: Scope) -> bool:
        """Whether a use starts a worker, itself or through a function of the project."""
        if spawn is None and self._wrappers.spawning(use) is None:
            return False
        if spawn is not None and self._lifetimes.of_any(spawn.values) is not None:
            return True
        if self._lifetimes.of_function(function) is not None:
            return True
        # Whether a stream ends is not known; what a kept task does per item of it is no request's.
        return spawn is None and _receives(function)

    def spawning(self, use: Use) -> Spawn | None:
        """The spawn that starts the function at this use."""
        if use.call is not None and (spawn := self._spawns.at(use.call, use.module)) is not None:
            return spawn
        node: m.Node = use.call if use.call is not None else use.node
        spawn, outermost = self._spawn_around(node, use.module)
        if spawn is None and isinstance(outermost, m.Assign) and use.scope.function is not None:
            for target in outermost.targets:
                spawn = spawn or self._spawn_of_name(target, use.scope, outermost.at)
        return spawn

    def _spawn_around(
        self, node: m.Node, module: ModuleIndex
    ) -> tuple[Spawn | None, m.Node | None]:
        """The spawn that a node is handed to, or else what stands around the calls."""
        parent = module.parents.get(node)
        while isinstance(parent, m.Call | m.Keyword | m.Sequence | m.Comprehension):
            if isinstance(parent, m.Call):
                spawn = self._spawns.at(parent, module)
                if spawn is not None:
                    return spawn, parent
            parent = module.parents.get(parent)
        return None, parent

    def _spawn_of_name(self, target: m.Expression, scope: Scope, after: int) -> Spawn | None:
        """``coroutine = work()``, which is handed to a spawner later in the same function."""
        if not isinstance(target, m.Name) or len(scope.bindings.get(target.id, ())) != 1:
            return None
        for node in scope.nodes:
            if isinstance(node, m.Name) and node.id == target.id and node.at > after:
                spawn, _ = self._spawn_around(node, scope.module)
                if spawn is not None and spawn.callee is node:
                    return spawn
        return None

    @staticmethod
    def per_item(node: m.Node, module: ModuleIndex) -> m.While | m.For | None:
        """The receiving loop in whose per-item part a node stands."""
        inner = node
        for around in module.ancestors(node):
            if isinstance(around, m.For) and inner in around.body:
                if is_receiving(around) and (around.is_async or isinstance(around.iter, m.Call)):
                    return around
            elif isinstance(around, m.While) and inner in around.body:
                position = receive_position(around)
                if position is not None and position < offset(node):
                    return around
            inner = around
        return None


def _receives(function: Scope) -> bool:
    """Whether a function waits for item after item of a stream."""
    return any(
        isinstance(each, m.For) and each.is_async and is_receiving(each)
        for each in function.statements
    )


def _calls_at_once(name: str) -> bool:
    """Whether a library's function calls what it is given itself, or only looks at it."""
    home = name.partition(".")[0]
    return (
        home in ("builtins", "functools", "inspect", "typing", "itertools")
        or name in apis.RUNNERS
        or name.rpartition(".")[2] in apis.STACK_ENTRIES
    )


def _is_better(one: Reach, other: Reach) -> bool:
    """Whether a public starter is easier to believe: its name does not say it is private."""
    names = [each.entry.name if each.entry is not None else "_" for each in (one, other)]
    return other.ending == "public" and names[1].startswith("_") and not names[0].startswith("_")


_RANK: Final[dict[Ending, int]] = {
    "request": 0,
    "public": 1,
    "startup": 2,
    "detached": 3,
    "test": 4,
}
