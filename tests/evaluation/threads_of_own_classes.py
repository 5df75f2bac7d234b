"""Thread classes that are told what to run: what one object is given says nothing of others."""

import contextvars
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any


def poll() -> None:
    while True:
        time.sleep(1)


def send(row: str = "") -> None:
    time.sleep(len(row))


class Runner(threading.Thread):
    """Keeps the function."""

    def __init__(self, function: Callable[[], None], label: str = "") -> None:
        super().__init__(daemon=True)
        self._function = function
        self._label = label

    def run(self) -> None:
        self._function()


class Careful(Runner):
    """... and calls it two steps later."""

    def run(self) -> None:
        try:
            self._attempt()
        except OSError as error:
            print(self._label, error)

    def _attempt(self) -> None:
        self._function()


class Repeater(threading.Thread):
    """Calls it for ever."""

    def __init__(self, function: Callable[[], None]) -> None:
        super().__init__(daemon=True)
        self._function = function

    def run(self) -> None:
        while True:
            self._function()


class Told(threading.Thread):
    """Has no ``run``: that of Thread calls the target."""

    def __init__(self, function: Callable[..., None]) -> None:
        super().__init__(None, function, "told", daemon=True)


class Named(threading.Thread):
    def __init__(self, label: str, **more: Any) -> None:
        super().__init__(name=label, daemon=True, **more)


class Plain(threading.Thread):
    """Takes what Thread takes."""


class Pump(threading.Thread):
    """Its target is a method of its own."""

    def __init__(self) -> None:
        threading.Thread.__init__(self, target=self._pump)

    def _pump(self) -> None:
        while True:
            time.sleep(1)


class Sip(Pump):
    def _pump(self) -> None:
        time.sleep(1)


def carried(function: Callable[[], None]) -> Callable[[], None]:
    context = contextvars.copy_context()
    return function if not context else partial(context.run, function)


class Carrying(threading.Thread):
    """What it runs is made by a call, which sees to the context."""

    def __init__(self) -> None:
        threading.Thread.__init__(self, target=carried(self._pump))

    def _pump(self) -> None:
        while True:
            time.sleep(1)


class Desk:
    def __init__(self) -> None:
        self._thread: threading.Thread | None = None

    def keeps(self) -> None:
        if self._thread is None:
            self._thread = Runner(poll)
            self._thread.start()  # error: CTX102

    def keeps_by_name(self) -> None:
        thread = Careful(label="poll", function=poll)
        thread.start()  # error: CTX102

    def keeps_a_partial(self) -> None:
        Runner(partial(poll)).start()  # error: CTX102

    def keeps_a_method(self) -> None:
        Runner(self._watch).start()  # error: CTX102

    def _watch(self) -> None:
        while True:
            time.sleep(1)

    def repeats(self) -> None:
        Repeater(send).start()  # error: CTX102

    def tells(self) -> None:
        Told(poll).start()  # error: CTX102

    def tells_by_name(self) -> None:
        Named("poll", target=poll).start()  # error: CTX102
        Plain(target=partial(poll)).start()  # error: CTX102

    def makes_plain_ones(self) -> None:
        thread = Plain(target=poll, daemon=True)
        thread.start()  # error: CTX102

    def pumps(self) -> None:
        Pump().start()  # error: CTX102


_THREAD = None


def once_in_a_global() -> None:
    global _THREAD
    if _THREAD is None:
        _THREAD = Runner(poll)
        _THREAD.start()  # error: CTX102


class Clean:
    """The same classes, with work that ends, or in an empty context, or joined."""

    def keeps(self) -> None:
        Runner(send).start()
        Runner(partial(send, "row")).start()
        Careful(label="send", function=send).start()

    def unknown(self, function: Callable[[], None]) -> None:
        Runner(function).start()

    def tells(self) -> None:
        Told(send).start()
        Named("send", target=send).start()
        Named("nothing").start()
        Plain(target=send, daemon=True).start()
        Plain(None, send).start()
        Plain().start()

    def sips(self) -> None:
        Sip().start()
        Carrying().start()

    def empty(self) -> None:
        threading.Thread(target=lambda: contextvars.Context().run(poll)).start()
        Told(lambda: contextvars.Context().run(poll)).start()
        Plain(target=contextvars.Context().run, args=(poll,)).start()
        contextvars.Context().run(Runner(poll).start)

    def joined(self) -> None:
        thread = Runner(poll)
        thread.start()
        thread.join()

    def all_joined(self) -> None:
        threads = [Runner(poll), Careful(poll)]
        for thread in threads:
            thread.start()
        for each in threads:
            each.join()

    def __enter__(self) -> None:
        self._pump = Pump()
        self._pump.start()

    def __exit__(self, *_: object) -> None:
        self._pump.join()


def copied() -> None:
    threading.Thread(  # error: CTX102
        target=lambda: contextvars.copy_context().run(poll)  # error: CTX302
    ).start()


def within() -> None:
    with Clean():
        time.sleep(1)


def main() -> None:
    Runner(poll).start()
    Told(poll).start()
    Pump().start()


if __name__ == "__main__":
    main()
