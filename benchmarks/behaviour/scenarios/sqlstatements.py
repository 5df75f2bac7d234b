"""What llama-stack's database sees: each write, where it is made, and who owns the rows."""

from __future__ import annotations

from typing import Any

from observing import did
from sqlalchemy import event, text


def report_writes(store: Any, *prefixes: str) -> None:
    """Have each INSERT and UPDATE recorded under the row's id, known by how it begins."""

    @event.listens_for(store.sql_store._engine.sync_engine, "before_cursor_execute")
    def before(_c: Any, _k: Any, statement: str, parameters: Any, _x: Any, _many: bool) -> None:
        if statement.startswith(("INSERT", "UPDATE")):
            did(next(p for p in parameters if isinstance(p, str) and p.startswith(prefixes)))


async def owners(store: Any, table: str) -> dict[str, str]:
    """Who owns each row, whoever asks."""
    async with store.sql_store._engine.connect() as connection:
        rows = await connection.execute(text(f"SELECT id, owner_principal FROM {table}"))
        return {row[0]: row[1] for row in rows}
