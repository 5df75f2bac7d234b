"""Flags in context variables that are to say "done already" for the whole process."""

import asyncio
import contextvars
import threading
from contextvars import ContextVar

started = ContextVar("started", default=False)
ready = contextvars.ContextVar("ready", default=None)
listening = ContextVar("listening", default=False)
installed = ContextVar("installed", default=False)
connected = ContextVar("connected", default=False)
polling: ContextVar[bool] = ContextVar("polling", default=False)
loaded = ContextVar("loaded", default=False)
watching = ContextVar("watching", default=0)
beating = ContextVar("beating", default=False)
ticking = ContextVar("ticking", default=False)
twice = ContextVar("twice", default=False)
client = None
settings = None


async def refresh() -> None:
    while True:
        await asyncio.sleep(60)


def poll() -> None:
    while True:
        print("poll")


def detached(coroutine):
    return contextvars.Context().run(asyncio.create_task, coroutine)


async def starts_a_worker(request) -> None:
    if not started.get():
        started.set(True)  # error: CTX402
        contextvars.Context().run(asyncio.create_task, refresh())


async def starts_after_the_test(request) -> None:
    if ready.get():
        return
    ready.set(True)  # error: CTX402
    contextvars.Context().run(asyncio.create_task, refresh())


async def sets_last(request) -> None:
    if listening.get() is False:
        contextvars.Context().run(asyncio.create_task, refresh())
        listening.set(True)  # error: CTX402


def starts_a_thread(request) -> None:
    if not polling.get():
        polling.set(True)  # error: CTX402
        threading.Thread(target=contextvars.Context().run, args=(poll,), daemon=True).start()


def sets_a_global(request) -> None:
    global client
    if not connected.get():
        connected.set(True)  # error: CTX402
        client = object()


def load() -> None:
    global settings
    settings = {"a": 1}


def sets_a_global_deeper(request) -> None:
    if not loaded.get():
        load()
        loaded.set(True)  # error: CTX402


def _ensure_worker() -> None:
    contextvars.Context().run(asyncio.create_task, refresh())


async def starts_deeper(request) -> None:
    is_installed = installed.get()
    if not is_installed:
        installed.set(True)  # error: CTX402
        _ensure_worker()


async def starts_the_second_time(request) -> None:
    """What stands behind the return runs where the flag is set: nothing to report."""
    if not twice.get():
        twice.set(True)
        return
    contextvars.Context().run(asyncio.create_task, refresh())


async def counts(request) -> None:
    if watching.get() == 0:
        watching.set(1)  # error: CTX402
        _ensure_worker()


class Service:
    async def handle(self, request) -> None:
        if not beating.get():
            beating.set(True)  # error: CTX402
            self._start()

    def _start(self) -> None:
        self._task = contextvars.Context().run(asyncio.create_task, self._beat())

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(1)


async def with_another_condition(request) -> None:
    if request.live and not ticking.get():
        ticking.set(True)  # error: CTX402
        _ensure_worker()


# --- flags of the request itself, and flags that are shared --------------------------------------

warned = ContextVar("warned", default=False)
entered = ContextVar("entered", default=False)
cached = ContextVar("cached", default=None)
booted = ContextVar("booted", default=False)
fetched = ContextVar("fetched", default=False)
is_started = False


def warns_once_per_request(text) -> None:
    if not warned.get():
        warned.set(True)
        print(text)


def not_reentrant(function) -> None:
    if entered.get():
        return
    token = entered.set(True)
    try:
        load()
        function()
    finally:
        entered.reset(token)


def own_object():
    if cached.get() is None:
        cached.set(object())
    return cached.get()


async def prefetches_once_per_request() -> None:
    if not fetched.get():
        fetched.set(True)
        await asyncio.create_task(asyncio.sleep(1))


def on_startup() -> None:
    if not booted.get():
        booted.set(True)
        load()


async def shared_flag(request) -> None:
    global is_started
    if not is_started:
        is_started = True
        _ensure_worker()
