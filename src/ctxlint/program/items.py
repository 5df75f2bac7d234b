"""An item after it was taken: which names and expressions hold it, its context or its payload.

What is told from the text of one function is here; what calls do with an item is in `heeding`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from ..facts import model as m
from .envelopes import Envelope
from .handled import begins_batch, is_coroutine, is_target, parts_of_target
from .index import ModuleIndex
from .places import Place
from .resolve import Resolver
from .scope import Scope
from .suites import everything

_MAX_VISITS: Final = 400
COLLECTING: Final = frozenset({"append", "add", "appendleft", "insert"})
"""Methods that make something an element of a collection."""
_TESTING: Final = (m.Compare, m.Not, m.If, m.While, m.Evaluate, m.Raise, m.Augment)


class Held(Struct, frozen=True):
    """What an expression holds: an envelope, or without one a part of the payload.

    ``many``: a collection of such things.
    """

    envelope: Envelope | None = None
    many: bool = False

    @property
    def is_context(self) -> bool:
        return self.envelope is not None and self.envelope.is_context

    def part(self, key: object) -> Held:
        """What it holds at a key."""
        return Held(self.envelope.part(key) if self.envelope is not None else None)


class Way(Struct, frozen=True):
    """How the item came somewhere: the first call it was given to, and the calls behind that."""

    root: m.Call | None = None
    steps: tuple[Place, ...] = ()


class Use(Struct, frozen=True):
    """A call (or an await) that does something with an item, and how the item came there."""

    node: m.Call | m.Await
    module: ModuleIndex
    way: Way


class ItemFlow(ABC):
    """Follows one item; a work list of expressions that hold it or parts of it.

    ``heeded``: the context was put to use, or given away; ``lost``: the item went where nobody can
    follow.
    """

    def __init__(self, resolver: Resolver) -> None:
        self._resolver: Final = resolver
        self._roles: dict[tuple[Scope, str], Held] = {}
        self._work: deque[tuple[m.Expression, ModuleIndex, Held, Way]] = deque()
        self.heeded = False
        self.lost = False
        self.handled: list[Use] = []

    def take(self, item: m.Expression, module: ModuleIndex, held: Held) -> None:
        """An expression that is the item."""
        self._work.append((item, module, held, Way()))

    def take_into(self, target: m.Expression, module: ModuleIndex, held: Held) -> None:
        """The target of a loop over items."""
        self._bind(target, module, held, Way())

    def run(self) -> None:
        """Follow it everywhere."""
        visits = 0
        while self._work and not self.lost and visits < _MAX_VISITS:
            visits += 1
            self._visit(*self._work.popleft())
        self.lost = self.lost or bool(self._work)

    # --- one expression ------------------------------------------------------------------------

    def _visit(self, node: m.Expression, module: ModuleIndex, held: Held, way: Way) -> None:
        parent = module.parents.get(node)
        if parent is None or is_target(node, module) or isinstance(parent, _TESTING):
            return
        if isinstance(parent, m.Attribute):
            self._member(parent, module, held, way)
        elif isinstance(parent, m.Subscript):
            self._subscript(node, parent, module, held, way)
        elif isinstance(parent, m.Assign):
            for target in parent.targets:
                self._bind(target, module, held, way)
        elif isinstance(parent, m.Assigned):
            self._bind(parent.target, module, held, way)
            self._visit(parent, module, held, way)
        elif isinstance(parent, m.Call):
            if parent.func is node:
                self._called(parent, module, held, way)
            else:
                self._argument(node, parent, module, held, way)
        elif isinstance(parent, m.Keyword):
            call = module.parents.get(parent)
            if isinstance(call, m.Call):
                self._argument(node, call, module, held, way)
        elif isinstance(parent, m.For | m.Clause):
            self._iterated(node, parent, module, held, way)
        elif isinstance(parent, m.Return):
            self._returned(module.scope_of(node), held, way)
        elif isinstance(parent, m.Conditional) and parent.test is not node:
            self._visit(parent, module, held, way)
        elif isinstance(parent, m.Sequence) and begins_batch(parent, module):
            self._visit(parent, module, replace(held, many=True), way)
        elif isinstance(parent, m.Await) and held.envelope is None:
            if is_coroutine(node):
                self.handled.append(Use(parent, module, way))
            self._visit(parent, module, held, way)
        else:
            self._around(parent, module, held, way)

    def _around(self, parent: m.Node, module: ModuleIndex, held: Held, way: Way) -> None:
        """Expressions that only hold a part: of a payload, what they make is payload, too."""
        if isinstance(parent, m.Conditional | m.Formatted | m.Lambda) and held.envelope is not None:
            return
        if isinstance(parent, m.Opaque) and isinstance(module.parents.get(parent), m.Evaluate):
            return  # a del, an assert
        if isinstance(parent, m.Boolean) and isinstance(module.parents.get(parent), _TESTING):
            return
        if held.envelope is not None:
            self._escapes(held)
        elif isinstance(parent, m.Comprehension):
            self._visit(parent, module, Held(many=True), way)
        elif isinstance(
            parent, m.Sequence | m.Mapping | m.Starred | m.Opaque | m.Boolean | m.Formatted
        ):
            self._visit(parent, module, held, way)

    def _escapes(self, held: Held) -> None:
        """A context that goes anywhere was thought of; of an item that does, nothing is known."""
        if held.is_context:
            self.heeded = True
        elif held.envelope is not None:
            self.lost = True

    # --- parts ---------------------------------------------------------------------------------

    def _member(self, member: m.Attribute, module: ModuleIndex, held: Held, way: Way) -> None:
        call = module.parents.get(member)
        called = call if isinstance(call, m.Call) and call.func is member else None
        if held.envelope is None:
            self._visit(member, module, held, way)
        elif held.many:
            if member.attr not in (*COLLECTING, "clear", "sort", "reverse", "extend"):
                self.lost = True
        elif held.is_context:
            self._entry(member, called, module, way)
        elif held.envelope.part(member.attr) is not None:
            self._visit(member, module, held.part(member.attr), way)
        elif (method := self._method(held.envelope, member.attr)) is not None:
            self._method_called(method, called, module, held, way)
        elif called is not None and member.attr in ("get", "pop") and called.args:
            key = called.args[0]
            if isinstance(key, m.Constant):
                self._visit(called, module, held.part(key.value), way)
            else:
                self.lost = True
        elif held.envelope.cls is None and member.attr in dir(dict):
            self.lost = True
        else:
            self._visit(member, module, Held(), way)

    def _method(self, envelope: Envelope, name: str) -> Scope | None:
        return self._resolver.classes.method(envelope.cls, name) if envelope.cls else None

    def _subscript(
        self, node: m.Expression, parent: m.Subscript, module: ModuleIndex, held: Held, way: Way
    ) -> None:
        if parent.index is node:
            self._escapes(held)
        elif held.many:
            self._visit(parent, module, replace(held, many=False), way)
        elif held.envelope is None:
            self._visit(parent, module, held, way)
        elif isinstance(parent.index, m.Constant) and not held.is_context:
            self._visit(parent, module, held.part(parent.index.value), way)
        else:
            self._escapes(held)

    # --- names ---------------------------------------------------------------------------------

    def _bind(self, target: m.Expression, module: ModuleIndex, held: Held, way: Way) -> None:
        if isinstance(target, m.Name):
            scope = module.scope_of(target)
            home = self._resolver.binding_scope(target.id, scope) or scope
            self._name(home, target.id, held, way)
        elif isinstance(target, m.Sequence) and not held.is_context:
            for key, element in parts_of_target(target):
                self._bind(element, module, Held() if held.many else held.part(key), way)
            if held.many:
                self._escapes(held)
        else:
            self._escapes(held)

    def _name(self, home: Scope, name: str, held: Held, way: Way) -> None:
        known = self._roles.get((home, name))
        if known is not None:
            if known != held:
                self.lost = True  # one name for two things
            return
        self._roles[home, name] = held
        for node in everything(*home.body):
            if isinstance(node, m.Name) and node.id == name:
                where = home.module.scope_of(node)
                if where is home or self._resolver.binding_scope(name, where) is home:
                    self._work.append((node, home.module, held, way))

    def _iterated(
        self,
        node: m.Expression,
        loop: m.For | m.Clause,
        module: ModuleIndex,
        held: Held,
        way: Way,
    ) -> None:
        if loop.iter is not node:
            return
        if held.envelope is not None and not held.many:
            self._escapes(held)
            return
        one = replace(held, many=False)
        if isinstance(loop, m.For):
            self._bind(loop.target, module, one, way)
            return
        around = module.parents.get(loop)
        for key, element in ((None, loop.target), *parts_of_target(loop.target)):
            if isinstance(element, m.Name) and around is not None:
                part = one if key is None else one.part(key)
                for each in everything(around):
                    if isinstance(each, m.Name) and each.id == element.id:
                        self._work.append((each, module, part, way))

    # --- what calls do: see `heeding` ----------------------------------------------------------

    @abstractmethod
    def _called(self, call: m.Call, module: ModuleIndex, held: Held, way: Way) -> None:
        """What is held is called, or one of its methods is."""

    @abstractmethod
    def _argument(
        self, node: m.Expression, call: m.Call, module: ModuleIndex, held: Held, way: Way
    ) -> None:
        """What is held is given to a call."""

    @abstractmethod
    def _method_called(
        self, method: Scope, call: m.Call | None, module: ModuleIndex, held: Held, way: Way
    ) -> None:
        """A method of the item is used."""

    @abstractmethod
    def _returned(self, function: Scope, held: Held, way: Way) -> None:
        """A function returns what is held."""

    @abstractmethod
    def _entry(
        self, member: m.Attribute, call: m.Call | None, module: ModuleIndex, way: Way
    ) -> None:
        """Something is done with a context."""
