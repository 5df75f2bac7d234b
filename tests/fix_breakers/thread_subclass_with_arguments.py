# fix: may
"""A Thread subclass, started where it is made, with a `start` of its own."""

import threading
from contextvars import ContextVar

USER: ContextVar[str] = ContextVar("user", default="nobody")


class Heart(threading.Thread):
    def __init__(self, interval: float) -> None:
        super().__init__(name="heart", daemon=True)
        self.interval = interval
        self.beats = 0
        self.started = 0
        self.stopped = threading.Event()

    def start(self) -> None:
        self.started += 1
        super().start()

    def run(self) -> None:
        while not self.stopped.wait(self.interval):
            self.beats += 1


class Service:
    def __init__(self) -> None:
        self.heart: Heart | None = None

    def ensure(self) -> None:
        if self.heart is None:
            self.heart = Heart(0.001)
            self.heart.start()


# --- check ---
import time

service = Service()
service.ensure()
for _ in range(500):
    if service.heart.beats:
        break
    time.sleep(0.005)
assert service.heart.beats
assert service.heart.started == 1
assert (service.heart.name, service.heart.daemon) == ("heart", True)
service.heart.stopped.set()
