"""The helpers on every kind of event loop and every Python: the scenarios, run."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import sys
from collections.abc import Callable
from typing import Any

import anyio
import anyio.lowlevel
import detached_scenarios as scenarios
import pytest
from detached_scenarios import Scenario, in_request_of_alice, user

from ctxlint import detached
from ctxlint.detached import WorkItem, activate_request_context, run_detached

KINDS = scenarios.kinds()


def each_scenario(kinds: list[str]) -> pytest.MarkDecorator:
    pairs = [(kind, scenario) for kind in kinds for scenario in scenarios.SCENARIOS]
    names = [f"{kind}-{scenario.__name__}" for kind, scenario in pairs]
    return pytest.mark.parametrize(("kind", "scenario"), pairs, ids=names)


@each_scenario(list(KINDS))
def test_on_the_standard_loop(kind: str, scenario: Scenario) -> None:
    in_request_of_alice(KINDS[kind](scenario), detached, asyncio.run)


@each_scenario(["plain"])
def test_in_debug_mode(kind: str, scenario: Scenario) -> None:
    in_request_of_alice(scenario, detached, lambda main: asyncio.run(main, debug=True))


def deaf_factory(loop: asyncio.AbstractEventLoop, coro: Any, **named: object) -> asyncio.Task[Any]:
    """As `legacy_factory`, which uvloop cannot use: it always passes `context=`, if only None."""
    assert not any(named.values())
    return asyncio.Task(coro, loop=loop)


UVLOOP_KINDS = {
    **{kind: wrapped for kind, wrapped in KINDS.items() if kind != "legacy"},
    "deaf": lambda scenario: scenarios.with_factory(scenario, deaf_factory),
}


@each_scenario(list(UVLOOP_KINDS))
def test_on_uvloop(kind: str, scenario: Scenario) -> None:
    uvloop = pytest.importorskip("uvloop")

    def run(main: Any) -> None:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(main)

    async def plain(h: Any) -> None:
        coro = asyncio.sleep(0)
        try:
            await asyncio.create_task(coro)
        finally:
            coro.close()

    try:
        in_request_of_alice(UVLOOP_KINDS[kind](plain), detached, run)
    except TypeError as error:  # uvloop 0.23 and the eager factory of Python 3.13.0
        pytest.skip(f"uvloop and this factory do not go together: {error}")
    in_request_of_alice(UVLOOP_KINDS[kind](scenario), detached, run)


@pytest.mark.skipif(sys.version_info < (3, 12), reason="eager tasks came with Python 3.12")
def test_an_eager_task_begins_without_the_context_of_its_starter() -> None:
    async def worker(begun: list[str]) -> None:
        begun.append(user.get())
        user.set("worker")

    async def main(h: Any) -> None:
        begun: list[str] = []
        task = h.create_detached_background_task(worker(begun))
        assert (begun, task.done(), user.get()) == (["nobody"], True, "alice")

    in_request_of_alice(KINDS["eager"](main), detached, asyncio.run)


# --- anyio and trio -----------------------------------------------------------------------------


@pytest.fixture(params=["asyncio", "asyncio+uvloop", "trio"])
def run(request: pytest.FixtureRequest) -> Callable[..., Any]:
    """anyio.run on each of its backends, within a request of Alice."""
    backend, _, uvloop = str(request.param).partition("+")
    if uvloop:
        pytest.importorskip("uvloop")
    options = {"use_uvloop": True} if uvloop else {}

    def run_it(function: Callable[..., Any], *arguments: object) -> Any:
        def request_of_alice() -> Any:
            user.set("alice")
            return anyio.run(function, *arguments, backend=backend, backend_options=options)

        return contextvars.Context().run(request_of_alice)

    return run_it


def test_a_worker_in_a_task_group_of_anyio(run: Callable[..., Any]) -> None:
    async def main() -> list[tuple[str, str, str]]:
        send, receive = anyio.create_memory_object_stream[WorkItem[str]](10)
        written: list[tuple[str, str, str]] = []

        async def worker() -> None:
            async with receive:
                async for work in receive:
                    outside = user.get()
                    with activate_request_context(work.context):
                        await anyio.lowlevel.checkpoint()
                        in_thread = await anyio.to_thread.run_sync(user.get)
                    written.append((work.payload, in_thread, outside))

        async def request(name: str) -> None:
            user.set(name)
            await anyio.lowlevel.checkpoint()
            await send.send(WorkItem(name))

        async with anyio.create_task_group() as group:
            run_detached(group.start_soon, worker, name="worker")
            async with send, anyio.create_task_group() as requests:
                for name in ("ada", "bob"):
                    requests.start_soon(request, name)
        return written

    assert sorted(run(main)) == [("ada", "ada", "nobody"), ("bob", "bob", "nobody")]


def test_a_cancelled_scope_inside_and_around_an_activation(run: Callable[..., Any]) -> None:
    async def main() -> list[str]:
        item = WorkItem("payload")
        user.set("worker")
        seen: list[str] = []
        with activate_request_context(item.context):
            with anyio.move_on_after(0.01):
                await anyio.sleep_forever()
            seen.append(user.get())
        with anyio.move_on_after(0.01) as scope:
            with activate_request_context(item.context):
                await anyio.sleep_forever()
        assert scope.cancelled_caught
        seen.append(user.get())
        return seen

    assert run(main) == ["alice", "worker"]


def test_starting_and_waiting_is_refused(run: Callable[..., Any]) -> None:
    """`group.start` runs at the await, in the caller's context: it cannot be run detached."""

    async def worker(*, task_status: anyio.abc.TaskStatus[None]) -> None:
        task_status.started()

    async def main() -> None:
        async with anyio.create_task_group() as group:
            with pytest.raises(TypeError, match="in the caller's context"):
                run_detached(group.start, worker)

    run(main)


def test_a_portal_from_another_thread(run: Callable[..., Any]) -> None:
    async def who() -> str:
        return user.get()

    async def main() -> list[str]:
        async with anyio.from_thread.BlockingPortal() as portal:

            def in_thread() -> list[str]:
                own = portal.start_task_soon(who)
                detached_one = run_detached(portal.start_task_soon, who)
                return [own.result(), detached_one.result()]

            return await anyio.to_thread.run_sync(in_thread)

    assert run(main) == ["alice", "nobody"]


def test_tasks_of_several_loops_are_held_as_long_as_each_may_run() -> None:
    done: list[str] = []

    async def start(name: str) -> None:
        async def wait() -> None:
            await asyncio.sleep(0)
            done.append(name)

        detached.create_detached_background_task(wait())

    loops = [asyncio.new_event_loop() for _ in range(2)]
    try:
        for name, loop in zip("ab", loops, strict=True):
            loop.run_until_complete(start(name))
        for loop in loops:
            gc.collect()
            for _ in range(3):
                loop.run_until_complete(asyncio.sleep(0))
    finally:
        for loop in loops:
            loop.close()
    assert sorted(done) == ["a", "b"]
