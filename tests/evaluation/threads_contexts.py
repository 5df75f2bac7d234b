"""Threads and what they are given: contexts, executors that wait, pools of workers."""

import asyncio
import contextvars
import functools
import queue
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from ctxlint.detached import create_detached_thread


def beat(name: str = "") -> None:
    while True:
        time.sleep(len(name))


def copied() -> None:
    threading.Thread(target=contextvars.copy_context().run, args=(beat,)).start()  # error: CTX102


def copied_and_kept() -> None:
    context = contextvars.copy_context()
    thread = threading.Thread(target=context.run, args=(beat, "kept"), daemon=True)  # error: CTX102
    thread.start()


def by_partial() -> None:
    target = functools.partial(beat, "partial")
    threading.Thread(target=target, daemon=True).start()  # error: CTX102


def by_lambda() -> None:
    threading.Thread(target=lambda: beat("lambda"), daemon=True).start()  # error: CTX102


def pool_of_threads(size: int) -> list[threading.Thread]:
    threads = []
    for number in range(size):
        thread = threading.Thread(target=beat, args=(str(number),), daemon=True)  # error: CTX102
        thread.start()
        threads.append(thread)
    return threads


def asynchronous() -> None:
    """asyncio within a thread."""
    threading.Thread(target=asyncio.run, args=(ticking(),), daemon=True).start()  # error: CTX102


async def ticking() -> None:
    while True:
        await asyncio.sleep(1)


def with_helper() -> None:
    """Nothing to report."""
    create_detached_thread(beat, "helper", daemon=True).start()


def with_context() -> None:
    """Nothing to report."""
    context = contextvars.Context()
    threading.Thread(target=context.run, args=(beat,), daemon=True).start()


def never_started() -> threading.Thread:
    """Work that ends: nothing to report."""
    return threading.Thread(target=print)


def in_pool(jobs: list[str]) -> None:
    """Nothing to report."""
    with ThreadPoolExecutor() as pool:
        for job in jobs:
            pool.submit(print, job)


async def in_default_pool() -> None:
    """Nothing to report."""
    await asyncio.get_running_loop().run_in_executor(None, time.sleep, 1)
    await asyncio.to_thread(time.sleep, 1)


def fan_out(jobs: list[str]) -> None:
    """Threads that end when there is nothing left: nothing to report."""
    pending: queue.Queue[str] = queue.Queue()
    for job in jobs:
        pending.put(job)

    def work() -> None:
        while True:
            try:
                print(pending.get_nowait())
            except queue.Empty:
                return

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def watch_process(process) -> None:
    """Reads one process's output to its end: nothing to report."""

    def read() -> None:
        for line in process.stdout:
            print(line)

    threading.Thread(target=read, daemon=True).start()
