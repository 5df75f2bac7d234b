"""Copies that are made where the work runs: in lambdas, nested functions, methods and loops."""

import asyncio
import contextvars
import functools
import queue
import threading
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context

pool = ThreadPoolExecutor(4)


def store(row):
    print(row)


def handle_lambda(request):
    pool.submit(lambda: copy_context().run(store, request))  # error: CTX302


def handle_named_lambda(request):
    work = lambda: contextvars.copy_context().run(store, request)  # error: CTX302
    pool.submit(work)


def handle_nested(request):
    def work():
        ctx = copy_context()  # error: CTX302
        return ctx.run(store, request)

    return pool.submit(work)


async def handle_in_executor(request):
    def wrapper():
        return copy_context().run(store, request)  # error: CTX302

    loop = asyncio.get_running_loop()
    await loop.run_in_executor(None, wrapper)


async def handle_in_executor_by_lambda(request):
    loop = asyncio.get_running_loop()
    await loop.run_in_executor(
        None,
        lambda: copy_context().run(store, request),  # error: CTX302
    )


def handle_thread(request):
    threading.Thread(target=in_thread, args=(request,), daemon=True).start()


def in_thread(request):
    (ctx := contextvars.copy_context()).run(store, request)  # error: CTX302
    print(ctx)


def handle_timer(request):
    threading.Timer(5.0, later, (request,)).start()


def later(request):
    copy_context().run(store, request)  # error: CTX302


class Service:
    def __init__(self):
        self._pool = ThreadPoolExecutor(max_workers=2)

    def handle(self, request):
        self._pool.submit(self._work, request)

    def _work(self, request):
        ctx = copy_context()  # error: CTX302
        ctx.run(self._store, request)

    def _store(self, request):
        print(request)


class Flusher(threading.Thread):
    def __init__(self, rows):
        super().__init__(daemon=True)
        self._rows = rows

    def run(self):
        ctx = copy_context()  # error: CTX302
        ctx.run(store, self._rows)


class Keeper(threading.Thread):
    def run(self):
        self._ctx = copy_context()  # error: CTX302
        self._ctx.run(store, 1)


def handle_partial(request):
    pool.submit(functools.partial(in_pool, request, retries=3))


def in_pool(request, retries):
    for _ in range(retries):
        copy_context().run(store, request)  # error: CTX302


def handle_deep(request):
    pool.submit(outer, request)


def outer(request):
    print("running")
    inner(request)


def inner(request):
    copy_context().run(store, request)  # error: CTX302


def handle_map(rows):
    with ThreadPoolExecutor() as executor:
        return list(executor.map(lambda row: copy_context().run(store, row), rows))  # error: CTX302


def handle_done(request):
    future = pool.submit(copy_context().run, store, request)
    future.add_done_callback(lambda done: copy_context().run(store, done))  # error: CTX302


def in_background(function, *arguments):
    threading.Thread(target=function, args=arguments).start()


def handle_wrapped(request):
    in_background(wrapped, request)


def wrapped(request):
    copy_context().run(store, request)  # error: CTX302


def keeping_context(function):
    def run(*arguments):
        return copy_context().run(function, *arguments)  # error: CTX302

    return run


def handle_made(request):
    pool.submit(keeping_context(store), request)


def handle_unknown_pool(executor, request):
    executor.submit(lambda: copy_context().run(store, request))  # error: CTX302


class ContextExecutor(ThreadPoolExecutor):
    def submit(self, fn, /, *args, **kwargs):
        return super().submit(lambda: copy_context().run(fn, *args, **kwargs))  # error: CTX302


def snapshot():
    return copy_context()


def handle_by_helper(request):
    pool.submit(lambda: snapshot().run(store, request))  # error: CTX302


async def save(row):
    ctx = copy_context()  # error: CTX302
    ctx.run(store, row)


def handle_coroutine(row):
    threading.Thread(target=lambda: asyncio.run(save(row))).start()


async def load(row):
    copy_context().run(store, row)  # error: CTX302


def handle_submitted_coroutine(row):
    pool.submit(asyncio.run, load(row))


class Writer:
    def __init__(self):
        self._queue = asyncio.Queue()

    def start(self):
        self._task = contextvars.Context().run(asyncio.create_task, self._drain())

    async def save(self, row):
        await self._queue.put(row)  # error: CTX201

    async def _drain(self):
        while True:
            row = await self._queue.get()
            copy_context().run(store, row)  # error: CTX302


class ThreadWriter:
    def __init__(self):
        self._queue = queue.Queue()
        self._thread = threading.Thread(target=contextvars.Context().run, args=(self._drain,))
        self._thread.start()

    def save(self, row):
        self._queue.put(row)  # error: CTX201

    def _drain(self):
        while True:
            row = self._queue.get()
            ctx = copy_context()  # error: CTX302
            ctx.run(store, row)


class OnceForAllTurns(threading.Thread):
    def run(self):
        copy_context().run(self.serve)  # error: CTX302

    def serve(self):
        while True:
            store(1)
