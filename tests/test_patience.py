"""A file that takes too long is told, and keeps nobody from the others."""

from __future__ import annotations

from pathlib import Path

import pytest

from ctxlint import patience
from ctxlint.checking import run
from ctxlint.patience import OutOfPatience, Patience
from ctxlint.program import fixpoint
from ctxlint.session import Session
from ctxlint.settings import Settings

LEAK = """\
import asyncio
from fastapi import FastAPI

app = FastAPI()


@app.get("/")
async def get():
    asyncio.create_task(work())


async def work():
    while True:
        await asyncio.sleep(1)
"""


def test_a_file_that_takes_too_long_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow, quick = tmp_path / "slow.py", tmp_path / "quick.py"
    chain = "".join(f"def f{n}():\n    return f{n + 1}()\n" for n in range(400))
    slow.write_text(LEAK.replace("work())", "f0())") + chain)
    quick.write_text(LEAK)
    assert [each.code for each in run([tmp_path]).findings] == ["CTX101"]
    monkeypatch.setattr(patience, "process_time", iter(range(100, 10**9, 50)).__next__)
    found = run([tmp_path], remembers=True).findings
    assert [(Path(each.path).name, each.code) for each in found] == [
        ("quick.py", "CTX101"),
        ("slow.py", "CTX900"),
    ]
    assert found[1].message == "cannot be analysed: it takes more than 60 s to be analysed"
    monkeypatch.undo()
    again = run([tmp_path], remembers=True).findings  # nothing of it was kept
    assert [each.code for each in again] == ["CTX101"]


SHOP = {
    "base.py": """\
import asyncio

class Base:
    def __init__(self):
        self.queue: asyncio.Queue[str] = asyncio.Queue()
        self._task = None

    async def handle_request(self, row):
        if self._task is None:
            self._task = asyncio.create_task(self._run())
        await self.queue.put(row)

    async def _run(self):
        while True:
            await self.process(await self.queue.get())

    async def process(self, item): ...
""",
    "shop.py": """\
from fastapi import FastAPI

from base import Base

app = FastAPI()

class Shop(Base):
    async def process(self, item):
        print(item)

shop = Shop()

@app.post("/rows")
async def post(row: str):
    await shop.handle_request(row)
    shop.queue.put_nowait(row)
""",
}


class Breaking:
    """Breaks off an analysis when it asks for the time for the n-th time."""

    def __init__(self, at: int, error: type[Exception]) -> None:
        self._error = error
        self.left = at

    def check(self) -> None:
        self.left -= 1
        if not self.left:
            raise self._error


@pytest.mark.parametrize("error", [OutOfPatience, RecursionError])
def test_what_is_broken_off_leaves_nothing_to_other_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    for name, text in SHOP.items():
        (tmp_path / name).write_text(text)
    monkeypatch.setattr(fixpoint, "_OFTEN", 1)

    def judged(at: int) -> dict[Path, list[str]]:
        breaking = Breaking(at, error)
        monkeypatch.setattr(Patience, "check", lambda _: breaking.check())
        session = Session(tmp_path, Settings())
        return {path: list(map(repr, session.judged(path).reported)) for path in session.files}

    whole = judged(0)
    assert [len(found) for found in whole.values()] == [2, 1]
    for at in range(1, 200):
        found = judged(at)
        broken = [path for path, told in found.items() if "CTX900" in "".join(told)]
        assert {p: told for p, told in found.items() if p not in broken} == {
            p: told for p, told in whole.items() if p not in broken
        }
        if not broken:
            return
    raise AssertionError("it is broken off each time")


def test_what_is_asked_between_files_has_no_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "leak.py").write_text(LEAK)
    session = Session(tmp_path, Settings())
    session.judged(tmp_path / "leak.py")
    monkeypatch.setattr(patience, "process_time", lambda: 1e9)
    monkeypatch.setattr(fixpoint, "_OFTEN", 1)
    session.program.resolver.fixpoint.solve("anything", lambda: True, default=False)
