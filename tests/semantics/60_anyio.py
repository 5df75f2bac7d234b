"""anyio, on asyncio: the group was entered in another context."""

from contextvars import Context, ContextVar

import anyio
import anyio.to_thread

var = ContextVar("var", default="an empty context")
seen = []


async def callee(*, task_status=anyio.TASK_STATUS_IGNORED):
    seen.append(var.get())
    task_status.started()


async def main():
    var.set("the context in which the group was entered")
    async with anyio.create_task_group() as group:
        var.set("a copy made at the call")
        group.start_soon(callee)
        var.set("what the caller set later")
        await anyio.sleep(0.01)
        print("`group.start_soon(f)`", "->", seen.pop())
        var.set("a copy made at the call")
        await group.start(callee)
        print("`await group.start(f)`", "->", seen.pop())
        Context().run(group.start_soon, callee)
        await anyio.sleep(0.01)
        print("`Context().run(group.start_soon, f)`", "->", seen.pop())
        var.set("the caller's context")
        await Context().run(group.start, callee)
        print("`await Context().run(group.start, f)`", "->", seen.pop())
    print("`anyio.to_thread.run_sync(f)`", "->", await anyio.to_thread.run_sync(var.get))


anyio.run(main)
