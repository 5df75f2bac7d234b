# fix: none
"""What waits is saved when the program ends: pickled, which a WorkItem refuses."""

import pickle
import queue
import threading
from contextvars import ContextVar

USER: ContextVar[str] = ContextVar("user", default="nobody")


class Spool:
    def __init__(self) -> None:
        self.done: list[str] = []
        self.gate = threading.Event()
        self._queue: queue.Queue[str] = queue.Queue()
        self._thread: threading.Thread | None = None

    def add(self, text: str) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, daemon=True)
            self._thread.start()
        self._queue.put(text)

    def saved(self) -> bytes:
        return pickle.dumps(list(self._queue.queue))

    def _run(self) -> None:
        self.gate.wait()
        while True:
            self.done.append(self._queue.get())


# --- check ---
import pickle

spool = Spool()
spool.add("a")
spool.add("b")
assert pickle.loads(spool.saved()) == ["a", "b"]
