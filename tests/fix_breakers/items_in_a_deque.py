# fix: none
"""Rows without a user are everybody's; items wait in a deque, and an event says that there are some."""
import asyncio
from collections import deque
from contextvars import ContextVar

USER: ContextVar[str] = ContextVar("user", default="PUBLIC")


class Store:
    def __init__(self) -> None:
        self.rows: list[tuple[str, str]] = []
        self._pending: deque[str] = deque()
        self._some = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def save(self, text: str) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._run())
        self._pending.append(text)
        self._some.set()

    async def _run(self) -> None:
        while True:
            await self._some.wait()
            self._some.clear()
            while self._pending:
                self.rows.append((USER.get(), self._pending.popleft()))


def handle(store: Store, user: str, text: str) -> None:
    USER.set(user)
    store.save(text)


# --- check ---
import asyncio


async def scenario() -> None:
    store = Store()
    handle(store, "alice", "secret")
    await asyncio.sleep(0.2)
    assert store.rows == [("alice", "secret")], store.rows


asyncio.run(scenario())
