"""Envelopes: where, in the items of a queue, the context of whoever put them there is.

`Carriers` says whether an item takes a context along; here it is asked in which attribute, under
which key or at which place. Items of which that cannot be told have no envelope.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from .. import apis
from ..facts import model as m
from .making import Making
from .places import Place
from .queues import Put, Queue
from .scope import Scope
from .takings import Hindrance, received_item
from .trees import last_name, offset, walk
from .values import External, Instance, Literal, Value

if TYPE_CHECKING:
    from .program import Program

Key = str | int
"""An attribute or a key, or a place in a tuple."""
_MAX_DEPTH: Final = 5


class Envelope(Struct, frozen=True, eq=False):
    """What holds a context in some of its parts; without parts, it is the context itself.

    ``cls`` is the class of the project that it is an object of; ``captured`` is where the copy is
    made, for trails.
    """

    parts: tuple[tuple[Key, Envelope], ...] = ()
    cls: Scope | None = None
    captured: Place | None = None

    @property
    def is_context(self) -> bool:
        return not self.parts

    @property
    def shape(self) -> object:
        """What other items must have in common with this one."""
        return self.cls, tuple((key, part.shape) for key, part in self.parts)

    def part(self, key: object) -> Envelope | None:
        """What holds the context at a key; None for a part of the payload."""
        return next((part for known, part in self.parts if known == key), None)


class Carried(Struct, frozen=True):
    """What all items of a queue have in common, and the first put of such an item."""

    envelope: Envelope
    put: Put


class Envelopes:
    """Finds the envelopes of a program's queues; memoised."""

    def __init__(self, program: Program) -> None:
        self._program: Final = program
        self._resolver: Final = program.resolver
        self._making: Final = Making(program.resolver)
        self._known: dict[Queue, Carried | None] = {}

    def of_queue(self, queue: Queue) -> Carried | None:
        """The envelope of a queue's items; None where not all items come in the same one."""
        if queue not in self._known:
            self._known[queue] = self._find_common(queue, {queue})
        return self._known[queue]

    def _find_common(self, queue: Queue, seen: set[Queue]) -> Carried | None:
        found: Carried | None = None
        for put in queue.puts:
            item = put.item
            if item is None or self._program.markers.is_marker(item, put.scope):
                continue
            before = self._taken_from(item, put.scope)
            if before is None:
                envelope = self._of_put(item, put.scope)
            elif before in seen:
                continue  # put back
            else:
                carried = self._find_common(before, {*seen, before})
                envelope = carried.envelope if carried is not None else None
            if envelope is None or envelope.is_context:
                return None
            if found is not None and found.envelope.shape != envelope.shape:
                return None
            found = found or Carried(envelope, put)
        return found

    def is_passed_on(self, put: Put) -> bool:
        """Whether what is put was taken off another queue just before."""
        return put.item is not None and self._taken_from(put.item, put.scope) is not None

    def _taken_from(self, item: m.Expression, scope: Scope) -> Queue | None:
        """The queue off which an item was taken by the same function."""
        home = self._resolver.binding_scope(item.id, scope) if isinstance(item, m.Name) else None
        found: list[m.Node] = [item]
        if home is not None and isinstance(item, m.Name):
            found += [each.value or each.node for each in home.bindings[item.id] if not each.path]
        return next((self._taken[node] for node in found if node in self._taken), None)

    def captured_for(self, put: Put) -> Place | None:
        """Where the copy is made that the item of a put takes along, as far as that is known."""
        envelope = None if put.item is None else self._of_put(put.item, put.scope)
        return None if envelope is None else envelope.captured

    def puts_at(self, call: m.Call) -> list[tuple[Put, Queue]]:
        """The puts that a call makes, each with its queue."""
        return self._puts.get(call, [])

    @cached_property
    def _puts(self) -> dict[m.Call, list[tuple[Put, Queue]]]:
        found: dict[m.Call, list[tuple[Put, Queue]]] = {}
        for queue in self._program.queues.all():
            for put in queue.puts:
                found.setdefault(put.call, []).append((put, queue))
        return found

    @cached_property
    def _taken(self) -> dict[m.Node, Queue]:
        """The expressions, and loops, that are an item just taken."""
        found: dict[m.Node, Queue] = {}
        for queue in self._program.queues.all():
            for get in queue.gets:
                if isinstance(get.node, m.Attribute):
                    with suppress(Hindrance):
                        found[received_item(get.node, get)] = queue
        return found

    def _of_put(self, item: m.Expression, scope: Scope) -> Envelope | None:
        """The envelope of what is put: for a parameter, that of what the callers pass."""
        passed = [
            self._of(each, where, _MAX_DEPTH)
            for each, where in self._passed_for(item, scope)
            if not self._program.markers.is_marker(each, where)
        ]
        return _common(passed) if passed else self._of(item, scope, _MAX_DEPTH)

    def _passed_for(self, item: m.Expression, scope: Scope) -> Iterator[tuple[m.Expression, Scope]]:
        """What callers pass for a parameter."""
        home = self._resolver.binding_scope(item.id, scope) if isinstance(item, m.Name) else None
        for binding in home.bindings[item.id] if home and isinstance(item, m.Name) else ():
            if home is not None and isinstance(binding.node, m.Parameter):
                yield from self._program.calls.arguments(home, binding.node)

    # --- items ---------------------------------------------------------------------------------

    def _of(self, item: m.Expression, scope: Scope, depth: int) -> Envelope | None:
        if depth == 0:
            return None
        if isinstance(item, m.Sequence):
            return self._holding(enumerate(item.elements), scope, depth)
        if isinstance(item, m.Mapping):
            keys = [key.value if isinstance(key, m.Constant) else None for key in item.keys]
            named = [(k, v) for k, v in zip(keys, item.values, strict=True) if isinstance(k, str)]
            return self._holding(named, scope, depth) if len(named) == len(keys) else None
        injected = isinstance(item, m.Name) and self._program.carriers.is_injected(item, scope)
        if injected or self._is_made_of_snapshot(item, scope):
            return Envelope(captured=_captured(item, scope))
        values = self._resolver.evaluate(item, scope)
        return _common([self._of_value(value, item, scope, depth) for value in values])

    def _is_made_of_snapshot(self, item: m.Expression, scope: Scope) -> bool:
        """``tuple(copy_context().items())``: made of nothing else, by a library."""
        if not isinstance(item, m.Call) or not item.args or last_name(item.func) == "partial":
            return False
        makers = self._resolver.evaluate(item.func, scope)
        if not makers or not all(isinstance(maker, External) for maker in makers):
            return False
        return all(self._holds_snapshot(argument, scope) for argument in item.args)

    def _is_snapshot(self, made: m.Comprehension, scope: Scope) -> bool:
        """A snapshot taken variable by variable: of one's own, or of a copy of the context."""
        return self._program.carriers.reads_variables(made, scope) or any(
            isinstance(value, Instance) and _is_whole_context(value)
            for node in walk(made)
            if isinstance(node, m.Name | m.Call)
            for value in self._resolver.evaluate(node, scope)
        )

    def _holds_snapshot(self, expression: m.Expression, scope: Scope) -> bool:
        return any(
            isinstance(value, External) and value.name in apis.SNAPSHOTS
            for node in walk(expression)
            if isinstance(node, m.Call)
            for value in self._resolver.evaluate(node.func, scope)
        )

    def _holding(
        self, parts: Iterable[tuple[Key, m.Expression]], scope: Scope, depth: int
    ) -> Envelope | None:
        found = [(key, self._of(each, scope, depth - 1)) for key, each in parts]
        known = tuple((key, part) for key, part in found if part is not None)
        return Envelope(known, None, known[0][1].captured) if known else None

    def _of_value(
        self, value: Value, item: m.Expression, scope: Scope, depth: int
    ) -> Envelope | None:
        if isinstance(value, Literal):
            if isinstance(value.node, m.Comprehension):
                if self._is_snapshot(value.node, value.scope):
                    return Envelope(captured=_captured(value.node, value.scope))
                return None
            if isinstance(value.node, m.Constant):
                return None
            return self._of(value.node, value.scope, depth - 1)
        if not isinstance(value, Instance):
            return None
        made = value.origin or item
        at = _captured(made, value.scope or scope)
        if isinstance(value.of, Scope):
            return self._of_object(value, value.of, depth)
        if value.of == apis.ENVELOPE:
            return Envelope((("context", Envelope(captured=at)),), None, at)
        return Envelope(captured=at) if _is_whole_context(value) else None

    # --- objects -------------------------------------------------------------------------------

    def _of_object(self, value: Instance, cls: Scope, depth: int) -> Envelope | None:
        """The envelope that an object of the project is; a snapshot, if it has no payload."""
        found: dict[Key, Envelope] = {}
        at = _captured(value.origin, value.scope) if value.origin and value.scope else None
        if apis.ENVELOPE in self._resolver.classes.external_bases(cls):
            found["context"] = Envelope(captured=at)
        for name, expression, where in self._making.attributes(value, cls):
            part = self._of(expression, where, depth - 1)
            if part is not None:
                found[name] = part
        if value.origin is None:  # an object of that class, made nobody knows where
            declared = [
                name for name in self._making.fields(cls) if self._is_declared_context(name, cls)
            ]
            found.update({name: Envelope(captured=at) for name in declared if name not in found})
        if not found:
            return None
        captured = at if value.origin else next(iter(found.values())).captured
        if value.origin is not None and self._has_no_payload(value.origin, value.scope or cls):
            return Envelope(captured=captured)
        if any(base.endswith("NamedTuple") for base in self._resolver.classes.external_bases(cls)):
            order = self._making.fields(cls)
            found.update({order.index(n): part for n, part in tuple(found.items()) if n in order})
        return Envelope(tuple(found.items()), cls, captured)

    def _has_no_payload(self, made: m.Call, scope: Scope) -> bool:
        given = (*made.args, *(keyword.value for keyword in made.keywords))
        return all(self._program.carriers.carries(each, scope) for each in given)

    def _is_declared_context(self, name: str, cls: Scope) -> bool:
        """``context: Context``, and not ``Context | None``."""
        return any(
            isinstance(binding.annotation, m.Name | m.Attribute)
            and isinstance(value, Instance)
            and value.of == apis.CONTEXT
            for binding, where in self._resolver.classes.members(cls, name)
            if binding.annotation is not None
            for value in self._resolver.annotations.types(binding.annotation, where)
        )


def _is_whole_context(value: Instance) -> bool:
    return isinstance(value.of, str) and (
        value.of == apis.CONTEXT or value.of.removesuffix("()") in apis.SNAPSHOTS
    )


def _common(found: list[Envelope | None]) -> Envelope | None:
    known = [each for each in found if each is not None]
    alike = len(known) == len(found) and len({each.shape for each in known}) == 1
    return known[0] if alike else None


def _captured(node: m.Node, scope: Scope) -> Place:
    label = scope.label
    return Place(scope.module, offset(node), f"{label} captures the context that the item carries")
