"""Spawn fixes: calls as people write them, and what becomes of them."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from ctxlint import check
from ctxlint.fixing import FixReport, fix

TASK = """\
import asyncio
{imports}

class Store:
    def __init__(self, group: {group}, loop, **options):
        self.group = group
        self.loop = loop
        self.options = options
        self._task = None

    async def save(self):
{start}

    async def _drain(self):
        while True:
            await asyncio.sleep(1)

    def _work(self, *args, **kwargs):
        while True:
            self.step()
"""


def program(start: str, imports: str = "", group: str = "object") -> str:
    """A store whose `save` starts a worker, lazily or not."""
    found = TASK.format(start=textwrap.indent(start, " " * 8), imports="@@", group=group)
    return found.replace("@@\n", imports)


def fixed(root: Path, source: str, style: str = "helpers") -> FixReport:
    """What becomes of a file."""
    settings = f'[tool.ctxlint]\nfix-style = "{style}"\n[tool.ruff]\nline-length = 100\n'
    (root / "pyproject.toml").write_text(settings)
    (root / "store.py").write_text(source)
    return fix([root], unsafe=True, write=False)


def text_of(report: FixReport, root: Path) -> str:
    return report.texts[(root / "store.py").resolve()].decode()


HELPERS = "\nfrom ctxlint.detached import {}\n"
TASK_HELPER = HELPERS.format("create_detached_background_task")
THREAD_HELPER = HELPERS.format("create_detached_thread")
RUN_HELPER = HELPERS.format("run_detached")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            "self._task = asyncio.create_task(self._drain())",
            "self._task = create_detached_background_task(self._drain())",
            id="plain",
        ),
        pytest.param(
            'asyncio.create_task(self._drain(), name="drain")',
            'create_detached_background_task(self._drain(), name="drain")',
            id="named",
        ),
        pytest.param(
            'asyncio.create_task(coro=self._drain(), name="drain")',
            'create_detached_background_task(self._drain(), name="drain")',
            id="coroutine-by-keyword",
        ),
        pytest.param(
            "asyncio.create_task(self._drain(), context=contextvars.copy_context())",
            "create_detached_background_task(self._drain())",
            id="default-context-spelled-out",
        ),
        pytest.param(
            'asyncio.create_task(self._drain(), context=None, name="drain")',
            'create_detached_background_task(self._drain(), name="drain")',
            id="context-in-the-middle",
        ),
        pytest.param(
            "asyncio.ensure_future(self._drain())",
            "create_detached_background_task(self._drain())",
            id="ensure-future",
        ),
        pytest.param(
            "asyncio.get_running_loop().create_task(self._drain())",
            "create_detached_background_task(self._drain())",
            id="running-loop",
        ),
        pytest.param(
            "asyncio.get_event_loop().create_task(self._drain())",
            "create_detached_background_task(self._drain())",
            id="event-loop-in-a-coroutine",
        ),
        pytest.param(
            "loop = asyncio.get_running_loop()\nself._task = loop.create_task(self._drain())",
            "self._task = create_detached_background_task(self._drain())",
            id="loop-that-only-serves-the-spawn",
        ),
        pytest.param(
            "loop: asyncio.AbstractEventLoop = asyncio.get_running_loop()\n\n"
            "for _ in range(2):\n    loop.create_task(self._drain())",
            "for _ in range(2):\n    create_detached_background_task(self._drain())",
            id="annotated-loop-at-the-top",
        ),
        pytest.param(
            "loop = asyncio.get_running_loop()  # ours\nloop.create_task(self._drain())",
            "# ours\ncreate_detached_background_task(self._drain())",
            id="comment-behind-the-loop",
        ),
        pytest.param(
            "loop = asyncio.get_running_loop()\n"
            "loop.create_task(self._drain())\nloop.create_task(self._drain())",
            "create_detached_background_task(self._drain())\n"
            "create_detached_background_task(self._drain())",
            id="loop-of-two-spawns",
        ),
        pytest.param(
            "loop = asyncio.get_running_loop()\n"
            "self.now = loop.time()\nloop.create_task(self._drain())",
            "loop = asyncio.get_running_loop()\n"
            "self.now = loop.time()\ncreate_detached_background_task(self._drain())",
            id="loop-with-another-use",
        ),
        pytest.param(
            "loop = asyncio.get_running_loop()\n"
            "stop = lambda: loop.stop()\nloop.create_task(self._drain())",
            "loop = asyncio.get_running_loop()\n"
            "stop = lambda: loop.stop()\ncreate_detached_background_task(self._drain())",
            id="loop-used-by-a-nested-function",
        ),
        pytest.param(
            "loop = asyncio.get_running_loop()  # here\nloop.create_task(self._drain())  # here",
            "# here\ncreate_detached_background_task(self._drain())  # here",
            id="loop-with-a-comment-that-stands-twice",
        ),
        pytest.param(
            "loop = asyncio.get_running_loop(); loop.create_task(self._drain())",
            "loop = asyncio.get_running_loop(); create_detached_background_task(self._drain())",
            id="loop-on-a-shared-line-stays",
        ),
        pytest.param(
            "for _ in (1, 2): loop = asyncio.get_running_loop()\nloop.create_task(self._drain())",
            "for _ in (1, 2): loop = asyncio.get_running_loop()\n"
            "create_detached_background_task(self._drain())",
            id="loop-behind-a-colon-stays",
        ),
        pytest.param(
            "self._tasks = [asyncio.create_task(self._drain()) for _ in range(3)]",
            "self._tasks = [create_detached_background_task(self._drain()) for _ in range(3)]",
            id="comprehension",
        ),
        pytest.param(
            "self._task = asyncio.create_task(  # the writer\n"
            "    self._drain(),  # for ever\n"
            '    name="drain",  # for logs\n'
            ")  # kept",
            "self._task = create_detached_background_task(  # the writer\n"
            "    self._drain(),  # for ever\n"
            '    name="drain",  # for logs\n'
            ")  # kept",
            id="comments-everywhere",
        ),
        pytest.param(
            "self._task = (\n    asyncio.get_running_loop()\n    .create_task(self._drain())\n)",
            "self._task = (\n    create_detached_background_task(self._drain())\n)",
            id="chain-over-lines",
        ),
        pytest.param(
            "asyncio.create_task(self._drain()).add_done_callback(print)",
            "create_detached_background_task(self._drain()).add_done_callback(print)",
            id="method-of-the-task",
        ),
        pytest.param(
            "(asyncio.create_task)(self._drain())",
            "create_detached_background_task(self._drain())",
            id="function-in-parentheses",
        ),
        pytest.param(
            "self._task = self._task or asyncio.create_task(self._drain())",
            "self._task = self._task or create_detached_background_task(self._drain())",
            id="behind-or",
        ),
        pytest.param(
            "if (task := asyncio.create_task(self._drain())):\n    self._task = task",
            "if (task := create_detached_background_task(self._drain())):\n    self._task = task",
            id="walrus",
        ),
        pytest.param(
            "start = lambda: asyncio.create_task(self._drain())\nself._task = start()",
            "start = lambda: create_detached_background_task(self._drain())\nself._task = start()",
            id="lambda",
        ),
    ],
)
def test_tasks(before: str, after: str, tmp_path: Path) -> None:
    imports = "import contextvars\n" if "contextvars" in before else ""
    report = fixed(tmp_path, program(before, imports))
    assert text_of(report, tmp_path) == program(after, imports + TASK_HELPER)
    assert not report.remaining


@pytest.mark.parametrize(
    ("before", "after", "group"),
    [
        pytest.param(
            "self.loop.create_task(self._drain())",
            "run_detached(self.loop.create_task, self._drain())",
            "object",
            id="a-loop-of-unknown-state",
        ),
        pytest.param(
            "self.group.create_task(self._drain(), name='x')",
            "run_detached(self.group.create_task, self._drain(), name='x')",
            "asyncio.TaskGroup",
            id="asyncio-group",
        ),
        pytest.param(
            "self.group.create_task(self._drain(), context=contextvars.copy_context())",
            "run_detached(self.group.create_task, self._drain())",
            "asyncio.TaskGroup",
            id="asyncio-group-with-the-default-context",
        ),
        pytest.param(
            "self.group.start_soon(self._drain)",
            "run_detached(self.group.start_soon, self._drain)",
            "anyio.abc.TaskGroup",
            id="anyio",
        ),
        pytest.param(
            "self.group.start_soon(self._drain, name='x')",
            "run_detached(self.group.start_soon, self._drain, name='x')",
            "trio.Nursery",
            id="trio",
        ),
        pytest.param(
            "self.group.start_soon(\n    self._drain,\n    *self.args,\n)",
            "run_detached(\n    self.group.start_soon,\n    self._drain,\n    *self.args,\n)",
            "trio.Nursery",
            id="arguments-on-lines-of-their-own",
        ),
        pytest.param(
            "self.group.start_soon(\n    self._drain\n)",
            "run_detached(\n    self.group.start_soon, self._drain\n)",
            "trio.Nursery",
            id="arguments-on-one-line-below",
        ),
        pytest.param(
            "self.group.start_soon(  # worker\n    self._drain,\n)",
            "run_detached(self.group.start_soon,  # worker\n    self._drain,\n)",
            "trio.Nursery",
            id="comment-before-the-arguments",
        ),
        pytest.param(
            "(self.group or other).start_soon(self._drain)",
            "run_detached((self.group or other).start_soon, self._drain)",
            "anyio.abc.TaskGroup",
            id="receiver-in-parentheses",
        ),
        pytest.param(
            "asyncio.Task(self._drain(), loop=self.loop)",
            "run_detached(asyncio.Task, self._drain(), loop=self.loop)",
            "object",
            id="task-class",
        ),
        pytest.param(
            "asyncio.ensure_future(self._drain(), loop=self.loop)",
            "run_detached(asyncio.ensure_future, self._drain(), loop=self.loop)",
            "object",
            id="ensure-future-of-another-loop",
        ),
        pytest.param(
            "asyncio.create_task(name='x', coro=self._drain())",
            "run_detached(asyncio.create_task, name='x', coro=self._drain())",
            "object",
            id="coroutine-behind-another-keyword",
        ),
        pytest.param(
            "asyncio.create_task(self._drain(), eager_start=True)",
            "run_detached(asyncio.create_task, self._drain(), eager_start=True)",
            "object",
            id="eager-start",
        ),
        pytest.param(
            "asyncio.create_task(self._drain(), **self.options)",
            "run_detached(asyncio.create_task, self._drain(), **self.options)",
            "object",
            id="unpacked-keywords",
        ),
        pytest.param(
            "self._all = asyncio.gather(self._drain(), self._drain())",
            "self._all = run_detached(asyncio.gather, self._drain(), self._drain())",
            "object",
            id="gather",
        ),
        pytest.param(
            "asyncio.run_coroutine_threadsafe(self._drain(), self.loop)",
            "run_detached(asyncio.run_coroutine_threadsafe, self._drain(), self.loop)",
            "object",
            id="from-another-thread",
        ),
        pytest.param(
            "contextvars.copy_context().run(asyncio.create_task, self._drain())",
            "run_detached(asyncio.create_task, self._drain())",
            "object",
            id="in-a-copied-context",
        ),
    ],
)
def test_through_whatever_spawns(before: str, after: str, group: str, tmp_path: Path) -> None:
    module = group.partition(".")[0]
    third = f"\nimport {module}\n" if module in ("anyio", "trio") else ""
    stdlib = "import contextvars\n" if "contextvars" in before else ""
    report = fixed(tmp_path, program(before, stdlib + third, group))
    wanted = (third or "\n") + RUN_HELPER.lstrip("\n")
    assert text_of(report, tmp_path) == program(after, stdlib + wanted, group)
    assert not report.remaining


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            "thread = threading.Thread(target=self._work, daemon=True)",
            "thread = create_detached_thread(target=self._work, daemon=True)",
            id="keywords",
        ),
        pytest.param(
            "thread = threading.Thread(None, self._work)",
            "thread = create_detached_thread(self._work)",
            id="positions",
        ),
        pytest.param(
            "thread = threading.Thread(None, self._work, 'worker', (1,), {'a': 2})",
            "thread = create_detached_thread("
            "self._work, name='worker', args=(1,), kwargs={'a': 2})",
            id="all-positions",
        ),
        pytest.param(
            "thread = threading.Thread(group=None, target=self._work)",
            "thread = create_detached_thread(target=self._work)",
            id="group-by-keyword",
        ),
        pytest.param(
            "thread = threading.Thread(\n    target=self._work,\n    context=None,\n)",
            "thread = create_detached_thread(\n    target=self._work,\n)",
            id="the-starter's-context",
        ),
        pytest.param(
            "thread = threading.Thread(  # why\n    name='x',  # who\n    target=self._work\n)",
            "thread = create_detached_thread("
            "  # why\n    name='x',  # who\n    target=self._work\n)",
            id="comments",
        ),
    ],
)
def test_threads(before: str, after: str, tmp_path: Path) -> None:
    report = fixed(tmp_path, program(f"{before}\nthread.start()", "import threading\n"))
    wanted = program(f"{after}\nthread.start()", "import threading\n" + THREAD_HELPER)
    assert text_of(report, tmp_path) == wanted
    assert not report.remaining


def test_thread_that_runs_in_a_copied_context(tmp_path: Path) -> None:
    start = "threading.Thread(target=contextvars.{}().run, args=(self._work,)).start()"
    imports = "import contextvars\nimport threading\n"
    report = fixed(tmp_path, program(start.format("copy_context"), imports))
    assert text_of(report, tmp_path) == program(start.format("Context"), imports)
    assert not report.remaining


SUBCLASS = """\
import threading
import time
{imports}

class Flusher(threading.Thread):
    def run(self):
        while True:
            time.sleep(1)

    def begin(self):
        {begin}


def record(event):
    flusher = Flusher(daemon=True)
    {start}
"""


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("flusher.start()", "run_detached(flusher.start)"),
        ("Flusher().start()", "run_detached(Flusher().start)"),
        ("flusher.start(  )  # go", "run_detached(flusher.start  )  # go"),
    ],
)
def test_thread_objects(before: str, after: str, tmp_path: Path) -> None:
    report = fixed(tmp_path, SUBCLASS.format(imports="", begin="pass", start=before))
    wanted = SUBCLASS.format(imports=RUN_HELPER, begin="pass", start=after)
    assert text_of(report, tmp_path) == wanted
    assert not report.remaining


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("super().start()", "run_detached(super().start)"),
        ("threading.Thread.start(self)", "run_detached(threading.Thread.start, self)"),
        ("self.start()", "run_detached(self.start)"),
    ],
)
def test_threads_that_start_themselves(before: str, after: str, tmp_path: Path) -> None:
    report = fixed(tmp_path, SUBCLASS.format(imports="", begin=before, start="flusher.begin()"))
    wanted = SUBCLASS.format(imports=RUN_HELPER, begin=after, start="flusher.begin()")
    assert text_of(report, tmp_path) == wanted
    assert not report.remaining


TIMER = """\
import asyncio
{imports}

class Cache:
    def __init__(self, loop: asyncio.AbstractEventLoop, other):
        self.loop = loop
        self.other = other
        self._timer = None

    def get(self, key):
        if self._timer is None:
            self._schedule()

    def _schedule(self):
{arm}

    def _refresh(self, *args):
        self._schedule()
"""


def timer(arm: str, imports: str = "") -> str:
    return TIMER.replace("{arm}", textwrap.indent(arm, " " * 8)).replace("{imports}\n", imports)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            "self.loop.call_later(60, self._refresh)",
            "self.loop.call_later(60, self._refresh, context=contextvars.Context())",
            id="call-later",
        ),
        pytest.param(
            "asyncio.get_running_loop().call_at(60, self._refresh, *self.args)",
            "asyncio.get_running_loop().call_at("
            "60, self._refresh, *self.args, context=contextvars.Context())",
            id="call-at",
        ),
        pytest.param(
            "self.loop.call_later(\n    60,  # a minute\n    self._refresh,  # again\n)",
            "self.loop.call_later(\n    60,  # a minute\n    self._refresh,  # again\n"
            "    context=contextvars.Context(),\n)",
            id="trailing-comma",
        ),
        pytest.param(
            "self.loop.call_later(\n    60,\n    self._refresh  # again\n)",
            "self.loop.call_later(\n    60,\n    self._refresh,\n"
            "    context=contextvars.Context()  # again\n)",
            id="no-trailing-comma",
        ),
        pytest.param(
            "self.loop.call_later(\n    60, self._refresh\n)",
            "self.loop.call_later(\n    60, self._refresh, context=contextvars.Context()\n)",
            id="one-line-below",
        ),
        pytest.param(
            "self.loop.call_later(60, self._refresh, context=None)",
            "self.loop.call_later(60, self._refresh, context=contextvars.Context())",
            id="the-armer's-context",
        ),
    ],
)
def test_timers(before: str, after: str, tmp_path: Path) -> None:
    report = fixed(tmp_path, timer(before))
    assert text_of(report, tmp_path) == timer(after, "import contextvars\n")
    assert not report.remaining


@pytest.mark.parametrize(
    ("before", "after", "imports"),
    [
        (
            "self.other.call_later(60, self._refresh)",
            "run_detached(self.other.call_later, 60, self._refresh)",
            "",
        ),
        (
            "threading.Timer(60, self._refresh).start()",
            "run_detached(threading.Timer(60, self._refresh).start)",
            "import threading\n",
        ),
        (
            "self._timer = threading.Timer(60, self._refresh)\n"
            "self._timer.daemon = True\nself._timer.start()",
            "self._timer = threading.Timer(60, self._refresh)\n"
            "self._timer.daemon = True\nrun_detached(self._timer.start)",
            "import threading\n",
        ),
    ],
    ids=["not-asyncio's", "timer-thread", "timer-thread-with-a-name"],
)
def test_other_timers(before: str, after: str, imports: str, tmp_path: Path) -> None:
    report = fixed(tmp_path, timer(before, imports))
    assert text_of(report, tmp_path) == timer(after, imports + RUN_HELPER)
    assert not report.remaining


@pytest.mark.parametrize(
    ("imports", "before", "after", "added"),
    [
        (
            "from asyncio import create_task\n",
            "create_task(self._drain())",
            "create_detached_background_task(self._drain())",
            TASK_HELPER,
        ),
        (
            "import asyncio as aio\n",
            "aio.create_task(self._drain())",
            "create_detached_background_task(self._drain())",
            TASK_HELPER,
        ),
        (
            "from asyncio import get_running_loop as current\n",
            "current().create_task(self._drain())",
            "create_detached_background_task(self._drain())",
            TASK_HELPER,
        ),
        (
            "from threading import Thread as T\n",
            "T(target=self._work).start()",
            "create_detached_thread(target=self._work).start()",
            THREAD_HELPER,
        ),
    ],
)
def test_aliases(imports: str, before: str, after: str, added: str, tmp_path: Path) -> None:
    report = fixed(tmp_path, program(before, imports))
    assert text_of(report, tmp_path) == program(after, imports + added)


PLAIN = "import contextvars\n"


@pytest.mark.parametrize(
    ("before", "after", "imports"),
    [
        pytest.param(
            "asyncio.create_task(self._drain(), name='x')",
            "contextvars.Context().run(asyncio.create_task, self._drain(), name='x')",
            "",
            id="task",
        ),
        pytest.param(
            "loop = asyncio.get_running_loop()\nloop.create_task(self._drain())",
            "loop = asyncio.get_running_loop()\n"
            "contextvars.Context().run(loop.create_task, self._drain())",
            "",
            id="loop",
        ),
        pytest.param(
            "asyncio.create_task(\n    self._drain(),\n    context=None,\n)",
            "contextvars.Context().run(\n    asyncio.create_task,\n    self._drain(),\n)",
            "",
            id="default-context",
        ),
        pytest.param(
            "threading.Thread(target=self._work).start()",
            "threading.Thread(target=contextvars.Context().run, args=(self._work,)).start()",
            "import threading\n",
            id="thread",
        ),
        pytest.param(
            "threading.Thread(target=self._work, args=(1, 2), daemon=True).start()",
            "threading.Thread("
            "target=contextvars.Context().run, args=(self._work, 1, 2), daemon=True).start()",
            "import threading\n",
            id="thread-with-arguments",
        ),
        pytest.param(
            "threading.Thread(\n    target=self._work,  # f\n"
            "    args=(\n        1,\n    ),\n).start()",
            "threading.Thread(\n    target=contextvars.Context().run,  # f\n"
            "    args=(\n        self._work,\n        1,\n    ),\n).start()",
            "import threading\n",
            id="thread-with-an-argument-per-line",
        ),
        pytest.param(
            "threading.Thread(\n    target=self._work,\n    daemon=True,\n).start()",
            "threading.Thread(\n    target=contextvars.Context().run,\n"
            "    args=(self._work,),\n    daemon=True,\n).start()",
            "import threading\n",
            id="thread-with-a-keyword-per-line",
        ),
        pytest.param(
            "threading.Thread(\n    target=self._work, daemon=True\n).start()",
            "threading.Thread(\n"
            "    target=contextvars.Context().run, args=(self._work,), daemon=True\n).start()",
            "import threading\n",
            id="thread-on-one-line-below",
        ),
        pytest.param(
            "threading.Thread(target=self._work, args=[]).start()",
            "threading.Thread(target=contextvars.Context().run, args=[self._work]).start()",
            "import threading\n",
            id="thread-with-an-empty-list",
        ),
        pytest.param(
            "threading.Thread(args=[1], target=self._work).start()",
            "threading.Thread(args=[self._work, 1], target=contextvars.Context().run).start()",
            "import threading\n",
            id="thread-with-a-list",
        ),
        pytest.param(
            "threading.Thread(None, self._work, 'x', self.args).start()",
            "threading.Thread("
            "None, contextvars.Context().run, 'x', (self._work, *self.args)).start()",
            "import threading\n",
            id="thread-by-position",
        ),
        pytest.param(
            "threading.Thread(None, self._work, 'x').start()",
            "threading.Thread(None, contextvars.Context().run, 'x', args=(self._work,)).start()",
            "import threading\n",
            id="thread-with-a-name-by-position",
        ),
        pytest.param(
            "threading.Thread(target=(self._work), args=()).start()",
            "threading.Thread(target=contextvars.Context().run, args=((self._work),)).start()",
            "import threading\n",
            id="thread-with-no-arguments",
        ),
        pytest.param(
            "threading.Thread(target=self._work, args=None).start()",
            "threading.Thread(target=contextvars.Context().run, args=(self._work,)).start()",
            "import threading\n",
            id="thread-with-none-as-arguments",
        ),
    ],
)
def test_standard_library_alone(before: str, after: str, imports: str, tmp_path: Path) -> None:
    report = fixed(tmp_path, program(before, imports), style="stdlib")
    assert text_of(report, tmp_path) == program(after, PLAIN + imports)
    assert not report.remaining


@pytest.mark.parametrize(
    ("start", "style", "reason"),
    [
        pytest.param(
            "self._task = (asyncio.create_task  # why\n    (self._drain()))",
            "helpers",
            "a comment stands between the function and its arguments",
            id="before-the-arguments",
        ),
        pytest.param(
            "self._task = (asyncio  # why\n    .create_task)(self._drain())",
            "helpers",
            "a comment stands inside the function's name",
            id="inside-the-name",
        ),
        pytest.param(
            "self.group.create_task(\n    self._drain(),  # why\n    context=None,\n)",
            "stdlib",
            "a comment stands beside an argument that must go",
            id="before-the-context",
        ),
        pytest.param(
            "threading.Thread(target=(  # why\n    self._work\n)).start()",
            "stdlib",
            "a comment stands inside the thread's target",
            id="inside-the-target",
        ),
    ],
)
def test_a_comment_in_the_way(start: str, style: str, reason: str, tmp_path: Path) -> None:
    report = fixed(tmp_path, program(start, "import threading\n"), style)
    assert not report.texts
    [left] = report.remaining
    assert left.fix is not None
    assert left.fix.applicability == "display"
    assert left.fix.title.endswith(f" could not be applied: {reason}")


def test_what_is_fixed_is_not_reported_again(tmp_path: Path) -> None:
    report = fixed(tmp_path, program("asyncio.create_task(self._drain())"))
    (tmp_path / "store.py").write_text(text_of(report, tmp_path))
    assert not check([tmp_path])
    assert not fix([tmp_path], unsafe=True).changes
