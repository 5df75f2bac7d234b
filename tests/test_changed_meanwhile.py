"""Fixes of files that are not what they were when something was found: refused, with a reason.

What a fix finds in the place that it was told is looked at again before anything is written.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
from handoff_shapes import Shape
from marked_programs import write_project

from ctxlint import check
from ctxlint.fixes.document import Document
from ctxlint.fixes.edits import Unfixable, spliced
from ctxlint.fixes.plans import plan
from ctxlint.intents import Intent
from ctxlint.session import Session
from ctxlint.settings import Settings
from ctxlint.supply import Supply

HELPERS = Settings(fix_style="helpers", select=("ALL",))

CONTEXTS = """\
import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context, ContextVar, copy_context
from multiprocessing.pool import ThreadPool

user = ContextVar("user", default="nobody")
pool = ThreadPoolExecutor(4)


def log_in(name):
    user.set(name)


def store(row=None):
    return user.get()


"""

TASK = """\
import asyncio


class Store:
    def __init__(self):
        self._task = None

    async def save(self):
        loop = asyncio.get_running_loop()
        if self._task is None:
            self._task = loop.create_task(coro=self._drain())

    async def _drain(self):
        while True:
            await asyncio.sleep(1)
"""

TYPED = """\
import asyncio
from typing import Protocol


class Line(Protocol):
    async def put(self, item: int) -> None: ...
    async def get(self) -> int: ...


class Store:
    _queue: asyncio.Queue[int]

    def __init__(self):
        self._queue = asyncio.Queue[int]()
        self._task = None

    async def save(self, item):
        if self._task is None:
            self._task = asyncio.create_task(drain(self._queue))
        await self._queue.put(item)


async def drain(queue: Line):
    while True:
        item = await queue.get()
        await item.run()
"""


THREAD = """\
import threading


def handle(request):
    threading.Thread(target=work).start()


def work():
    while True:
        step()
"""

RUNNER = """\
import contextvars
import threading


def handle(request):
    current = contextvars.copy_context()
    threading.Thread(target=current.run, args=(work,)).start()


def work():
    while True:
        step()
"""

HANDED = CONTEXTS + "def handle(row):\n    pool.submit(store, row)\n"
SHARED = CONTEXTS + (
    "def handle(rows):\n    current = copy_context()\n"
    "    for row in rows:\n        pool.submit(current.run, store, row)\n"
)
FALLBACK = CONTEXTS + "def handle(ctx=None):\n    {}\n"
RESET = CONTEXTS + (
    "def handle(name, work):\n    token = user.set(name)\n"
    "    done  = work(1)\n    user.reset(token)\n    return done\n"
)
UNRESET = CONTEXTS + (
    "import contextlib\n\n\n@contextlib.contextmanager\ndef acting(name):\n"
    "    user.set(name)\n    yield name\n"
)


def worker(body: str, **options: str) -> str:
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    return Shape("", f"async def _drain(self):\n{lines}", **options).program


BOUND = "while True:\n    item = await self._queue.get()\n    await self.write(item)"
INLINE = "while True:\n    await self.write(await self._queue.get())"
LAST = "while True:\n    _, item = await self._queue.get()\n    await self.write(item)"
WALRUS = "while item := await self._queue.get():\n    await self.write(item)"
BATCH = (
    "while True:\n    batch = [await self._queue.get()]\n"
    "    for item in batch:\n        await self.write(item)"
)
TRY = """\
while True:
    try:
        item = await self._queue.get()
        await self.write(item)
    except ValueError:
        self.failed()
"""
FINAL = TRY + "    finally:\n        self._queue.task_done()\n"
CANCELLED = """\
while True:
    try:
        item = await self._queue.get()
        await self.write(item)
    except asyncio.CancelledError:
        break
    except Exception:
        self.failed()
"""
ITERATED = "for item in iter(self._queue.get, None):\n    self.write(item)"
THREADED = Shape(
    "",
    "def _drain(self):\n    for item in iter(self._queue.get, None):\n        self.write(item)\n",
    thread=True,
    close="self._queue.put(None)",
).program
RANKED = {
    "queue": "asyncio.PriorityQueue()",
    "put": "self._queue.put_nowait((next(self._numbers), item))",
}

CALL = "the call is not where it was found"
CODE = "the code is not where it was found"
CONTEXT = "the context is not where it was found"
FUNCTION = "the function is not where it was found"
ITEM = "the item is not where it was found"
LOOP = "the loop is not where it was found"
TYPE = "an annotation is not where it was found"
TEST = "the test is not where it was found"
UNTAKEN = "the item is not taken where it was found"
UNBOUND = "the item is not bound where it was found"

CHANGES = {
    "no call": (TASK, "loop.create_task(coro=self._drain())", "loop.create_task", CALL),
    "no put": (worker(BOUND), "self._queue.put(item)", "self._queue.put      ", CALL),
    "no item": (worker(BOUND), "_queue.put(item)", "_queue.put(    )", ITEM),
    "several items": (worker(BOUND), "_queue.put(item)", "_queue.put(*tem)", ITEM),
    "another keyword": (
        worker(BOUND, put="self._queue.put_nowait(item=item)"),
        "put_nowait(item=",
        "put_nowait(what=",
        ITEM,
    ),
    "no tuple": (
        worker(LAST, **RANKED),
        "(next(self._numbers), item)",
        "[next(self._numbers), item]",
        "the item is no tuple",
    ),
    "an empty tuple": (
        worker(LAST, **RANKED),
        "(next(self._numbers), item)",
        "(                         )",
        "the item is no tuple",
    ),
    "an unpacked tuple": (
        worker(LAST, **RANKED),
        "(next(self._numbers), item)",
        "(next(self._numbers), *tem)",
        "the last element of the item is not written there",
    ),
    "no get": (worker(BOUND), "self._queue.get()", "self._queue.any()", CODE),
    "get is not called": (worker(INLINE), "self._queue.get()", "self._queue.get  ", UNTAKEN),
    "the item is returned": (worker(BOUND), "item = await", "return await", UNBOUND),
    "two names for the item": (worker(BOUND), "item = await", "a=b  = await", UNBOUND),
    "the item is not unpacked": (worker(LAST, **RANKED), "_, item = ", "nothing = ", UNBOUND),
    "nothing follows": (
        worker(BOUND),
        "        await self.write(item)",
        "",
        "nothing handles the item",
    ),
    "while has become if": (worker(WALRUS), "while item", "if    item", LOOP),
    "nothing is assigned": (worker(WALRUS), "while item := await", "while 1    == await", LOOP),
    "for has become if": (THREADED, "for item in iter(", "if  item in iter(", LOOP),
    "another target": (THREADED, "for item in iter(", "for s.it in iter(", LOOP),
    "no sentinel": (THREADED, "_queue.get, None)", "_queue.get      )", LOOP),
    "a batch of pairs": (worker(BATCH), "for item in", "for a, b in", LOOP),
    "no loop over the batch": (worker(BATCH), "for item in batch", "if  item in batch", LOOP),
    "nothing follows in the try": (
        worker(TRY),
        "            await self.write(item)",
        "",
        "nothing handles the item",
    ),
    "no finally": (
        worker(FINAL),
        "            finally:\n                self._queue.task_done()",
        "",
        "the try is not where it was found",
    ),
    "no handler": (
        worker(CANCELLED),
        "            except asyncio",
        "\n            except asyncio",
        "the handlers are not where they were found",
    ),
    "no type of a parameter": (TYPED, "item: int)", "item     )", TYPE),
    "no type of a result": (TYPED, "get(self) -> int", "get(self)       ", TYPE),
    "no type of an attribute": (TYPED, "_queue: asyncio", "_queue= asyncio", TYPE),
    "no type in a call": (TYPED, "asyncio.Queue[int]()", "asyncio.Queue     ()", TYPE),
    "no target": (THREAD, "(target=work", "(toward=work", "the thread has no target"),
    "a method of the thread's context": (
        RUNNER,
        "target=current.run",
        "target=current_run",
        "the context's run() has another name",
    ),
    "no lambda": (
        CONTEXTS + "def handle(row):\n    pool.submit(lambda: copy_context().run(store, row))\n",
        "lambda: copy_context().run(store, row)",
        "functools.partial(             store )",
        "the lambda is not what it was",
    ),
    "no function": (HANDED, "(store, row)", "(          )", FUNCTION),
    "an unpacked function": (HANDED, "(store, row)", "(*tore, row)", FUNCTION),
    "no function by that keyword": (
        CONTEXTS + "def handle(pool: ThreadPool):\n    pool.apply_async(func=store)\n",
        "func=store",
        "what=store",
        FUNCTION,
    ),
    "another method of the context": (SHARED, "current.run", "current.ran", CONTEXT),
    "another argument for the context": (
        CONTEXTS + "async def handle(rows):\n    current = copy_context()\n"
        "    for row in rows:\n        asyncio.create_task(row.save(), context=current)\n",
        "context=current",
        "context= current",
        CONTEXT,
    ),
    "no or": (FALLBACK.format("return ctx or copy_context()"), " or ", " is ", TEST),
    "no not": (
        FALLBACK.format("if not ctx:\n        ctx = copy_context()\n    return ctx"),
        "not ctx",
        "ctx    ",
        TEST,
    ),
    "no if": (
        FALLBACK.format("return copy_context() if not ctx else ctx"),
        "if not ctx else",
        "or not ctx and ",
        TEST,
    ),
    "no comment": (
        "x = 1  # noqa: CTX101\n",
        "CTX101",
        "CTX102",
        "the comment is not where it was found",
    ),
    "a generator as the only argument": (
        TASK.replace("loop.create_task(coro=", "self.loop.create_task("),
        "(self._drain())\n\n",
        "(x for x in xs)\n\n",
        "its argument is a generator expression",
    ),
    "nothing is set": (RESET, "token = user.set(name)", "\n\n", CODE),
    "a reset in another block": (
        RESET,
        "    done  = work(1)\n    user.reset",
        "    if work(1):\n     user.reset",
        CODE,
    ),
    "nothing is called to set it": (
        UNRESET,
        "user.set(name)\n    yield",
        "user.set[name]\n    yield",
        CODE,
    ),
    "a function that sets it": (
        UNRESET,
        "user.set(name)\n    yield",
        "user_set(name)\n    yield",
        CODE,
    ),
}


def reasons(root: Path, text: str, changed: str) -> set[str]:
    """Why fixes of what is found in a text cannot be made in another."""
    path = write_project(root, {"store.py": text}).resolve() / "store.py"
    found = check([root], settings=HELPERS)
    intents = {each.fix.intent for each in found if each.fix is not None} - {None}
    assert intents
    document = Document(path, changed.encode())
    return refusals(
        [each for each in intents if each is not None],
        document,
        Session(root, HELPERS).program.supply,
    )


def refusals(intents: Iterable[Intent], document: Document, supply: Supply) -> set[str]:
    found = set()
    for intent in intents:
        try:
            plan(intent, lambda path: document, supply)
        except Unfixable as reason:
            found.add(str(reason))
    return found


@pytest.mark.parametrize(("text", "old", "new", "reason"), CHANGES.values(), ids=CHANGES.keys())
def test_what_is_not_there_any_more_is_not_rewritten(
    text: str, old: str, new: str, reason: str, tmp_path: Path
) -> None:
    assert text.count(old) == 1
    assert reasons(tmp_path / "same", text, text) == set()
    assert reasons(tmp_path / "changed", text, text.replace(old, new)) == {reason}


KEPT = """\
import asyncio
from contextvars import ContextVar

LEVEL = ContextVar("level", default=0)


class Store:
    def __init__(self):
        self._task = None

    async def handle(self, request):
        if self._task is None:
            self._task = asyncio.create_task(self._drain())

    async def _drain(self):
        while True:
            await asyncio.sleep(LEVEL.get())


def main():
    LEVEL.set(3)


main()
"""


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (KEPT, "there is no helper that keeps LEVEL"),
        (worker(BOUND), "there are no helpers for it"),
    ],
)
def test_helpers_that_are_not_there_any_more(text: str, reason: str, tmp_path: Path) -> None:
    path = write_project(tmp_path, {"store.py": text}).resolve() / "store.py"
    found = check([tmp_path], settings=HELPERS)
    intents = [each.fix.intent for each in found if each.fix is not None and each.fix.intent]
    document = Document(path, text.encode())
    assert refusals(intents, document, Supply(style="stdlib", helpers={})) == {reason}


@pytest.mark.parametrize("now", ["x=y  = asyncio", "loop+= asyncio"])
def test_an_assignment_that_has_become_another_stays(now: str, tmp_path: Path) -> None:
    path = write_project(tmp_path, {"store.py": TASK}).resolve() / "store.py"
    [finding] = check([tmp_path], settings=HELPERS)
    assert finding.fix is not None
    assert finding.fix.intent is not None
    text = TASK.replace("loop = asyncio", now)
    assert text != TASK
    document = Document(path, text.encode())
    supply = Session(tmp_path, HELPERS).program.supply
    [changes] = plan(finding.fix.intent, lambda path: document, supply).values()
    fixed = spliced(document.source, changes.edits).decode()
    assert f"        {now}" in fixed
