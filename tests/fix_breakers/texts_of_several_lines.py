# fix: applied
"""The body that is indented holds texts of several lines, continued lines and odd comments."""

import asyncio
from contextvars import ContextVar

USER: ContextVar[str] = ContextVar("user", default="nobody")


class Store:
    def __init__(self) -> None:
        self.done: list[str] = []
        self._queue: asyncio.Queue[str] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    def save(self, row: str) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._run())
        self._queue.put_nowait(row)

    async def _run(self) -> None:
        while True:
            row = await self._queue.get()
            # a comment that stands too far left
            sql = """
INSERT INTO rows
    VALUES (?, ?)
  -- never indented
"""
            total = 1 + 2
            text = f"""{row}
  kept"""

            def nested() -> str:
                return """
deep"""
                # the end of nested

            self.done.append(sql + text + nested() + str(total) + USER.get())
            len(sql)
            self._queue.task_done()
        # after all


# --- check ---
import asyncio


async def scenario() -> None:
    store = Store()
    USER.set("alice")
    store.save("row")
    await asyncio.wait_for(store._queue.join(), 2)
    [done] = store.done
    assert done == (
        "\nINSERT INTO rows\n    VALUES (?, ?)\n  -- never indented\nrow\n  kept\ndeep3alice"
    ), done


asyncio.run(scenario())
