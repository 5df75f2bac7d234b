"""Contexts of which each is in one run at a time."""

import asyncio
import contextvars
import functools
import threading
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context, copy_context

pool = ThreadPoolExecutor(4)
single = ThreadPoolExecutor(max_workers=1)


def store(row, again=False):
    print(row, again)


async def save(row):
    print(row)


def each_its_own(rows):
    for row in rows:
        pool.submit(copy_context().run, store, row)


def each_its_own_name(rows):
    for row in rows:
        ctx = copy_context()
        pool.submit(ctx.run, store, row)


def each_its_own_comprehension(rows):
    return [pool.submit(copy_context().run, store, row) for row in rows]


def each_a_copy(rows):
    ctx = copy_context()
    for row in rows:
        pool.submit(ctx.copy().run, store, row)


def each_a_copy_in_map(rows):
    ctx = copy_context()
    return list(pool.map(lambda row: ctx.copy().run(store, row), rows))


def each_from_a_list(rows):
    contexts = [copy_context() for _ in rows]
    for ctx, row in zip(contexts, rows):
        pool.submit(ctx.run, store, row)
    return [pool.submit(ctx.run, store, 1) for ctx in contexts]


def each_with_the_item(items):
    for item in items:
        pool.submit(item.context.run, store, item)


class Item:
    def __init__(self, row):
        self.row = row
        self.context = copy_context()

    def work(self):
        self.context.run(store, self.row)


def each_item(rows):
    items = [Item(row) for row in rows]
    for item in items:
        pool.submit(item.work).result()
        threading.Thread(target=item.context.run, args=(store, item.row)).start()


def one_after_the_other(rows):
    ctx = copy_context()
    for row in rows:
        ctx.run(store, row)


def waited_for(rows):
    ctx = copy_context()
    for row in rows:
        pool.submit(ctx.run, store, row).result()
    for row in rows:
        future = pool.submit(ctx.run, store, row)
        store(row)
        future.result(timeout=5)
    return [pool.submit(ctx.run, store, row).result() for row in rows]


def joined(rows):
    ctx = copy_context()
    for row in rows:
        thread = threading.Thread(target=ctx.run, args=(store, row))
        thread.start()
        thread.join()


def pool_in_the_loop(rows):
    ctx = copy_context()
    for row in rows:
        with ThreadPoolExecutor() as executor:
            executor.submit(ctx.run, store, row)


async def awaited(rows):
    loop = asyncio.get_running_loop()
    ctx = copy_context()
    for row in rows:
        await loop.run_in_executor(None, ctx.run, store, row)
        await asyncio.to_thread(ctx.run, store, row)
        await asyncio.wait_for(loop.run_in_executor(None, ctx.run, store, row), 5)
    return [await asyncio.to_thread(ctx.run, store, row) for row in rows]


async def awaited_tasks(rows):
    ctx = copy_context()
    for row in rows:
        await asyncio.create_task(save(row), context=ctx)
    first = asyncio.create_task(save(1), context=ctx)
    await first
    second = asyncio.create_task(save(2), context=ctx)
    await second


async def group_after_group(row):
    ctx = copy_context()
    async with asyncio.TaskGroup() as tg:
        tg.create_task(save(row), context=ctx)
    async with asyncio.TaskGroup() as tg:
        tg.create_task(save(row), context=ctx)
    ctx.run(store, row)


def one_thread_pool(rows):
    ctx = copy_context()
    for row in rows:
        single.submit(ctx.run, store, row)
    with ThreadPoolExecutor(1) as executor:
        return list(executor.map(ctx.run, rows))


def one_of_two(row):
    ctx = copy_context()
    if row:
        pool.submit(ctx.run, store, row)
    else:
        pool.submit(ctx.run, store, row, True)


def first_returns(row):
    ctx = copy_context()
    if row:
        return pool.submit(ctx.run, store, row)
    return pool.submit(ctx.run, store, row, True)


def other_context(row):
    ctx = copy_context()
    pool.submit(ctx.run, store, row)
    ctx = copy_context()
    pool.submit(ctx.run, store, row)


def by_match(row):
    ctx = copy_context()
    match row:
        case 1:
            pool.submit(ctx.run, store, row)
        case _:
            pool.submit(ctx.run, store, row, True)


def until_it_is_taken(rows):
    ctx = copy_context()
    for row in rows:
        if row:
            pool.submit(ctx.run, store, row)
            break


def before_and_after(row):
    ctx = copy_context()
    ctx.run(store, row)
    future = pool.submit(ctx.run, store, row)
    future.result()
    ctx.run(store, row)


async def started_in(rows):
    ctx = copy_context()
    for row in rows:
        ctx.run(asyncio.create_task, save(row))
        ctx.run(lambda: asyncio.create_task(save(row)))


async def read_after_start(row):
    ctx = copy_context()
    task = asyncio.create_task(save(row), context=ctx)
    ctx.run(store, row)
    await task


def one_for_each_item_of_a_map(rows):
    contexts = [copy_context() for _ in rows]
    list(pool.map(in_given, contexts, rows))
    return list(pool.map(lambda ctx, row: ctx.run(store, row), contexts, rows))


def in_given(ctx: Context, row):
    return ctx.run(store, row)


def one_for_each_pair(rows):
    return list(pool.map(in_pair, zip(rows, [copy_context() for _ in rows])))


def in_pair(pair: tuple[int, Context]):
    row, ctx = pair
    return ctx.run(store, row)


def built_in_map(rows):
    ctx = copy_context()
    return list(map(functools.partial(ctx.run, store), rows))


def start_in(ctx: Context, row):
    return pool.submit(ctx.run, store, row)


def starts(rows):
    for row in rows:
        start_in(copy_context(), row)


def nested_called_once(row):
    ctx = copy_context()

    def start():
        return pool.submit(ctx.run, store, row)

    return start()


def some_runner(app, rows):
    for row in rows:
        pool.submit(app.run, store, row)


def callbacks(loop, rows):
    ctx = copy_context()
    for row in rows:
        loop.call_soon(store, row, context=ctx)


class PerRequest:
    def __init__(self):
        self._context = contextvars.copy_context()

    def start(self, row):
        pool.submit(self._context.run, store, row)


def handle(request):
    PerRequest().start(request)


class Rebound:
    def __init__(self):
        self._context = contextvars.copy_context()

    def handle(self, request):
        self._context = contextvars.copy_context()
        pool.submit(self._context.run, store, request)


rebound = Rebound()


def main():
    ctx = copy_context()
    threading.Thread(target=ctx.run, args=(store, 1)).start()
