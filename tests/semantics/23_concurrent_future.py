"""Callbacks of `concurrent.futures`."""

import threading
from concurrent.futures import Future
from contextvars import ContextVar

var = ContextVar("var", default="an empty context")
construct = "`concurrent.futures.Future.add_done_callback(f)`"


def settle():
    var.set("the context of the thread that settles the future")
    future.set_result(None)


future = Future()
var.set("a copy made when it was registered")
future.add_done_callback(lambda _: print(construct, "->", var.get()))
thread = threading.Thread(target=settle)
thread.start()
thread.join()

var.set("the caller's context")
future.add_done_callback(lambda _: print("... of a future that is done", "->", var.get()))
