"""One context for several runs that can overlap: loops, comprehensions, maps, pairs, instances."""

import asyncio
import contextvars
import functools
import threading
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context, copy_context
from multiprocessing.pool import ThreadPool

pool = ThreadPoolExecutor(4)
process_context = copy_context()


def store(row, again=False):
    print(row, again)


async def save(row):
    print(row)


def loop(rows):
    ctx = copy_context()
    for row in rows:
        pool.submit(ctx.run, store, row)  # error: CTX303


def loop_collecting(rows):
    ctx = copy_context()
    futures = []
    for row in rows:
        futures.append(pool.submit(ctx.run, store, row))  # error: CTX303
    return [future.result() for future in futures]


def comprehension(rows):
    ctx = copy_context()
    return [pool.submit(ctx.run, store, row) for row in rows]  # error: CTX303


def dict_comprehension(rows):
    ctx = copy_context()
    return {row: pool.submit(ctx.run, store, row) for row in rows}  # error: CTX303


def threads(rows):
    ctx = copy_context()
    workers = [threading.Thread(target=ctx.run, args=(store, row)) for row in rows]  # error: CTX303
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()


def mapped(rows):
    ctx = copy_context()
    with ThreadPoolExecutor() as executor:
        return list(executor.map(ctx.run, rows))  # error: CTX303


def mapped_partial(rows):
    ctx = copy_context()
    return list(pool.map(functools.partial(ctx.run, store), rows))  # error: CTX303


def mapped_in_place(rows):
    return list(pool.map(functools.partial(copy_context().run, store), rows))  # error: CTX303


def mapped_lambda(rows):
    ctx = copy_context()
    return list(pool.map(lambda row: ctx.run(store, row), rows))  # error: CTX303


def mapped_nested(rows):
    ctx = copy_context()

    def in_context(row):
        return ctx.run(store, row)

    with ThreadPool(4) as threads:
        return threads.map(in_context, rows)  # error: CTX303


def alias(rows):
    run = copy_context().run
    for row in rows:
        pool.submit(run, store, row)  # error: CTX303


def alias_partial(rows):
    run = functools.partial(copy_context().run, store)
    for row in rows:
        pool.submit(run, row)  # error: CTX303


def nested_submitted(rows):
    ctx = copy_context()

    def in_context(row):
        return ctx.run(store, row)

    for row in rows:
        pool.submit(in_context, row)  # error: CTX303


def nested_that_submits(rows):
    ctx = copy_context()

    def start(row):
        return pool.submit(ctx.run, store, row)  # error: CTX303

    for row in rows:
        start(row)


def passed_on(rows):
    ctx = copy_context()
    for row in rows:
        pool.submit(in_given, ctx, row)  # error: CTX303


def in_given(ctx: Context, row):
    ctx.run(store, row)


def given(ctx: Context, rows):
    for row in rows:
        pool.submit(ctx.run, store, row)  # error: CTX303


def start_in(ctx, row):
    return pool.submit(ctx.run, store, row)  # error: CTX303


def starts_in_loop(rows):
    ctx = copy_context()
    for row in rows:
        start_in(ctx, row)


def while_loop(rows):
    ctx = copy_context()
    while rows:
        row = rows.pop()
        if row is None:
            continue
        threading.Thread(target=ctx.run, args=(store, row)).start()  # error: CTX303


async def tasks(rows):
    ctx = copy_context()
    for row in rows:
        asyncio.create_task(save(row), context=ctx)  # error: CTX303


async def gathered(rows):
    ctx = copy_context()
    await asyncio.gather(
        *(asyncio.create_task(save(row), context=ctx) for row in rows)  # error: CTX303
    )


async def group(rows):
    ctx = copy_context()
    async with asyncio.TaskGroup() as tg:
        for row in rows:
            tg.create_task(save(row), context=ctx)  # error: CTX303


async def two_tasks(row):
    ctx = copy_context()
    first = asyncio.create_task(save(row), context=ctx)
    second = asyncio.create_task(save(row), context=ctx)  # error: CTX303
    await first
    await second


async def executors(rows):
    loop = asyncio.get_running_loop()
    ctx = copy_context()
    await asyncio.gather(
        *[loop.run_in_executor(None, ctx.run, store, row) for row in rows]  # error: CTX303
    )


async def to_threads(rows):
    ctx = copy_context()
    await asyncio.gather(*(asyncio.to_thread(ctx.run, store, row) for row in rows))  # error: CTX303


async def two_to_threads(row):
    ctx = copy_context()
    await asyncio.gather(
        asyncio.to_thread(ctx.run, store, row),
        asyncio.to_thread(ctx.run, store, row, True),  # error: CTX303
    )


def two_threads(row):
    ctx = copy_context()
    first = threading.Thread(target=ctx.run, args=(store, row))
    second = threading.Thread(target=ctx.run, args=(store, row, True))  # error: CTX303
    first.start()
    second.start()


def two_submits(row):
    ctx = copy_context()
    pool.submit(ctx.run, store, row)
    if row:
        pool.submit(ctx.run, store, row, True)  # error: CTX303


def while_thread_runs(row):
    ctx = copy_context()
    future = pool.submit(ctx.run, store, row)
    ctx.run(store, row, True)  # error: CTX303
    future.result()


def handle(request):
    pool.submit(process_context.run, store, request)  # error: CTX303


class Service:
    def __init__(self):
        self._context = contextvars.copy_context()

    def handle(self, request):
        pool.submit(self._context.run, store, request)  # error: CTX303

    def handle_all(self, requests):
        for request in requests:
            pool.submit(self._work, request)  # error: CTX303

    def _work(self, request):
        self._context.run(store, request)


service = Service()


def both_in_one_branch(row):
    ctx = copy_context()
    if row:
        pool.submit(ctx.run, store, row)
        pool.submit(ctx.run, store, row)  # error: CTX303
