"""Sentry's SDK with its asyncio and threading integrations: each event names its own request.

A program of its own, for the integrations patch asyncio and threading for good.
"""

import asyncio
import threading
from typing import Any

import sentry_sdk
from sentry_sdk.integrations.asyncio import AsyncioIntegration
from sentry_sdk.integrations.threading import ThreadingIntegration
from sentry_sdk.transport import Transport

from ctxlint.detached import (
    WorkItem,
    activate_request_context,
    create_detached_background_task,
    create_detached_thread,
    run_detached,
)

events: list[dict[str, Any]] = []


class Kept(Transport):
    def capture_envelope(self, envelope: Any) -> None:
        event = envelope.get_event()
        if event is not None:
            events.append(event)


def user_of(message: str) -> str | None:
    (event,) = (each for each in events if each["message"] == message)
    user = event.get("user")
    return None if user is None else str(user["id"])


async def main() -> None:
    sentry_sdk.init(
        dsn="https://key@sentry.invalid/1",
        transport=Kept,
        integrations=[AsyncioIntegration(), ThreadingIntegration(propagate_scope=True)],
        traces_sample_rate=1.0,
        default_integrations=False,
    )
    queue: asyncio.Queue[WorkItem[str]] = asyncio.Queue()
    tasks: list[asyncio.Task[None]] = []
    threads: list[threading.Thread] = []

    async def worker() -> None:
        sentry_sdk.capture_message("worker begins")
        while True:
            work = await queue.get()
            with activate_request_context(work.context):
                await asyncio.sleep(0)
                sentry_sdk.capture_message(f"item of {work.payload}")
            sentry_sdk.capture_message(f"after {work.payload}")
            queue.task_done()

    def thread_worker() -> None:
        sentry_sdk.capture_message("thread begins")

    def plain_worker() -> None:
        sentry_sdk.capture_message("plain thread begins")

    async def request(name: str) -> None:
        with sentry_sdk.isolation_scope() as scope:
            scope.set_user({"id": name})
            await asyncio.sleep(0)
            if not tasks:
                tasks.append(create_detached_background_task(worker()))
                threads.append(create_detached_thread(thread_worker))
                threads.append(threading.Thread(target=plain_worker))
                threads.append(threading.Thread(target=sentry_sdk.capture_message, args=("run",)))
                threads[0].start()
                threads[1].start()
                run_detached(threads[2].start)
            queue.put_nowait(WorkItem(name))
            await asyncio.sleep(0)

    await asyncio.gather(request("ada"), request("bob"))
    await queue.join()
    tasks[0].cancel()
    for thread in threads:
        thread.join()
    sentry_sdk.capture_message("outside")
    # What the integrations do to a thread that nobody detached: the test would notice nothing else.
    assert user_of("plain thread begins") == "ada"
    for message in ("worker begins", "thread begins", "run", "after ada", "after bob", "outside"):
        assert user_of(message) is None, message
    assert [user_of(f"item of {name}") for name in ("ada", "bob")] == ["ada", "bob"]


asyncio.run(main())
