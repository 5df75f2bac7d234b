# fix: silent
"""The consumer is the standard library's: logging takes records from this queue."""

import logging
import logging.handlers
import queue
from contextvars import ContextVar

USER: ContextVar[str] = ContextVar("user", default="nobody")


class Log:
    def __init__(self, handler: logging.Handler) -> None:
        self._records: queue.Queue[logging.LogRecord] = queue.Queue()
        self._listener = logging.handlers.QueueListener(self._records, handler)
        self._started = False

    def write(self, record: logging.LogRecord) -> None:
        if not self._started:
            self._started = True
            self._listener.start()
        self._records.put(record)

    def close(self) -> None:
        self._listener.stop()


# --- check ---
import logging


class Keep(logging.Handler):
    messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())


log = Log(Keep())
log.write(logging.LogRecord("n", logging.INFO, "p", 1, "hello %s", ("you",), None))
log.close()
assert Keep.messages == ["hello you"]
