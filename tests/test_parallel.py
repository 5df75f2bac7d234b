"""However the files are parsed, in one process or by many workers, the findings are the same."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from ctxlint.checking import check
from ctxlint.facts.remote import facts_of, restored

STORE = """\
import asyncio

class Store{number}:
    async def save(self):
        self._task = asyncio.create_task(self._drain())

    async def _drain(self):
        while True:
            await asyncio.sleep(1)
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for number in range(8):
        (tmp_path / f"store{number}.py").write_text(STORE.format(number=number), encoding="utf-8")
    (tmp_path / "broken.py").write_text("import asyncio\nasyncio.create_task(\n", encoding="utf-8")
    return tmp_path


def test_any_executor_gives_the_same_findings(project: Path) -> None:
    alone = check([project])
    assert [each.code for each in alone].count("CTX101") == 8
    with ThreadPoolExecutor(2) as threads:
        assert check([project], executor=threads) == alone
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as processes:
        assert check([project], executor=processes) == alone


def test_supplied_facts_are_used(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bytes] = []

    def noted(source: bytes) -> bytes | None:
        asked.append(source)
        return facts_of(source)

    monkeypatch.setattr("ctxlint.facts.remote.facts_of", noted)
    with ThreadPoolExecutor(1) as threads:
        check([project], executor=threads)
    assert len(asked) == 9


@pytest.mark.parametrize("source", [b"def broken(:\n", b"x = 1\0", b"\xff"])
def test_what_cannot_be_read_is_left_to_the_asker(source: bytes) -> None:
    assert facts_of(source) is None


def test_facts_survive_the_journey() -> None:
    data = facts_of(STORE.format(number=1).encode())
    assert data is not None
    facts = restored(data)
    assert facts is not None
    assert facts.position(facts.body[1].at) == (3, 1)
    assert restored(b"nonsense") is None
