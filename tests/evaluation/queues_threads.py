"""Items on a ``queue.Queue``, taken off by a thread that start-up code starts."""

import queue
import threading


class Logs:
    def __init__(self) -> None:
        self._queue: queue.Queue[str | None] = queue.Queue()

    def emit(self, line: str) -> None:
        try:
            self._queue.put(line, block=False)  # error: CTX201
        except queue.Full:
            print("dropped")

    def stop(self) -> None:
        self._queue.put_nowait(None)

    def run(self) -> None:
        while True:
            line = self._queue.get()
            if line is None:
                break
            print(line)


class Simple:
    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[str] = queue.SimpleQueue()

    def emit(self, line: str) -> None:
        self._queue.put(line)  # error: CTX201

    def run(self) -> None:
        for line in iter(self._queue.get, "STOP"):
            print(line)


class Spooler(threading.Thread):
    """The worker is the object that holds the queue."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.queue: queue.Queue[str] = queue.Queue()

    def print_out(self, page: str) -> None:
        self.queue.put(page)  # error: CTX201

    def run(self) -> None:
        while True:
            print(self.queue.get(timeout=10))


class Calls:
    """A queue of callables."""

    def __init__(self) -> None:
        self._queue: queue.Queue = queue.Queue()

    def defer(self, function, *args: object) -> None:
        self._queue.put((function, args))  # error: CTX201

    def run(self) -> None:
        while True:
            function, args = self._queue.get()
            function(*args)


class Unread:
    """Nobody takes anything off: nothing to report."""

    def __init__(self) -> None:
        self._queue: queue.Queue[str] = queue.Queue()

    def emit(self, line: str) -> None:
        self._queue.put(line)


class Polled:
    """Requests put, and requests take off: nothing to report."""

    def __init__(self) -> None:
        self._queue: queue.Queue[str] = queue.Queue()

    def emit(self, line: str) -> None:
        self._queue.put(line)

    def read(self) -> str:
        return self._queue.get_nowait()


def in_one_request(lines: list[str]) -> None:
    """A local queue: nothing to report."""
    local: queue.Queue[str | None] = queue.Queue()

    def consume() -> None:
        while True:
            line = local.get()
            if line is None:
                break
            print(line)

    thread = threading.Thread(target=consume)
    thread.start()
    for line in lines:
        local.put(line)
    local.put(None)
    thread.join()


def store(rows: queue.Queue) -> None:
    while True:
        print(rows.get())


def logged_apart(function):
    """A queue of one call, in the wrapper that a decorator returns: nothing to report."""

    def wrapper(*args):
        rows: queue.Queue = queue.Queue()
        threading.Thread(target=store, args=(rows,)).start()  # error: CTX102
        rows.put(args)
        return function(*args)

    return wrapper


def logged_together(function):
    """A queue of the decorator's own lasts as long as what it returns."""
    rows: queue.Queue = queue.Queue()
    threading.Thread(target=store, args=(rows,)).start()  # error: CTX102

    def wrapper(*args):
        rows.put(args)  # error: CTX201
        return function(*args)

    return wrapper


def main() -> None:
    Spooler().start()
    for target in (Logs().run, Simple().run, Calls().run):
        threading.Thread(target=target, daemon=True).start()


if __name__ == "__main__":
    main()
