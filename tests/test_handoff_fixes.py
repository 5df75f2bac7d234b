"""What a hand-off's fix makes of programs, text by text; that the result is left alone is tested
with each. What the results do when they run is in test_handoff_behaviour.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from pathlib import Path

import pytest
from handoff_shapes import SHAPES, Shape, worker_of
from marked_programs import write_project

from ctxlint import fixing
from ctxlint.fixing import FixReport
from ctxlint.settings import Settings

HELPERS = Settings(fix_style="helpers")


def fixed(root: Path, files: Mapping[str, str], settings: Settings = HELPERS) -> FixReport:
    """The files of a project, fixed on the disk; what is left is fixed by no second run."""
    write_project(root, files)
    report = fixing.run([root], settings, unsafe=True)
    assert not report.failures
    again = fixing.run([root], settings, unsafe=True, write=False)
    assert not again.changes
    return report


def consumer(root: Path, shape: Shape) -> str:
    """The worker of a shape, fixed; nothing is found in the program any more."""
    report = fixed(root, {"store.py": shape.program})
    assert not report.remaining
    return worker_of((root / "store.py").read_text(encoding="utf-8"))


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_consumers(shape: Shape, tmp_path: Path) -> None:
    assert consumer(tmp_path, shape) == shape.after.lstrip("\n")


@pytest.mark.parametrize(
    "statement",
    [
        "await self.write(self.now, {})",
        "await self.write(1, item={})",
        "await self.write(1 + {})",
        "await self.write(1 == {})",
        "await self.write(self.names[{}])",
        "await self.write([1, {}])",
        "self.names[{}] = 1",
        "if self.more({}):\n    await self.write(1)",
        "for each in self.parts({}):\n    await self.write(each)",
        "match {}:\n    case _:\n        await self.write(1)",
    ],
)
def test_items_that_are_taken_before(statement: str, tmp_path: Path) -> None:
    """Nothing of weight is evaluated before the item: its statement can come first."""
    body = textwrap.indent(statement.format("await self._queue.get()"), "        ")
    shape = Shape("", f"async def _drain(self):\n    while True:\n{body}\n")
    fixed(tmp_path, {"store.py": shape.program})
    after = textwrap.indent(statement.format("work.payload"), "            ")
    assert worker_of((tmp_path / "store.py").read_text(encoding="utf-8")) == (
        "async def _drain(self):\n    while True:\n        work = await self._queue.get()\n"
        f"        with activate_request_context(work.context):\n{after}\n"
    )


# --- Producers ----------------------------------------------------------------------------------

DRAIN = """\
async def _drain(self):
    while True:
        item = await self._queue.get()
        await self.write(item)
"""


@pytest.mark.parametrize(
    ("put", "expected"),
    [
        ("self._queue.put_nowait(item)", "self._queue.put_nowait(WorkItem(item))"),
        ("await self._queue.put((item))", "await self._queue.put(WorkItem((item)))"),
        ("await self._queue.put( (1, item) )", "await self._queue.put( WorkItem((1, item)) )"),
        ("self._queue.put_nowait(item=[item])", "self._queue.put_nowait(item=WorkItem([item]))"),
        (
            "self._queue.put_nowait(i for i in [1])",
            "self._queue.put_nowait(WorkItem(i for i in [1]))",
        ),
        ("self._queue.put_nowait(lambda: item)", "self._queue.put_nowait(WorkItem(lambda: item))"),
        ("self._queue.put_nowait(one := item)", "self._queue.put_nowait(WorkItem(one := item))"),
        ("self._queue.put_nowait(await f(),)", "self._queue.put_nowait(WorkItem(await f()),)"),
        (
            "self._queue.put_nowait(item if item else self)",
            "self._queue.put_nowait(WorkItem(item if item else self))",
        ),
        (
            "await asyncio.wait_for(self._queue.put(item), 1)",
            "await asyncio.wait_for(self._queue.put(WorkItem(item)), 1)",
        ),
        (
            "LOOP.call_soon_threadsafe(self._queue.put_nowait, item)",
            "LOOP.call_soon_threadsafe(self._queue.put_nowait, WorkItem(item))",
        ),
        (
            "asyncio.run_coroutine_threadsafe(self._queue.put(item), LOOP).result()",
            "asyncio.run_coroutine_threadsafe(self._queue.put(WorkItem(item)), LOOP).result()",
        ),
        ("q = self._queue; q.put_nowait(item)", "q = self._queue; q.put_nowait(WorkItem(item))"),
        (
            "self._queue.put_nowait(  # now\n            item,  # this\n        )",
            "self._queue.put_nowait(  # now\n            WorkItem(item),  # this\n        )",
        ),
    ],
)
def test_puts(put: str, expected: str, tmp_path: Path) -> None:
    report = fixed(tmp_path, {"store.py": Shape("", DRAIN, put=put).program})
    text = (tmp_path / "store.py").read_text(encoding="utf-8")
    assert f"        {expected}\n" in text
    assert not report.remaining


def test_a_put_and_its_fallback(tmp_path: Path) -> None:
    put = """try:
            self._queue.put_nowait({"item": item})
        except asyncio.QueueFull:
            await self._queue.put({"item": item})"""
    fixed(tmp_path, {"store.py": Shape("", DRAIN, put=put).program})
    assert (tmp_path / "store.py").read_text().count('(WorkItem({"item": item}))') == 2


# --- Sentinels ----------------------------------------------------------------------------------

TELLING = """\
async def _drain(self):
    while True:
        item = await self._queue.get()
        if {}:
            break
        await self.write(item)
"""


def told(root: Path, test: str, sentinel: str = "None", put: str = "item") -> str:
    """A program whose worker ends by a test, with a sentinel that is put when it is closed."""
    *before, item = put.split("; ")
    put = "\n        ".join([*before, f"await self._queue.put({item})"])
    shape = Shape("", TELLING.format(test), put=put, close=f"await self._queue.put({sentinel})")
    report = fixed(root, {"store.py": shape.program})
    assert not report.remaining
    text = (root / "store.py").read_text(encoding="utf-8")
    assert f"await self._queue.put(WorkItem({item}))\n" in text
    return text


@pytest.mark.parametrize(
    ("test", "sentinel", "put"),
    [
        ("item is None", "None", "item"),
        ("None is item", "None", "item"),
        ("item in (None, STOP)", "None", "item"),
        ("item in (None, STOP)", "STOP", "item"),
        ("item is None or self._task is None", "None", "item"),
        ("self._task.done() or item is None", "None", "item"),
        ("item is None or item is STOP", "None", "item"),
        ("item is None or item is STOP", "STOP", "item"),
        ("item == 'end'", "'end'", "item"),
        ("isinstance(item, (Stop, asyncio.Event))", "Stop()", "item"),
        ("item is None", "None", "sent = item; sent = sent.strip() or sent; sent"),
        ("item is None", "None", "import os as sent; sent"),
        ("not item", "None", "[item]"),
        ("not item", "None", "{1: item}"),
        ("not item", "None", "lambda: item"),
    ],
)
def test_sentinels_stay_bare(test: str, sentinel: str, put: str, tmp_path: Path) -> None:
    text = told(tmp_path, test, sentinel, put)
    assert f"        await self._queue.put({sentinel})\n" in text
    assert (
        f"            work = await self._queue.get()\n            if {test}:\n".replace(
            "item", "work"
        )
        in text
    )


@pytest.mark.parametrize(
    ("test", "sentinel", "put"),
    [
        ("item is self._last", "None", "item"),
        ("item is None or item.gone", "None", "item"),
        ("item is None or self.gone()", "None", "item"),
        ("item is None or await self.gone", "None", "item"),
        ("item is None or [each for each in self.handled]", "None", "item"),
        ("hasattr(item, 'stop')", "None", "item"),
        ("isinstance(self._task, Stop)", "Stop()", "item"),
        ("item is None is None", "None", "item"),
        ("item in STOP", "STOP", "item"),
        ("STOP in item", "STOP", "item"),
        ("item < 'b'", "'a'", "item"),
        ("item is not STOP", "STOP", "item"),
        ("not item", "None", "item"),
        ("not item", "None", "(*item,)"),
        ("item is None or not item.wanted", "None", "item"),
        # A payload may be taken for it:
        ("item is None", "None", "item or None"),
        ("item is None", "None", "None if item == 'x' else item"),
        ("item is None", "None", "sent = item; sent = None; sent"),
        ("item is None or item == 'x'", "None", "item"),
        ("item in ('', 'x')", "'x'", "item"),
    ],
)
def test_sentinels_come_in_envelopes(test: str, sentinel: str, put: str, tmp_path: Path) -> None:
    """Where the test may look at more than the sentinel, it looks at what the envelope holds."""
    text = told(tmp_path, test, sentinel, put)
    assert f"        await self._queue.put(WorkItem({sentinel}))\n" in text
    assert f"item = work.payload\n                if {test}:\n" in text


def test_a_sentinel_by_another_name(tmp_path: Path) -> None:
    before = TELLING.format("item == 'end'")
    shape = Shape("", before, close="await self._queue.put(END)")
    fixed(tmp_path, {"store.py": "END = 'end'\n" + shape.program})
    text = (tmp_path / "store.py").read_text(encoding="utf-8")
    assert "await self._queue.put(END)\n" in text
    assert "if work == 'end':\n" in text


def test_a_sentinel_that_callers_pass(tmp_path: Path) -> None:
    program = Shape("", TELLING.format("item is None"), close="await self._queue.put(None)").program
    fixed(tmp_path, {"store.py": program + "\n\nasync def skip():\n    await Store().save(None)\n"})
    assert "self._queue.put(WorkItem(None))\n" in (tmp_path / "store.py").read_text("utf-8")


def test_workers_that_know_different_sentinels(tmp_path: Path) -> None:
    """One of two workers would take a bare sentinel for an item."""
    before = """\
async def _drain(self):
    asyncio.create_task(self._other())
    while True:
        item = await self._queue.get()
        if item is STOP:
            break
        if item is None:
            continue
        await self.write(item)

async def _other(self):
    while True:
        item = await self._queue.get()
        if item is None:
            continue
        await self.write(item)
"""
    close = "await self._queue.put(None)\n        await self._queue.put(STOP)"
    fixed(tmp_path, {"store.py": Shape("", before, close=close).program})
    text = (tmp_path / "store.py").read_text(encoding="utf-8")
    assert "self._queue.put(WorkItem(None))\n" in text
    assert "self._queue.put(WorkItem(STOP))\n" in text


# --- Priority queues ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "number",
    ["next(self._numbers)", "next(numbers)", "number"],
)
def test_what_makes_a_tuple_unique(number: str, tmp_path: Path) -> None:
    before = """\
async def _drain(self):
    while True:
        _, _, item = await self._queue.get()
        await self.write(item)
"""
    counted = "numbers = self._numbers\n        number = self.count\n        self.count += 1"
    put = f"{counted}\n        await self._queue.put((1, {number}, item))"
    program = Shape("", before, queue="asyncio.PriorityQueue()", put=put).program
    report = fixed(tmp_path, {"store.py": program})
    assert not report.remaining
    text = (tmp_path / "store.py").read_text(encoding="utf-8")
    assert f"await self._queue.put((1, {number}, WorkItem(item)))\n" in text


RELAY = """\
async def _drain(self):
    self._due = asyncio.Queue()
    asyncio.create_task(self._work_off())
    while True:
        _, number, item = await self._queue.get()
        {}

async def _work_off(self):
    while True:
        {}, item = await self._due.get()
        await self.write(item)
"""


@pytest.mark.parametrize(
    ("passed", "taken"),
    [
        ("await self._due.put((1, self.told(item)))", "_"),
        ("self._now = (1, item)\n        await self._due.put((1, *self._now))", "_, _"),
        ("now = (1, item)\n        await self._due.put((1, *now))\n        print(now)", "_, _"),
        ("now = (1, item)\n        await self._due.put((1, *now))\n        also = now", "_, _"),
        ("print(now := (1, item))\n        await self._due.put((1, *now))", "_, _"),
        ("now = (1, item)\n        await self._due.put([*now, 1])\n        print(now)", "_, _"),
        ("now = (1, item)\n        await self._due.put((*now, 1))\n        print(now)", "_, _"),
        ("now = (1, item)\n        self.write((1, *now))", "_, _"),
    ],
)
def test_tuples_that_are_more_than_passed_on(passed: str, taken: str, tmp_path: Path) -> None:
    """Who looks into them unpacks them, and what comes behind gets no envelopes."""
    program = Shape(
        "",
        RELAY.format(passed, taken),
        queue="asyncio.PriorityQueue()",
        put="await self._queue.put((1, next(self._numbers), item))",
    ).program
    fixed(tmp_path, {"store.py": program})
    worker = worker_of((tmp_path / "store.py").read_text(encoding="utf-8"))
    assert "_, number, work = await self._queue.get()\n" in worker
    assert f"{taken}, item = await self._due.get()\n" in worker


# --- Declarations -------------------------------------------------------------------------------

TYPED = """\
import asyncio
from typing import Any, Optional, Union


class Stop:
    pass


{alias}

class Store:
    {declared}

    def __init__(self):
        {made}
        self._task = None

    async def save(self, item):
        if self._task is None:
            self._task = asyncio.create_task(drain(self._queue))
        await self._queue.put(item)

    async def close(self):
        await self._queue.put({sentinel})


async def drain(queue: {parameter}):
    while True:
        item = await queue.get()
        {test}
        await item.run()
"""


def declared(
    root: Path,
    *,
    alias: str = "",
    declared: str = "_task: object",
    made: str = "self._queue = asyncio.Queue()",
    parameter: str = "asyncio.Queue",
    sentinel: str = "None",
    test: str = "if item is None: return",
) -> str:
    program = TYPED.format(
        alias=alias,
        declared=declared,
        made=made,
        parameter=parameter,
        sentinel=sentinel,
        test=test,
    )
    report = fixed(root, {"store.py": program})
    assert not report.remaining
    return (root / "store.py").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        ("asyncio.Queue[int]", "asyncio.Queue[WorkItem[int]]"),
        ("asyncio.Queue[int | None]", "asyncio.Queue[WorkItem[int] | None]"),
        ("asyncio.Queue[None | int | str]", "asyncio.Queue[None | WorkItem[int | str]]"),
        ("asyncio.Queue[int | None | str]", "asyncio.Queue[WorkItem[int | str] | None]"),
        ("asyncio.Queue[Optional[int]]", "asyncio.Queue[Optional[WorkItem[int]]]"),
        ("asyncio.Queue[dict[str, int]]", "asyncio.Queue[WorkItem[dict[str, int]]]"),
        ("asyncio.Queue[Any]", "asyncio.Queue[Any]"),
        ("asyncio.Queue", "asyncio.Queue"),
        ("asyncio.Queue[int] | None", "asyncio.Queue[WorkItem[int]] | None"),
        ("Optional[asyncio.Queue[int]]", "Optional[asyncio.Queue[WorkItem[int]]]"),
        ('"asyncio.Queue[int]"', '"asyncio.Queue[WorkItem[int]]"'),
        ("'asyncio.Queue[int | None]'", "'asyncio.Queue[WorkItem[int] | None]'"),
        ('asyncio.Queue["int"]', 'asyncio.Queue["WorkItem[int]"]'),
        ('"asyncio.Queue[list[int]]"', '"asyncio.Queue[WorkItem[list[int]]]"'),
        ("asyncio.Queue[None]", "asyncio.Queue[WorkItem[None]]"),
        ('"asyncio.Queue[None]"', '"asyncio.Queue[WorkItem[None]]"'),
        ('"asyncio.Queue[Any]"', '"asyncio.Queue[Any]"'),
        ('"asyncio.Queue"', '"asyncio.Queue"'),
        ('Optional["asyncio.Queue"]', 'Optional["asyncio.Queue"]'),
        (r'"asyncio.Queue[int]\x20"', r'"asyncio.Queue[int]\x20"'),
        ("asyncio.Queue[int, str]", "asyncio.Queue[int, str]"),
        ("asyncio.Queue[ int ]  # of numbers", "asyncio.Queue[ WorkItem[int] ]  # of numbers"),
    ],
)
def test_annotations(annotation: str, expected: str, tmp_path: Path) -> None:
    assert f"(queue: {expected.partition('  #')[0]})" in declared(
        tmp_path / "parameter", parameter=annotation.partition("  #")[0]
    )
    text = declared(tmp_path / "attribute", declared=f"_queue: {annotation}")
    assert f"    _queue: {expected}\n" in text
    if not annotation.startswith(("'", '"')):
        first, comment, rest = annotation.partition("  #")
        made = f"self._queue: {first} = asyncio.Queue(){comment}{rest}"
        wanted = f"self._queue: {expected.partition('  #')[0]} = asyncio.Queue(){comment}{rest}"
        assert f"        {wanted}\n" in declared(tmp_path / "assigned", made=made)


def test_the_type_argument_of_the_call(tmp_path: Path) -> None:
    text = declared(tmp_path, made="self._queue = asyncio.Queue[int | None](maxsize=3)")
    assert "self._queue = asyncio.Queue[WorkItem[int] | None](maxsize=3)\n" in text


def test_an_alias(tmp_path: Path) -> None:
    text = declared(tmp_path, alias="Jobs = asyncio.Queue[int]", parameter="Jobs")
    assert "Jobs = asyncio.Queue[WorkItem[int]]\n" in text


def test_what_a_function_returns(tmp_path: Path) -> None:
    giver = "def queue(self) -> asyncio.Queue[int]:\n        return self._queue\n"
    text = declared(tmp_path, declared=giver)
    assert "    def queue(self) -> asyncio.Queue[WorkItem[int]]:\n" in text


def test_a_protocol(tmp_path: Path) -> None:
    protocol = """\
class Jobs(Protocol):
    size: int
    async def put(self, item: int) -> None: ...
    def put_nowait(self, item) -> None: ...
    async def get(self) -> int: ...
    def get_nowait(self): ...
    def qsize(self) -> int: ...
"""
    text = declared(tmp_path, alias=protocol, parameter="Jobs")
    expected = protocol.replace("item: int", "item: WorkItem[int]")
    assert expected.replace("get(self) -> int", "get(self) -> WorkItem[int]") in text


@pytest.mark.parametrize(
    ("alias", "parameter"),
    [
        ("Jobs = asyncio.Queue", "'Jobs'"),
        ("Jobs = asyncio.Queue[int]\nprint(Jobs)", "Jobs"),
        ("Jobs = asyncio.Queue[int]\nJobs = asyncio.Queue[str]", "Jobs"),
        ("from jobs import Jobs", "Jobs"),
        ("print(1)", "object"),
        ("print(1)", "str | object"),
    ],
)
def test_declarations_that_say_nothing_of_items(alias: str, parameter: str, tmp_path: Path) -> None:
    text = declared(tmp_path, alias=alias, parameter=parameter)
    assert f"{alias}\n" in text
    assert f"(queue: {parameter})" in text


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        ("int | Stop", "WorkItem[int] | Stop"),
        ("Optional[int]", "WorkItem[Optional[int]]"),  # None is an item there, like any other
    ],
)
def test_a_sentinel_of_a_class(annotation: str, expected: str, tmp_path: Path) -> None:
    text = declared(
        tmp_path,
        parameter=f"asyncio.Queue[{annotation}]",
        sentinel="Stop()",
        test="if isinstance(item, Stop): return",
    )
    assert f"(queue: asyncio.Queue[{expected}])" in text


LINE = """from typing import Protocol


class Line(Protocol):
    async def put(self, item: {item}) -> None: ...
    async def get(self) -> {item}: ...
    def qsize(self) -> int: ...
"""


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ("int", "WorkItem[int]"),
        ("int | None", "WorkItem[int] | None"),
        ('"int"', '"WorkItem[int]"'),
    ],
)
def test_a_protocol_that_promises_the_methods_of_a_queue(
    item: str, expected: str, tmp_path: Path
) -> None:
    text = declared(tmp_path, alias=LINE.format(item=item), parameter="Line")
    assert LINE.format(item=expected) in text


@pytest.mark.parametrize("quote", ["", "'"])
def test_an_envelope_of_the_project_that_is_not_generic(quote: str, tmp_path: Path) -> None:
    write_project(tmp_path, {"own.py": ENVELOPE})
    annotation = f"{quote}asyncio.Queue[int | None]{quote}"
    text = declared(tmp_path, parameter=annotation)
    assert f"(queue: {quote}asyncio.Queue[Job | None]{quote})" in text
    assert "self._queue.put(Job(item))\n" in text


LENGTHS = """\
import asyncio


class Rows:
    def __init__(self, rows):
        self.rows = rows
{length}

class Store:
    def __init__(self):
        self._queue = asyncio.Queue()

    async def put(self, rows):
        await self._queue.put(Rows(rows))

    async def stop(self):
        await self._queue.put(None)

    async def run(self):
        while True:
            rows = await self._queue.get()
            if not rows:
                break
            print(rows)


asyncio.run(Store().run())
"""


def test_items_that_count_as_true_are_told_by_their_envelopes(tmp_path: Path) -> None:
    fixed(tmp_path, {"store.py": LENGTHS.format(length="")})
    assert "rows = await self._queue.get()" not in (text := (tmp_path / "store.py").read_text())
    assert "            if not work:\n                break\n            with activate" in text
    assert "await self._queue.put(None)\n" in text


@pytest.mark.parametrize("truth", ["__len__", "__bool__"])
def test_items_that_may_be_false_are_told_by_themselves(truth: str, tmp_path: Path) -> None:
    length = f"\n    def {truth}(self):\n        return len(self.rows)\n"
    fixed(tmp_path, {"store.py": LENGTHS.format(length=length)})
    text = (tmp_path / "store.py").read_text()
    assert "                if not rows:\n                    break\n" in text
    assert "await self._queue.put(WorkItem(None))\n" in text


SORTED = """\
import asyncio
import itertools


class Store:
    def __init__(self) -> None:
        self._queue = asyncio.PriorityQueue()
        self._ready = asyncio.Queue()
        self._numbers = itertools.count()

    async def put(self, row):
        await self._queue.put((1, next(self._numbers), row))

    async def sort(self):
        while True:
            kept = []
            item = await self._queue.get()
            if item[0] > 3:
                kept.append(item)
            else:
                row = item[2]
                await self._ready.put((0, row))
            for each in kept:
                await self._queue.put(each)

    async def run(self):
        while True:
            _, row = await self._ready.get()
            await self.write(row)

    async def write(self, row):
        print(row)

async def main() -> None:
    store = Store()
    asyncio.create_task(store.sort())
    await store.run()

asyncio.run(main())
"""


def test_tuples_that_are_put_back_or_relayed_carry_in_their_last_element(tmp_path: Path) -> None:
    report = fixed(tmp_path, {"store.py": SORTED})
    assert not report.remaining
    text = (tmp_path / "store.py").read_text(encoding="utf-8")
    assert "put((1, next(self._numbers), WorkItem(row)))\n" in text
    sorting = text[text.index("    async def sort") : text.index("    async def run")]
    assert sorting in SORTED  # it passes envelopes on, as it did items
    assert text[text.index("    async def run") : text.index("    async def write")] == (
        "    async def run(self):\n"
        "        while True:\n"
        "            _, work = await self._ready.get()\n"
        "            with activate_request_context(work.context):\n"
        "                row = work.payload\n"
        "                await self.write(row)\n\n"
    )


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        (
            "await self._queue.put(each)",
            "print(each)",
            "Store.sort() uses the whole tuple",
        ),
        (
            "kept.append(item)",
            "self.kept.append(item)",
            "Store.sort() uses the whole tuple",
        ),
        (
            "await self._ready.put((0, row))",
            "await self._ready.put((0, row)); print(row)",
            "Store.sort() uses the item behind taking it apart",
        ),
    ],
)
def test_tuples_that_are_used_on_their_way(
    before: str, after: str, reason: str, tmp_path: Path
) -> None:
    root = write_project(tmp_path, {"store.py": SORTED.replace(before, after)})
    report = fixing.run([root], HELPERS, unsafe=True, write=False)
    assert not report.changes
    assert report.remaining
    assert all(each.fix and each.fix.title.endswith(reason) for each in report.remaining)


def test_sentinels_in_envelopes(tmp_path: Path) -> None:
    text = declared(
        tmp_path,
        parameter="asyncio.Queue[int | None]",
        test="print(item)\n        if item is None: return",
    )
    assert "(queue: asyncio.Queue[WorkItem[int | None]])" in text
    assert "await self._queue.put(WorkItem(None))\n" in text


ENVELOPE = """\
from contextlib import contextmanager
from contextvars import Context, copy_context
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Job:
    payload: Any
    context: Context = field(default_factory=copy_context)


@contextmanager
def inside(context: Context):
    tokens = []
    try:
        for variable, value in context.items():
            tokens.append((variable, variable.set(value)))
        yield
    finally:
        for variable, token in reversed(tokens):
            variable.reset(token)
"""


# --- Several modules, tests, other queues -------------------------------------------------------

PACKAGE = {
    "shop/__init__.py": "",
    "shop/queues.py": """\
from __future__ import annotations

import asyncio

JOBS: asyncio.Queue[str] = asyncio.Queue()
""",
    "shop/producer.py": """\
from shop import queues
from shop.worker import ensure_worker


async def handle(request):
    ensure_worker()
    await queues.JOBS.put(request)
""",
    "shop/worker.py": """\
import asyncio

from .queues import JOBS

_task = None


def ensure_worker():
    global _task
    if _task is None:
        _task = asyncio.create_task(work())


async def work():
    while True:
        job = await JOBS.get()
        print(job)
""",
    "tests/test_worker.py": """\
from shop.queues import JOBS


async def test_work():
    JOBS.put_nowait("job")
    assert JOBS.qsize() == 1
    job = JOBS.get_nowait()
    assert job == "job"
""",
}


def test_several_modules_and_tests(tmp_path: Path) -> None:
    report = fixed(tmp_path, PACKAGE)
    assert not report.remaining

    def text(name: str) -> str:
        return (tmp_path / name).read_text(encoding="utf-8")

    assert text("shop/queues.py") == (
        "from __future__ import annotations\n\nimport asyncio\n\n"
        "from ctxlint.detached import WorkItem\n\n"
        "JOBS: asyncio.Queue[WorkItem[str]] = asyncio.Queue()\n"
    )
    assert "    await queues.JOBS.put(WorkItem(request))\n" in text("shop/producer.py")
    assert "        _task = create_detached_background_task(work())\n" in text("shop/worker.py")
    assert text("shop/worker.py").endswith(
        "        work_item = await JOBS.get()\n"
        "        with activate_request_context(work_item.context):\n"
        "            job = work_item.payload\n"
        "            print(job)\n"
    )
    assert '    JOBS.put_nowait(WorkItem("job"))\n' in text("tests/test_worker.py")
    assert "    work = JOBS.get_nowait()\n" in text("tests/test_worker.py")


def test_public_queues_are_named_in_the_title(tmp_path: Path) -> None:
    report = fixing.run([write_project(tmp_path, PACKAGE)], HELPERS, write=False)
    titles = {each.fix.title for each in report.remaining if each.fix is not None}
    assert titles == {
        "Put WorkItem(item) and activate its context in work(); "
        "code outside this project may use JOBS, too"
    }
    assert {each.fix.applicability for each in report.remaining if each.fix} == {"unsafe"}


def test_put_and_spawn_carry_one_intent(tmp_path: Path) -> None:
    report = fixing.run([write_project(tmp_path, PACKAGE)], HELPERS, write=False)
    assert [each.code for each in report.remaining] == ["CTX201", "CTX101"]
    intents = {each.fix.intent for each in report.remaining if each.fix is not None}
    assert len(intents) == 1


def test_a_name_that_shadows_a_helper(tmp_path: Path) -> None:
    program = Shape("", DRAIN).program + "\n\nclass WorkItem:\n    pass\n"
    fixed(tmp_path, {"store.py": program})
    text = (tmp_path / "store.py").read_text()
    assert "    WorkItem as _WorkItem,\n" in text
    assert "await self._queue.put(_WorkItem(item))\n" in text


ONE_LINE = "the batch shares its line"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (
            "(a,  # one\n b) = await self._queue.get()\nawait self.write((a, b))",
            "a comment stands among the names that the item is bound to",
        ),
        (
            "a = await self._queue.get()\nawait self.write(a); b = await self._queue.get()\n"
            "await self.write(b)",
            "two items are handled on one line",
        ),
        (
            "while item := await self._queue.get(  # the next one\n):\n    await self.write(item)",
            "a comment stands in the head of the loop",
        ),
        (
            "try:\n    item = await self._queue.get(); await self.write(item)\n"
            "except ValueError:\n    self.failed()",
            "the get shares its line",
        ),
        (
            "try:\n    item = await self._queue.get(); await self.write(item)\n"
            "except ValueError:\n    self.failed()\nfinally:\n    self._queue.task_done()",
            "the get shares its line",
        ),
        (
            "try:\n    self.now = '''a\nb'''\n    item = await self._queue.get()\n"
            "    await self.write(item)\nexcept ValueError:\n    self.failed()",
            "a string goes over several lines beside the get",
        ),
        (
            "work = work_item = envelope = enveloped_work = self\n"
            "item = await self._queue.get()\nawait self.write(item)",
            "all names for the envelope are taken",
        ),
        ("batch = [await self._queue.get()]; await self.write(batch)", ONE_LINE),
        ("batch = [await self._queue.get()]\nprint(1); await self.write(batch); print(2)", ""),
        (
            "batch = [await self._queue.get()]\nawait self.write(batch); self._queue.task_done()",
            ONE_LINE,
        ),
    ],
)
def test_what_stands_in_the_way(body: str, reason: str, tmp_path: Path) -> None:
    """Nothing is rewritten then, and all findings of the queue say why."""
    loop = "async def _drain(self):\n    while True:\n" + textwrap.indent(body, " " * 8)
    root = write_project(tmp_path, {"store.py": Shape("", loop).program})
    report = fixing.run([root], HELPERS, unsafe=True, write=False)
    assert {each.reason for each in report.failures} == ({reason} if reason else set())
    assert bool(report.changes) == (not reason)
    titles = [each.fix.title for each in report.remaining if each.fix is not None]
    assert all(title.endswith(f" could not be applied: {reason}") for title in titles)


def test_variables_that_are_never_carried(tmp_path: Path) -> None:
    settings = Settings(fix_style="helpers", never_carry=("vars.session",))
    puts = "await self._queue.put(item); self._queue.put_nowait(i for i in [item])"
    program = Shape("", DRAIN, put=puts).program
    fixed(tmp_path, {"store.py": program, "vars.py": "session = None\n"}, settings)
    text = (tmp_path / "store.py").read_text()
    assert "await self._queue.put(WorkItem(item, exclude=(session,)));" in text
    assert "put_nowait(WorkItem((i for i in [item]), exclude=(session,)))\n" in text
    assert "from vars import session\n" in text


# --- Bytes --------------------------------------------------------------------------------------


@pytest.mark.parametrize("newline", ["\r\n", "\r"])
def test_line_ends(newline: str, tmp_path: Path) -> None:
    for number, shape in enumerate(SHAPES):
        path = write_project(tmp_path / str(number), {}) / "store.py"
        path.write_bytes(shape.program.replace("\n", newline).encode())
        report = fixing.run([path], HELPERS, unsafe=True)
        assert not report.remaining, shape.name
        text = path.read_bytes().decode()
        assert "\n" not in text.replace(newline, ""), shape.name
        assert worker_of(text.replace(newline, "\n")) == shape.after.lstrip("\n"), shape.name


def test_tabs(tmp_path: Path) -> None:
    for number, shape in enumerate(SHAPES):
        path = write_project(tmp_path / str(number), {}) / "store.py"
        path.write_text(_tabbed(shape.program), encoding="utf-8")
        report = fixing.run([path], HELPERS, unsafe=True)
        assert not report.remaining, shape.name
        if "strings" not in shape.name:
            after = worker_of(path.read_text(encoding="utf-8"))
            assert after == _tabbed(shape.after.lstrip("\n")), shape.name


def _tabbed(text: str) -> str:
    lines = text.split("\n")
    return "\n".join(
        "\t" * ((len(line) - len(line.lstrip(" "))) // 4) + line.lstrip(" ") for line in lines
    )


def test_a_block_with_an_indentation_of_its_own(tmp_path: Path) -> None:
    drain = """\
async def _drain(self):
  while True:
    item = await self._queue.get()
    await self.write(item)
"""
    assert (
        consumer(tmp_path, Shape("", drain))
        == """\
async def _drain(self):
  while True:
    work = await self._queue.get()
    with activate_request_context(work.context):
      item = work.payload
      await self.write(item)
"""
    )


def test_latin_1_and_a_form_feed(tmp_path: Path) -> None:
    path = write_project(tmp_path, {}) / "store.py"
    source = "# -*- coding: latin-1 -*-\n" + Shape("", DRAIN).program + "\x0c\n# caf\xe9"
    path.write_bytes(source.encode("latin-1"))
    assert not fixing.run([path], HELPERS, unsafe=True).remaining
    assert path.read_bytes().endswith(b"await self.write(item)\n\x0c\n# caf\xe9")
