"""The argument `context=` of threads."""

import threading
from contextvars import Context, ContextVar

var = ContextVar("var", default="an empty context")
var.set("the caller's context")
construct = "`threading.Thread(target=f, context=Context())`"


def callee():
    print(construct, "->", var.get())


try:
    thread = threading.Thread(target=callee, context=Context())
except TypeError:
    print(construct, "->", "`TypeError`: no such argument")
else:
    thread.start()
    thread.join()
