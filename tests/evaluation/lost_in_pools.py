"""Work given to pools of threads, which asks its context for what only the caller's holds."""

import asyncio
import concurrent.futures
import functools
from concurrent.futures import Executor, ThreadPoolExecutor
from contextvars import ContextVar
from multiprocessing.dummy import Pool
from multiprocessing.pool import ThreadPool

import anyio

current_user = ContextVar("current_user", default=None)
request_id = ContextVar("request_id")
pool = ThreadPoolExecutor(4)


def authenticate(user):
    request_id.set(str(user))
    return current_user.set(user)


def store(row, *, audit=False):
    print(row, current_user.get(), audit)


def two_calls_deep(row):
    return one_call_deep(row)


def one_call_deep(row):
    try:
        return request_id.get()
    except LookupError:
        return row


def handle_submit(request):
    pool.submit(store, request.row)  # error: CTX301
    pool.submit(store, request.row, audit=True)  # error: CTX301
    pool.submit(functools.partial(store, audit=True), request.row)  # error: CTX301
    return pool.submit(lambda: store(request.row)).result()  # error: CTX301


def handle_deep(request):
    return pool.submit(two_calls_deep, request.row)  # error: CTX301


def handle_nested(request):
    def work():
        store(request.row)

    return pool.submit(work)  # error: CTX301


def handle_own_pool(request):
    with concurrent.futures.ThreadPoolExecutor(max_workers=2) as own:
        futures = [own.submit(store, row) for row in request.rows]  # error: CTX301
        list(own.map(store, request.rows))  # error: CTX301
    return futures


async def handle_in_executor(request):
    loop = asyncio.get_running_loop()
    await loop.run_in_executor(None, store, request.row)  # error: CTX301
    await loop.run_in_executor(pool, store, request.row)  # error: CTX301
    await asyncio.get_event_loop().run_in_executor(None, lambda: store(1))  # error: CTX301


def handle_thread_pool(request):
    with ThreadPool(2) as threads:
        threads.map(store, request.rows)  # error: CTX301
        threads.apply_async(store, (request.row,))  # error: CTX301


def handle_executor_passed_in(request, executor: Executor):
    return executor.submit(store, request.row)  # error: CTX301


async def async_store(row):
    await asyncio.sleep(0)
    store(row)


def handle_coroutine(request):
    pool.submit(asyncio.run, async_store(request.row))  # error: CTX301
    pool.submit(lambda: asyncio.run(async_store(request.row)))  # error: CTX301


def run_in_new_loop(coroutine):
    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(coroutine)
    finally:
        loop.close()


def handle_new_loop(request):
    return pool.submit(run_in_new_loop, async_store(request.row))  # error: CTX301


class Indexer:
    def __init__(self):
        self._executor = ThreadPoolExecutor()

    def index(self, documents):
        return list(self._executor.map(self._one, documents))  # error: CTX301

    def again(self, documents):
        return [self._executor.submit(self._one, each) for each in documents]  # error: CTX301

    def _one(self, document):
        return self.owner, document

    @property
    def owner(self):
        return current_user.get()


def handle_other_loop(request):
    pool.submit(anyio.run, async_store, request.row)  # error: CTX301
    pool.submit(functools.partial(anyio.run, async_store, request.row))  # error: CTX301


class Step:
    def __call__(self, row):
        raise NotImplementedError

    def safely(self, row):
        return self(row)


class Storing(Step):
    def __call__(self, row):
        store(row)


def handle_called_objects(request, step: Step):
    pool.submit(step, request.row)  # error: CTX301
    pool.submit(step.safely, request.row)  # error: CTX301


class Writer:
    def write(self, row):
        raise NotImplementedError


class UserWriter(Writer):
    def write(self, row):
        print(current_user.get(), row)


def handle_interface(request, writer: Writer):
    return pool.submit(writer.write, request.row)  # error: CTX301


def in_background(function, *args):
    return pool.submit(function, *args)  # error: CTX301


def handle_wrapper(request):
    return in_background(store, request.row)


def hands_on_without_context(row):
    return pool.submit(store, row)  # error: CTX301


def handle_relay(request):
    return pool.submit(hands_on_without_context, request.row)  # error: CTX301


def as_user(function):
    @functools.wraps(function)
    def wrapper(*args):
        print(current_user.get())
        return function(*args)

    return wrapper


@as_user
def decorated(row):
    return row


def handle_decorated(request):
    return pool.submit(decorated, request.row)  # error: CTX301


def reads_then_sets(row):
    before = current_user.get()
    current_user.set(row.owner)
    return before


def handle_read_first(request):
    return pool.submit(reads_then_sets, request.row)  # error: CTX301


def sets_one_reads_another(user, row):
    current_user.set(user)
    return request_id.get(), row


def handle_restored_by_hand(request):
    return pool.submit(sets_one_reads_another, current_user.get(), 1)  # error: CTX301


def handle_pool_of_the_dummy_module(request):
    with Pool(2) as threads:
        return threads.map(store, request.rows)  # error: CTX301


class Named(ThreadPoolExecutor):
    """A pool of the project, whose threads have a name."""

    def __init__(self, name):
        super().__init__(4, thread_name_prefix=name)


named = Named("rows")


def handle_pool_of_a_class_of_ours(request):
    return named.submit(store, request.row)  # error: CTX301
