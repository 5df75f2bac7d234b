"""The user's rows in ``[tool.ctxlint]`` added to what is known of other people's functions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from . import apis
from .rows import Role
from .settings import Settings
from .supply import Helper, chosen_helpers


def table_of(settings: Settings) -> apis.Table:
    """The table of API knowledge with the user's rows."""
    functions = [row.function for row in settings.entry_points if row.function]
    helpers = chosen_helpers(settings)
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
        ]
        + _helper_rows(helpers),
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
        detaching=(
            *settings.detaching_helpers,
            *(helper.dotted for role, helper in helpers.items() if role in _DETACHING),
        ),
        identity_fields=settings.identity_fields,
    )


_DETACHING: Final = ("task", "thread", "run")


def _helper_rows(helpers: Mapping[Role, Helper]) -> list[apis.Spawner]:
    """What the helpers that the settings name start: the same as those of ctxlint.detached."""
    rows = []
    if task := helpers.get("task"):
        rows.append(apis.Spawner(task.dotted, "task", 0, "coro", detached=True))
    if thread := helpers.get("thread"):
        rows.append(apis.Spawner(thread.dotted, "thread", 0, "target", "args", detached=True))
    return rows


def _split(dotted: str) -> tuple[str, str]:
    owner, _, name = dotted.rpartition(".")
    return owner, name
