"""ddtrace with its asyncio and futures integrations: each span lies in its own request's trace.

A program of its own, for the integrations patch asyncio for good.
"""

import asyncio

from ddtrace import patch
from ddtrace.trace import tracer

patch(asyncio=True, futures=True)

from ctxlint.detached import (  # noqa: E402 - a program's own modules come after the patching
    WorkItem,
    activate_request_context,
    create_detached_background_task,
    create_detached_thread,
    run_detached,
)


def current() -> int | None:
    context = tracer.current_trace_context()
    return None if context is None else context.trace_id


async def main() -> None:
    queue: asyncio.Queue[WorkItem[str]] = asyncio.Queue()
    tasks: list[asyncio.Task[None]] = []
    outside: list[int | None] = []
    inherited: list[int | None] = []
    requests: dict[str, int] = {}
    items: dict[str, int] = {}

    async def worker() -> None:
        outside.append(current())
        while True:
            work = await queue.get()
            with activate_request_context(work.context), tracer.trace("item") as span:
                await asyncio.sleep(0)
                items[work.payload] = span.trace_id
            outside.append(current())
            queue.task_done()

    async def note(where: list[int | None]) -> None:
        await asyncio.sleep(0)
        where.append(current())

    async def request(name: str) -> None:
        with tracer.trace("request") as span:
            requests[name] = span.trace_id
            await asyncio.sleep(0)
            if not tasks:
                tasks.append(create_detached_background_task(worker()))
                await asyncio.create_task(note(inherited))
                await run_detached(asyncio.create_task, note(outside))
                thread = create_detached_thread(lambda: outside.append(current()))
                thread.start()
                thread.join()
            queue.put_nowait(WorkItem(name))
            await asyncio.sleep(0)

    await asyncio.gather(request("ada"), request("bob"))
    await queue.join()
    tasks[0].cancel()
    await asyncio.wait(tasks)
    assert inherited == [requests["ada"]], "ddtrace traces nothing here"
    assert set(outside) == {None}, outside
    assert items == requests
    assert requests["ada"] != requests["bob"]


asyncio.run(main())
