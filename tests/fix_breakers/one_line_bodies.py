# fix: may
"""Loops and statements that share a line."""

import queue
import threading
from contextvars import ContextVar

USER: ContextVar[str] = ContextVar("user", default="nobody")


class Printer:
    def __init__(self) -> None:
        self.lines: list[str] = []
        self._queue: "queue.Queue[str]" = queue.Queue()
        self._thread: threading.Thread | None = None

    def print(self, line: str) -> None:
        if not self._thread:
            self._thread = threading.Thread(target=self._run, daemon=True)
            self._thread.start()
        self._queue.put(line)

    def _run(self) -> None:
        while True:
            line = self._queue.get()
            self.lines.append(line)
            self._queue.task_done()

    def wait(self) -> None:
        self._queue.join()


# --- check ---
printer = Printer()
for line in ("a", "b"):
    printer.print(line)
printer.wait()
assert printer.lines == ["a", "b"]
