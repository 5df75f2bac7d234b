"""However many processes share the work, whatever becomes of them: the findings are the same."""

from __future__ import annotations

import multiprocessing
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.msgpack import encode

from ctxlint import fixing
from ctxlint.baseline import Baseline
from ctxlint.checking import Report, run
from ctxlint.facts.extract import extract
from ctxlint.hands import shares, spawned
from ctxlint.hands.replies import learn
from ctxlint.hands.shelf import Shelf
from ctxlint.session import Judged, Session
from ctxlint.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="processes are forked on Linux only")
# Where the tests themselves run on several processes, there is a thread that waits for orders.
pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")

STORE = """\
import asyncio

from .workers import drain{other}

class Store{number}:
    async def save(self):
        self._task = asyncio.create_task(drain{other}(self))
        self._other = asyncio.create_task(self._flush())  # noqa: CTX101

    async def _flush(self):
        while True:
            await asyncio.sleep(1)
"""
WORKER = """\
async def drain{number}(store):
    while True:
        await asyncio.sleep(1)
"""
PLAIN = "def plain{number}(value):\n    return value + {number}\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A package in which workers stand in another file than their starters; some are broken."""
    package = tmp_path / "shop"
    package.mkdir()
    (tmp_path / "pyproject.toml").write_text(
        '[tool.ctxlint]\nselect = ["ALL"]\nper-file-ignores = {"shop/store3.py" = ["CTX101"]}\n'
    )
    texts = {"__init__.py": "", "broken.py": "import asyncio\nasyncio.create_task(\n"}
    texts["workers.py"] = "import asyncio\n" + "".join(
        WORKER.format(number=number) for number in range(12)
    )
    for number in range(12):
        texts[f"store{number}.py"] = STORE.format(number=number, other=11 - number)
    for number in range(30):
        texts[f"plain{number}.py"] = PLAIN.format(number=number)
    texts["plain7.py"] = "def plain(:\n"
    for name, text in texts.items():
        (package / name).write_text(text)
    return tmp_path


@pytest.fixture
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """The smallest project is worth as many processes as there may be."""
    monkeypatch.setattr(shares, "_WORTH_A_FORK", 1e-9)
    monkeypatch.setattr(shares, "_WORTH_A_SPAWN", 1e-9)


@pytest.fixture
def forking(eager: None, tidy: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shares, "can_fork", lambda: True)


@pytest.fixture
def spawning(eager: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(shares, "can_fork", lambda: False)
    yield
    assert multiprocessing.active_children() == []


@pytest.fixture
def tidy() -> Iterator[None]:
    """No process and no open file is left over."""
    before = _held()
    yield
    assert _held() == before


def _held() -> tuple[str, int]:
    if sys.platform != "linux":
        return "", 0
    children = Path(f"/proc/self/task/{os.getpid()}/children")
    told = children.read_text() if children.exists() else ""
    return told, len(os.listdir("/proc/self/fd"))


def _shared(monkeypatch: pytest.MonkeyPatch, *paths: Path, jobs: int) -> tuple[Report, int]:
    """A run, and how many of its files this process judged itself."""
    own = 0
    judged = Session.judged

    def counted(self: Session, path: Path) -> Judged:
        nonlocal own
        own += 1
        if own == 1:
            time.sleep(0.5)  # the others take something, too, however slowly they begin
        return judged(self, path)

    monkeypatch.setattr(Session, "judged", counted)
    report = run(paths, jobs=jobs)
    monkeypatch.setattr(Session, "judged", judged)
    return report, own


@LINUX
@pytest.mark.usefixtures("forking")
@pytest.mark.parametrize("jobs", [2, 3, 7])
def test_forked_processes_find_the_same(
    project: Path, jobs: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = run([project])
    assert [each.code for each in alone.findings].count("CTX101") == 11
    assert [each.code for each in alone.findings].count("CTX900") == 2
    together, own = _shared(monkeypatch, project, jobs=jobs)
    assert together == alone
    assert own < alone.files


@LINUX
@pytest.mark.slow
@pytest.mark.usefixtures("forking")
@pytest.mark.parametrize("jobs", [2, 7])
def test_the_fixtures_look_the_same_to_any_number(jobs: int) -> None:
    settings = Settings(select=("ALL",))
    alone = run([ROOT / "fixtures"], settings, previews=True)
    assert run([ROOT / "fixtures"], settings, previews=True, jobs=jobs) == alone


@pytest.mark.slow
@pytest.mark.usefixtures("spawning")
def test_processes_that_are_started_anew_find_the_same(project: Path) -> None:
    overlay = {project / "shop" / "store1.py": STORE.format(number=1, other=2).encode() * 2}
    alone = run([project], overlay=overlay)
    assert run([project], overlay=overlay, jobs=3) == alone


@pytest.mark.slow
@pytest.mark.usefixtures("spawning")
def test_a_file_that_changes_meanwhile_is_judged_as_it_was_read(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = run([project])
    describe = spawned._description

    def changing(session: Session) -> spawned.Project:
        described = describe(session)
        (project / "shop" / "store1.py").write_text("pass\n")
        return described

    monkeypatch.setattr(spawned, "_description", changing)
    assert run([project], jobs=3) == alone


def killed_at_once(described: bytes) -> None:
    os.kill(os.getpid(), signal.SIGTERM)


@pytest.mark.usefixtures("spawning")
def test_processes_that_do_not_start_are_done_without(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spawned, "_begin", killed_at_once)
    assert run([project], jobs=2) == run([project])


@LINUX
@pytest.mark.usefixtures("forking")
@pytest.mark.parametrize("fate", ["killed", "out of memory", "silent"])
def test_nothing_is_lost_with_a_process(
    project: Path, fate: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = run([project])
    parent = os.getpid()
    judged = Session.judged

    def judged_by_the_doomed(self: Session, path: Path) -> Judged:
        if os.getpid() == parent:
            time.sleep(0.02)  # the others take something, too
        elif fate == "killed":
            os.kill(os.getpid(), signal.SIGKILL)
        elif fate == "out of memory":
            raise MemoryError
        else:
            os._exit(0)
        return judged(self, path)

    monkeypatch.setattr(Session, "judged", judged_by_the_doomed)
    told: list[tuple[int, int]] = []
    report = run([project], jobs=3, progress=lambda done, total: told.append((done, total)))
    assert report == alone
    assert told == [(done + 1, alone.files) for done in range(alone.files)]


@LINUX
@pytest.mark.usefixtures("forking")
def test_where_no_process_is_to_be_had_one_does_it(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused() -> int:
        raise OSError("no more processes")

    monkeypatch.setattr(os, "fork", refused)
    assert run([project], jobs=3) == run([project])


@LINUX
@pytest.mark.usefixtures("forking")
def test_fixes_and_what_they_change_are_the_same(project: Path) -> None:
    alone = fixing.run([project], unsafe=True, write=False)
    assert alone.changes
    assert fixing.run([project], unsafe=True, write=False, jobs=3) == alone


@LINUX
@pytest.mark.usefixtures("forking")
def test_graphs_and_baselines_are_the_same(project: Path) -> None:
    alone = run([project], graph=True)
    assert alone.graph is not None
    assert run([project], graph=True, jobs=3) == alone
    known = Baseline(project / "known.json", {}).holding(
        alone.findings[:4], lambda path: Path(path).read_text()
    )
    known.path.write_bytes(known.text())
    with (project / "pyproject.toml").open("a") as settings:
        settings.write('baseline = "known.json"\n')
    less = run([project])
    assert len(less.findings) == len(alone.findings) - 4
    assert run([project], jobs=3) == less


def test_small_projects_are_not_worth_a_process(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report, own = _shared(monkeypatch, project, jobs=8)
    assert own == report.files


@LINUX
def test_facts_are_found_on_the_shelf(tmp_path: Path) -> None:
    first, second = tmp_path / "first.py", tmp_path / "second.py"
    shelf = Shelf([first, second])
    try:
        shelf.move_to(3)
        facts = extract(b"x = f(1)\n")
        assert shelf.take(second) is None
        shelf.put(second, facts)
        taken = shelf.take(second)
        assert taken is not None
        assert encode(taken) == encode(facts)
        assert shelf.take(first) is None
        os.pwrite(shelf._file, b"\xff", shelf._end - 2)  # as if it were not all written yet
        assert shelf.take(second) is None
    finally:
        shelf.close()


@LINUX
def test_a_shelf_without_memory_is_done_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "first.py"
    facts = extract(b"x = f(1)\n")
    shelf = Shelf([path])
    try:
        monkeypatch.setattr(os, "pwrite", lambda file, data, at: len(data) - 1)
        shelf.put(path, facts)
        assert shelf.take(path) is None
        monkeypatch.undo()
        shelf.put(path, facts)
        assert shelf.take(path) is not None
    finally:
        shelf.close()
    shelf.put(path, facts)
    assert shelf.take(path) is None


@LINUX
@pytest.mark.usefixtures("forking")
@pytest.mark.parametrize("name", ["memfd_create", "pipe"])
def test_what_the_system_refuses_is_done_without(
    project: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise OSError(24, "Too many open files")

    alone = run([project])
    monkeypatch.setattr(os, name, refused)
    assert run([project], jobs=3) == alone


@LINUX
def test_who_cannot_tell_its_threads_does_not_fork(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(path: str) -> list[str]:
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr(os, "listdir", refused)
    assert not shares.can_fork()


@pytest.mark.usefixtures("spawning")
def test_a_project_that_cannot_be_described_to_others_is_checked_alone(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(session: Session) -> spawned.Project:
        raise FileNotFoundError(2, "No such file or directory")

    monkeypatch.setattr(spawned, "_description", gone)
    report, own = _shared(monkeypatch, project, jobs=3)
    assert own == report.files


@pytest.mark.slow
@pytest.mark.usefixtures("spawning")
def test_an_interrupt_leaves_no_process_and_no_setting_behind(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(done: int, total: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setenv("PYTHONSAFEPATH", "0")
    with pytest.raises(KeyboardInterrupt):
        run([project], jobs=2, progress=interrupted)
    for each in multiprocessing.active_children():
        each.join(30)
    assert os.environ["PYTHONSAFEPATH"] == "0"


INTERRUPTED = """\
import os, sys, time
from ctxlint import cli
from ctxlint.hands import shares
from ctxlint.session import Session

shares._WORTH_A_FORK = 1e-9
parent, judged = os.getpid(), Session.judged

def slow(self, path):
    if os.getpid() != parent:
        os.write(1, b"%d\\n" % os.getpid())
    time.sleep(60)

Session.judged = slow
sys.exit(cli.main([sys.argv[1], "--jobs", "3"]))
"""


@LINUX
def test_an_interrupt_ends_all(project: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED, str(project)], stdout=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout is not None
        try:
            helpers = [int(running.stdout.readline()) for _ in range(2)]
            running.send_signal(signal.SIGINT)
            assert running.wait(20) == 130
        finally:
            running.kill()
    for process in helpers:
        with pytest.raises(ProcessLookupError):
            os.kill(process, 0)


def test_what_was_found_in_other_bytes_is_not_taken_over(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = project / "shop/store1.py"
    monkeypatch.setattr(spawned, "_session", Session(project, Settings()))
    before, after = Session(project, Settings()), Session(project, Settings())
    before.sources.contents()
    store.write_text("")
    reply = spawned._judged([os.fsencode(store)])
    learn(before, [reply])
    learn(after, [reply])
    assert before.known(store) is None
    assert after.known(store) is not None


@LINUX
@pytest.mark.usefixtures("forking")
def test_where_many_files_are_open(project: Path) -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 4_096), most))
    opened = [os.open(os.devnull, os.O_RDONLY) for _ in range(1_100)]
    try:
        assert run([project], jobs=2).findings == run([project]).findings
    finally:
        for each in opened:
            os.close(each)
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
