"""On which side the copy is made."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context, ContextVar, copy_context

var = ContextVar("var", default="an empty context")
var.set("the caller's context")
seen = []


def callee():
    seen.append(var.get())


with ThreadPoolExecutor(1) as pool:
    pool.submit(var.set, "the pool thread's own context").result()
    pool.submit(copy_context().run, callee).result()
    print("`executor.submit(copy_context().run, f)`", "->", seen.pop())
    context = copy_context()
    pool.submit(lambda: context.run(callee)).result()
    print("`c = copy_context()`, `executor.submit(lambda: c.run(f))`", "->", seen.pop())
    pool.submit(lambda: copy_context().run(callee)).result()
    print("`executor.submit(lambda: copy_context().run(f))`", "->", seen.pop())

for construct, context in {
    "`Thread(target=copy_context().run, args=(f,))`": copy_context(),
    "`Thread(target=Context().run, args=(f,))`": Context(),
}.items():
    thread = threading.Thread(target=context.run, args=(callee,))
    thread.start()
    thread.join()
    print(construct, "->", seen.pop())
