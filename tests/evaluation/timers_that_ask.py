"""A timer that arms itself again is a worker: what it asks its context for, no request has lost."""

import threading
from contextvars import ContextVar

user: ContextVar[str] = ContextVar("user", default="nobody")


def identify(name: str) -> None:
    user.set(name)


class Again:
    def touch(self) -> None:
        self._arm()

    def _arm(self) -> None:
        self._timer = threading.Timer(60, self._flush)  # error: CTX103
        self._timer.start()

    def _flush(self) -> None:
        print(user.get())
        self._arm()


class Once:
    """Work of the request, only later."""

    def touch(self) -> None:
        self._timer = threading.Timer(60, self._flush)  # error: CTX301
        self._timer.start()

    def _flush(self) -> None:
        print(user.get())
