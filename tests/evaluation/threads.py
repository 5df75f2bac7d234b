"""Worker threads: ``Thread``, its subclasses, executors that never give back."""

import asyncio
import queue
import threading
import time
from concurrent.futures import ThreadPoolExecutor


class Sender:
    """Started by the first event."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()

    def send(self, event: str) -> None:
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(  # error: CTX102
                    target=self._run, name="sender", daemon=True
                )
                self._thread.start()

    def _run(self) -> None:
        while not self._stop.is_set():
            time.sleep(1)

    def close(self) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join()


class Flusher(threading.Thread):
    """A subclass, started by whoever makes one."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._running = True

    def run(self) -> None:
        while self._running:
            time.sleep(1)


class Buffer:
    def __init__(self) -> None:
        self._flusher: Flusher | None = None

    def write(self, line: str) -> None:
        if self._flusher is None:
            self._flusher = Flusher()
            self._flusher.start()  # error: CTX102


class SelfStarting(threading.Thread):
    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.start()  # error: CTX102

    def run(self) -> None:
        while True:
            time.sleep(1)


def watch(path: str) -> SelfStarting:
    return SelfStarting()


class LoopThread:
    """An event loop of its own."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None

    def call(self) -> None:
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            threading.Thread(target=self._loop.run_forever, daemon=True).start()  # error: CTX102


class ForeverThread:
    """``run_until_complete`` of what never ends."""

    def call(self) -> None:
        threading.Thread(target=self._main, daemon=True).start()  # error: CTX102

    def _main(self) -> None:
        asyncio.new_event_loop().run_until_complete(self._forever())

    async def _forever(self) -> None:
        while True:
            await asyncio.sleep(1)


class Consumer:
    """``iter`` over a queue's ``get``; the sentinel is somebody else's wish to stop."""

    def __init__(self) -> None:
        self._queue: queue.Queue[None] = queue.Queue()

    def open(self) -> None:
        threading.Thread(target=self._consume).start()  # error: CTX102

    def _consume(self) -> None:
        for item in iter(self._queue.get, None):
            print(item)


class Single:
    """Work that ends: nothing to report."""

    def store(self, row: str) -> None:
        threading.Thread(target=self._store, args=(row,)).start()

    def _store(self, row: str) -> None:
        time.sleep(len(row))

    def load(self) -> None:
        thread = threading.Thread(target=self._retry)
        thread.start()

    def _retry(self) -> None:
        while True:
            try:
                time.sleep(1)
                return
            except OSError:
                continue


class OneShot(threading.Thread):
    def run(self) -> None:
        time.sleep(1)


def fire() -> None:
    OneShot().start()


class Joined:
    """Threads that end with the call: nothing to report."""

    def measure(self) -> None:
        stop = threading.Event()
        thread = threading.Thread(target=self._sample, args=(stop,))
        thread.start()
        try:
            time.sleep(1)
        finally:
            stop.set()
            thread.join()

    def measure_all(self) -> None:
        stop = threading.Event()
        threads = [threading.Thread(target=self._sample, args=(stop,)) for _ in range(3)]
        for thread in threads:
            thread.start()
        stop.set()
        for thread in threads:
            thread.join()

    def _sample(self, stop: threading.Event) -> None:
        while not stop.is_set():
            time.sleep(0.1)


class Sampling:
    """``with`` in the request ends it: nothing to report."""

    def __enter__(self) -> "Sampling":
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._sample)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _sample(self) -> None:
        while not self._stop.is_set():
            time.sleep(0.1)


def profile() -> None:
    with Sampling():
        time.sleep(1)


class Pooled:
    """An executor's threads start empty, on every Python."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(max_workers=1)

    def begin(self) -> None:
        self._pool.submit(self._run)

    def _run(self) -> None:
        while True:
            time.sleep(1)


def serve() -> None:
    while True:
        time.sleep(1)


def main() -> None:
    """Start-up: nothing to report."""
    threading.Thread(target=serve, daemon=True).start()
    Flusher().start()


_MONITOR = threading.Thread(target=serve, daemon=True)
_MONITOR.start()

if __name__ == "__main__":
    main()
