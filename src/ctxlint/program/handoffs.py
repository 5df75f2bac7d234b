"""Hand-offs: request work that a put gives to a worker, and what travels with it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from .. import apis
from ..facts import model as m
from .classes import self_name
from .places import Place
from .queues import Get, Put, Queue
from .receiving import is_receive_call
from .scope import Scope
from .scopes import Reach
from .spawns import Spawn
from .trees import last_name, offset, walk
from .values import External, FunctionValue, Values

if TYPE_CHECKING:
    from .program import Program

_MANAGERS: Final = ("contextmanager", "asynccontextmanager")
_MAX_DEPTH: Final = 4
_MAX_CALLERS: Final = 12
"""How far above a get its worker is looked for: a loop and its get stand close together."""


class Consumer(Struct, frozen=True):
    """The worker that takes items off a queue, and the way from its spawn to the get."""

    worker: Scope
    steps: tuple[Place, ...]
    get: Get


class Handoff(Struct, frozen=True):
    """A put that loses its producer's context."""

    put: Put
    queue: Queue
    consumer: Consumer
    reach: Reach


class Handoffs:
    """Judges every put by the conditions of section 4; memoised per queue."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._consumers: dict[Queue, Consumer | None] = {}

    def in_file(self, path: Path) -> Iterator[Handoff]:
        """The context-less puts of one file, in source order."""
        found: dict[m.Call, Handoff] = {}
        if not self._program.sieve.may_put(path):
            return
        for put, queue in self._program.queues.puts_in(path):
            if put.call not in found:
                handoff = self.judge(put, queue)
                if handoff is not None:
                    found[put.call] = handoff
        yield from sorted(found.values(), key=lambda each: each.put.call.at)

    def judge(self, put: Put, queue: Queue) -> Handoff | None:
        """The finding a put makes, if it makes one."""
        if (
            put.item is None
            or self._program.markers.is_marker(put.item, put.scope)
            or is_put_back(put)
        ):
            return None
        if self._is_inside_queue(put, queue) or not self.outlives_request(put, queue):
            return None
        consumer = self.consumer(queue)
        if consumer is None or self.carries(put):
            return None
        reach = self.reach(put)
        if not reach.in_request or self.rebuilds_context(consumer):
            return None
        return Handoff(put, queue, consumer, reach)

    @staticmethod
    def _is_inside_queue(put: Put, queue: Queue) -> bool:
        """Whether the put is how a queue class of the project's own stores an item."""
        owner = put.scope.owner
        if owner is None or queue.type != "collections.deque" or "put" not in put.scope.name:
            return False
        return "get" in {name.strip("_") for name in owner.bindings}

    def carries(self, put: Put) -> bool:
        """Whether a captured context travels with the item."""
        return put.item is not None and self._program.carriers.carries(put.item, put.scope)

    def reach(self, put: Put) -> Reach:
        """How the put comes to run, outside workers."""
        return self._program.scopes.reach(put.call, put.module, through_workers=False)

    # --- the queue -----------------------------------------------------------------------------

    def outlives_request(self, put: Put, queue: Queue) -> bool:
        """Whether the queue is more than a local of the request that puts."""
        if queue.shared:
            return True
        pending, seen = [put.scope], {put.scope}
        while pending:
            scope = pending.pop()
            if scope in queue.homes or not _is_nested(scope):
                continue
            for use in self._program.calls.uses(scope):
                if isinstance(use.module.parents.get(use.node), m.Return):
                    return True
                if use.scope not in seen:
                    seen.add(use.scope)
                    pending.append(use.scope)
        return False

    def consumer(self, queue: Queue) -> Consumer | None:
        """The worker that consumes a queue for longer than a request."""
        if queue not in self._consumers:
            self._consumers[queue] = None
            for get in queue.gets:
                if _throws_away(get):
                    continue
                found = self._worker_above(get.scope, (), get, set())
                if found is not None:
                    self._consumers[queue] = found
                    break
        return self._consumers[queue]

    def _worker_above(
        self, scope: Scope, steps: tuple[Place, ...], get: Get, seen: set[Scope]
    ) -> Consumer | None:
        """The spawned worker in which a get runs, found over its callers."""
        if (
            scope in seen
            or len(seen) > _MAX_CALLERS
            or len(steps) > _MAX_DEPTH
            or scope.function is None
        ):
            return None
        if scope.function.is_generator and not scope.decorated_with(*_MANAGERS):
            return None  # it runs in whoever iterates over it: the request that it answers
        seen.add(scope)
        program = self._program
        place = Place(get.module, offset(get.node), f"{get.scope.label} takes the item")
        if program.calls.is_thread_run(scope) and program.lifetimes.of_function(scope) is not None:
            return Consumer(scope, (*steps, place), get)
        for use in program.calls.uses(scope):
            spawn = program.scopes.spawning(use)
            passed: tuple[Place, ...] = ()
            values = spawn.values if spawn is not None else ()
            if spawn is None and (spawn := program.wrappers.spawning(use)) is not None:
                text = f"{use.scope.label} passes {scope.label} to {spawn.scope.label}"
                passed = (Place(use.module, offset(use.node), text),)
            if spawn is not None:
                if self._is_lasting(spawn, scope, values):
                    text = f"{spawn.scope.label} spawns {scope.label}"
                    spawned = Place(spawn.module, spawn.call.at, text)
                    return Consumer(scope, (*passed, spawned, *steps, place), get)
                continue
            if use.call is not None or use.certain:
                text = f"{use.scope.label} calls {scope.label}"
                step = Place(use.module, offset(use.node), text)
                found = self._worker_above(use.scope, (step, *steps), get, seen)
                if found is not None:
                    return found
        return self._run_at_startup(scope, (*steps, place), get)

    def _run_at_startup(self, scope: Scope, steps: tuple[Place, ...], get: Get) -> Consumer | None:
        """A consumer that the program's main runs itself."""
        if self._program.lifetimes.of_function(scope) is None:
            return None
        reach = self._program.scopes.reach(get.node, get.module, through_workers=False)
        return Consumer(scope, steps, get) if reach.ending == "startup" else None

    def _is_lasting(self, spawn: Spawn, scope: Scope, started: Values) -> bool:
        """Whether a spawned consumer outlives a request."""
        program = self._program
        endless = program.lifetimes.of_any(started) or program.lifetimes.of_function(scope)
        if endless is None:
            return False
        if program.bounds.of(spawn) is None:
            return True
        return program.scopes.reach(spawn.call, spawn.module).ending == "startup"

    # --- the item ------------------------------------------------------------------------------

    def rebuilds_context(self, consumer: Consumer) -> bool:
        """Whether the consumer makes a context from fields of the item: ids carried on purpose."""
        get = consumer.get
        names = _bound_from(get)
        functions: list[tuple[Scope, set[str]]] = [(get.scope, names)]
        for node in get.scope.nodes:
            if isinstance(node, m.Call):
                functions += self._given_item(node, get.scope, names)
        return any(self._rebuilds(function, known) for function, known in functions)

    def _given_item(
        self, call: m.Call, scope: Scope, names: set[str]
    ) -> list[tuple[Scope, set[str]]]:
        found: list[tuple[Scope, set[str]]] = []
        passed = [i for i, each in enumerate(call.args) if _names_in(each) & names]
        if not passed or not _is_near(call.func, scope):
            return found
        for value in self._program.resolver.evaluate(call.func, scope):
            if isinstance(value, FunctionValue) and value.scope.function is not None:
                parameters = value.scope.function.parameters
                offset = 1 if value.receiver is not None else 0
                known = {
                    parameters[i + offset].name for i in passed if i + offset < len(parameters)
                }
                found.append((value.scope, known))
        return found

    def _rebuilds(self, function: Scope, names: set[str]) -> bool:
        fields = self._program.table.identity_fields
        for node in function.nodes:
            if not isinstance(node, m.Call):
                continue
            arguments = (*node.args, *(keyword.value for keyword in node.keywords))
            if not any(_names_in(each) & names for each in arguments):
                continue
            name = last_name(node.func)
            if name in apis.SPAN_MAKERS:
                return True
            if name == "set" and any(
                isinstance(v, External) and v.name == f"{apis.CONTEXT_VARIABLE}.set"
                for v in self._program.resolver.evaluate(node.func, function)
            ):
                return True
        if not fields:
            return False
        return any(
            isinstance(node, m.Attribute) and node.attr in fields and _names_in(node.value) & names
            for node in function.nodes
        )


def _throws_away(get: Get) -> bool:
    """``queue.get_nowait()`` as a statement: whoever empties a queue handles nothing."""
    statement = get.module.statement_of(get.node)
    value = statement.value if isinstance(statement, m.Evaluate) else None
    if isinstance(value, m.Await):
        value = value.value
    return isinstance(value, m.Call) and value.func is get.node


def _is_near(func: m.Expression, scope: Scope) -> bool:
    """A function of the module or a method of the same object: where items are taken apart."""
    if isinstance(func, m.Attribute):
        method = scope.enclosing_method
        name = self_name(method) if method is not None else None
        return isinstance(func.value, m.Name) and func.value.id == name
    return isinstance(func, m.Name)


def is_put_back(put: Put) -> bool:
    """Whether the item was taken off a queue by the same function: it brings along what it has."""
    taken: set[str] = set()
    for _ in range(3):  # get → list → loop variable
        for statement in put.scope.statements:
            taken |= _taken_names(statement, taken)
    return put.item is not None and bool(_names_in(put.item) & taken)


def _taken_names(statement: m.Statement, taken: set[str]) -> set[str]:
    """Names that a statement gives an item off a queue."""
    if isinstance(statement, m.Assign) and statement.value is not None:
        value = statement.value
        copied = isinstance(value, m.Name | m.Subscript) and bool(_names_in(value) & taken)
        if copied or any(is_receive_call(node) for node in walk(value)):
            return {name for target in statement.targets for name in _names_in(target)}
    if isinstance(statement, m.For) and isinstance(statement.iter, m.Name):
        if statement.iter.id in taken:
            return _names_in(statement.target)
    if isinstance(statement, m.Evaluate) and isinstance(statement.value, m.Call):
        func, args = statement.value.func, statement.value.args
        if isinstance(func, m.Attribute) and func.attr in ("append", "add", "extend"):
            if any(_names_in(each) & taken for each in args):
                return _names_in(func.value)
    return set()


def _is_nested(scope: Scope) -> bool:
    return scope.parent is not None and scope.parent.function is not None


def _bound_from(get: Get) -> set[str]:
    """Names that hold the item, or parts of it, in the function that takes it."""
    if isinstance(get.node, m.For):
        return _names_in(get.node.target)
    module = get.module
    statement = module.statement_of(get.node)
    found: set[str] = set()
    if isinstance(statement, m.Assign):
        for target in statement.targets:
            found |= _names_in(target)
    for node in walk(statement):
        if isinstance(node, m.Assigned):
            found |= _names_in(node.target)
    for each in get.scope.statements:  # parts taken out of the item
        if isinstance(each, m.Assign) and each.value is not None and _names_in(each.value) & found:
            for target in each.targets:
                found |= _names_in(target)
    return found


def _names_in(node: m.Node) -> set[str]:
    return {each.id for each in walk(node) if isinstance(each, m.Name)}
