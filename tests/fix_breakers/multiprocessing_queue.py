# fix: may
"""What is put here is pickled: no context can travel with it."""

import multiprocessing
import threading
from contextvars import ContextVar

USER: ContextVar[str] = ContextVar("user", default="nobody")


class Bridge:
    def __init__(self) -> None:
        self.got: list[str] = []
        self._queue: "multiprocessing.Queue[str]" = multiprocessing.Queue()
        self._thread: threading.Thread | None = None

    def send(self, text: str) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, daemon=True)
            self._thread.start()
        self._queue.put(text)

    def _run(self) -> None:
        while True:
            text = self._queue.get()
            self.got.append(text)


# --- check ---
import time

bridge = Bridge()
bridge.send("hello")
for _ in range(200):
    if bridge.got:
        break
    time.sleep(0.01)
assert bridge.got == ["hello"]
