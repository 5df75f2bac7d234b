"""What is set in a task or thread of its own ends with it, whoever in the project starts it."""

import asyncio
import contextvars
import threading
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar

locale = ContextVar("locale", default="en")
_tasks: set[object] = set()
pool = ThreadPoolExecutor()


# --- Functions that start what they are given ---


def guarded(coro):
    async def runner():
        try:
            await coro
        except Exception:
            print("failed")

    _tasks.add(asyncio.create_task(runner()))


def guarded_in_a_thread(function):
    def runner():
        function()

    threading.Thread(target=runner).start()


def called(make):
    _tasks.add(asyncio.create_task(make()))


def in_a_context(function):
    context = contextvars.copy_context()
    threading.Thread(target=context.run, args=(function,)).start()


def in_a_pool(function):
    pool.submit(function)


# --- ... and functions that do not ---


def run_inside(function):
    def runner():
        function()

    runner()
    threading.Thread(target=print).start()


def shadowed(function):
    def inner(function):
        return function

    threading.Thread(target=inner, args=(print,)).start()
    function()


def kept_as_well(function):
    handler = function
    handler()


def told(function):
    threading.Thread(target=print, args=(function,)).start()
    function()


def named(function):
    threading.Thread(None, None, function, (function,)).start()
    function()


def beside(function):
    threading.Thread(args=(function,)).start()
    function()


# --- What is started ---


def by_guarded():
    token = locale.set("fr")
    open("guarded")
    locale.reset(token)


def by_guarded_in_a_thread():
    token = locale.set("fr")
    open("thread")
    locale.reset(token)


def by_called():
    token = locale.set("fr")
    open("called")
    locale.reset(token)


def by_in_a_context():
    token = locale.set("fr")
    open("context")
    locale.reset(token)


def by_in_a_pool():
    token = locale.set("fr")  # error: CTX401
    open("pool")
    locale.reset(token)


def by_run_inside():
    token = locale.set("fr")  # error: CTX401
    open("inside")
    locale.reset(token)


def by_shadowed():
    token = locale.set("fr")  # error: CTX401
    open("shadowed")
    locale.reset(token)


def by_kept_as_well():
    token = locale.set("fr")  # error: CTX401
    open("kept")
    locale.reset(token)


def by_told():
    token = locale.set("fr")  # error: CTX401
    open("told")
    locale.reset(token)


def by_named():
    token = locale.set("fr")  # error: CTX401
    open("named")
    locale.reset(token)


def by_beside():
    token = locale.set("fr")  # error: CTX401
    open("beside")
    locale.reset(token)


async def guarded_job():
    by_guarded()


async def called_job():
    by_called()


def handle(request) -> None:
    guarded(guarded_job())
    guarded_in_a_thread(by_guarded_in_a_thread)
    called(called_job)
    in_a_context(by_in_a_context)
    in_a_pool(by_in_a_pool)
    run_inside(by_run_inside)
    shadowed(by_shadowed)
    kept_as_well(by_kept_as_well)
    told(by_told)
    named(by_named)
    beside(by_beside)
