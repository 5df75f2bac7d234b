# fix: none
"""The producer looks for an equal item inside the queue."""

import queue
import threading
from contextvars import ContextVar

USER: ContextVar[str] = ContextVar("user", default="nobody")


class Refresher:
    def __init__(self) -> None:
        self.done: list[str] = []
        self.gate = threading.Event()
        self._queue: queue.Queue[str] = queue.Queue()
        self._thread: threading.Thread | None = None

    def refresh(self, key: str) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, daemon=True)
            self._thread.start()
        if key not in self._queue.queue:
            self._queue.put(key)

    def wait(self) -> None:
        self._queue.join()

    def _run(self) -> None:
        self.gate.wait()
        while True:
            key = self._queue.get()
            self.done.append(key)
            self._queue.task_done()


# --- check ---
refresher = Refresher()
for key in ("a", "b", "a", "a"):
    refresher.refresh(key)
refresher.gate.set()
refresher.wait()
assert refresher.done == ["a", "b"], refresher.done
