"""One queue, with everything that happens to it: plain data, filled in by `flow`."""

from __future__ import annotations

from typing import Final

from msgspec import Struct, field

from ..facts import model as m
from .index import ModuleIndex
from .scope import Scope

_BLOCKING: Final = ("queue.", "collections.", "janus.")
"""Types whose gets return the item itself; of a janus queue, those of one half do."""


class Put(Struct, frozen=True, eq=False):
    """An item put on a queue; ``item`` is None where the call gives none.

    ``handed`` says that the call is given the put as a function: ``call_soon(queue.put, x)``.
    """

    call: m.Call
    module: ModuleIndex
    item: m.Expression | None
    handed: bool = False

    @property
    def scope(self) -> Scope:
        return self.module.scope_of(self.call)


class Get(Struct, frozen=True, eq=False):
    """A place where items are taken off a queue: a call, or a loop over the queue."""

    node: m.Node
    module: ModuleIndex
    type: str

    @property
    def scope(self) -> Scope:
        return self.module.scope_of(self.node)

    @property
    def asynchronous(self) -> bool:
        """Whether the get only makes a coroutine, which takes the item when it is awaited."""
        name = self.node.attr if isinstance(self.node, m.Attribute) else ""
        return not self.type.startswith(_BLOCKING) and not name.endswith("_nowait")


class Queue(Struct, eq=False):
    """One queue (by the call that makes it) and everything that happens to it.

    ``slots`` are the names and attributes that hold it, ``givers`` the functions that return it,
    ``occurrences`` all expressions that can be it, or a collection that holds it,
    ``escapes`` the references that are none of the uses that are understood; ``unsure`` those
    that may be references: attributes of the same name, of objects of which nothing is known.
    """

    made: m.Call
    module: ModuleIndex
    type: str
    puts: list[Put] = field(default_factory=list)
    gets: list[Get] = field(default_factory=list)
    shared: bool = False
    homes: set[Scope] = field(default_factory=set)
    owners: set[Scope] = field(default_factory=set)
    slots: set[tuple[Scope, str]] = field(default_factory=set)
    givers: set[Scope] = field(default_factory=set)
    occurrences: set[m.Node] = field(default_factory=set)
    escapes: list[tuple[m.Node, ModuleIndex]] = field(default_factory=list)
    unsure: list[tuple[m.Node, ModuleIndex]] = field(default_factory=list)

    @property
    def scope(self) -> Scope:
        """The scope that makes the queue."""
        return self.module.scope_of(self.made)

    def tidy(self) -> None:
        """Leave everything once that was met on several ways."""
        self.puts = list({put.call: put for put in self.puts}.values())
        self.gets = list({get.node: get for get in self.gets}.values())
        self.escapes = list({escape[0]: escape for escape in self.escapes}.values())
        self.unsure = list({each[0]: each for each in self.unsure}.values())
