"""Pools of less usual make: whose threads run the work without its context."""

import asyncio
import functools
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextvars import ContextVar, copy_context

current_user = ContextVar("current_user", default=None)


def store(row):
    print(row, current_user.get())


def prepare(*args):
    print("another thread", args)


def acting(user):
    current_user.set(user)


class Threads(ThreadPoolExecutor):
    """Nothing of its own."""


class Processes(ProcessPoolExecutor):
    """A context cannot be sent to its processes."""


class Carrying(ThreadPoolExecutor):
    """Copies the context of whoever submits."""

    def submit(self, function, /, *args, **kwargs):
        return super().submit(copy_context().run, function, *args, **kwargs)


class Preparing:
    def __call__(self):
        print("another thread")


class Server:
    def __init__(self, user):
        self._unset = None
        self._threads = Threads()
        self._processes = Processes()
        self._carrying = Carrying()
        self._prepared = ThreadPoolExecutor(initializer=prepare)
        self._prepared_by_an_object = ThreadPoolExecutor(initializer=Preparing())
        self._acting = ThreadPoolExecutor(initializer=acting, initargs=(user,))
        self._acting_for_one = ThreadPoolExecutor(initializer=functools.partial(acting, user))
        self._setting = ThreadPoolExecutor(initializer=current_user.set, initargs=(user,))
        self._of_a_function = lambda: None

    async def handle(self, request):
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._unset, store, request)  # error: CTX301
        await loop.run_in_executor(self._threads, store, request)  # error: CTX301
        await loop.run_in_executor(self._processes, store, request)
        await loop.run_in_executor(self._carrying, store, request)
        await loop.run_in_executor(self._prepared, store, request)  # error: CTX301
        await loop.run_in_executor(self._prepared_by_an_object, store, request)  # error: CTX301
        await loop.run_in_executor(self._acting, store, request)
        await loop.run_in_executor(self._acting_for_one, store, request)
        await loop.run_in_executor(self._setting, store, request)
        await loop.run_in_executor(self._of_a_function, store, request)  # error: CTX301
        await loop.run_in_executor(**request.options)
        await loop.run_in_executor(request.pool, store, request)  # error: CTX301
