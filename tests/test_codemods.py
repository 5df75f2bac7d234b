"""The fixes as libcst codemods, run as people run them: `python -m libcst.tool codemod`."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from libcst import parse_module
from libcst.codemod import CodemodContext
from libcst.codemod import SkipFile as Skip

import ctxlint
from ctxlint.codemods import CaptureContext, CarryContext, DetachWorkers, ResetContext
from ctxlint.fixes.plans import PLANNERS
from ctxlint.intents import Unsilence

STORE = """\
import asyncio


class Store:
    def __init__(self):
        self._task = None
        self._queue = asyncio.Queue()

    async def save(self, row):
        if self._task is None:
            self._task = asyncio.create_task(self._drain())
        self._queue.put_nowait(row)

    async def _drain(self):
        while True:
            row = await self._queue.get()
            print(row)
"""
BEAT = """\
import asyncio


class Beat:
    async def start(self):
        self._task = asyncio.create_task(self._beat())

    async def _beat(self):
        while True:
            await asyncio.sleep(30)
"""
# The put in one file, the worker in another.
QUEUE = """\
import asyncio

queue = asyncio.Queue()


async def drain():
    while True:
        row = await queue.get()
        print(row)


async def start():
    asyncio.create_task(drain())
"""
PRODUCER = """\
from app.queue import queue, start


async def handle(request):
    await start()
    queue.put_nowait(request)
"""


_FLAGS = ("--no-format", "--hide-progress")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "app").mkdir()
    (tmp_path / "pyproject.toml").write_text("[tool.ctxlint]\n")
    (tmp_path / "app" / "__init__.py").touch()
    (tmp_path / "app" / "beat.py").write_text(BEAT)
    (tmp_path / "app" / "store.py").write_text(STORE)
    (tmp_path / ".libcst.codemod.yaml").write_text("modules: ['ctxlint.codemods']\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(Path(ctxlint.__file__).parents[1]))
    return tmp_path


def codemod(*arguments: str) -> tuple[int, str]:
    """Exit code and what is told (without the progress) of a codemod run."""
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "libcst.tool",
            "codemod",
            "--no-format",
            "--hide-progress",
            *arguments,
        ],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stderr


@pytest.mark.parametrize("name", ["ctxlint.codemods.DetachWorkers", "-x"])
def test_workers_are_detached(project: Path, name: str) -> None:
    arguments = ["-x", "ctxlint.codemods.DetachWorkers"] if name == "-x" else [name]
    code, told = codemod(*arguments, ".")
    assert code == 0
    assert "Transformed 3 files successfully" in told
    fixed = (project / "app" / "beat.py").read_text()
    assert "self._task = create_detached_background_task(self._beat())" in fixed
    # Its worker serves a queue: detaching it alone would leave it without a user.
    assert (project / "app" / "store.py").read_text() == STORE
    assert "1 warnings" in told
    assert "CTX101 is fixed along with its queue: run CarryContext" in told


def test_queue_items_carry_their_context(project: Path) -> None:
    code, _ = codemod("ctxlint.codemods.CarryContext", "app")
    assert code == 0
    fixed = (project / "app" / "store.py").read_text()
    assert "self._queue.put_nowait(WorkItem(row))" in fixed
    assert "create_detached_background_task(self._drain())" in fixed
    assert (project / "app" / "beat.py").read_text() == BEAT


def test_it_does_what_fix_does(project: Path) -> None:
    codemod("ctxlint.codemods.DetachWorkers", ".")
    codemod("ctxlint.codemods.CarryContext", ".")
    done = {path.name: path.read_text() for path in (project / "app").iterdir() if path.is_file()}
    (project / "app" / "beat.py").write_text(BEAT)
    (project / "app" / "store.py").write_text(STORE)
    report = ctxlint.fix(["."], unsafe=True)
    assert report.remaining == ()
    assert {path.name: text.decode() for path, text in report.texts.items()} == {
        name: text for name, text in done.items() if text
    }


def test_only_safe_fixes(project: Path) -> None:
    codemod("ctxlint.codemods.CarryContext", "--safe-only", ".")
    assert (project / "app" / "store.py").read_text() == STORE
    codemod("ctxlint.codemods.DetachWorkers", "--safe-only", ".")
    assert "detached" in (project / "app" / "beat.py").read_text()


def test_what_reaches_over_several_files_is_left_alone_with_a_warning(project: Path) -> None:
    for name, text in {"queue.py": QUEUE, "producer.py": PRODUCER}.items():
        (project / "app" / name).write_text(text)
    for command in ("DetachWorkers", "CarryContext"):
        code, told = codemod(f"ctxlint.codemods.{command}", "app/queue.py", "app/producer.py")
        assert code == 0
        told = " ".join(told.split())
        commands = re.findall(r"`(ctxlint --fix --unsafe-fixes [^`]*)`", told)
        assert set(commands) == {"ctxlint --fix --unsafe-fixes app/producer.py app/queue.py"}
        assert (project / "app" / "queue.py").read_text() == QUEUE
        assert (project / "app" / "producer.py").read_text() == PRODUCER
    done = subprocess.run(
        [sys.executable, "-m", *commands[0].split()], capture_output=True, timeout=60
    )
    assert done.returncode == 0
    assert "WorkItem(request)" in (project / "app" / "producer.py").read_text()


def test_every_kind_of_fix_has_a_command() -> None:
    commands = (DetachWorkers, CarryContext, CaptureContext, ResetContext)
    kinds = [kind for command in commands for kind in command.KINDS]
    of_code = set(PLANNERS) - {Unsilence}  # which takes away a comment
    assert sorted(kinds, key=str) == sorted(of_code, key=str)


def test_contexts_are_captured_for_each_run(project: Path) -> None:
    source = """\
import contextvars


def run(context, function):
    (context or contextvars.copy_context()).run(function)
"""
    tree = parse_module(source)
    result = CaptureContext(CodemodContext()).transform_module(tree).code
    assert "is not None" in result or "is None" in result, result


def test_what_is_set_is_reset_in_a_finally(project: Path) -> None:
    source = """\
import contextvars

user = contextvars.ContextVar("user")


def with_user(name, function):
    token = user.set(name)
    function()
    user.reset(token)
"""
    result = ResetContext(CodemodContext()).transform_module(parse_module(source)).code
    assert result.endswith(
        "    try:\n        function()\n    finally:\n        user.reset(token)\n"
    )


def test_comments_and_settings_hold(project: Path) -> None:
    path = project / "app" / "beat.py"
    quiet = BEAT.replace("(self._beat())", "(self._beat())  # noqa: CTX101")
    path.write_text(quiet)
    codemod("ctxlint.codemods.DetachWorkers", ".")
    assert path.read_text() == quiet
    path.write_text(BEAT)
    (project / "pyproject.toml").write_text("[tool.ctxlint]\nignore = ['CTX101']\n")
    codemod("ctxlint.codemods.DetachWorkers", ".")
    assert path.read_text() == BEAT


def test_text_that_another_codemod_has_changed(project: Path) -> None:
    """A command may run after others: what counts is the tree that it is given."""
    tree = parse_module(BEAT.replace("Beat", "Pulse"))
    path = project / "app" / "beat.py"
    result = DetachWorkers(CodemodContext(filename=str(path))).transform_module(tree)
    assert "class Pulse" in result.code
    assert "create_detached_background_task(" in result.code
    assert path.read_text() == BEAT


def test_text_that_belongs_to_no_file(project: Path) -> None:
    result = DetachWorkers(CodemodContext()).transform_module(parse_module(BEAT))
    assert "create_detached_background_task(" in result.code
    assert CarryContext(CodemodContext()).transform_module(parse_module(BEAT)).code == BEAT


def test_files_that_libcst_would_spoil_are_skipped(project: Path) -> None:
    """It drops a form feed in front of a statement; `--fix` does not."""
    source = BEAT.replace("class", "\x0cclass").encode()
    path = project / "app" / "beat.py"
    path.write_bytes(source)
    command = DetachWorkers(CodemodContext(filename=str(path)))
    with pytest.raises(Skip, match="ctxlint --fix"):
        command.transform_module(parse_module(source))
    code, told = codemod("ctxlint.codemods.DetachWorkers", ".")
    assert code == 0
    assert "use `ctxlint --fix`" in told
    assert path.read_bytes() == source
