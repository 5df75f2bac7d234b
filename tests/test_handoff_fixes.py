"""What a hand-off's fix makes of programs, text by text; that the result is left alone is tested
with each. What the results do when they run is in test_handoff_behaviour.
"""

from __future__ import annotations

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


def test_a_sentinel_of_a_class(tmp_path: Path) -> None:
    text = declared(
        tmp_path,
        parameter="asyncio.Queue[int | Stop]",
        sentinel="Stop()",
        test="if isinstance(item, Stop): return",
    )
    assert "(queue: asyncio.Queue[WorkItem[int] | Stop])" in text


def test_sentinels_in_envelopes(tmp_path: Path) -> None:
    text = declared(
        tmp_path,
        parameter="asyncio.Queue[int | None]",
        test="print(item)\n        if item is None: return",
    )
    assert "(queue: asyncio.Queue[WorkItem[int | None]])" in text
    assert "await self._queue.put(WorkItem(None))\n" in text


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


def test_variables_that_are_never_carried(tmp_path: Path) -> None:
    settings = Settings(fix_style="helpers", never_carry=("vars.session",))
    fixed(tmp_path, {"store.py": Shape("", DRAIN).program, "vars.py": "session = None\n"}, settings)
    text = (tmp_path / "store.py").read_text()
    assert "await self._queue.put(WorkItem(item, exclude=(session,)))\n" in text
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


def test_latin_1_and_a_form_feed(tmp_path: Path) -> None:
    path = write_project(tmp_path, {}) / "store.py"
    source = "# -*- coding: latin-1 -*-\n" + Shape("", DRAIN).program + "\x0c\n# caf\xe9"
    path.write_bytes(source.encode("latin-1"))
    assert not fixing.run([path], HELPERS, unsafe=True).remaining
    assert path.read_bytes().endswith(b"await self.write(item)\n\x0c\n# caf\xe9")
