"""trio: the nursery was opened in another context."""

from contextvars import Context, ContextVar

import trio

var = ContextVar("var", default="an empty context")
seen = []


async def callee(task_status=trio.TASK_STATUS_IGNORED):
    seen.append(var.get())
    task_status.started()


async def main():
    var.set("the context in which the nursery was opened")
    async with trio.open_nursery() as nursery:
        var.set("a copy made at the call")
        nursery.start_soon(callee)
        var.set("what the caller set later")
        await trio.sleep(0.01)
        print("`nursery.start_soon(f)`", "->", seen.pop())
        var.set("a copy made at the call")
        await nursery.start(callee)
        print("`await nursery.start(f)`", "->", seen.pop())
        Context().run(nursery.start_soon, callee)
        await trio.sleep(0.01)
        print("`Context().run(nursery.start_soon, f)`", "->", seen.pop())
    trio.lowlevel.spawn_system_task(callee)
    await trio.sleep(0.01)
    print("`trio.lowlevel.spawn_system_task(f)`", "->", seen.pop())
    var.set("the caller's context")
    print("`trio.to_thread.run_sync(f)`", "->", await trio.to_thread.run_sync(var.get))


trio.run(main)
