"""The fix of CTX301: what it writes, what it leaves alone, and what the code does then."""

from __future__ import annotations

import asyncio
import textwrap
import time
import types
from collections.abc import Callable
from pathlib import Path

import pytest

from ctxlint import check
from ctxlint.fixing import fix

HEAD = """\
import asyncio
import contextvars
import functools
import itertools
import threading
from concurrent.futures import Executor, ThreadPoolExecutor
from contextvars import ContextVar
from multiprocessing.pool import ThreadPool

user = ContextVar("user", default="nobody")
pool = ThreadPoolExecutor(4)
seen = []


def log_in(name):
    user.set(name)


def store(*args, **kwargs):
    seen.append((user.get(), args, kwargs))
    return user.get()


"""


def program(root: Path, body: str) -> Path:
    path = root / "program.py"
    path.write_text(HEAD + textwrap.dedent(body))
    (root / "pyproject.toml").write_text("[tool.ctxlint]\n")
    return path


def fixed(root: Path, body: str) -> str:
    path = program(root, body)
    report = fix([root], unsafe=True, write=False)
    text = report.texts.get(path.resolve(), path.read_bytes())
    return text.decode().removeprefix(HEAD)


COPY = "contextvars.copy_context().run"
# How a call is written, and how after the fix.
CALLS = {
    "submit": ("pool.submit(store, 1, k=2)", f"pool.submit({COPY}, store, 1, k=2)"),
    "submit without arguments": ("pool.submit(store)", f"pool.submit({COPY}, store)"),
    "submit a partial": (
        "pool.submit(functools.partial(store, 1), 2)",
        f"pool.submit({COPY}, functools.partial(store, 1), 2)",
    ),
    "submit a lambda": (
        "pool.submit(lambda: store(1))",
        f"pool.submit({COPY}, lambda: store(1))",
    ),
    "submit unpacked arguments": (
        "pool.submit(store, *[1, 2], **{'k': 3})",
        f"pool.submit({COPY}, store, *[1, 2], **{{'k': 3}})",
    ),
    "in a comprehension": (
        "[pool.submit(store, n) for n in (1, 2)]",
        f"[pool.submit({COPY}, store, n) for n in (1, 2)]",
    ),
    "map": (
        "list(pool.map(store, [1, 2], timeout=3))",
        "list(pool.map(contextvars.Context.run, iter(contextvars.copy_context, None), "
        "itertools.repeat(store), [1, 2], timeout=3))",
    ),
    "thread": (
        'threading.Thread(target=store, args=(1, 2), kwargs={"k": 3}, daemon=True).start()',
        f"threading.Thread(target={COPY}, args=(store, 1, 2), "
        'kwargs={"k": 3}, daemon=True).start()',
    ),
    "thread with one argument": (
        "threading.Thread(target=store, args=(1,)).start()",
        f"threading.Thread(target={COPY}, args=(store, 1)).start()",
    ),
    "thread without arguments": (
        'threading.Thread(target=store, name="storing").start()',
        f'threading.Thread(target={COPY}, args=(store,), name="storing").start()',
    ),
    "thread with positions": (
        'threading.Thread(None, store, "storing", [1]).start()',
        f'threading.Thread(None, {COPY}, "storing", [store, 1]).start()',
    ),
    "thread with arguments from elsewhere": (
        "threading.Thread(target=store, args=name).start()",
        f"threading.Thread(target={COPY}, args=(store, *name)).start()",
    ),
    "timer": (
        "threading.Timer(0.01, store, [1]).start()",
        f"threading.Timer(0.01, {COPY}, [store, 1]).start()",
    ),
    "timer without arguments": (
        "threading.Timer(0.01, store).start()",
        f"threading.Timer(0.01, {COPY}, args=(store,)).start()",
    ),
    "timer that says it has none": (
        "threading.Timer(0.01, store, None).start()",
        f"threading.Timer(0.01, {COPY}, (store,)).start()",
    ),
}


@pytest.mark.parametrize(("before", "after"), CALLS.values(), ids=CALLS)
def test_a_call(before: str, after: str, tmp_path: Path) -> None:
    frame = "def handle(name):\n    log_in(name)\n    return {}\n"
    assert fixed(tmp_path, frame.format(before)) == frame.format(after)
    program(tmp_path, frame.format(after))
    assert check([tmp_path]) == []
    assert fix([tmp_path], unsafe=True, write=False).texts == {}


@pytest.mark.parametrize("name", CALLS)
def test_the_work_then_runs_as_its_caller(name: str) -> None:
    """Before the fix as nobody, afterwards as whoever handed it over; with the same arguments."""
    results = []
    for call in CALLS[name]:
        space = types.ModuleType("program").__dict__
        exec(HEAD + f"def handle(name):\n    log_in(name)\n    return {call}\n", space)
        handle: Callable[[str], object] = space["handle"]
        handle("al")
        space["pool"].shutdown()
        deadline = time.monotonic() + 10
        while not space["seen"] and time.monotonic() < deadline:
            time.sleep(0.01)  # a thread that nobody waits for
        results.append(sorted(space["seen"], key=repr))
    before, after = results
    assert {user for user, *_ in before} == {"nobody"}
    assert {user for user, *_ in after} == {"al"}
    assert [rest for _, *rest in before] == [rest for _, *rest in after]


AWAITED = {
    "a variable that is used for nothing else": (
        """\
        async def handle(name):
            log_in(name)
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(None, store, 1)
        """,
        """\
        async def handle(name):
            log_in(name)
            return await asyncio.to_thread(store, 1)
        """,
    ),
    "a loop got in place": (
        """\
        async def handle(name):
            log_in(name)
            return await asyncio.get_running_loop().run_in_executor(None, lambda: store(1))
        """,
        """\
        async def handle(name):
            log_in(name)
            return await asyncio.to_thread(lambda: store(1))
        """,
    ),
    "unpacked arguments": (
        """\
        async def handle(name, *rows):
            log_in(name)
            return await asyncio.get_running_loop().run_in_executor(None, store, *rows)
        """,
        """\
        async def handle(name, *rows):
            log_in(name)
            return await asyncio.to_thread(store, *rows)
        """,
    ),
    "a comment on what would go": (
        """\
        async def handle(name):
            log_in(name)
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(
                None,  # the pool of the loop
                store,
                1,
            )
        """,
        f"""\
        async def handle(name):
            log_in(name)
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(
                None,  # the pool of the loop
                {COPY},
                store,
                1,
            )
        """,
    ),
    "not awaited at once": (
        """\
        async def handle(name):
            log_in(name)
            loop = asyncio.get_running_loop()
            future = loop.run_in_executor(None, store, 1)
            log_in("somebody else")
            return await future
        """,
        f"""\
        async def handle(name):
            log_in(name)
            loop = asyncio.get_running_loop()
            future = loop.run_in_executor(None, {COPY}, store, 1)
            log_in("somebody else")
            return await future
        """,
    ),
    "an executor of its own": (
        """\
        async def handle(name):
            log_in(name)
            return await asyncio.get_running_loop().run_in_executor(pool, store, 1)
        """,
        f"""\
        async def handle(name):
            log_in(name)
            return await asyncio.get_running_loop().run_in_executor(pool, {COPY}, store, 1)
        """,
    ),
    "by a name of its own": (
        """\
        async def handle(name):
            log_in(name)
            run_in_executor = asyncio.get_running_loop().run_in_executor
            return await run_in_executor(None, store)
        """,
        f"""\
        async def handle(name):
            log_in(name)
            run_in_executor = asyncio.get_running_loop().run_in_executor
            return await run_in_executor(None, {COPY}, store)
        """,
    ),
    "within a time": (
        """\
        async def handle(name):
            log_in(name)
            loop = asyncio.get_running_loop()
            return await asyncio.wait_for(loop.run_in_executor(None, store), 5)
        """,
        f"""\
        async def handle(name):
            log_in(name)
            loop = asyncio.get_running_loop()
            return await asyncio.wait_for(loop.run_in_executor(None, {COPY}, store), 5)
        """,
    ),
}


@pytest.mark.parametrize(("before", "after"), AWAITED.values(), ids=AWAITED)
def test_an_executor_of_the_loop(before: str, after: str, tmp_path: Path) -> None:
    assert fixed(tmp_path, before) == textwrap.dedent(after)
    for source, user in ((before, "nobody"), (after, "al")):
        space = types.ModuleType("program").__dict__
        exec(HEAD + textwrap.dedent(source), space)
        assert asyncio.run(space["handle"]("al")) == user


LEFT = {
    "a pool that may be one of processes": (
        """\
        def handle(name, executor: Executor):
            log_in(name)
            return executor.submit(store, 1)
        """,
        "its pool may be one of processes, to which no context can be sent",
    ),
    "another loop": (
        """\
        import anyio


        async def work():
            store()


        def handle(name):
            log_in(name)
            return pool.submit(lambda: anyio.run(work))
        """,
        "it runs an event loop that would take the caller's for its own",
    ),
    "another loop, handed over": (
        """\
        import trio


        async def work():
            store()


        def handle(name):
            log_in(name)
            return pool.submit(trio.run, work)
        """,
        "it runs an event loop that would take the caller's for its own",
    ),
    "a map over nobody knows how many columns": (
        """\
        def handle(name, columns):
            log_in(name)
            return list(pool.map(store, *columns))
        """,
        "each item needs a copy of its own: submit them one by one",
    ),
    "a class of threads": (
        """\
        class Storing(threading.Thread):
            def run(self):
                store()


        def handle(name):
            log_in(name)
            Storing().start()
        """,
        "its class can take the copy in __init__, and run its work in it",
    ),
    "arguments that are unpacked": (
        """\
        def handle(name, arguments):
            log_in(name)
            threading.Thread(None, store, *arguments).start()
        """,
        "its arguments are unpacked from a variable",
    ),
    "a map of another kind of pool": (
        """\
        def handle(name):
            log_in(name)
            with ThreadPool(2) as threads:
                return threads.map(store, [1, 2])
        """,
        "each item needs a copy of its own: submit them one by one",
    ),
}


@pytest.mark.parametrize(("source", "reason"), LEFT.values(), ids=LEFT)
def test_left_to_whoever_knows_better(source: str, reason: str, tmp_path: Path) -> None:
    assert fixed(tmp_path, source) == textwrap.dedent(source)
    (finding,) = check([tmp_path])
    assert finding.code == "CTX301"
    assert finding.fix is not None
    assert finding.fix.applicability == "display"
    assert finding.fix.title.endswith(f"by hand: {reason}")


def test_a_comment_in_the_way(tmp_path: Path) -> None:
    body = "def handle(name):\n    log_in(name)\n    return pool.map((store  # it\n    ), [1, 2])\n"
    program(tmp_path, body)
    report = fix([tmp_path], unsafe=True, write=False)
    assert report.texts == {}
    assert [each.reason for each in report.failures] == ["a comment stands inside the function"]


def test_only_unsafe_fixes_touch_it(tmp_path: Path) -> None:
    program(tmp_path, "def handle(name):\n    log_in(name)\n    pool.submit(store)\n")
    assert fix([tmp_path], unsafe=False, write=False).texts == {}
