"""The user's rows in ``[tool.ctxlint]`` added to what is known of other people's functions."""

from __future__ import annotations

from . import apis
from .settings import Settings


def table_of(settings: Settings) -> apis.Table:
    """The table of API knowledge with the user's rows."""
    functions = [row.function for row in settings.entry_points if row.function]
    return apis.table(
        spawners=[
            apis.Spawner(
                row.call,
                row.kind,
                row.callee if isinstance(row.callee, int) else -1,
                row.callee if isinstance(row.callee, str) else None,
                arguments="rest",
                detached=row.detached,
            )
            for row in settings.spawners
        ],
        queues=[apis.QueueType(row.type, row.put, row.get) for row in settings.queues],
        request_decorators=[
            apis.EntryDecorator(owner_and_name[1], (owner_and_name[0],))
            for row in settings.entry_points
            if row.decorator
            for owner_and_name in [_split(row.decorator)]
        ],
        request_bases=[
            apis.EntryBase(row.base, row.methods) for row in settings.entry_points if row.base
        ],
        request_functions=functions,
        startup_functions=settings.startup_functions,
        detaching=settings.detaching_helpers,
        identity_fields=settings.identity_fields,
    )


def _split(dotted: str) -> tuple[str, str]:
    owner, _, name = dotted.rpartition(".")
    return owner, name
