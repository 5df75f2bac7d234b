"""Cost grows with the size of what is checked and no faster; counted in calls, never in time.

The projects are those of benchmarks/scaling.py, of which the sizes here are a small part.
"""

from __future__ import annotations

import math
import re
import sys
import textwrap
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import FrameType

import pytest

BENCHMARKS = Path(__file__).resolve().parents[1] / "benchmarks"
sys.path.insert(0, str(BENCHMARKS))  # scripts that import each other, not a package

import scaling  # noqa: E402
import scaling_projects as made  # noqa: E402

from ctxlint import checking  # noqa: E402
from ctxlint.program.searches import member  # noqa: E402
from ctxlint.program.surroundings import Around, in_bytes  # noqa: E402
from ctxlint.settings import Settings  # noqa: E402

Make = Callable[[int], Iterator[tuple[str, str]]]


def calls_for(project: Path) -> int:
    """How many functions of Python's are called while a project is checked, fixes and all."""
    count = 0

    def note(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        if event == "call":
            count += 1

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        checking.run([project], Settings())
    finally:
        sys.setprofile(before)
    return count


def like_named(classes: int) -> Iterator[tuple[str, str]]:
    """Packages that all have a class of the same name, with a queue and a worker."""
    for number in range(classes):
        yield f"pack{number}/mod0.py", made.worker(number, 0)


REQUEST = """\
import asyncio
import contextvars

from fastapi import FastAPI

app = FastAPI()
cleared = contextvars.ContextVar("cleared")


async def work():
    while True:
        await asyncio.sleep(1)


@app.get("/")
async def get():
    cleared.set(None)
"""


def spawns_of_one_function(number: int) -> Iterator[tuple[str, str]]:
    """A function that starts one worker after the other."""
    yield "app.py", REQUEST + "    asyncio.create_task(work())\n" * number


@pytest.mark.parametrize(
    ("make", "size"),
    [
        (spawns_of_one_function, 200),
        (like_named, 60),
        (made.queue_users, 200),
        (made.hierarchy, 100),
        (made.call_chain, 100),
        (made.one_class, 150),
        (made.one_file, 2_000),
        (made.findings, 60),
    ],
)
def test_four_times_as_much_is_no_more_than_about_four_times_the_work(
    make: Make, size: int, tmp_path: Path
) -> None:
    counts = []
    for each in (1, size, 4 * size):  # the first, so that nothing is imported in the others
        project = tmp_path / str(each)
        made.write(project, make(each))
        counts.append(calls_for(project))
    assert math.log(counts[2] / counts[1], 4) <= scaling.MOST_GROWTH


def found(root: Path, files: Mapping[str, str]) -> Counter[str]:
    made.write(root, ((name, textwrap.dedent(text)) for name, text in files.items()))
    return Counter(each.code for each in checking.run([root], Settings(), fixes=False).findings)


def test_of_very_many_users_of_a_queue_each_is_found(tmp_path: Path) -> None:
    assert found(tmp_path, dict(made.queue_users(2_100)))["CTX201"] >= 2_100


def test_many_classes_of_one_name_are_told_apart(tmp_path: Path) -> None:
    files = dict(like_named(8))
    files["pack0/app.py"] = """
        from fastapi import FastAPI
        from .mod0 import worker

        app = FastAPI()

        @app.post("/")
        async def add(item):
            await worker.queue.put(item)
        """
    report = checking.run([_written(tmp_path, files)], Settings(), fixes=False)
    assert [each.message for each in report.findings if each.path.endswith("app.py")]


def _written(root: Path, files: Mapping[str, str]) -> Path:
    made.write(root, ((name, textwrap.dedent(text)) for name, text in files.items()))
    return root


PEEKING = """
    import collections
    import threading
    import time

    from fastapi import FastAPI

    app = FastAPI()


    class Batches:
        def __init__(self):
            self.waiting = collections.deque()

        def start(self):
            threading.Thread(target=self.run, daemon=True).start()

        def run(self):
            while True:
                if self.waiting:
                    print(self.waiting.popleft())
                time.sleep(1)


    batches = Batches()
    batches.start()


    @app.post("/")
    def add(row):
        {how}
"""


def test_what_is_put_on_a_deque_is_found(tmp_path: Path) -> None:
    how = "batches.waiting.append(row)"
    assert found(tmp_path, {"app.py": PEEKING.format(how=how)})["CTX201"] == 1


@pytest.mark.parametrize(
    "how",
    [
        "batches.waiting[0].append(row)",
        "first = batches.waiting[-1]; first.append(row)",
        "list(batches.waiting)[0].append(row)",
    ],
)
def test_an_item_of_a_deque_is_not_the_deque(how: str, tmp_path: Path) -> None:
    assert not found(tmp_path, {"app.py": PEEKING.format(how=how)})["CTX201"]


def test_a_queue_in_a_collection_is_read_out_of_it(tmp_path: Path) -> None:
    program = PEEKING.replace(
        "self.waiting = collections.deque()",
        "self.waiting = collections.deque()\n            self.all = [self.waiting]",
    )
    how = "batches.all[0].append(row)"
    assert found(tmp_path, {"app.py": program.format(how=how)})["CTX201"] == 1


def test_slopes_are_those_of_powers() -> None:
    square = [(math.log(size), math.log(3 * size**2)) for size in (10, 40, 90)]
    assert scaling.slope(square) == pytest.approx(2)


def test_words_of_a_long_text_are_found_alike_however_often_it_was_searched() -> None:
    short = "x.put(item); put = [x.put, xput.a, ünder.put_all]  # put\n" * 1_000
    long = short * 5
    in_text, in_data = member("put"), in_bytes("put", Around(re.compile(rb"\.\Z")))
    expected = list(in_text.starts(short, 10))
    coded = list(in_data.starts(short.encode(), 10))
    assert expected
    data, length = long.encode(), len(short.encode())
    for _ in range(200):
        assert list(in_text.starts(long, 10, len(short))) == expected
        assert list(in_data.starts(data, 10, length)) == coded
