"""Consumers that handle items outside the context that these carry: each get judged by itself."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from msgspec import Struct

from ..facts import model as m
from .envelopes import Carried, Envelopes
from .heeding import Heeding, first
from .index import ModuleIndex
from .items import Held, Use
from .places import Place
from .queues import Get, Put, Queue
from .takings import Hindrance, received_item
from .trees import last_name, offset

if TYPE_CHECKING:
    from .program import Program

Kind = Literal["handled", "relayed", "made"]
"""What is done outside: the work itself; passing on the payload; or all of a coroutine's body,
which is only made inside."""


class Unheeded(Struct, frozen=True):
    """A consumer that loses what its items carry.

    ``at`` is what is reported; ``use`` is the call behind it that does the work.
    """

    kind: Kind
    get: Get
    queue: Queue
    carried: Carried
    module: ModuleIndex
    at: m.Node
    use: Use

    @property
    def steps(self) -> tuple[Place, ...]:
        """Captured → put → made → taken → given to functions."""
        put, get = self.carried.put, self.get
        captured = self.carried.envelope.captured
        return (
            *((captured,) if captured is not None else ()),
            Place(put.module, put.call.at, f"{put.scope.label} puts the item"),
            Place(self.queue.module, self.queue.made.at, "the queue is made here"),
            Place(get.module, offset(get.node), f"{get.scope.label} takes the item"),
            *self.use.way.steps,
        )


class UnheededItems:
    """Judges every get of the queues whose items carry a context."""

    def __init__(self, program: Program) -> None:
        self._program: Final = program
        self.envelopes: Final = Envelopes(program)

    def in_file(self, path: Path) -> Iterator[Unheeded]:
        """The findings of one file, each place once, in source order."""
        if self._program.sieve.may_take(path):
            yield from self._found.get(path, ())

    @cached_property
    def _found(self) -> dict[Path, list[Unheeded]]:
        by_node: dict[m.Node, Unheeded] = {}
        for queue in self._program.queues.all():
            carried = self.carried(queue)
            for get in queue.gets if carried is not None else ():
                for each in self.judge(get, queue):
                    by_node.setdefault(each.at, each)
        found: dict[Path, list[Unheeded]] = {}
        for each in sorted(by_node.values(), key=lambda each: offset(each.at)):
            found.setdefault(each.module.path, []).append(each)
        return found

    def carried(self, queue: Queue) -> Carried | None:
        """What carries the context of all that is put on a queue, by requests among others."""
        carried = self.envelopes.of_queue(queue)
        if carried is None or not any(self._is_of_request(put, queue) for put in queue.puts):
            return None
        return carried

    def _is_of_request(self, put: Put, queue: Queue) -> bool:
        """Whether a put can leave the work of a request to somebody else."""
        handoffs = self._program.handoffs
        if put.item is None or self._program.markers.is_marker(put.item, put.scope):
            return False
        if not handoffs.outlives_request(put, queue):
            return False
        return handoffs.reach(put).in_request or self.envelopes.is_passed_on(put)

    def flow(self, get: Get, carried: Carried) -> Heeding | None:
        """All that becomes of what a get takes; None where that cannot be told."""
        flow = Heeding(self._program, self.envelopes)
        held = Held(carried.envelope)
        if isinstance(get.node, m.For) and not get.node.is_async:
            return None  # looks at what is there, and takes nothing
        target = _loop_target(get)
        if target is not None:
            flow.take_into(target, get.module, held)
        elif isinstance(get.node, m.Attribute):
            try:
                flow.take(received_item(get.node, get), get.module, held)
            except Hindrance:
                return None
        flow.run()
        return None if flow.lost else flow

    def judge(self, get: Get, queue: Queue) -> list[Unheeded]:
        """What is wrong with what a get's function does; nothing if it is not known all the way."""
        carried = self.carried(queue)
        flow = self.flow(get, carried) if carried is not None else None
        if carried is None or flow is None or flow.heeded:
            return []
        if flow.outside:
            return [
                Unheeded("made", get, queue, carried, use.module, use.node, use)
                for use in flow.outside
            ]
        uses = [*flow.relayed, *flow.handled]
        if flow.run_in or not uses or self._serves_request(get):
            return []
        use = first(uses)
        kind: Kind = "relayed" if use in flow.relayed else "handled"
        return [Unheeded(kind, get, queue, carried, get.module, _reported(use, get), use)]

    def _serves_request(self, get: Get) -> bool:
        """Whether a request takes the items itself, and handles them in a context of its own."""
        reach = self._program.scopes.reach(get.node, get.module, through_workers=False)
        return reach.ending == "request"


def _loop_target(get: Get) -> m.Expression | None:
    """What a loop binds: ``async for x in queue``, ``for x in iter(queue.get, STOP)``."""
    if isinstance(get.node, m.For):
        return get.node.target
    call = get.module.parents.get(get.node)
    if not isinstance(call, m.Call) or last_name(call.func) != "iter":
        return None
    loop = get.module.parents.get(call)
    return loop.target if isinstance(loop, m.For) else None


def _reported(use: Use, get: Get) -> m.Node:
    """The call in the consumer's module that is to be run in the context; else the get."""
    at = use.way.root or use.node
    if isinstance(at, m.Call) and at in get.module.parents:
        return at
    call = get.module.parents.get(get.node)
    return call if isinstance(call, m.Call) else get.node
