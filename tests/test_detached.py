"""The run-time helpers, run on real event loops, threads, task groups and the OpenTelemetry SDK."""

import asyncio
import contextvars
import copy
import gc
import pickle
import queue
import re
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context, ContextVar
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import pytest
import trio

from ctxlint import detached
from ctxlint.detached import (
    RequestContext,
    WorkItem,
    activate_request_context,
    capture_request_context,
    create_detached_background_task,
    create_detached_thread,
    run_detached,
)

user: ContextVar[str] = ContextVar("user", default="nobody")
tenant: ContextVar[str] = ContextVar("tenant", default="none")


@pytest.fixture(autouse=True)
def request_of_alice() -> Iterator[None]:
    """Every test begins inside a request of Alice."""
    tokens = [(user, user.set("alice")), (tenant, tenant.set("blue"))]
    yield
    for variable, token in tokens:
        variable.reset(token)


async def who() -> tuple[str, str]:
    await asyncio.sleep(0)
    return user.get(), tenant.get()


# --- Capture and activate -----------------------------------------------------------------------


def test_activation_sets_what_was_captured_and_resets_it() -> None:
    captured = capture_request_context()
    user.set("bob")
    with activate_request_context(captured):
        assert (user.get(), tenant.get()) == ("alice", "blue")
    assert (user.get(), tenant.get()) == ("bob", "blue")


def test_activation_resets_to_unset() -> None:
    captured = capture_request_context()

    def elsewhere() -> None:
        with activate_request_context(captured):
            assert user.get() == "alice"
        assert user not in contextvars.copy_context()

    Context().run(elsewhere)


@pytest.mark.parametrize(
    ("captured", "seen"),
    [
        ({}, ("alice", "blue")),
        ({"only": [user]}, ("alice", "none")),
        ({"exclude": [user]}, ("nobody", "blue")),
        ({"only": [user, tenant], "exclude": [tenant]}, ("alice", "none")),
        ({"only": [ContextVar("never_set")]}, ("nobody", "none")),
        ({"only": []}, ("nobody", "none")),
    ],
)
def test_what_is_captured_can_be_limited(captured: dict[str, Any], seen: tuple[str, str]) -> None:
    context = capture_request_context(**captured)

    def elsewhere() -> tuple[str, str]:
        with activate_request_context(context):
            return user.get(), tenant.get()

    assert Context().run(elsewhere) == seen


def test_a_snapshot_does_not_change() -> None:
    captured = capture_request_context()
    user.set("bob")
    with activate_request_context(captured):
        user.set("carol")
    with activate_request_context(captured):
        assert user.get() == "alice"
    with pytest.raises(AttributeError, match="immutable"):
        captured._values = {}
    with pytest.raises(AttributeError, match="immutable"):
        del captured._values


def test_snapshots_are_equal_where_nothing_was_set_between_them() -> None:
    first, second = capture_request_context(), WorkItem("mail").context
    assert first == second
    assert hash(first) == hash(second)
    user.set("bob")
    assert first != capture_request_context()
    assert first != capture_request_context(only=[user])
    assert first != "another thing"


def test_what_snapshots_hold_is_not_asked_whether_it_is_equal() -> None:
    """Values need not know (arrays), and equal ones need not be the same (sessions, spans)."""
    variable: ContextVar[object] = ContextVar("variable")
    variable.set([])
    first = capture_request_context(only=[variable])
    variable.set([])
    assert first != capture_request_context(only=[variable])


def test_a_snapshot_is_true_and_shows_no_values() -> None:
    nothing = capture_request_context(only=[])
    assert nothing
    assert repr(nothing) == "<RequestContext of nothing>"
    assert repr(capture_request_context(only=[user, tenant])) == "<RequestContext of tenant, user>"


def test_activations_nest() -> None:
    alice = capture_request_context()
    user.set("bob")
    bob = capture_request_context()
    with activate_request_context(alice):
        with activate_request_context(bob), activate_request_context(alice):
            assert user.get() == "alice"
        assert user.get() == "alice"
    assert user.get() == "bob"


def test_an_exception_leaves_the_block_after_the_reset() -> None:
    captured = capture_request_context()
    user.set("bob")
    with pytest.raises(LookupError, match="in the block"), activate_request_context(captured):
        raise LookupError("in the block")
    assert user.get() == "bob"


class Stubborn:
    """Stands for a context variable whose reset fails, as it does in the wrong context."""

    name = "stubborn"

    def set(self, value: object) -> str:
        return "token"

    def reset(self, token: str) -> None:
        raise ValueError("created in a different Context")


def with_stubborn_variable() -> RequestContext:
    stubborn: Any = Stubborn()
    return RequestContext({user: "carol", stubborn: 1, tenant: "red"})


def test_every_variable_is_reset_although_one_reset_raises() -> None:
    with (
        pytest.raises(ValueError, match="different Context"),
        activate_request_context(with_stubborn_variable()),
    ):
        assert (user.get(), tenant.get()) == ("carol", "red")
    assert (user.get(), tenant.get()) == ("alice", "blue")


def test_a_failed_reset_does_not_hide_the_exception_of_the_block() -> None:
    with (
        pytest.raises(asyncio.CancelledError),
        activate_request_context(with_stubborn_variable()),
    ):
        raise asyncio.CancelledError
    assert (user.get(), tenant.get()) == ("alice", "blue")


def test_an_async_generator_closed_in_another_context_closes_quietly() -> None:
    captured = capture_request_context()

    async def items() -> AsyncIterator[str]:
        with activate_request_context(captured):
            yield user.get()

    async def main() -> None:
        iterator = items()
        assert await anext(iterator) == "alice"
        await Context().run(asyncio.create_task, iterator.aclose())  # type: ignore[attr-defined]

    asyncio.run(main())


def test_one_snapshot_can_be_active_in_many_threads_at_once() -> None:
    captured = capture_request_context()
    together = threading.Barrier(8)

    def work(_: int) -> str:
        with activate_request_context(captured):
            together.wait(timeout=10)
            return user.get()

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(work, range(8))) == {"alice"}


# --- Detached tasks -----------------------------------------------------------------------------


def test_a_detached_task_sees_nothing_of_its_starter() -> None:
    async def main() -> tuple[tuple[str, str], str]:
        task = create_detached_background_task(who(), name="worker")
        return await task, task.get_name()

    assert asyncio.run(main()) == (("nobody", "none"), "worker")


def test_a_detached_task_keeps_what_it_is_told_to() -> None:
    never_set: ContextVar[str] = ContextVar("never_set")

    async def main() -> tuple[str, str]:
        return await create_detached_background_task(who(), keep=[tenant, never_set])

    assert asyncio.run(main()) == ("nobody", "blue")


def test_a_detached_task_cannot_be_garbage_collected() -> None:
    async def main() -> list[str]:
        done: list[str] = []

        async def worker() -> None:
            # Nothing but the task itself holds the future that it waits for.
            await asyncio.get_running_loop().create_future()

        def finish(task: asyncio.Task[None]) -> None:
            done.append("cancelled" if task.cancelled() else "lost")

        create_detached_background_task(worker(), name="forgotten").add_done_callback(finish)
        await asyncio.sleep(0)
        gc.collect()
        (forgotten,) = (t for t in asyncio.all_tasks() if t.get_name() == "forgotten")
        forgotten.cancel()
        await asyncio.wait([forgotten])
        await asyncio.sleep(0)
        assert not any(detached._running_tasks.values())
        return done

    assert asyncio.run(main()) == ["cancelled"]


def test_a_detached_task_does_not_keep_the_request_alive() -> None:
    class Connection:
        pass

    connection: ContextVar[Connection] = ContextVar("connection")

    def begin_request(worker: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        connection.set(Connection())
        return create_detached_background_task(worker)

    async def main() -> None:
        stop = asyncio.Event()

        async def worker() -> None:
            await stop.wait()

        task = contextvars.copy_context().run(begin_request, worker())
        await asyncio.sleep(0)
        gc.collect()
        assert not [o for o in gc.get_objects() if isinstance(o, Connection)]
        stop.set()
        await task

    asyncio.run(main())


def test_under_a_tracer_that_wraps_create_task(monkeypatch: pytest.MonkeyPatch) -> None:
    """ddtrace wraps the coroutine so that it sets the caller's trace again, in any context."""
    original = asyncio.create_task

    def wrapped(coro: Coroutine[Any, Any, Any], **named: Any) -> asyncio.Task[Any]:
        of_caller = user.get()

        async def traced() -> Any:
            user.set(of_caller)
            return await coro

        return original(traced(), **named)

    monkeypatch.setattr(asyncio, "create_task", wrapped)

    async def main() -> tuple[str, str]:
        return await create_detached_background_task(who())

    assert asyncio.run(main()) == ("nobody", "none")


def test_a_detached_task_needs_a_running_loop() -> None:
    coro = who()
    with pytest.raises(RuntimeError, match="no running event loop"):
        create_detached_background_task(coro)
    coro.close()


# --- Detached threads ---------------------------------------------------------------------------


def test_a_detached_thread_sees_nothing_of_its_starter() -> None:
    seen: list[object] = []

    def work(*args: object, **kwargs: object) -> None:
        seen.append((user.get(), tenant.get(), args, kwargs))

    thread = create_detached_thread(
        work, args=(1, 2), kwargs={"three": 3}, name="worker", daemon=True, keep=[tenant]
    )
    assert not thread.is_alive()
    assert (thread.name, thread.daemon) == ("worker", True)
    thread.start()
    thread.join()
    assert seen == [("nobody", "blue", (1, 2), {"three": 3})]


def test_a_detached_thread_under_an_instrumentor(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tracers let `run` set the variables of whoever called `start`."""
    start, run = threading.Thread.start, threading.Thread.run

    def start_and_remember(self: threading.Thread) -> None:
        self.of_starter = contextvars.copy_context()  # type: ignore[attr-defined]
        start(self)

    def run_as_starter(self: threading.Thread) -> None:
        self.of_starter.run(run, self)  # type: ignore[attr-defined]

    monkeypatch.setattr(threading.Thread, "start", start_and_remember)
    monkeypatch.setattr(threading.Thread, "run", run_as_starter)
    seen: list[str] = []

    def work() -> None:
        seen.append(user.get())

    for thread in (threading.Thread(target=work), create_detached_thread(work)):
        thread.start()
        thread.join()
    assert seen == ["alice", "nobody"]


def test_a_detached_thread_is_named_after_its_target() -> None:
    def write_rows() -> None:
        pass

    assert "write_rows" in create_detached_thread(write_rows).name
    assert create_detached_thread(partial(write_rows)).name.startswith("Thread-")


# --- run_detached -------------------------------------------------------------------------------


def test_run_detached_for_anyio_task_groups() -> None:
    seen: list[str] = []

    async def worker(greeting: str) -> None:
        seen.append(f"{greeting} {user.get()}")

    async def main() -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(worker, "hello")
            run_detached(group.start_soon, worker, "bye")

    anyio.run(main)
    anyio.run(main, backend="trio")
    assert sorted(seen) == ["bye nobody", "bye nobody", "hello alice", "hello alice"]


def test_run_detached_for_trio_nurseries() -> None:
    seen: list[str] = []

    async def worker() -> None:
        seen.append(user.get())

    async def main() -> None:
        async with trio.open_nursery() as nursery:
            run_detached(nursery.start_soon, worker)

    trio.run(main)
    assert seen == ["nobody"]


async def a_coroutine_function() -> None: ...


async def an_async_generator_function() -> AsyncIterator[int]:
    yield 1


def a_generator_function() -> Iterator[int]:
    yield 1


class AsynchronouslyCallable:
    async def __call__(self) -> None: ...


@pytest.mark.parametrize(
    "function",
    [
        a_coroutine_function,
        an_async_generator_function,
        partial(a_coroutine_function),
        AsynchronouslyCallable(),
        a_generator_function,
        pytest.param(lambda: a_coroutine_function(), id="returns a coroutine"),
    ],
)
def test_run_detached_refuses_what_would_run_later(function: Callable[[], object]) -> None:
    with pytest.raises(TypeError, match="in the caller's context"):
        run_detached(function)


def test_run_detached_takes_a_class_whose_instances_are_asynchronous() -> None:
    assert isinstance(run_detached(AsynchronouslyCallable), AsynchronouslyCallable)


# --- Work items ---------------------------------------------------------------------------------


def test_a_work_item_carries_the_context_it_was_made_in() -> None:
    work: queue.Queue[WorkItem[int] | None] = queue.Queue()
    seen: list[tuple[int, str]] = []

    def worker() -> None:
        while True:
            item = work.get()
            if item is None:
                return
            with activate_request_context(item.context):
                seen.append((item.payload + 1, user.get()))

    thread = create_detached_thread(worker)
    thread.start()
    for number, name in enumerate(["alice", "bob"]):
        user.set(name)
        work.put(WorkItem(number))
    work.put(None)
    thread.join()
    assert seen == [(1, "alice"), (2, "bob")]


@pytest.mark.parametrize("leave", [pickle.dumps, copy.copy, copy.deepcopy])
@pytest.mark.parametrize("make", [lambda: WorkItem(1), capture_request_context])
def test_no_context_leaves_its_process(
    make: Callable[[], object], leave: Callable[[object], object]
) -> None:
    with pytest.raises(TypeError, match=r"cannot be pickled .*Send the payload alone"):
        leave(make())


def test_a_work_item_shows_its_payload() -> None:
    assert repr(WorkItem({"id": 1})) == "WorkItem({'id': 1})"


def test_a_work_item_leaves_variables_behind() -> None:
    item = WorkItem("payload", exclude=[tenant])

    def worker() -> tuple[str, str]:
        with activate_request_context(item.context):
            return user.get(), tenant.get()

    assert run_detached(worker) == ("alice", "none")


def test_an_activation_is_entered_by_one_block_at_a_time() -> None:
    activation = activate_request_context(capture_request_context())
    user.set("bob")
    with activation:
        with pytest.raises(RuntimeError, match="make one for each block"), activation:
            raise AssertionError("entered twice")
        assert user.get() == "alice"
    assert user.get() == "bob"
    with activation:
        assert user.get() == "alice"
    assert user.get() == "bob"


def test_tasks_of_a_closed_loop_are_let_go() -> None:
    async def worker() -> None:
        await asyncio.Event().wait()

    async def start() -> asyncio.Task[None]:
        return create_detached_background_task(worker())

    loop = asyncio.new_event_loop()
    abandoned = loop.run_until_complete(start())
    loop.close()
    assert detached._running_tasks[loop] == {abandoned}
    asyncio.run(start())  # ends with its loop, which cancels it
    assert loop not in detached._running_tasks
    assert not any(detached._running_tasks.values())
    abandoned._log_destroy_pending = False  # type: ignore[attr-defined]
    abandoned.get_coro().close()  # type: ignore[union-attr]


PAGE = Path(__file__).resolve().parent.parent / "docs/helpers.md"
EXAMPLES = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.M | re.S)


def test_the_examples_of_the_page_run(capsys: pytest.CaptureFixture[str]) -> None:
    assert len(EXAMPLES) == 2
    for example in EXAMPLES:
        Context().run(exec, example, {})
    assert capsys.readouterr().out == "ada saved a.txt\nbob saved b.txt\n"
