"""The one thread that analyses.

The event loop answers the editor meanwhile. A session is no thing for two threads, so there is
one; it is a daemon, for when the editor leaves, nobody waits for an analysis to end.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Final, TypeVar

# What the limits of `hazards.py` were measured with is 8 MB, which other platforms give only to
# the first thread.
_STACK: Final = 32 * 1024 * 1024

Result = TypeVar("Result")


class Worker:
    """Runs what it is given, one after the other."""

    def __init__(self) -> None:
        self._jobs: Final[SimpleQueue[Callable[[], None]]] = SimpleQueue()
        before = threading.stack_size(_STACK)
        try:
            threading.Thread(target=self._work, name="analysis", daemon=True).start()
        finally:
            threading.stack_size(before)

    async def run(self, job: Callable[[], Result]) -> Result:
        """The result of a job, or what it raised.  Whoever stops waiting lets it be skipped."""
        future: Future[Result] = Future()

        def do() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                result = job()
            except Exception as error:
                future.set_exception(error)
            else:
                future.set_result(result)

        self._jobs.put(do)
        return await asyncio.wrap_future(future)

    def _work(self) -> None:
        while True:
            self._jobs.get()()
