# fix: may
"""A get with a time limit inside try, with `continue` when nothing came."""

import queue
import threading
from contextvars import ContextVar

USER: ContextVar[str] = ContextVar("user", default="nobody")


class Sender:
    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []
        self.idle = 0
        self.stopped = threading.Event()
        self._queue: queue.Queue[str] = queue.Queue()
        self.thread: threading.Thread | None = None

    def send(self, text: str) -> None:
        if self.thread is None:
            self.thread = threading.Thread(target=self._run, daemon=True)
            self.thread.start()
        self._queue.put(text)

    def _run(self) -> None:
        while not self.stopped.is_set():
            try:
                text = self._queue.get(timeout=0.01)
            except queue.Empty:
                self.idle += 1
                continue
            try:
                self.sent.append((USER.get(), text))
            finally:
                self._queue.task_done()


# --- check ---
import contextvars
import time

sender = Sender()


def request(user: str) -> None:
    USER.set(user)
    sender.send(user)


for user in ("alice", "bob"):
    contextvars.Context().run(request, user)
sender._queue.join()
time.sleep(0.05)
sender.stopped.set()
sender.thread.join(2)
assert not sender.thread.is_alive()
assert [text for _, text in sender.sent] == ["alice", "bob"]
assert sender.idle
if FIXED:
    assert sender.sent == [("alice", "alice"), ("bob", "bob")], sender.sent
