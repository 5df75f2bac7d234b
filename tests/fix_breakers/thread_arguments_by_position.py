# fix: may
"""Thread's first positional parameter is `group`, which nobody else has."""

import threading
from contextvars import ContextVar

USER: ContextVar[str] = ContextVar("user", default="nobody")


class Service:
    def __init__(self) -> None:
        self.beats: list[str] = []
        self.beaten = threading.Event()
        self.stopped = threading.Event()
        self.thread: threading.Thread | None = None

    def ensure(self) -> None:
        if self.thread is None:
            self.thread = threading.Thread(None, self._run, "heart", ("a",), {"second": "b"})
            self.thread.daemon = True
            self.thread.start()

    def _run(self, first: str, second: str) -> None:
        while not self.stopped.wait(0.001):
            self.beats.append(first + second)
            self.beaten.set()


# --- check ---
service = Service()
service.ensure()
assert service.beaten.wait(2)
assert service.thread.name == "heart"
assert service.thread.daemon
assert service.beats[0] == "ab"
service.stopped.set()
