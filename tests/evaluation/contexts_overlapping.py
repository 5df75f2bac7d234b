"""Runs in one context: which can go on at one time, and which wait for each other."""

import asyncio
from concurrent.futures import ThreadPoolExecutor, as_completed, wait
from contextvars import copy_context

pool = ThreadPoolExecutor(4)
first_context = copy_context()
start_context = copy_context()


def store(row=None):
    print(row)


pool.submit(first_context.run, store)
pool.submit(first_context.run, store)  # error: CTX303


# --- Loops ---


def of_what_a_run_gives(rows):
    ctx = copy_context()
    return [each for each in [pool.submit(ctx.run, store, rows)]]


def each_in_its_own(contexts):
    ctx = copy_context()
    print(ctx)
    return [pool.submit(ctx.run, store) for ctx in contexts]


def each_in_that_of_its_job(jobs, job):
    pool.submit(job.ctx.run, store)
    return [pool.submit(job.ctx.run, store) for job in jobs]


class Job:
    def __init__(self):
        self.ctx = copy_context()

    def all(self, jobs):
        return [pool.submit(self.ctx.run, store) for self in jobs]


def each_in_its_own_twice(contexts):
    ctx = copy_context()
    while contexts:
        for ctx in contexts:
            print(ctx)
        pool.submit(ctx.run, store)


def in_the_head_of_an_if(rows):
    ctx = copy_context()
    for row in rows:
        if pool.submit(ctx.run, store, row):  # error: CTX303
            print(row)


def in_a_handler(rows):
    ctx = copy_context()
    for row in rows:
        try:
            store(row)
        except ValueError:
            pool.submit(ctx.run, store, row)  # error: CTX303


def in_a_handler_that_leaves(rows):
    ctx = copy_context()
    for row in rows:
        try:
            store(row)
        except ValueError:
            pool.submit(ctx.run, store, row)
            break


def in_a_case_that_leaves(rows):
    ctx = copy_context()
    for row in rows:
        match row:
            case 1:
                pool.submit(ctx.run, store, row)
                break


def returned(rows):
    ctx = copy_context()
    for row in rows:
        if row:
            return pool.submit(ctx.run, store, row)
    return None


def each_waited_for(rows):
    ctx = copy_context()
    for row in rows:
        run = pool.submit(ctx.run, store, row)
        wait([run])


def each_completed(rows):
    ctx = copy_context()
    for row in rows:
        run = pool.submit(ctx.run, store, row)
        for done in as_completed({run}, timeout=3):
            print(done)


def another_waited_for(rows, files, others):
    ctx = copy_context()
    for row in rows:
        run = pool.submit(ctx.run, store, row)  # error: CTX303
        files.close()
        wait(others)
        print(run)


# --- One or the other ---


def either(late):
    ctx = copy_context()
    return pool.submit(ctx.run, store, 1) if late else pool.submit(ctx.run, store, 2)


def both(late):
    ctx = copy_context()
    pool.submit(ctx.run, store, 1) if late else None
    return pool.submit(ctx.run, store, 2)  # error: CTX303


def instead(row):
    ctx = copy_context()
    try:
        pool.submit(ctx.run, store, row)
    except RuntimeError:
        pool.submit(ctx.run, store, None)


def by_one_of_two_handlers(row):
    ctx = copy_context()
    try:
        store(row)
    except KeyError:
        pool.submit(ctx.run, store, 1)
    except ValueError:
        pool.submit(ctx.run, store, 2)


def finally_once_more(row):
    ctx = copy_context()
    try:
        pool.submit(ctx.run, store, row)
    finally:
        pool.submit(ctx.run, store, None)  # error: CTX303


# --- Functions inside ---


def in_a_loop_inside(rows):
    ctx = copy_context()

    def start():
        for row in rows:
            pool.submit(ctx.run, store, row)  # error: CTX303

    start()


def once_inside(rows):
    ctx = copy_context()

    def start():
        pool.submit(ctx.run, store, rows)

    start()


def called_in_a_loop(rows):
    ctx = copy_context()

    def start(row):
        pool.submit(ctx.run, store, row)  # error: CTX303

    for row in rows:
        start(row)


def called_in_a_comprehension(contexts):
    ctx = copy_context()

    def start():
        return pool.submit(ctx.run, store)  # error: CTX303

    return [start() for ctx in contexts]


def deeper_than_anybody_looks(rows):
    ctx = copy_context()

    def one():
        pool.submit(ctx.run, store, rows)

    def two():
        one()

    def three():
        two()

    def four():
        three()

    for _ in rows:
        four()


def in_a_class_inside(rows):
    ctx = copy_context()

    class Started:
        runs = [pool.submit(ctx.run, store)]

    return Started, rows


# --- Kept ---


def prepare():
    pool.submit(start_context.run, store)


async def main():
    prepare()


if __name__ == "__main__":
    asyncio.run(main())
