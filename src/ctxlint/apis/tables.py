"""All rows that an analysis works with."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from msgspec import Struct

from .names import PAIRS
from .queues import QUEUES
from .requests import REQUEST_BASES, REQUEST_DECORATORS
from .rows import EntryBase, EntryDecorator, QueueType, Spawner
from .running import DETACHING, SPAWNERS
from .startup import STARTUP_BASES, STARTUP_DECORATORS


class Table(Struct, frozen=True, dict=True):
    """All rows that an analysis works with: the built-in ones and the user's."""

    spawners: tuple[Spawner, ...]
    queues: tuple[QueueType, ...]
    request_decorators: tuple[EntryDecorator, ...]
    request_bases: tuple[EntryBase, ...]
    startup_decorators: tuple[EntryDecorator, ...]
    startup_bases: tuple[EntryBase, ...]
    request_functions: tuple[str, ...] = ()
    startup_functions: tuple[str, ...] = ()
    detaching: tuple[str, ...] = ()
    identity_fields: frozenset[str] = frozenset()

    @cached_property
    def spawner_by_name(self) -> dict[str, Spawner]:
        return {row.name: row for row in self.spawners}

    @cached_property
    def spawner_by_method(self) -> dict[str, Spawner]:
        """Rows that a method name alone identifies; the first row of a name wins."""
        found: dict[str, Spawner] = {}
        for row in self.spawners:
            if row.by_name:
                found.setdefault(row.name.rpartition(".")[2], row)
        return found

    @cached_property
    def spawner_words(self) -> frozenset[str]:
        """Last names of all spawners: what to search a file for."""
        return frozenset(row.name.rpartition(".")[2] for row in self.spawners) | {"Thread"}

    @cached_property
    def spawn_tokens(self) -> frozenset[str]:
        """Words without which a file spawns nothing that can be reported."""
        common = {"start", "submit", "Task", "gather"}
        reported = {row.name.rpartition(".")[2] for row in self.spawners if row.kind != "executor"}
        return frozenset(reported - common) | {
            "asyncio.Task",
            "TaskGroup",
            "create_task_group",
            "open_nursery",
            "Nursery",
        }

    @cached_property
    def crossing_tokens(self) -> frozenset[str]:
        """Words of which a file holds one that gives work to threads, ``map`` left aside."""
        rows = (row for row in self.spawners if row.kind in ("executor", "thread"))
        words = {row.name.rpartition(".")[2] for row in rows if not row.many}
        return frozenset(words - {"add_done_callback"}) | {"Timer"}

    @cached_property
    def put_tokens(self) -> frozenset[str]:
        """Words without which a file puts nothing on a queue."""
        return frozenset(name for row in self.queues for name in row.put) - {"append", "appendleft"}

    @cached_property
    def get_tokens(self) -> frozenset[str]:
        """Words without which a file takes nothing off a queue, but by a loop over it."""
        return frozenset(name for row in self.queues for name in row.get)

    @cached_property
    def queue_by_type(self) -> dict[str, QueueType]:
        return {row.name: row for row in self.queues}

    @cached_property
    def queue_words(self) -> frozenset[str]:
        """Names by which queues are made."""
        makers = {name.rpartition(".")[2] for name in PAIRS}
        return frozenset(row.name.rpartition(".")[2] for row in self.queues) | makers


def table(
    *,
    spawners: Iterable[Spawner] = (),
    queues: Iterable[QueueType] = (),
    request_decorators: Iterable[EntryDecorator] = (),
    request_bases: Iterable[EntryBase] = (),
    request_functions: Iterable[str] = (),
    startup_functions: Iterable[str] = (),
    detaching: Iterable[str] = (),
    identity_fields: Iterable[str] = (),
) -> Table:
    """The built-in rows together with the user's; the user's come first and win."""
    return Table(
        spawners=(*spawners, *SPAWNERS),
        queues=(*queues, *QUEUES),
        request_decorators=(*request_decorators, *REQUEST_DECORATORS),
        request_bases=(*request_bases, *REQUEST_BASES),
        startup_decorators=STARTUP_DECORATORS,
        startup_bases=STARTUP_BASES,
        request_functions=tuple(request_functions),
        startup_functions=tuple(startup_functions),
        detaching=(*DETACHING, *detaching),
        identity_fields=frozenset(identity_fields),
    )
