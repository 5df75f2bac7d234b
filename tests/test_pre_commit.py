"""The hooks of .pre-commit-hooks.yaml, run by the real pre-commit in real repositories.

pre-commit clones a repository that holds the hooks of this one, but makes no environment for them
(`language: system`): `ctxlint` is a script that runs what is tested and writes down its arguments.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import ctxlint

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(importlib.util.find_spec("pre_commit") is None, reason="no pre-commit"),
    pytest.mark.skipif(shutil.which("git") is None, reason="no git"),
    pytest.mark.skipif(sys.platform == "win32", reason="ctxlint is a script of sh's"),
]

ROOT = Path(__file__).parent.parent
STORE = """\
from asyncio import create_task

from app.worker import drain


class Store:
    async def save(self, row):
        self._task = create_task(drain(self))
"""
WORKER = """\
import asyncio


async def drain(store):
    while True:
        await asyncio.sleep(1)
"""
FIXABLE = """\
import asyncio


class Poller:
    async def start(self):
        self._task = asyncio.create_task(self._poll())

    async def _poll(self):
        while True:
            await asyncio.sleep(1)
"""


def git(*arguments: str, cwd: Path | None = None, check: bool = True) -> str:
    done = subprocess.run(
        ["git", *arguments],
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert not check or done.returncode == 0, done.stdout
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository that uses the hook `ctxlint`; it is the working directory."""
    for name in [name for name in os.environ if name.startswith(("GIT_", "PRE_COMMIT"))]:
        monkeypatch.delenv(name)
    config = tmp_path / "gitconfig"
    config.write_text("[user]\nname = a\nemail = a@b\n[init]\ndefaultBranch = main\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("PRE_COMMIT_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PYTHONPATH", str(Path(ctxlint.__file__).parents[1]))
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    script = tmp_path / "bin/ctxlint"
    script.parent.mkdir()
    log, python = tmp_path / "log", sys.executable
    script.write_text(f'#!/bin/sh\necho "$#" >> "{log}"\nexec "{python}" -m ctxlint "$@"\n')
    script.chmod(0o755)
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    shutil.copy(ROOT / ".pre-commit-hooks.yaml", hooks)
    git("init", "--quiet", cwd=hooks)
    git("add", "--all", cwd=hooks)
    git("commit", "--quiet", "--message", "hooks", cwd=hooks)
    project = tmp_path / "project"
    (project / "app").mkdir(parents=True)
    monkeypatch.chdir(project)
    git("init", "--quiet")
    use("ctxlint")
    Path("pyproject.toml").write_text("[tool.ctxlint]\n")
    Path("app/__init__.py").touch()
    Path("app/store.py").write_text(STORE)
    Path("app/worker.py").write_text(WORKER)
    return project


def use(hook: str, **more: str) -> None:
    """Write the settings of pre-commit."""
    hooks = Path("../hooks").resolve()
    revision = git("rev-parse", "HEAD", cwd=hooks)
    keys = "".join(f"        {key}: {value}\n" for key, value in more.items())
    Path(".pre-commit-config.yaml").write_text(
        f"repos:\n  - repo: {hooks}\n    rev: {revision}\n    hooks:\n"
        f"      - id: {hook}\n        language: system\n{keys}"
    )


def pre_commit(*arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "pre_commit", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


def calls() -> list[int]:
    """How many arguments ctxlint was given, in each of its calls so far."""
    log = Path("../log")
    return [int(line) for line in log.read_text().split()] if log.exists() else []


def test_one_file_that_is_committed(repository: Path) -> None:
    """The worker is in another file: what is not handed over is read all the same."""
    assert pre_commit("install")[0] == 0
    git("add", "app/worker.py", "app/__init__.py", "pyproject.toml", ".pre-commit-config.yaml")
    git("commit", "--quiet", "--message", "worker")
    git("add", "app/store.py")
    told = git("commit", "--message", "store", check=False)
    assert "app/store.py:8:22: CTX101" in told
    assert git("status", "--short") == "A  app/store.py"
    Path("app/store.py").write_text(STORE.replace("drain(self))", "drain(self))  # noqa: CTX101"))
    git("add", "app/store.py")
    git("commit", "--quiet", "--message", "store")
    assert calls() == [2, 1, 1]


def test_many_files(repository: Path) -> None:
    for number in range(30):
        Path(f"app/store{number}.py").write_text(STORE)
    Path("notes.txt").write_text("no Python\n")
    git("add", "--all")
    code, told = pre_commit("run", "--all-files")
    assert code == 1
    assert len(re.findall(r"^app/store\d*\.py:8:22: CTX101", told, re.MULTILINE)) == 31
    assert "Found 31 problems in 31 files (33 files checked)." in told
    assert calls() == [33]  # one process, and nothing that is not Python


def test_more_files_than_a_command_line_holds(repository: Path) -> None:
    """pre-commit calls ctxlint twice, one after the other; each file is reported on once."""
    folder = Path("app", "long_" * 20, "name_" * 20)
    folder.mkdir(parents=True)
    for number in range(700):
        (folder / f"module_{number:03}.py").write_text("x = 1\n")
    for name in ("module_000", "module_350", "module_699"):
        (folder / f"{name}.py").write_text(STORE)
    git("add", "--all")
    code, told = pre_commit("run", "--all-files")
    assert code == 1
    found = re.findall(r"^(app/.*\.py):8:22: CTX101", told, re.MULTILINE)
    named = [(folder / f"module_{each}.py").as_posix() for each in ("000", "350", "699")]
    assert sorted(found) == sorted(["app/store.py", *named])
    assert len(calls()) == 2
    assert sum(calls()) == 703


def test_fixes_are_left_to_be_committed(repository: Path) -> None:
    use("ctxlint-fix")
    Path("app/store.py").write_text(FIXABLE)
    git("add", "--all")
    code, told = pre_commit("run", "ctxlint-fix")
    assert code == 1
    assert "files were modified by this hook" in told
    assert "Fixed 1 problem in 1 file; none left" in told
    assert git("diff", "--name-only") == "app/store.py"
    git("add", "--all")
    assert pre_commit("run", "ctxlint-fix")[0] == 0


def test_a_fix_of_files_that_are_not_committed_is_told(repository: Path) -> None:
    use("ctxlint-fix", args="[--unsafe-fixes, --output-format, full]")
    Path("app/store.py").write_text(
        "import queue\n\nfrom app import worker\n\njobs = queue.Queue()\n\n\n"
        "def save(row):\n    jobs.put(row)\n\n\nworker.start(jobs)\n"
    )
    Path("app/worker.py").write_text(
        "import threading\n\n\ndef start(jobs):\n"
        "    threading.Thread(target=drain, args=(jobs,)).start()\n\n\n"
        "def drain(jobs):\n    while True:\n        print(jobs.get())\n"
    )
    git("add", "--all")
    code, told = pre_commit("run", "ctxlint-fix", "--files", "app/store.py")
    assert code == 1
    assert "CTX201" in told
    assert "it also changes app/worker.py" in told
    assert git("diff", "--name-only") == ""


def test_a_baseline_counts_in_hooks(repository: Path) -> None:
    use("ctxlint", verbose="true")
    Path("pyproject.toml").write_text('[tool.ctxlint]\nbaseline = "known.json"\n')
    command = [sys.executable, "-m", "ctxlint", "--write-baseline", "known.json"]
    subprocess.run(command, check=True, capture_output=True)
    git("add", "--all")
    code, told = pre_commit("run", "--all-files")
    assert code == 0, told
    assert "1 known problem is not shown (known.json)." in told
    Path("app/other.py").write_text(STORE)
    git("add", "--all")
    code, told = pre_commit("run")
    assert code == 1
    assert re.findall(r"^app/\w+\.py", told, re.MULTILINE) == ["app/other.py"]


def test_both_hooks_are_as_they_are_said_to_be() -> None:
    hooks = (ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")
    assert re.findall(r"^- id: (.*)$", hooks, re.MULTILINE) == ["ctxlint", "ctxlint-fix"]
    assert hooks.count("require_serial: true") == 2
    assert hooks.count("types_or: [python]") == 2
