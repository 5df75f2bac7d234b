"""Copies on the side that hands the work over, and copies that hand on what a thread itself has."""

import asyncio
import contextvars
import functools
import queue
import threading
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar, copy_context

import anyio.to_thread

pool = ThreadPoolExecutor(4)
user = ContextVar("user", default=None)


def store(row):
    print(row)


def handle_submit(request):
    pool.submit(copy_context().run, store, request)


def handle_closure(request):
    ctx = copy_context()
    pool.submit(lambda: ctx.run(store, request))


def handle_nested(request):
    ctx = copy_context()

    def work():
        return ctx.run(store, request)

    pool.submit(work)


def handle_default(request):
    pool.submit(lambda ctx=copy_context(): ctx.run(store, request))


def handle_partial(request):
    pool.submit(functools.partial(copy_context().run, store, request))


def handle_passed(request):
    threading.Thread(target=in_thread, args=(copy_context(), request)).start()


def in_thread(ctx, request):
    ctx.run(store, request)


def handle_run_itself(request):
    copy_context().run(store, request)


async def handle_to_thread(request):
    await asyncio.to_thread(lambda: copy_context().run(store, request))


async def handle_anyio(request):
    await anyio.to_thread.run_sync(in_callers_context, request)


def in_callers_context(request):
    copy_context().run(store, request)


async def handle_task(request):
    asyncio.create_task(in_task(request))


async def in_task(request):
    ctx = copy_context()
    ctx.run(store, request)


def handle_call_soon(loop: asyncio.AbstractEventLoop, request):
    loop.call_soon_threadsafe(lambda: copy_context().run(store, request))


def handle_task_done(task: asyncio.Task):
    task.add_done_callback(lambda done: copy_context().run(store, done))


def handle_both_ways(request):
    either_side(request)
    pool.submit(either_side, request)


def either_side(request):
    copy_context().run(store, request)


def handle_hands_on(request):
    pool.submit(fan_out, request)


def fan_out(rows):
    ctx = copy_context()
    for row in rows:
        pool.submit(copy_context().run, store, row)
    pool.submit(lambda: ctx.run(store, rows))
    threading.Thread(target=copy_context().run, args=(store, rows)).start()


def handle_prepared(request):
    pool.submit(prepared, request)


def prepared(request):
    user.set(request.user)
    copy_context().run(store, request)


def handle_prepared_by_helper(request):
    pool.submit(prepared_by_helper, request)


def restore(request):
    user.set(request.user)


def prepared_by_helper(request):
    restore(request)
    ctx = copy_context()
    ctx.run(store, request)


def handle_prepared_above(request):
    pool.submit(prepared_above, request)


def prepared_above(request):
    with user_of(request):
        isolated(request)


def user_of(request):
    token = user.set(request.user)
    return token


def isolated(request):
    copy_context().run(store, request)


def handle_in_given_context(request):
    ctx = copy_context()
    pool.submit(ctx.run, isolated_again, request)


def isolated_again(request):
    copy_context().run(store, request)


class Captured(threading.Thread):
    def __init__(self, row):
        super().__init__()
        self._row = row
        self._ctx = copy_context()

    def run(self):
        self._ctx.run(store, self._row)


class ContextExecutor(ThreadPoolExecutor):
    def submit(self, fn, /, *args, **kwargs):
        return super().submit(copy_context().run, fn, *args, **kwargs)


context_pool = ContextExecutor()


def handle_context_pool(request):
    context_pool.submit(lambda: copy_context().run(store, request))


def carrying(function):
    ctx = copy_context()
    return lambda: ctx.run(function)


def handle_carrying(request):
    pool.submit(carrying(store))


async def handle_group(rows):
    ctx = copy_context()
    ctx.run(lambda: asyncio.create_task(in_task(rows)))


def handle_tasks_from_thread(rows):
    threading.Thread(target=run_loop, args=(rows,)).start()


def run_loop(rows):
    loop = asyncio.new_event_loop()
    ctx = copy_context()
    ctx.run(loop.create_task, in_task(rows))
    ctx.run(lambda: loop.create_task(in_task(rows)))
    loop.run_until_complete(in_task(rows))


def public_helper(function):
    return copy_context().run(function)


class Isolating:
    def __init__(self):
        self._queue = asyncio.Queue()

    def start(self):
        self._task = contextvars.Context().run(asyncio.create_task, self._drain())

    async def save(self, row):
        await self._queue.put((copy_context(), row))

    async def _drain(self):
        while True:
            ctx, row = await self._queue.get()
            ctx.run(store, row)
            copy_context().run(print, "done")


class Producing:
    def __init__(self):
        self._queue = queue.Queue()
        self._thread = threading.Thread(target=contextvars.Context().run, args=(self._drain,))

    def save(self, row):
        self._queue.put((copy_context(), row))

    def _drain(self):
        while True:
            ctx, row = self._queue.get()
            pool.submit(ctx.run, store, row)


def handle_detached(request):
    threading.Thread(target=contextvars.Context().run, args=(isolated_again, request)).start()


def handle_explicit_isolation(request):
    pool.submit(lambda: contextvars.Context().run(store, request))


def handle_fallback(request, ctx=None):
    def work():
        return (ctx if ctx is not None else copy_context()).run(store, request)

    pool.submit(work)


def handle_filled(request):
    pool.submit(filled, request)
    pool.submit(filled_by_helper, request)


def filled(request):
    ctx = copy_context()
    ctx.run(user.set, request.user)
    ctx.run(store, request)


def filled_by_helper(request):
    ctx = copy_context()
    ctx.run(restore, request)
    ctx.run(store, request)


def handle_steps(request):
    pool.submit(consume, request)


def consume(request):
    return list(steps(request))


def steps(request):
    ctx = copy_context()
    source = iter(request)
    while True:
        yield ctx.run(next, source)


registry = {}


def registered():
    copy_context().run(store, 1)


registry["job"] = registered


def handle_kept_for_the_caller(request):
    kept = []

    def work():
        store(request)
        kept.append(copy_context())

    pool.submit(work).result()
    return kept


class Polling(threading.Thread):
    """A worker's copy for each turn keeps the turns apart; nobody's context was meant."""

    def __init__(self, broker):
        super().__init__()
        self._broker = broker
        self._stopped = threading.Event()

    def run(self):
        while not self._stopped.is_set():
            for job in self._broker.fetch():
                copy_context().run(store, job)
            run_apart(self._broker.commit)


def run_apart(function):
    turn = copy_context()
    turn.run(function)
