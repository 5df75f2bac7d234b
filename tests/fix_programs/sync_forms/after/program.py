"""Threads and timers, in a style of two imports a line."""
import queue, threading
import typing as t

from ctxlint.detached import (
    WorkItem,
    activate_request_context,
    create_detached_thread,
    run_detached,
)


class Sender:
    STOP: t.Final = object()

    def __init__(self):
        self._queue = queue.Queue(maxsize=100)
        self._thread = None

    def send(self, event, timeout=None):
        if self._thread is None or not self._thread.is_alive():
            self._thread = create_detached_thread(target=self._run, name="sender", daemon=True); self._thread.start()
        try:
            self._queue.put(WorkItem(event), timeout=timeout)
        except queue.Full: return False
        return True

    def close(self):
        self._queue.put(self.STOP)

    def _run(self):
        while True:
            work = self._queue.get()
            if work == self.STOP:
                break
            with activate_request_context(work.context):
                event = work.payload
                self._post(event)
                self._queue.task_done()

    def _post(self, event): print(event)


class Heartbeat:
    def __init__(self, loop):
        self.loop = loop
        self.handle = None

    def ensure(self):
        if self.handle is None: self.handle = run_detached(self.loop.call_later, 10, self._beat)

    def _beat(self):
        self.handle = self.loop.call_later(10, self._beat)
