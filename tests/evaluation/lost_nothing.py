"""Work in threads that loses nothing: it takes its context along, sets it, or asks for nothing."""

import asyncio
import contextlib
import contextvars
import functools
import multiprocessing
import threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextvars import ContextVar, copy_context

import anyio.to_thread
from asgiref.sync import sync_to_async
from ctxlint.detached import activate_request_context, capture_request_context
from starlette.concurrency import run_in_threadpool

current_user = ContextVar("current_user", default=None)
region = ContextVar("region", default="none")
never_set = ContextVar("never_set", default=3)
pool = ThreadPoolExecutor(4)
processes = ProcessPoolExecutor()


def authenticate(user):
    region.set(user.region)
    return current_user.set(user)


def store(row, *, audit=False):
    print(row, current_user.get(), audit)


# --- it takes a copy along ---------------------------------------------------------------------


def handle_copies(request):
    pool.submit(copy_context().run, store, request.row, audit=True)
    pool.submit(functools.partial(contextvars.copy_context().run, store, request.row))
    [pool.submit(copy_context().run, store, row) for row in request.rows]
    threading.Thread(target=copy_context().run, args=(store, request.row)).start()


def handle_kept_copy(request):
    ctx = copy_context()
    pool.submit(ctx.run, store, request.row).result()
    pool.submit(lambda: ctx.run(store, request.row)).result()

    def work():
        return ctx.run(store, request.row)

    threading.Thread(target=work).start()


def handle_rebound(request):
    work = store
    work = functools.partial(copy_context().run, work)
    threading.Thread(target=work, args=(request.row,)).start()


def handle_maps(request):
    contexts = iter(copy_context, None)
    rows = request.rows
    return list(pool.map(lambda row, ctx: ctx.run(store, row), rows, contexts))


def with_context(function):
    ctx = copy_context()

    def wrapper(*args):
        return ctx.run(function, *args)

    return wrapper


def handle_helper(request):
    pool.submit(with_context(store), request.row)


def submit(function, *args):
    return pool.submit(copy_context().run, function, *args)


def handle_submitter(request):
    submit(store, request.row)


async def handle_library_helpers(request):
    await asyncio.to_thread(store, request.row)
    await anyio.to_thread.run_sync(store, request.row)
    await run_in_threadpool(store, request.row)
    await sync_to_async(store)(request.row)
    asyncio.get_running_loop().call_soon_threadsafe(store, request.row)
    asyncio.run_coroutine_threadsafe(async_store(request.row), asyncio.get_running_loop())


async def async_store(row):
    store(row)


# --- whoever runs it sees to the context -------------------------------------------------------


class ContextPool(ThreadPoolExecutor):
    def submit(self, function, *args, **kwargs):
        return super().submit(copy_context().run, function, *args, **kwargs)


class ContextThread(threading.Thread):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._context = copy_context()

    def run(self):
        self._context.run(super().run)


context_pool = ContextPool()


async def handle_own_classes(request):
    context_pool.submit(store, request.row)
    list(context_pool.map(store, request.rows))
    await asyncio.get_running_loop().run_in_executor(context_pool, store, request.row)
    ContextThread(target=store, args=(request.row,)).start()


def replay(context):
    for variable, value in context.items():
        variable.set(value)


def handle_initializer(request):
    with ThreadPoolExecutor(initializer=replay, initargs=(copy_context(),)) as own:
        own.map(store, request.rows)
    with ThreadPoolExecutor(initializer=current_user.set, initargs=(request.user,)) as own:
        own.submit(store, request.row)
        hand_over(own, request.row)


def hand_over(executor: ThreadPoolExecutor, row):
    give(executor, row)


def give(executor: ThreadPoolExecutor, row):
    executor.submit(store, row)


# --- no context can be sent there --------------------------------------------------------------


async def handle_processes(request):
    processes.submit(store, request.row)
    list(processes.map(store, request.rows))
    await asyncio.get_running_loop().run_in_executor(processes, store, request.row)
    multiprocessing.Process(target=store, args=(request.row,)).start()
    with multiprocessing.Pool() as workers:
        workers.map(store, request.rows)
    pool_of_either = ProcessPoolExecutor() if request.heavy else ThreadPoolExecutor()
    pool_of_either.submit(store, request.row)


# --- nothing is asked for ----------------------------------------------------------------------


def add(row):
    return row + 1


def sets_first(user, row):
    current_user.set(user)
    store(row)


def sets_through_helper(user, row):
    authenticate(user)
    store(row)


class Acting:
    def __init__(self, user):
        self._user = user

    def __enter__(self):
        self._token = current_user.set(self._user)

    def __exit__(self, *error):
        current_user.reset(self._token)


def sets_by_manager(user, row):
    with Acting(user):
        store(row)


@contextlib.contextmanager
def user_scope(user):
    outer = current_user.get()
    token = current_user.set((outer, user))
    try:
        yield
    finally:
        current_user.reset(token)


class Report(threading.Thread):
    """It is given what it needs of its starter's context."""

    def __init__(self, user):
        super().__init__()
        self._user = user

    def run(self):
        with user_scope(self._user):
            print("reported")


def handle_report(request):
    Report(current_user.get()).start()


def acting_as(user, row):
    with user_scope(user):
        print(region.get(), row)


def activating(captured, row):
    with activate_request_context(captured):
        store(row)


def handle_activation(request):
    pool.submit(acting_as, current_user.get(), request.row)
    pool.submit(activating, capture_request_context(), request.row)


def suppressing(row):
    before = current_user.get()
    current_user.set(None)
    try:
        print(row)
    finally:
        current_user.set(before)


def asks_what_nobody_sets():
    return never_set.get()


def makes_a_copy_for_others(row):
    return copy_context()


def handle_unrelated(request):
    pool.submit(add, request.row)
    pool.submit(print, request.row)
    pool.submit(request.callback)
    pool.submit(sets_first, request.user, request.row)
    pool.submit(sets_through_helper, request.user, request.row)
    pool.submit(sets_by_manager, request.user, request.row)
    pool.submit(suppressing, request.row)
    pool.submit(asks_what_nobody_sets)
    pool.submit(makes_a_copy_for_others, request.row)


def handle_asked_here(request):
    """The argument is evaluated by the caller."""
    pool.submit(add, current_user.get())


async def handle_unawaited(request):
    """Only the coroutine is made in the thread; it is awaited here."""
    make = functools.partial(async_store, request.row)
    await (await asyncio.get_running_loop().run_in_executor(None, make))


async def handle_called_only(request):
    """What is called in the thread makes a coroutine; nobody runs it there."""
    await (await asyncio.get_running_loop().run_in_executor(None, async_store, request.row))


class Step:
    def __call__(self, row):
        raise NotImplementedError

    def safely(self, row):
        return self(row)


class Counting(Step):
    def __call__(self, row):
        return row + 1


def handle_called_objects(request, step: Step):
    pool.submit(step, request.row)
    pool.submit(step.safely, request.row)


def numbers(row):
    yield current_user.get(), row


def handle_generator(request):
    """Only the generator is made in the thread."""
    return list(pool.submit(numbers, request.row).result())


def retry(function, row):
    return function(row)


def handle_retries(request):
    retry(store, request.row)
    pool.submit(retry, add, request.row)


# --- no request's work -------------------------------------------------------------------------


def main():
    pool.submit(store, "at start-up")
    threading.Thread(target=store, args=("at start-up",)).start()


def beat():
    while True:
        store("beat")


def handle_beat(request):
    """It never ends: the context of one request would be the wrong one."""
    pool.submit(beat)


def starts_heart(row):
    threading.Thread(target=beat, daemon=True).start()  # error: CTX102
    processes.submit(store, row)
    return asyncio.run(in_process(row))


async def in_process(row):
    await asyncio.get_running_loop().run_in_executor(processes, store, row)


def handle_heart(request):
    pool.submit(starts_heart, request.row)


def captured():
    return {variable: variable.get() for variable in (current_user, region)}


def replayed(values):
    for variable, value in values.items():
        variable.set(value)


def with_captured(function):
    values = captured()

    def run(*args):
        replayed(values)
        return function(*args)

    return run


def looked_up(values, row):
    for variable in values:
        variable.set(values[variable])
    store(row)


def handle_replayed(request):
    current_user.set(request.user)
    pool.submit(looked_up, captured(), request.row)
    pool.submit(with_captured(store), request.row)


class Notifier:
    """What is sent later is a method of another class than the one that asks."""

    def notify(self, row):
        return row

    def later(self, row):
        return pool.submit(self.notify, row)


class Apart(ProcessPoolExecutor):
    """Another process has no context of this one, whoever wrote the class."""


apart = Apart()


def handle_in_processes_of_a_class_of_ours(request):
    return apart.submit(store, request.row)


if __name__ == "__main__":
    main()
