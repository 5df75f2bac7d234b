"""`--diff-base`: only what touches lines that have changed, as the real git says."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from ctxlint.cli import command
from ctxlint.revisions import hunks

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="there is no git here")

STORE = """\
from asyncio import create_task

from app.worker import drain


class Store:
    async def save(self, row):
        self._task = create_task(
            drain(self),
        )

    async def load(self, key):
        return key
"""
WORKER = """\
import asyncio


async def drain(store):
    while True:
        await asyncio.sleep(1)


def helper():
    pass
"""


def git(*arguments: str) -> str:
    done = subprocess.run(
        ["git", "-c", "user.name=a", "-c", "user.email=a@b", *arguments],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def commit() -> str:
    git("add", "--all")
    git("commit", "--quiet", "--allow-empty", "--message", "step")
    return git("rev-parse", "HEAD")


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one finding, whose trail goes through two files; the working directory."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "app").mkdir()
    (tmp_path / "app/__init__.py").touch()
    (tmp_path / "app/store.py").write_text(STORE)
    (tmp_path / "app/worker.py").write_text(WORKER)
    git("init", "--quiet", "--initial-branch", "main")
    commit()
    return tmp_path


def lint(*arguments: str, base: str = "HEAD") -> tuple[int, str, str]:
    done = CliRunner().invoke(command, ("--diff-base", base, *arguments), prog_name="ctxlint")
    return done.exit_code, done.stdout, done.stderr


def found(*arguments: str, base: str = "HEAD") -> list[str]:
    code, out, err = lint(*arguments, base=base)
    assert code in (0, 1), err
    return [line.split()[0] for line in out.splitlines()]


def change(name: str, old: str, new: str) -> None:
    path = Path(name)
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


SPAWN = ["app/store.py:8:22:"]


def test_nothing_has_changed(repository: Path) -> None:
    assert found() == []


TOUCHING = {
    "the spawn": ("app/store.py", "create_task(\n", "create_task(  # here\n"),
    "another line of the spawn": ("app/store.py", "drain(self),", "drain(self, ),"),
    "a line taken out of it": ("app/store.py", "            drain(self),\n", ""),
    "the worker's loop": ("app/worker.py", "while True:", "while 1:"),
}


@pytest.mark.parametrize(("name", "old", "new"), TOUCHING.values(), ids=TOUCHING)
def test_what_has_changed_is_reported(repository: Path, name: str, old: str, new: str) -> None:
    if old.strip() == "drain(self),":
        change("app/store.py", "drain(self),\n", "drain(self),\n            name='a',\n")
        commit()
        old = "            name='a',\n"
    change(name, old, new)
    assert found() == SPAWN
    git("add", "--all")
    assert found() == SPAWN
    base = git("rev-parse", "HEAD")
    commit()
    assert found() == []
    assert found(base=base) == SPAWN


APART = {
    "another function": ("app/store.py", "return key", "return [key]"),
    "lines before it": ("app/store.py", "class Store", "X = 1\n\n\nclass Store"),
    "another function of the worker's file": ("app/worker.py", "pass", "return 1"),
    "the comment of another file": ("app/__init__.py", "", "# app\n"),
}


@pytest.mark.parametrize(("name", "old", "new"), APART.values(), ids=APART)
def test_what_has_changed_elsewhere_is_not(repository: Path, name: str, old: str, new: str) -> None:
    change(name, old, new) if old else Path(name).write_text(new)
    assert found() == []


def test_files_that_git_does_not_know_have_changed(repository: Path) -> None:
    Path("new.py").write_text(STORE)
    assert found() == ["new.py:8:22:"]
    Path(".gitignore").write_text("new.py\n")
    assert found("new.py") == ["new.py:8:22:"]


def test_a_renamed_file_has_not_changed(repository: Path) -> None:
    git("mv", "app/store.py", "app/shop.py")
    assert found() == []
    change("app/shop.py", "self._task =", "self._other =")
    assert found() == ["app/shop.py:8:23:"]


@pytest.mark.parametrize(
    "name", ["with space.py", 'quo"te.py', "tab\there.py", "ü€.py", "b\\s.py", "a\x01.py"]
)
def test_names(repository: Path, name: str) -> None:
    Path(name).write_text(STORE)
    commit()
    assert found() == []
    Path(name).write_text(STORE.replace("self._task =", "self._other ="))
    assert lint()[1].count("CTX101") == 1


def test_from_a_subdirectory(repository: Path) -> None:
    change("app/worker.py", "while True:", "while 1:")
    change("app/store.py", "return key", "return [key]")
    with contextlib.chdir("app"):
        assert found() == ["store.py:8:22:"]
        assert found("store.py") == ["store.py:8:22:"]
    with contextlib.chdir("/"):
        assert lint(str(repository))[1].count("CTX101") == 1


CONFIGURED = {
    "diff.noprefix": "true",
    "diff.mnemonicPrefix": "true",
    "diff.relative": "true",
    "diff.external": "false",
    "diff.interHunkContext": "9",
    "color.ui": "always",
    "core.quotePath": "true",
    "diff.renames": "false",
}


@pytest.mark.parametrize("key", CONFIGURED)
def test_however_git_is_configured(repository: Path, key: str) -> None:
    git("config", key, CONFIGURED[key])
    change("app/store.py", "from asyncio", "# first\nfrom asyncio")
    change("app/store.py", "return key", "return [key]")
    with contextlib.chdir("app"):
        assert found() == []
    change("app/worker.py", "while True:", "while 1:")
    assert found() == ["app/store.py:9:22:"]


def test_files_that_are_binary_to_git(repository: Path) -> None:
    Path(".gitattributes").write_text("*.py -diff\n")
    change("app/worker.py", "while True:", "while 1:")
    assert found() == SPAWN


def test_since_a_branch_was_left(repository: Path) -> None:
    git("checkout", "--quiet", "-b", "feature")
    change("app/store.py", "return key", "return [key]")
    commit()
    git("checkout", "--quiet", "main")
    change("app/worker.py", "while True:", "while 1:")
    commit()
    git("checkout", "--quiet", "feature")
    assert found(base="main") == SPAWN
    assert found(base="main...") == []


@pytest.mark.parametrize("revision", ["nowhere", "--output=stolen", "", "-p", "main..nowhere"])
def test_revisions_that_are_none(repository: Path, revision: str) -> None:
    code, out, err = lint(base=revision)
    assert (code, out) == (2, "")
    assert f"git knows no revision {revision!r}" in err
    assert git("status", "--porcelain") == ""


def test_a_range_is_no_revision(repository: Path) -> None:
    _, _, err = lint(base="main..main")
    assert "'main..main': give one, or REV... for where the branch has left it" in err


def test_before_the_first_commit(repository: Path) -> None:
    git("checkout", "--quiet", "--orphan", "new")
    code, _, err = lint()
    assert (code, err) == (
        2,
        "ctxlint: error: --diff-base: git knows no revision 'HEAD': there is no commit yet\n",
    )


def test_in_a_hook_of_a_linked_working_tree(
    repository: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    linked = tmp_path_factory.mktemp("linked") / "tree"
    git("worktree", "add", "--quiet", str(linked))
    monkeypatch.chdir(linked)
    assert found("app") == []
    # What git sets for hooks: it names the repository, and not where the working tree begins.
    there = str(repository / ".git" / "worktrees" / "tree")
    monkeypatch.setenv("GIT_DIR", there)
    monkeypatch.setenv("GIT_INDEX_FILE", f"{there}/index")
    assert found("app") == []
    change("app/store.py", "create_task(", "create_task( ")
    assert found("app") == SPAWN


def test_where_the_environment_says_which_repository(
    repository: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its directory lies elsewhere, and nothing in the tree leads there."""
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "git"
    (repository / ".git").rename(elsewhere)
    monkeypatch.setenv("GIT_DIR", str(elsewhere))
    monkeypatch.setenv("GIT_WORK_TREE", str(repository))
    assert found() == []
    change("app/worker.py", "while True:", "while 1:")
    assert found() == SPAWN


def test_where_there_is_no_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    (tmp_path / "module.py").write_text(STORE)
    code, _, err = lint(str(tmp_path))
    assert (code, err) == (
        2,
        f"ctxlint: error: --diff-base: {tmp_path} is in no git repository\n",
    )


def test_where_there_is_no_git(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    code, _, err = lint()
    assert code == 2
    assert "git cannot be run" in err


def test_only_what_has_changed_is_fixed(repository: Path) -> None:
    Path("app/other.py").write_text(STORE)
    commit()
    change("app/other.py", "self._task =", "self._other =")
    code, out, _ = lint("--fix", "--unsafe-fixes")
    assert (code, out) == (0, "")
    assert git("diff", "--name-only").split() == ["app/other.py"]
    assert lint("--fix", "--unsafe-fixes")[:2] == (0, "")


def test_standard_input_is_not_known_to_git(repository: Path) -> None:
    assert lint("-")[0] == 2


def test_lines_of_code_that_look_like_a_diff() -> None:
    diff = (
        b"--- a/one.py\n+++ b/one.py\n@@ -1,2 +1,2 @@\n--- a\n-- b\n+++ b/two.py\n+@@ -1 +1 @@\n"
        b"@@ -9 +9,0 @@ def f():\n-gone\n"
        b"--- a/two.py\n+++ /dev/null\n@@ -1 +0,0 @@\n-gone\n"
    )
    assert list(hunks(diff)) == [(b"one.py", 1, 2), (b"one.py", 9, 10)]
