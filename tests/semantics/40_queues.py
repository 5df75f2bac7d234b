"""Queues attach nothing to their items."""

import asyncio
import queue
import threading
from contextvars import ContextVar, copy_context

var = ContextVar("var", default="an empty context")
answers = []


def note():
    answers.append(var.get())


async def coroutine_function():
    note()


async def worker(items):
    var.set("the worker's context")
    while True:
        kind, item = await items.get()
        if kind == "coroutine":
            await item
        elif kind == "task":
            await asyncio.create_task(coroutine_function())
        elif kind == "context":
            item.run(note)
        else:
            note()
        items.task_done()


async def main():
    items = asyncio.Queue()
    task = asyncio.create_task(worker(items))
    await asyncio.sleep(0)
    for construct, kind, make in (
        ("the handling of an item of `asyncio.Queue`", "plain", object),
        ("... a coroutine object as the item, awaited", "coroutine", coroutine_function),
        ("... a task that the worker makes for the item", "task", object),
        ("... `context.run(f)`, where `copy_context()` came as the item", "context", copy_context),
    ):
        var.set("the context of whoever put it")
        await items.put((kind, make()))
        await items.join()
        print(construct, "->", answers.pop())
    task.cancel()


def thread_worker(items):
    var.set("the worker's context")
    items.get()
    note()


asyncio.run(main())
items = queue.Queue()
thread = threading.Thread(target=thread_worker, args=(items,))
thread.start()
var.set("the context of whoever put it")
items.put(object())
thread.join()
print("the handling of an item of `queue.Queue`", "->", answers.pop())
