# fix: may
"""`put(item, True, timeout)`, `put(item=...)`, and a fallback that drops what finds no place."""

import queue
import threading
from contextvars import ContextVar

USER: ContextVar[str] = ContextVar("user", default="nobody")


class Events:
    def __init__(self) -> None:
        self.seen: list[tuple[str, str]] = []
        self.dropped: list[str] = []
        self.gate = threading.Event()
        self._queue: queue.Queue[str] = queue.Queue(maxsize=2)
        self._thread: threading.Thread | None = None

    def record(self, event: str) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, daemon=True)
            self._thread.start()
        try:
            self._queue.put(event, True, 0.01)
        except queue.Full:
            self.dropped.append(event)

    def mark(self, event: str) -> None:
        self._queue.put(item=event, block=True, timeout=0.5)

    def _run(self) -> None:
        self.gate.wait()
        while True:
            event = self._queue.get(True, None)
            self.seen.append((USER.get(), event))
            self._queue.task_done()


# --- check ---
events = Events()
USER.set("alice")
for event in "abc":
    events.record(event)
events.gate.set()
events._queue.join()
events.mark("d")
events._queue.join()
assert events.dropped == ["c"]
assert [event for _, event in events.seen] == ["a", "b", "d"], events.seen
if FIXED:
    assert {user for user, _ in events.seen} == {"alice"}, events.seen
