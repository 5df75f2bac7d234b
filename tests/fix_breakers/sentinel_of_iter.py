# fix: may
"""`iter(get, STOP)` compares every item with STOP: a wrapped STOP would never be seen."""

import queue
import threading
from contextvars import ContextVar

USER: ContextVar[str] = ContextVar("user", default="nobody")
STOP = object()


class Writer:
    def __init__(self) -> None:
        self.written: list[str] = []
        self._items: queue.Queue[object] = queue.Queue()
        self._thread: threading.Thread | None = None

    def write(self, text: str) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, daemon=True)
            self._thread.start()
        self._items.put(text)

    def close(self) -> None:
        self._items.put(STOP)
        if self._thread is not None:
            self._thread.join(5)

    def _run(self) -> None:
        for item in iter(self._items.get, STOP):
            self.written.append(f"{USER.get()}: {item}")


# --- check ---
writer = Writer()
USER.set("alice")
writer.write("one")
writer.write("two")
writer.close()
assert not writer._thread.is_alive()
assert [each.split(": ")[1] for each in writer.written] == ["one", "two"], writer.written
if FIXED:
    assert writer.written == ["alice: one", "alice: two"], writer.written
