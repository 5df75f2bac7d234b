"""One context entered twice at a time."""

import threading
from contextvars import copy_context

context = copy_context()
inside, leave = threading.Event(), threading.Event()


def stay():
    inside.set()
    leave.wait()


thread = threading.Thread(target=context.run, args=(stay,))
thread.start()
inside.wait()
try:
    context.run(print)
except RuntimeError:
    print("one `Context` entered by a second thread meanwhile", "->", "`RuntimeError`")
leave.set()
thread.join()

try:
    context.run(context.run, print)
except RuntimeError:
    print("one `Context` entered again from within", "->", "`RuntimeError`")
