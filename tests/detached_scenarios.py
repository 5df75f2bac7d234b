"""What the run-time helpers promise, as programs for any event loop and any Python from 3.9.

Standard library only. Each scenario takes the module of helpers, which may be a copy. The tests
run all of them on every kind of loop; ``python detached_scenarios.py MODULE`` needs no pytest.
"""

from __future__ import annotations

import asyncio
import contextvars
import gc
import importlib
import sys
from collections.abc import Awaitable, Callable
from typing import Any

user: contextvars.ContextVar[str] = contextvars.ContextVar("user", default="nobody")
row: contextvars.ContextVar[int] = contextvars.ContextVar("row")

Helpers = Any
Scenario = Callable[[Helpers], Awaitable[None]]


class Writer:
    """A worker that the first request starts; the shape that all this is about."""

    def __init__(self, h: Helpers) -> None:
        self.h = h
        self.queue: asyncio.Queue[Any] = asyncio.Queue()
        self.task: Any = None
        self.written: list[tuple[str, str]] = []
        self.between: set[str] = set()

    def write(self, text: str) -> None:
        if self.task is None:
            self.task = self.h.create_detached_background_task(self._run())
        self.queue.put_nowait(self.h.WorkItem(text))

    async def _run(self) -> None:
        while True:
            work = await self.queue.get()
            self.between.add(user.get())
            try:
                with self.h.activate_request_context(work.context):
                    await asyncio.sleep(0)
                    if work.payload == "broken":
                        raise LookupError(work.payload)
                    self.written.append((work.payload, user.get()))
            except LookupError:
                self.written.append((work.payload, "failed"))
            finally:
                self.queue.task_done()

    async def stop(self) -> None:
        self.task.cancel()
        await asyncio.wait([self.task])


async def overlapping_requests(h: Helpers) -> None:
    writer = Writer(h)

    async def request(name: str) -> None:
        user.set(name)
        for text in ("first", "broken", "last"):
            writer.write(f"{text}" if text == "broken" else f"{text} of {name}")
            await asyncio.sleep(0)

    await asyncio.gather(*(request(name) for name in ("ada", "bob", "eve")))
    await writer.queue.join()
    await writer.stop()
    names = [text.rpartition(" ")[2] for text, _ in writer.written]
    seen = [by for _, by in writer.written]
    assert sorted(set(names)) == ["ada", "bob", "broken", "eve"]
    assert seen == [("failed" if name == "broken" else name) for name in names]
    assert writer.between == {"nobody"}


async def thousands_of_items_in_a_pool(h: Helpers) -> None:
    queue: asyncio.Queue[Any] = asyncio.Queue()
    seen: list[bool] = []

    async def worker() -> None:
        while True:
            work = await queue.get()
            with h.activate_request_context(work.context):
                await asyncio.sleep(0)
                seen.append(row.get() == work.payload)
            assert row not in contextvars.copy_context()
            queue.task_done()

    workers = [h.create_detached_background_task(worker()) for _ in range(50)]
    for number in range(5000):
        row.set(number)
        queue.put_nowait(h.WorkItem(number))
    await queue.join()
    for task in workers:
        task.cancel()
    await asyncio.wait(workers)
    assert seen == [True] * 5000
    assert all(task.cancelled() for task in workers)


async def a_worker_that_survives_the_cancellation_of_an_item(h: Helpers) -> None:
    queue: asyncio.Queue[Any] = asyncio.Queue()
    states: list[str] = []
    inside = asyncio.Event()

    async def worker() -> None:
        while True:
            work = await queue.get()
            try:
                with h.activate_request_context(work.context):
                    states.append(user.get())
                    inside.set()
                    await asyncio.Event().wait()
            except asyncio.CancelledError:
                states.append(user.get())
                if work.payload == "last":
                    raise

    task = h.create_detached_background_task(worker())
    for payload in ("first", "last"):
        user.set(payload)
        queue.put_nowait(h.WorkItem(payload))
        await inside.wait()
        inside.clear()
        task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()
    assert states == ["first", "nobody", "last", "nobody"]


async def cancelled_before_its_first_step(h: Helpers) -> None:
    begun: list[str] = []

    async def worker() -> None:
        begun.append(user.get())
        await asyncio.Event().wait()

    task = h.create_detached_background_task(worker())
    task.cancel()
    await asyncio.wait([task])
    await asyncio.sleep(0)
    assert task.cancelled()
    assert begun in ([], ["nobody"])  # an eager task has begun at once
    assert not any(h._running_tasks.values())


async def an_exception_is_reported_as_by_any_task(h: Helpers) -> None:
    reported: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, what: reported.append(what))

    async def worker() -> None:
        raise LookupError("lost")

    h.create_detached_background_task(worker())
    for _ in range(3):
        await asyncio.sleep(0)
    gc.collect()
    assert not any(h._running_tasks.values())
    assert [str(each["exception"]) for each in reported] == ["lost"]


async def activations_of_concurrent_tasks(h: Helpers) -> None:
    async def request(name: str) -> None:
        user.set(name)
        own = h.capture_request_context()
        user.set("another")
        for _ in range(3):
            with h.activate_request_context(own):
                assert user.get() == name
                await asyncio.sleep(0)
                user.set("changed")
                with h.activate_request_context(own), h.activate_request_context(own):
                    await asyncio.sleep(0)
                    assert user.get() == name
                assert user.get() == "changed"
            assert user.get() == "another"

    await asyncio.gather(*(request(f"user-{number}") for number in range(100)))


async def what_an_item_starts_belongs_to_it(h: Helpers) -> None:
    item = h.WorkItem("payload")

    async def who() -> str:
        await asyncio.sleep(0)
        return user.get()

    async def worker() -> list[str]:
        with h.activate_request_context(item.context):
            task = asyncio.ensure_future(who())
            in_thread = await asyncio.get_running_loop().run_in_executor(
                None, contextvars.copy_context().run, user.get
            )
            detached = h.create_detached_background_task(who())
        return [user.get(), await task, in_thread, await detached]

    seen = await h.create_detached_background_task(worker())
    assert seen == ["nobody", "alice", "alice", "nobody"]


async def a_generator_read_in_the_context_of_an_item(h: Helpers) -> None:
    item = h.WorkItem("payload")

    async def rows() -> Any:
        for number in range(3):
            yield number, user.get()

    async def abandoned() -> None:
        with h.activate_request_context(item.context):
            async for each in rows():
                assert each == (0, "alice")
                break

    async def worker() -> list[Any]:
        source = rows()
        found = [await source.__anext__()]
        with h.activate_request_context(item.context):
            found.append(await source.__anext__())
        found.append(await source.__anext__())
        await source.aclose()
        await abandoned()
        return found

    seen = await h.create_detached_background_task(worker())
    assert seen == [(0, "nobody"), (1, "alice"), (2, "nobody")]


async def a_generator_that_is_closed_inside_its_activation(h: Helpers) -> None:
    item = h.WorkItem("payload")

    async def rows() -> Any:
        with h.activate_request_context(item.context):
            yield user.get()

    async def worker() -> None:
        source = rows()
        assert await source.__anext__() == "alice"
        await source.aclose()
        assert user.get() == "nobody"

    await h.create_detached_background_task(worker())


async def leaving_in_another_context_is_an_error(h: Helpers) -> None:
    captured = h.capture_request_context()
    activation = h.activate_request_context(captured)
    contextvars.Context().run(activation.__enter__)
    failure = ""
    try:
        activation.__exit__(None, None, None)
    except ValueError as error:
        failure = str(error)
    assert "different Context" in failure


async def groups_of_tasks(h: Helpers) -> None:
    if sys.version_info < (3, 11):
        return
    item = h.WorkItem("payload")

    async def who() -> str:
        await asyncio.sleep(0)
        return user.get()

    async def worker() -> list[str]:
        with h.activate_request_context(item.context):
            async with asyncio.TaskGroup() as group:
                own = group.create_task(who())
                without = h.run_detached(group.create_task, who(), name="named")
        return [own.result(), without.result(), without.get_name()]

    assert await h.create_detached_background_task(worker()) == ["alice", "nobody", "named"]


async def callbacks_and_other_ways_to_start(h: Helpers) -> None:
    loop = asyncio.get_running_loop()
    seen: list[str] = []
    done = loop.create_future()

    async def who() -> str:
        return user.get()

    h.run_detached(loop.call_soon, lambda: seen.append(user.get()))
    h.run_detached(loop.call_later, 0.001, lambda: done.set_result(seen.append(user.get())))
    seen.append(await h.run_detached(loop.create_task, who()))
    seen.append(await h.run_detached(asyncio.ensure_future, who()))
    await done
    assert seen == ["nobody"] * 4


async def names_and_results(h: Helpers) -> None:
    async def count() -> int:
        return 1

    named = h.create_detached_background_task(count(), name="counter")
    assert (await named, named.get_name()) == (1, "counter")
    unnamed = h.create_detached_background_task(count())
    assert await unnamed == 1
    kept = h.create_detached_background_task(_who(), keep=[user])
    assert await kept == "alice"


async def _who() -> str:
    return user.get()


async def a_thread_as_worker(h: Helpers) -> None:
    loop = asyncio.get_running_loop()
    item = h.WorkItem("payload")
    found: asyncio.Future[Any] = loop.create_future()

    def worker() -> None:
        seen = [user.get()]
        with h.activate_request_context(item.context):
            seen.append(user.get())
            # The callback belongs to the item.
            loop.call_soon_threadsafe(lambda: found.set_result([*seen, user.get()]))

    thread = h.create_detached_thread(worker, daemon=True)
    thread.start()
    assert await found == ["nobody", "alice", "alice"]
    thread.join()


SCENARIOS: list[Scenario] = [
    overlapping_requests,
    thousands_of_items_in_a_pool,
    a_worker_that_survives_the_cancellation_of_an_item,
    cancelled_before_its_first_step,
    an_exception_is_reported_as_by_any_task,
    activations_of_concurrent_tasks,
    what_an_item_starts_belongs_to_it,
    a_generator_read_in_the_context_of_an_item,
    a_generator_that_is_closed_inside_its_activation,
    leaving_in_another_context_is_an_error,
    groups_of_tasks,
    callbacks_and_other_ways_to_start,
    names_and_results,
    a_thread_as_worker,
]


def legacy_factory(loop: asyncio.AbstractEventLoop, coro: Any) -> asyncio.Task[Any]:
    """A task factory as they were before Python 3.11, which takes neither context nor name."""
    return asyncio.Task(coro, loop=loop)


def with_factory(scenario: Scenario, factory: Any) -> Scenario:
    """The scenario in a loop whose tasks are made by the factory."""

    async def run(h: Helpers) -> None:
        loop = asyncio.get_running_loop()
        loop.set_task_factory(factory)
        try:
            await scenario(h)
        finally:
            loop.set_task_factory(None)

    return run


def kinds() -> dict[str, Callable[[Scenario], Scenario]]:
    """The ways in which the standard library's loop makes tasks, by name."""
    found: dict[str, Callable[[Scenario], Scenario]] = {"plain": lambda scenario: scenario}
    found["legacy"] = lambda scenario: with_factory(scenario, legacy_factory)
    eager = getattr(asyncio, "eager_task_factory", None)
    if eager is not None:
        found["eager"] = lambda scenario: with_factory(scenario, eager)
    return found


def in_request_of_alice(scenario: Scenario, h: Helpers, run: Callable[[Any], None]) -> None:
    """Run a scenario as a request of Alice would, in a context of its own."""

    def request() -> None:
        user.set("alice")
        run(scenario(h))

    contextvars.Context().run(request)
    assert not any(h._running_tasks.values())


if __name__ == "__main__":
    helpers = importlib.import_module(sys.argv[1])
    for kind in kinds().values():
        for each in SCENARIOS:
            in_request_of_alice(kind(each), helpers, asyncio.run)
