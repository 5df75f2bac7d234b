"""A file that takes too long is told, and keeps nobody from the others."""

from __future__ import annotations

from pathlib import Path

import pytest

from ctxlint import patience
from ctxlint.checking import run

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
