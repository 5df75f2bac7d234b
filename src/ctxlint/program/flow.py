"""A queue from producer to consumer: every occurrence, followed from where it is made.

A queue is followed through names, attributes, parameters, returns and containers.  What is not
understood is kept as an escape, for a fix must know of every reference.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from .. import apis
from ..facts import model as m
from .arguments import parameter_at
from .calls import CallGraph
from .index import ModuleIndex
from .occurrences import is_idle, is_idle_call, is_idle_member, takes_key
from .queues import Get, Put, Queue
from .receivers import Receivers
from .resolve import Resolver
from .scope import Scope
from .trees import last_name
from .values import ClassValue, External, FunctionValue, Instance, Partial, Value

_COPYING: Final = frozenset({"list", "enumerate"})
_PASSING: Final = frozenset({"cast", "ref", "proxy", "closing", "aclosing"}) | _COPYING
_FILLING: Final = frozenset({"append", "add", "setdefault", "insert"})
_READING: Final = frozenset({"get", "pop", "setdefault", "values", "popitem"})
_MAX_COLLECTIONS: Final = 1_000


class Flow:
    """Follows one queue through the program: a work list of places where it occurs.

    At each it is known whether that can be a collection which holds the queue: what is read out
    of a collection may be the queue, what is read out of the queue is an item.

    A ``census`` leaves nothing out: tests count, and so do attributes of the same name whose
    object is unknown.
    """

    def __init__(
        self,
        resolver: Resolver,
        calls: CallGraph,
        table: apis.Table,
        queue: Queue,
        receivers: Receivers,
        *,
        census: bool = False,
    ) -> None:
        self._census = census
        self._resolver = resolver
        self._calls = calls
        self._receivers = receivers
        self._queue = queue
        rows = [table.queue_by_type.get(name) for name in apis.PAIRS.get(queue.type, (queue.type,))]
        known = [row for row in rows if row is not None]
        self._puts = {name for row in known for name in row.put}
        self._gets = {name for row in known for name in row.get}
        self._item = known[0].item if known else 0
        self._work: list[tuple[m.Expression, ModuleIndex, bool]] = []
        self._collected = queue.type in apis.PAIRS
        self._collections: set[m.Node | tuple[Scope, str]] = set()

    def run(self) -> None:
        """Follow every occurrence, and whatever those lead to."""
        self._occur(self._queue.made, self._queue.module)
        while self._work and len(self._collections) < _MAX_COLLECTIONS:
            node, module, self._collected = self._work.pop()
            self._visit(node, module)
        if self._work:  # too much was taken for a collection: nobody knows what is left
            self._queue.escapes.append((self._queue.made, self._queue.module))
        self._queue.tidy()

    def _occur(self, node: m.Expression, module: ModuleIndex) -> None:
        if self._is_new(node, node in self._queue.occurrences):
            self._queue.occurrences.add(node)
            self._work.append((node, module, self._collected))

    def _occur_in(self, collection: m.Expression, module: ModuleIndex) -> None:
        self._collected = True
        self._occur(collection, module)

    def _read_out(self, part: m.Expression, module: ModuleIndex) -> None:
        """What is read out of an occurrence may be the queue; a census takes no chance."""
        if self._collected or self._census:
            self._occur_in(part, module)

    def _is_new(self, place: m.Node | tuple[Scope, str], known: bool) -> bool:
        """Whether a place is met for the first time, or for the first time as a collection."""
        if place in self._collections or (known and not self._collected):
            return False
        if self._collected:
            self._collections.add(place)
        return True

    # --- one occurrence ------------------------------------------------------------------------

    def _visit(self, node: m.Expression, module: ModuleIndex) -> None:
        parent = module.parents.get(node)
        if isinstance(parent, m.Attribute):
            self._member(parent, module)
        elif isinstance(parent, m.Assign):
            if parent.value is node:
                for target in parent.targets:
                    self._assigned(target, module)
        elif isinstance(parent, m.Assigned):
            if parent.value is node:
                self._assigned(parent.target, module)
                self._occur(parent, module)
        elif is_idle(node, module):
            pass
        elif isinstance(parent, m.Conditional | m.Boolean | m.Await):
            self._occur(parent, module)
        elif isinstance(parent, m.Call):
            self._argument(node, parent, None, module)
        elif isinstance(parent, m.Keyword):
            call = module.parents.get(parent)
            if isinstance(call, m.Call):
                self._argument(node, call, parent.name, module)
        elif isinstance(parent, m.Return):
            self._returned(module.scope_of(node), module)
        elif isinstance(parent, m.Sequence):
            self._in_sequence(node, parent, module)
        elif isinstance(parent, m.Mapping | m.Comprehension):
            self._occur_in(parent, module)
        elif isinstance(parent, m.WithItem) and parent.target is not None:
            self._assigned(parent.target, module)
        elif isinstance(parent, m.For) and parent.iter is node:
            self._queue.gets.append(Get(parent, module, self._queue.type))
        elif isinstance(parent, m.Subscript) and parent.value is node:
            self._read_out(parent, module)
        else:
            self._queue.escapes.append((node, module))

    def _member(self, member: m.Attribute, module: ModuleIndex) -> None:
        """``queue.put``: called, or handed on as a function."""
        name = member.attr
        parent = module.parents.get(member)
        call = parent if isinstance(parent, m.Call) and parent.func is member else None
        if f"{self._queue.type}.{name}" in apis.PARTS:
            self._occur(member, module)
        elif name in self._puts:
            self._put(member, call, parent, module)
        elif name in self._gets and not (call is not None and takes_key(call)):
            self._queue.gets.append(Get(member, module, self._queue.type))
        elif call is not None and (name in _READING or name == "clone"):
            self._occur(call, module)
            if name in self._gets and self._is_queue(member.value, module):
                self._queue.escapes.append((member, module))
        elif not is_idle_member(name):
            self._queue.escapes.append((member, module))

    def _put(
        self, member: m.Attribute, call: m.Call | None, parent: m.Node | None, module: ModuleIndex
    ) -> None:
        if call is not None:
            words = [keyword.value for keyword in call.keywords if keyword.name in ("item", "x")]
            item = call.args[self._item] if len(call.args) > self._item else next(iter(words), None)
            self._queue.puts.append(Put(call, module, item))
        elif isinstance(parent, m.Call) and member in parent.args:
            after = parent.args[parent.args.index(member) + 1 :]
            self._queue.puts.append(Put(parent, module, after[0] if after else None, handed=True))
        else:
            self._queue.escapes.append((member, module))

    # --- where it goes -------------------------------------------------------------------------

    def _assigned(self, target: m.Expression, module: ModuleIndex) -> None:
        if isinstance(target, m.Sequence):
            for element in target.elements:
                self._assigned(element, module)
        elif isinstance(target, m.Name):
            self._name_slot(target.id, module.scope_of(target))
        elif isinstance(target, m.Attribute):
            self._attribute_target(target, module)
        elif isinstance(target, m.Subscript | m.Starred):
            self._collected = True
            self._assigned(target.value, module)

    def _name_slot(self, name: str, scope: Scope) -> None:
        home = self._resolver.binding_scope(name, scope) or scope
        if home.is_class:
            self._member_slot(home, name)
            return
        if not self._is_new((home, name), (home, name) in self._queue.slots):
            return
        self._queue.slots.add((home, name))
        self._queue.homes.add(home)
        if home.parent is None:
            self._queue.shared = True
            self._global_uses(home, name)
        for node in home.module.uses(name):
            if isinstance(node, m.Name):
                inner = home.module.scope_of(node)
                if self._resolver.binding_scope(name, inner) is home:
                    self._occur(node, home.module)

    def _global_uses(self, home: Scope, name: str) -> None:
        """A module global is used by other modules, too."""
        for node, module in self._receivers.globals(self._queue.made, home, name):
            self._occur(node, module)

    def _is_queue(self, node: m.Expression, module: ModuleIndex) -> bool:
        values = self._resolver.evaluate(node, module.scope_of(node))
        return any(isinstance(v, Instance) and v.origin is self._queue.made for v in values)

    def _attribute_target(self, target: m.Attribute, module: ModuleIndex) -> None:
        scope = module.scope_of(target)
        found = False
        for value in self._resolver.evaluate(target.value, scope):
            if isinstance(value, Instance | ClassValue):
                cls = value.of if isinstance(value, Instance) else value.scope
                if isinstance(cls, Scope):
                    self._member_slot(cls, target.attr)
                    found = True
        if not found:
            self._queue.escapes.append((target, module))

    def _member_slot(self, cls: Scope, name: str) -> None:
        """An attribute of a class's objects: every ``x.name`` where x can be such an object."""
        if not self._is_new((cls, name), (cls, name) in self._queue.slots):
            return
        self._queue.slots.add((cls, name))
        self._queue.shared = True
        self._queue.owners.add(cls)
        parts = {part.rpartition(".")[2] for part in apis.PARTS}
        reading = _READING if self._collected else ()
        verbs = frozenset({*self._puts, *self._gets, *reading, *parts, "clone"})
        if self._census:
            self._count_members(cls, name)
            return
        for node, module in self._receivers.members(cls, name, verbs):
            self._occur(node, module)

    def _count_members(self, cls: Scope, name: str) -> None:
        """The same for a census."""
        moving = frozenset(self._puts | self._gets)
        sure, unsure = self._receivers.counted(cls, name, moving)
        for node, module in sure:
            self._occur(node, module)
        self._queue.unsure += unsure

    def _in_sequence(self, node: m.Expression, parent: m.Sequence, module: ModuleIndex) -> None:
        holder = module.parents.get(parent)
        if isinstance(holder, m.Keyword) and holder.name == "args":
            call = module.parents.get(holder)
            index = parent.elements.index(node)
            started = _may_be_started(call) if isinstance(call, m.Call) else ()
            found = any(self._to_callee(each, index, None, module) for each in started)
            first = parent.elements[0]  # context.run calls it
            if not found and not (index and self._to_callee(first, index - 1, None, module)):
                self._queue.escapes.append((node, module))
            return
        self._occur_in(parent, module)

    def _argument(
        self, node: m.Expression, call: m.Call, keyword: str | None, module: ModuleIndex
    ) -> None:
        """The queue is passed on: follow it into the function called, or started."""
        if call.func is node:  # a weak reference
            self._occur(call, module)
            return
        if last_name(call.func) in _PASSING:
            if last_name(call.func) in _COPYING:
                self._read_out(call, module)
            else:
                self._occur(call, module)
            return
        if is_idle_call(call):
            return
        if isinstance(call.func, m.Attribute) and call.func.attr in _FILLING:
            self._collected = True
            self._assigned(call.func.value, module)
            if call.func.attr == "setdefault":
                self._occur(call, module)
            return
        index = call.args.index(node) if keyword is None and node in call.args else -1
        if self._to_callee(call.func, index, keyword, module, call):
            return
        for position, argument in enumerate(call.args):  # start_soon(worker, queue)
            if position < index and self._to_callee(
                argument, index - position - 1, keyword, module
            ):
                return
        self._queue.escapes.append((node, module))

    def _to_callee(
        self,
        func: m.Expression,
        index: int,
        keyword: str | None,
        module: ModuleIndex,
        call: m.Call | None = None,
    ) -> bool:
        entered = False
        for value in self._resolver.evaluate(func, module.scope_of(func)):
            for target, offset in self._targets(value):
                parameter = parameter_at(target, index + offset, keyword)
                if parameter is not None:
                    self._name_slot(parameter.name, target)
                    entered = True
            if isinstance(value, ClassValue) and not entered:
                entered = self._to_field(value.scope, index, keyword)
            if isinstance(value, External) and value.name == "functools.partial" and call:
                entered = self._to_callee(call.args[0], index - 1, keyword, module) or entered
        return entered

    def _targets(self, value: Value) -> Iterator[tuple[Scope, int]]:
        if isinstance(value, Partial):
            value = value.target
        if isinstance(value, FunctionValue):
            bound = value.receiver is not None and not value.scope.decorated_with("staticmethod")
            yield value.scope, 1 if bound else 0
        elif isinstance(value, ClassValue):
            method = self._resolver.classes.method(value.scope, "__init__")
            if method is not None:
                yield method, 1

    def _to_field(self, cls: Scope, index: int, keyword: str | None) -> bool:
        """A dataclass's fields are its constructor's parameters."""
        names = [name for name, bound in cls.bindings.items() if bound[0].annotation is not None]
        name = keyword if keyword in names else names[index] if 0 <= index < len(names) else None
        if name is not None:
            self._member_slot(cls, name)
        return name is not None

    def _returned(self, function: Scope, module: ModuleIndex) -> None:
        """What a function returns occurs wherever it is called."""
        self._queue.givers.add(function)
        if function.decorated_with("property", "cached_property") and function.owner is not None:
            self._member_slot(function.owner, function.name)
            return
        for use in self._calls.uses(function):
            if use.call is not None:
                parent = use.module.parents.get(use.call)
                self._occur(parent if isinstance(parent, m.Await) else use.call, use.module)
            else:
                self._queue.escapes.append((use.node, use.module))


def _may_be_started(call: m.Call) -> list[m.Expression]:
    """What a call with ``args=`` may start: ``Thread(target=f, ...)``, ``Timer(5, f, ...)``."""
    named = [each.value for each in call.keywords if each.name in ("target", "function")]
    return [*named, *call.args]
