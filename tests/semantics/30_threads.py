"""Threads and pools of threads."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar

var = ContextVar("var", default="an empty context")
var.set("the caller's context")
seen = []


def callee(_=None):
    seen.append(var.get())


class Subclass(threading.Thread):
    def run(self):
        callee()


async def in_executor(pool):
    await asyncio.get_running_loop().run_in_executor(pool, callee)


for construct, thread in {
    "`threading.Thread(target=f)`": threading.Thread(target=callee),
    "`run` of a subclass of `Thread`": Subclass(),
    "`threading.Timer(seconds, f)`": threading.Timer(0, callee),
}.items():
    thread.start()
    thread.join()
    print(construct, "->", seen.pop())

with ThreadPoolExecutor(1) as pool:
    pool.submit(callee).result()
    print("`executor.submit(f)`", "->", seen.pop())
    list(pool.map(callee, [None]))
    print("`executor.map(f, items)`", "->", seen.pop())
    asyncio.run(in_executor(pool))
    print("`loop.run_in_executor(executor, f)`", "->", seen.pop())
    pool.submit(var.set, "what an earlier job has set in that thread").result()
    pool.submit(callee).result()
    print("... a later job of the same thread", "->", seen.pop())
