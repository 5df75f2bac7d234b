"""Fixes of contexts that are captured too late, shared, or asked for their truth."""

from __future__ import annotations

import textwrap
import threading
from contextvars import Context
from pathlib import Path
from types import ModuleType

import pytest

from ctxlint import check
from ctxlint.fixing import FixReport, fix
from ctxlint.settings import Settings

HEAD = """\
import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context, ContextVar, copy_context

user = ContextVar("user", default="nobody")
pool = ThreadPoolExecutor(4)
seen = []


def store(row=None, *, key=None):
    seen.append(user.get())
    return user.get()


"""


def fixed(root: Path, body: str, *, unsafe: bool = True, head: str = HEAD) -> FixReport:
    (root / "program.py").write_text(head + textwrap.dedent(body))
    (root / "pyproject.toml").write_text("[tool.ctxlint]\n")
    return fix([root], unsafe=unsafe, write=False)


def text_of(report: FixReport, root: Path, head: str = HEAD) -> str:
    path = (root / "program.py").resolve()
    text = report.texts[path] if path in report.texts else path.read_bytes()
    return text.decode().removeprefix(head)


def assert_becomes(root: Path, before: str, after: str, head: str = HEAD) -> None:
    """A fix gives exactly this, leaves nothing to report, and a second one changes nothing."""
    report = fixed(root, before, head=head)
    assert text_of(report, root, head) == textwrap.dedent(after)
    (root / "program.py").write_text(head + textwrap.dedent(after))
    assert check([root]) == []
    assert fix([root], unsafe=True, write=False).texts == {}


LATE = {
    "lambda": (
        "def handle(row):\n    pool.submit(lambda: copy_context().run(store, row))\n",
        "def handle(row):\n    pool.submit(copy_context().run, store, row)\n",
    ),
    "lambda with keywords": (
        "def handle(row):\n    pool.submit(lambda: copy_context().run(store, row, key=row.key))\n",
        "def handle(row):\n"
        "    pool.submit(functools.partial(copy_context().run, store, row, key=row.key))\n",
    ),
    "lambda that computes": (
        "def handle(row):\n    pool.submit(lambda: copy_context().run(store, load(row)))\n",
        "def handle(row):\n"
        "    pool.submit(copy_context().run, lambda: copy_context().run(store, load(row)))\n",
    ),
    "lambda over lines": (
        """\
        def handle(row):
            pool.submit(
                lambda: copy_context().run(
                    store,
                    row,  # the row
                )
            )
        """,
        None,
    ),
    "lambda in brackets": (
        "def handle(row):\n    pool.submit((lambda: (copy_context().run(store))),)\n",
        "def handle(row):\n    pool.submit(copy_context().run, store,)\n",
    ),
    "comprehension": (
        "def handle(rows):\n"
        "    return [pool.submit(lambda: copy_context().run(store, row)) for row in rows]\n",
        "def handle(rows):\n"
        "    return [pool.submit(copy_context().run, store, row) for row in rows]\n",
    ),
    "thread of a lambda": (
        "def handle(row):\n"
        "    threading.Thread(target=lambda: copy_context().run(store, row)).start()\n",
        "def handle(row):\n"
        "    threading.Thread(target=functools.partial(copy_context().run, store, row)).start()\n",
    ),
    "executor of the loop": (
        "async def handle(loop: asyncio.AbstractEventLoop, row):\n"
        "    await loop.run_in_executor(None, lambda: copy_context().run(store, row))\n",
        "async def handle(loop: asyncio.AbstractEventLoop, row):\n"
        "    await loop.run_in_executor(None, copy_context().run, store, row)\n",
    ),
    "nested function": (
        """\
        def handle(row):
            def work():
                ctx = copy_context()
                return ctx.run(store, row)

            return pool.submit(work)
        """,
        """\
        def handle(row):
            def work():
                ctx = copy_context()
                return ctx.run(store, row)

            return pool.submit(copy_context().run, work)
        """,
    ),
    "two spawns of one function": (
        """\
        def work(row):
            copy_context().run(store, row)


        def handle(row):
            pool.submit(work, row)
            threading.Timer(5, work, (row,)).start()
        """,
        """\
        def work(row):
            copy_context().run(store, row)


        def handle(row):
            pool.submit(copy_context().run, work, row)
            threading.Timer(5, functools.partial(copy_context().run, work), (row,)).start()
        """,
    ),
    "one argument per line": (
        """\
        def work(row):
            copy_context().run(store, row)


        async def handle(loop: asyncio.AbstractEventLoop, row):
            await loop.run_in_executor(
                pool,
                work,
                row,
            )
        """,
        """\
        def work(row):
            copy_context().run(store, row)


        async def handle(loop: asyncio.AbstractEventLoop, row):
            await loop.run_in_executor(
                pool,
                copy_context().run,
                work,
                row,
            )
        """,
    ),
    "a coroutine": (
        """\
        async def save(row):
            copy_context().run(store, row)


        def handle(row):
            pool.submit(asyncio.run, save(row))
        """,
        """\
        async def save(row):
            copy_context().run(store, row)


        def handle(row):
            pool.submit(copy_context().run, asyncio.run, save(row))
        """,
    ),
    "a future's callback": (
        "def handle(row):\n"
        "    future = pool.submit(copy_context().run, store, row)\n"
        "    future.add_done_callback(lambda done: copy_context().run(store, done))\n",
        "def handle(row):\n"
        "    future = pool.submit(copy_context().run, store, row)\n"
        "    future.add_done_callback("
        "functools.partial(copy_context().run, lambda done: copy_context().run(store, done)))\n",
    ),
}


@pytest.mark.parametrize(("before", "after"), LATE.values(), ids=LATE.keys())
def test_late_copies(before: str, after: str | None, tmp_path: Path) -> None:
    if after is None:
        assert fixed(tmp_path, before).texts == {}
        return
    head = HEAD.replace("import threading", "import functools\nimport threading")
    assert_becomes(tmp_path, before, after, head if "functools" in after else HEAD)


def test_imports_come_with_the_fix(tmp_path: Path) -> None:
    (tmp_path / "work.py").write_text(
        "import contextvars\n\n\ndef work(row):\n    contextvars.copy_context().run(print, row)\n"
    )
    head = "from concurrent.futures import ThreadPoolExecutor\n\nfrom work import work\n"
    report = fixed(
        tmp_path,
        "\npool = ThreadPoolExecutor()\n\n\ndef f(x):\n    pool.submit(work, x)\n",
        head=head,
    )
    assert text_of(report, tmp_path, "") == (
        "import contextvars\n"
        "from concurrent.futures import ThreadPoolExecutor\n\nfrom work import work\n"
        "\npool = ThreadPoolExecutor()\n\n\n"
        "def f(x):\n    pool.submit(contextvars.copy_context().run, work, x)\n"
    )


DISPLAYED = {
    "a Thread's class": (
        "class Work(threading.Thread):\n    def run(self):\n        copy_context().run(store)\n",
        "a Thread's class can only do it in __init__",
    ),
    "a function that starts others": (
        "def start(function):\n    threading.Thread(target=function).start()\n\n\n"
        "def handle(row):\n    start(lambda: copy_context().run(store, row))\n",
        "start() starts it, and starts other functions, too",
    ),
    "a map": (
        "def handle(rows):\n"
        "    return list(pool.map(lambda row: copy_context().run(store, row), rows))\n",
        "each item needs a copy of its own: submit them one by one",
    ),
    "a copy made once for a map": (
        "import functools\n\ndef handle(rows):\n"
        "    return list(pool.map(functools.partial(copy_context().run, store), rows))\n",
        "the copy is made once, before the runs",
    ),
    "a kept run": (
        "def handle(rows):\n    run = copy_context().run\n"
        "    for row in rows:\n        pool.submit(run, store, row)\n",
        "the copy is made once, before the runs",
    ),
    "a kept run of a name": (
        "def handle(rows):\n    ctx = copy_context()\n    run = ctx.run\n"
        "    for row in rows:\n        pool.submit(run, store, row)\n",
        "its run() is kept under another name",
    ),
    "a call": (
        "def handle(row):\n    return row.get('context') or copy_context()\n",
        "what gives the context would run twice",
    ),
    "several": (
        "def handle(a: Context, b: Context):\n    return a or b or copy_context()\n",
        "there are several fallbacks",
    ),
}


@pytest.mark.parametrize(("source", "reason"), DISPLAYED.values(), ids=DISPLAYED.keys())
def test_what_is_left_to_people(source: str, reason: str, tmp_path: Path) -> None:
    report = fixed(tmp_path, source)
    assert report.texts == {}
    [finding] = check([tmp_path])
    assert finding.fix is not None
    assert finding.fix.applicability == "display"
    assert finding.fix.title.endswith(reason)


SHARED = {
    "loop": (
        "def handle(rows):\n    ctx = copy_context()\n"
        "    for row in rows:\n        pool.submit(ctx.run, store, row)\n",
        "def handle(rows):\n    ctx = copy_context()\n"
        "    for row in rows:\n        pool.submit(ctx.copy().run, store, row)\n",
    ),
    "the second of two": (
        "def handle(row):\n    ctx = copy_context()\n"
        "    pool.submit(ctx.run, store, row)\n    pool.submit(ctx.run, store)\n",
        "def handle(row):\n    ctx = copy_context()\n"
        "    pool.submit(ctx.run, store, row)\n    pool.submit(ctx.copy().run, store)\n",
    ),
    "tasks": (
        "async def handle(rows):\n    ctx = copy_context()\n    await asyncio.gather(\n"
        "        *(asyncio.create_task(row.save(), context=ctx) for row in rows)\n    )\n",
        "async def handle(rows):\n    ctx = copy_context()\n    await asyncio.gather(\n"
        "        *(asyncio.create_task(row.save(), context=ctx.copy()) for row in rows)\n    )\n",
    ),
    "map": (
        "def handle(rows):\n    ctx = copy_context()\n    return list(pool.map(ctx.run, rows))\n",
        "def handle(rows):\n    ctx = copy_context()\n"
        "    return list(pool.map(lambda *args: ctx.copy().run(*args), rows))\n",
    ),
    "map of a partial": (
        "import functools\n\ndef handle(rows):\n    ctx = copy_context()\n"
        "    return list(pool.map(functools.partial(ctx.run, store, key=1), rows))\n",
        "import functools\n\ndef handle(rows):\n    ctx = copy_context()\n"
        "    return list(pool.map(functools.partial("
        "lambda *args, **kwargs: ctx.copy().run(*args, **kwargs), store, key=1), rows))\n",
    ),
    "map of a lambda": (
        "def handle(rows):\n    ctx = copy_context()\n"
        "    return list(pool.map(lambda row: ctx.run(store, row), rows))\n",
        "def handle(rows):\n    ctx = copy_context()\n"
        "    return list(pool.map(lambda row: ctx.copy().run(store, row), rows))\n",
    ),
    "passed as an argument": (
        "def work(ctx: Context, row):\n    ctx.run(store, row)\n\n\n"
        "def handle(rows):\n    ctx = copy_context()\n"
        "    for row in rows:\n        pool.submit(work, ctx, row)\n",
        "def work(ctx: Context, row):\n    ctx.run(store, row)\n\n\n"
        "def handle(rows):\n    ctx = copy_context()\n"
        "    for row in rows:\n        pool.submit(work, ctx.copy(), row)\n",
    ),
    "an attribute": (
        "class Jobs:\n    def __init__(self):\n        self.ctx = copy_context()\n\n"
        "    def handle(self, rows):\n"
        "        return [pool.submit(self.ctx.run, store, row) for row in rows]\n",
        "class Jobs:\n    def __init__(self):\n        self.ctx = copy_context()\n\n"
        "    def handle(self, rows):\n"
        "        return [pool.submit(self.ctx.copy().run, store, row) for row in rows]\n",
    ),
}


@pytest.mark.parametrize(("before", "after"), SHARED.values(), ids=SHARED.keys())
def test_shared_contexts(before: str, after: str, tmp_path: Path) -> None:
    assert_becomes(tmp_path, before, after)


FALSY = {
    "or": ("return ctx or copy_context()", "return ctx if ctx is not None else copy_context()"),
    "or in brackets": (
        "(ctx or copy_context()).run(store)",
        "(ctx if ctx is not None else copy_context()).run(store)",
    ),
    "or as an argument": (
        "f(1, ctx or copy_context(), key=ctx or copy_context())",
        "f(1, ctx if ctx is not None else copy_context(), "
        "key=ctx if ctx is not None else copy_context())",
    ),
    "or within an if": (
        "return ctx or copy_context() if f else None",
        "return (ctx if ctx is not None else copy_context()) if f else None",
    ),
    "or after an if": (
        "return None if f else ctx or copy_context()",
        "return None if f else ctx if ctx is not None else copy_context()",
    ),
    "or in a list": (
        "return [ctx or copy_context(), {1: ctx or copy_context()}]",
        "return [ctx if ctx is not None else copy_context(), "
        "{1: ctx if ctx is not None else copy_context()}]",
    ),
    "or over lines": (
        "ctx = (\n        ctx\n        or copy_context()\n    )\n    return ctx",
        "ctx = (\n        ctx\n        if ctx is not None else copy_context()\n    )\n"
        "    return ctx",
    ),
    "conditional": (
        "return ctx if ctx else copy_context()",
        "return ctx if ctx is not None else copy_context()",
    ),
    "conditional negated": (
        "return copy_context() if not ctx else ctx",
        "return copy_context() if ctx is None else ctx",
    ),
    "if": (
        "if not ctx:  # nobody gave one\n        ctx = copy_context()\n    return ctx",
        "if ctx is None:  # nobody gave one\n        ctx = copy_context()\n    return ctx",
    ),
    "if in brackets": (
        "if (not (ctx)):\n        ctx = copy_context()\n    return ctx",
        "if ((ctx) is None):\n        ctx = copy_context()\n    return ctx",
    ),
    "or of a name": (
        "current = copy_context()\n    (ctx or current).run(f)",
        "current = copy_context()\n    (ctx if ctx is not None else current).run(f)",
    ),
    "conditional with a copy of it": (
        "return ctx.copy() if ctx else copy_context()",
        "return ctx.copy() if ctx is not None else copy_context()",
    ),
    "if and else": (
        "if ctx:\n        chosen = ctx\n    else:\n        chosen = copy_context()\n"
        "    return chosen",
        "if ctx is not None:\n        chosen = ctx\n    else:\n        chosen = copy_context()\n"
        "    return chosen",
    ),
}


@pytest.mark.parametrize("parameter", ["ctx: Context | None = None", "ctx=None"])
@pytest.mark.parametrize(("before", "after"), FALSY.values(), ids=FALSY.keys())
def test_falsy_contexts_are_mended_safely(
    before: str, after: str, parameter: str, tmp_path: Path
) -> None:
    head = HEAD + f"def handle(f, {parameter}):\n    "
    report = fixed(tmp_path, before + "\n", unsafe=False, head=head)
    assert text_of(report, tmp_path, head) == after + "\n"
    assert_becomes(tmp_path, before + "\n", after + "\n", head)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (
            "return (ctx  # theirs\n        or copy_context())",
            "a comment stands in the test",
        ),
        (
            "if (not  # theirs\n        ctx):\n        ctx = copy_context()\n    return ctx",
            "a comment stands in the test",
        ),
        (
            "if c := ctx:\n        found = c\n    else:\n        found = copy_context()\n"
            "    return found",
            "the test assigns what it tests",
        ),
    ],
)
def test_what_stands_in_the_way(body: str, reason: str, tmp_path: Path) -> None:
    report = fixed(tmp_path, f"def handle(ctx: Context | None = None):\n    {body}\n")
    assert report.texts == {}
    assert [each.reason for each in report.failures] == [reason]


def test_what_may_be_false_for_another_reason_is_unsafe(tmp_path: Path) -> None:
    body = "def handle(row):\n    return row.context or copy_context()\n"
    assert fixed(tmp_path, body, unsafe=False).texts == {}
    assert "if row.context is not None else" in text_of(fixed(tmp_path, body), tmp_path)


def loaded(source: str) -> ModuleType:
    module = ModuleType("program")
    exec(compile(source, "program.py", "exec"), module.__dict__)
    return module


def test_what_was_copied_too_late_is_seen_after_the_fix(tmp_path: Path) -> None:
    body = """\
    def work(row):
        copy_context().run(store, row)


    def handle(row):
        user.set("ann")
        pool.submit(lambda: copy_context().run(store, row)).result()
        pool.submit(work, row).result()
        thread = threading.Thread(target=work, args=(row,))
        thread.start()
        thread.join()
    """
    report = fixed(tmp_path, body)
    before, after = loaded(HEAD + textwrap.dedent(body)), loaded(text_of(report, tmp_path, ""))
    for module in (before, after):
        Context().run(module.handle, 1)
    assert before.seen == ["nobody"] * 3
    assert after.seen == ["ann"] * 3


def test_runs_that_shared_a_context_overlap_after_the_fix(tmp_path: Path) -> None:
    body = """\
    barrier = threading.Barrier(2, timeout=5)


    def meet(row):
        barrier.wait()
        return store(row)


    def handle(rows):
        user.set("ann")
        ctx = copy_context()
        futures = [pool.submit(ctx.run, meet, row) for row in rows]
        return [future.result() for future in futures]
    """
    report = fixed(tmp_path, body)
    before, after = loaded(HEAD + textwrap.dedent(body)), loaded(text_of(report, tmp_path, ""))
    before.barrier = before.threading.Barrier(2, timeout=0.2)
    with pytest.raises((RuntimeError, threading.BrokenBarrierError)):
        Context().run(before.handle, [1, 2])
    assert Context().run(after.handle, [1, 2]) == ["ann", "ann"]


def test_an_empty_context_stays_the_one_that_was_given(tmp_path: Path) -> None:
    body = """\
    def handle(ctx: Context | None = None):
        return (ctx or copy_context()).run(user.get)
    """
    report = fixed(tmp_path, body, unsafe=False)
    before, after = loaded(HEAD + textwrap.dedent(body)), loaded(text_of(report, tmp_path, ""))
    for module, expected in ((before, "ann"), (after, "nobody")):
        module.user.set("ann")
        assert module.handle(Context()) == expected
        assert module.handle() == "ann"


# --- tests are left alone --------------------------------------------------------------------

IN_TESTS = """\
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context

pool = ThreadPoolExecutor()


def test_isolated(ctx=None):
    pool.submit(lambda: copy_context().run(print))
    shared = copy_context()
    for _ in range(2):
        pool.submit(shared.run, print)
    return ctx or copy_context()
"""


@pytest.mark.parametrize("name", ["test_jobs.py", "jobs_test.py", "tests/jobs.py"])
@pytest.mark.parametrize(
    ("select", "expected"),
    [
        (("CTX",), []),
        (("CTX302",), ["CTX302"]),
        (("CTX3",), ["CTX302", "CTX303", "CTX304"]),
        (("CTX1", "CTX303"), ["CTX303"]),
    ],
)
def test_tests_are_left_alone_unless_the_rule_is_named(
    name: str, select: tuple[str, ...], expected: list[str], tmp_path: Path
) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(IN_TESTS)
    (tmp_path / "pyproject.toml").write_text("[tool.ctxlint]\n")
    found = check([tmp_path], settings=Settings(select=select))
    assert [each.code for each in found] == expected
    extended = check([tmp_path], settings=Settings(select=("CTX1",), extend_select=select[-1:]))
    assert [each.code for each in extended] == expected
