"""Workers that are started by one method and ended by another, in a finally of whoever calls."""

import queue
import threading


class Crawler:
    """Its threads live as long as one call of crawl()."""

    def __init__(self) -> None:
        self._pages = queue.Queue()

    def _start(self) -> None:
        self._crew = []
        for _ in range(4):
            thread = threading.Thread(target=self._fetch, daemon=True)
            thread.start()
            self._crew.append(thread)

    def _finish(self) -> None:
        for _ in self._crew:
            self._pages.put(None)
        for thread in self._crew:
            thread.join()

    def _fetch(self) -> None:
        while True:
            page = self._pages.get()
            if page is None:
                break
            print(page)

    def crawl(self, page: str) -> None:
        self._start()
        try:
            self._pages.put(page)
        finally:
            self._finish()

    def crawl_all(self, pages: list[str]) -> None:
        try:
            self._start()
            for page in pages:
                self._pages.put(page)
        finally:
            self._finish()


class Follower:
    """One of its callers leaves the thread running."""

    def _start(self) -> None:
        thread = threading.Thread(target=self._follow, daemon=True)  # error: CTX102
        self._thread = thread
        thread.start()

    def _follow(self) -> None:
        while True:
            print(self._next())

    def once(self) -> None:
        self._start()
        try:
            print("following")
        finally:
            self._thread_ended()

    def for_ever(self) -> None:
        self._start()

    def _thread_ended(self) -> None:
        self._thread.join()


class Watcher:
    """What its caller does in the end leaves the thread alone."""

    def _start(self) -> None:
        self._thread = threading.Thread(target=self._watch, daemon=True)  # error: CTX102
        self._thread.start()

    def _watch(self) -> None:
        while True:
            print(self._next())

    def watch(self) -> None:
        self._start()
        try:
            print("watching")
        finally:
            self._log()

    def _log(self) -> None:
        print(self._thread.name)


class Recorder:
    """Something else may fail between the start and the try: the finally does not see it."""

    def _start(self) -> None:
        self._thread = threading.Thread(target=self._record, daemon=True)  # error: CTX102
        self._thread.start()

    def _record(self) -> None:
        while True:
            print(self._next())

    def record(self) -> None:
        self._start()
        self._prepare()
        try:
            print("recording")
        finally:
            self._thread_ended()

    def _thread_ended(self) -> None:
        self._thread.join()


class Keeper:
    """Whether its thread ends with the call is up to whoever makes the object."""

    def __init__(self, keep: bool) -> None:
        self._keep = keep

    def _start(self) -> None:
        self._thread = threading.Thread(target=self._work, daemon=True)  # error: CTX102
        self._thread.start()

    def _work(self) -> None:
        while True:
            print(self._next())

    def session(self) -> None:
        try:
            self._start()
        finally:
            if not self._keep:
                self._end()

    def _end(self) -> None:
        self._thread.join()
