"""ddtrace's integrations with asyncio and with pools of threads."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context, ContextVar

from ddtrace import patch
from ddtrace.trace import tracer

patch(asyncio=True, futures=True)
tracer.enabled = True
var = ContextVar("var", default=None)
var.set("set by the caller")
seen = []


def callee():
    span = tracer.current_trace_context() is not None
    if span and var.get():
        seen.append("all of the caller's context")
    elif span:
        seen.append("the caller's span, and nothing else")
    else:
        seen.append("an empty context" if var.get() is None else "all but the span")


async def async_callee():
    callee()


async def main():
    try:
        await asyncio.create_task(async_callee(), context=Context())
    except TypeError:
        seen.append("`TypeError`: no such argument")
    print("`create_task(f(), context=Context())` under ddtrace", "->", seen.pop())
    await Context().run(asyncio.create_task, async_callee())
    print("`Context().run(asyncio.create_task, f())` under ddtrace", "->", seen.pop())


with tracer.trace("request"), ThreadPoolExecutor(1) as pool:
    asyncio.run(main())
    pool.submit(callee).result()
    print("`executor.submit(f)` under ddtrace", "->", seen.pop())
    thread = threading.Thread(target=callee)
    thread.start()
    thread.join()
    print("`threading.Thread(target=f)` under ddtrace", "->", seen.pop())
