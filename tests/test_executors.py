"""Whoever reads the files, this process or an executor's workers: the findings are the same."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from threading import Event, Lock
from typing import Any

import pytest
from msgspec.msgpack import encode

from ctxlint.checking import check
from ctxlint.facts.extract import extract
from ctxlint.facts.model import Module
from ctxlint.facts.remote import Batch, Told, facts_of, read_all, reader, restored
from ctxlint.fixing import fix
from ctxlint.hands import readers

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


def test_fixes_are_the_same_with_any_executor(project: Path) -> None:
    alone = fix([project], unsafe=True, write=False)
    assert alone.changes
    with ThreadPoolExecutor(2) as threads:
        assert fix([project], unsafe=True, write=False, executor=threads) == alone


class Noting(ThreadPoolExecutor):
    """An executor that tells what it has been given, and does something with it."""

    def __init__(self, do: Callable[[list[bytes]], bytes] = read_all) -> None:
        super().__init__(1)
        self.batches: list[list[bytes]] = []
        self._do = do

    def submit(self, *given: Any, **named: Any) -> Future[Any]:
        _, sources = given
        self.batches.append(sources)
        return super().submit(self._do, sources)


def test_delivered_facts_are_used(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = check([project])
    with Noting() as executor:
        answers = {}
        executor._do = lambda sources: answers.setdefault(0, read_all(sources))
        check([project], executor=executor)
    assert list(map(len, executor.batches)) == [9]
    # What follows finds nothing to parse but what nobody else could.
    parsed: list[bytes] = []

    def noted(source: bytes) -> Module:
        parsed.append(source)
        return extract(source)

    monkeypatch.setattr("ctxlint.program.modules.extract", noted)
    executor = Noting(lambda _: answers[0])
    assert check([project], executor=executor) == alone
    executor.shutdown()
    assert parsed == [(project / "broken.py").read_bytes()]


def _raising(sources: list[bytes]) -> bytes:
    raise MemoryError


def _of_another(sources: list[bytes]) -> bytes:
    return encode(Batch("ctxlint 99, Python 3.99", [Told(b"?", True) for _ in sources]))


@pytest.mark.parametrize(
    "do", [_raising, _of_another, lambda _: b"", lambda _: encode(Batch(reader(), []))]
)
def test_workers_that_fail_are_done_without(
    project: Path, do: Callable[[list[bytes]], bytes]
) -> None:
    alone = check([project])
    with Noting(do) as executor:
        assert check([project], executor=executor) == alone
    assert executor.batches


def test_an_executor_that_takes_nothing_is_done_without(project: Path) -> None:
    executor = ThreadPoolExecutor(1)
    executor.shutdown()
    assert check([project], executor=executor) == check([project])


def test_workers_that_never_answer_are_done_without(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readers, "_PATIENCE", 0.1)
    never = Event()

    def silent(sources: list[bytes]) -> bytes:
        never.wait()
        return b""

    with Noting(silent) as executor:
        assert check([project], executor=executor) == check([project])
        never.set()


def test_what_is_on_its_way_is_bounded(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readers, "_BATCH", 1)
    monkeypatch.setattr(readers, "_ON_THE_WAY", 2)
    begun: list[int] = []
    lock = Lock()

    class Counting(ThreadPoolExecutor):
        def submit(self, *given: Any, **named: Any) -> Future[Any]:
            with lock:
                begun.append(self._work_queue.qsize())
            return super().submit(*given, **named)

    with Counting(1) as executor:
        assert check([project], executor=executor) == check([project])
    assert len(begun) == 9
    assert max(begun) <= 2


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
