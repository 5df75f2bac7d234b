"""Finite work given to threads and timers, which asks its context for what is not there."""

import _thread
import asyncio
import threading
from contextvars import ContextVar
from threading import Thread, Timer

tenant = ContextVar("tenant", default="none")


def enter(name):
    tenant.set(name)


def send(mail, *, copy=False):
    print(tenant.get(), mail, copy)


def handle(request):
    thread = threading.Thread(target=send, args=(request.mail,))  # error: CTX301
    thread.start()
    thread.join()


def handle_keywords(request):
    Thread(None, send, None, (1,), {"copy": True}).start()  # error: CTX301
    Thread(target=lambda: send(request.mail), daemon=True).start()  # error: CTX301


def handle_later(request):
    Timer(5, send, [request.mail]).start()  # error: CTX301


def handle_low_level(request):
    _thread.start_new_thread(send, (request.mail,))  # error: CTX301


def handle_loop(request):
    def work():
        asyncio.run(deliver(request.mail))

    threading.Thread(target=work).start()  # error: CTX301


async def deliver(mail):
    await asyncio.gather(post(mail), post(mail))


async def post(mail):
    send(mail)


class Delivery(threading.Thread):
    def __init__(self, mail):
        super().__init__()
        self._mail = mail

    def run(self):
        send(self._mail)


def handle_subclass(request):
    Delivery(request.mail).start()  # error: CTX301


class Outbox:
    def __init__(self, mails):
        self._mails = mails

    def __enter__(self):
        self._tenant = tenant.get()
        return self

    def __exit__(self, *error):
        self._mails.clear()


def empty(mails):
    with Outbox(mails):
        print("gone")


def handle_context_manager(request):
    Thread(target=empty, args=(request.mails,)).start()  # error: CTX301


def keep_telling(stop, mail):
    while not stop.wait(1):
        send(mail)


def handle_while_it_works(request):
    """It has no end of its own, and ends with the request whose work it is."""
    stop = threading.Event()
    thread = threading.Thread(target=keep_telling, args=(stop, request.mail))  # error: CTX301
    thread.start()
    try:
        request.work()
    finally:
        stop.set()
        thread.join()
