"""``--dask``: the workers of a real cluster read the files, and the findings are the same."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ctxlint import cli
from ctxlint.checking import check
from ctxlint.hands import cluster, readers
from ctxlint.hands.cluster import NoCluster, workers_of

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
    (tmp_path / "pyproject.toml").write_text("[tool.ctxlint]\n")
    for number in range(40):
        (tmp_path / f"store{number}.py").write_text(STORE.format(number=number))
    (tmp_path / "broken.py").write_text("import asyncio\nasyncio.create_task(\n")
    return tmp_path


@pytest.fixture(scope="module")
def scheduler() -> Iterator[str]:
    """A cluster of two worker processes; a worker that dies is not started again."""
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=":0", silence_logs=50
    ) as local:
        yield local.scheduler_address


@pytest.mark.slow
def test_the_command_line_says_the_same(
    project: Path, scheduler: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main([str(project), "--quiet"]) == 1
    alone = capsys.readouterr()
    assert alone.out.count("CTX101") == 40
    assert cli.main([str(project), "--quiet", "--dask", scheduler]) == 1
    assert capsys.readouterr() == alone


@pytest.mark.slow
def test_a_worker_may_be_killed_meanwhile(
    project: Path, scheduler: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from distributed import Client

    alone = check([project])
    with Client(scheduler, set_as_default=False) as client:
        victim = sorted(client.run(os.getpid).values())[0]
    monkeypatch.setattr(readers, "_BATCH", 1)
    monkeypatch.setattr(readers, "_ON_THE_WAY", 4)
    answers: list[bytes] = []
    understood = readers._understood

    def killing(answer: bytes) -> object:
        if not answers:
            os.kill(victim, signal.SIGKILL)
        answers.append(answer)
        return understood(answer)

    monkeypatch.setattr(readers, "_understood", killing)
    with workers_of(scheduler) as executor:
        assert check([project], executor=executor) == alone
    assert len(answers) == 41


@pytest.mark.slow
def test_workers_of_another_version_are_told(
    scheduler: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "reader", lambda: "ctxlint 99")
    told = r"the worker tcp://\S+ runs ctxlint .* this is ctxlint 99"
    with pytest.raises(NoCluster, match=told), workers_of(scheduler):
        pass


@pytest.mark.slow
def test_workers_without_ctxlint_are_told(tmp_path: Path) -> None:
    distributed = pytest.importorskip("distributed")
    (tmp_path / "ctxlint.py").write_text("raise ModuleNotFoundError('not here', name='ctxlint')\n")
    with distributed.LocalCluster(n_workers=0, dashboard_address=":0", silence_logs=50) as local:
        command = ["-m", "dask", "worker", local.scheduler_address, "--no-nanny", "--no-dashboard"]
        worker = subprocess.Popen([sys.executable, *command], cwd=tmp_path, stderr=-3, stdout=-3)
        try:
            with distributed.Client(local, set_as_default=False) as client:
                client.wait_for_workers(1, timeout=30)
            told = r"the worker \S+ cannot import ctxlint .*not here"
            with pytest.raises(NoCluster, match=told), workers_of(local.scheduler_address):
                pass
        finally:
            worker.kill()
            worker.wait()


@pytest.mark.slow
def test_a_cluster_without_workers_is_told() -> None:
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(n_workers=0, dashboard_address=":0", silence_logs=50) as local:
        address = local.scheduler_address
        with pytest.raises(NoCluster, match="has no workers"), workers_of(address):
            pass


@pytest.mark.parametrize("scheduler", ["tcp://127.0.0.1:9", "nonsense://x", ""])
def test_a_scheduler_that_does_not_answer_is_told(scheduler: str) -> None:
    pytest.importorskip("distributed")
    told = f"no scheduler answers at {re.escape(repr(scheduler))}"
    with pytest.raises(NoCluster, match=told), workers_of(scheduler, patience=0.5):
        pass


def test_without_distributed_the_extra_is_named(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert cli.main([str(project), "--dask", "tcp://127.0.0.1:9"]) == 2
    assert capsys.readouterr().err == (
        "ctxlint: error: --dask: it needs distributed: pip install 'ctxlint[dask]'\n"
    )
