"""Whatever lies in a directory: one clear line each, all else analysed, never a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

LEAK = """\
import asyncio


class Store:
    async def save(self):
        self._task = asyncio.create_task(self._drain())

    async def _drain(self):
        while True:
            await asyncio.sleep(1)
"""
LEAK_AT = "store.py:6:22: CTX101"


def ctxlint(directory: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The real command, run in a directory as a user would."""
    done = subprocess.run(
        [sys.executable, "-m", "ctxlint", "--isolated", "--output-format", "concise", *arguments],
        cwd=directory,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr
    return done


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "store.py").write_text(LEAK, encoding="utf-8")
    return tmp_path


UNREADABLE = {
    "unclosed bracket": b"def broken(:\n",
    "no expression": b"x = = 1\n",
    "bad indentation": b"if x:\ny = 1\n",
    "NUL bytes": b"x = 1\0\n",
    "not UTF-8": b"name = '\xff\xfe\xfa'\n",
    "unknown encoding": b"# -*- coding: klingon -*-\nx = 1\n",
    "500 brackets": b"x = " + b"(" * 500 + b"1" + b")" * 500 + b"\n",
    "150 nested ifs": b"".join(b" " * n + b"if a:\n" for n in range(150)) + b" " * 150 + b"b\n",
    "8,000 terms": b"x = " + b" + ".join([b"a"] * 8_000) + b"\n",
    "3,000 chained calls": b"x = a" + b".b()" * 3_000 + b"\n",
}


@pytest.mark.parametrize("source", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_an_unreadable_file_is_one_finding_and_hides_no_other(project: Path, source: bytes) -> None:
    (project / "bad.py").write_bytes(source)
    done = ctxlint(project)
    lines = done.stdout.splitlines()
    assert [line for line in lines if line.startswith("bad.py:") and "CTX900" in line] == lines[:1]
    assert lines[1].startswith(LEAK_AT)
    assert len(lines) == 2
    assert done.returncode == 1


READABLE = {
    "empty": b"",
    "only a comment": b"# nothing\n",
    "no newline at the end": b"x = 1",
    "byte order mark": b"\xef\xbb\xbfx = 1\n",
    "form feed": b"\x0cx = 1\n\x0c\n",
    "carriage returns": b"x = 1\rif x:\r    y = 2\r",
    "latin-1 declared": b"# -*- coding: latin-1 -*-\nx = '\xe9'\n",
    "5,000 terms": b"x = " + b" + ".join([b"a"] * 5_000) + b"\n",
    "5,000 branches": b"if a:\n    b\n" + b"elif a:\n    b\n" * 5_000,
    "an import from above the root": (
        b"import asyncio\nfrom " + b"." * 64 + b" import core\nasyncio.create_task(core.run())\n"
    ),
    "syntax of Python 3.12": b"type Name = str\n\ndef first[T](items: list[T]) -> T: ...\n",
}


@pytest.mark.parametrize("source", READABLE.values(), ids=READABLE.keys())
def test_odd_but_valid_files_are_no_finding(project: Path, source: bytes) -> None:
    (project / "odd.py").write_bytes(source)
    done = ctxlint(project)
    assert [line.partition(" ")[0] for line in done.stdout.splitlines()] == ["store.py:6:22:"]


def test_a_leak_in_a_file_with_a_long_elif_chain_is_found(project: Path) -> None:
    chain = "if a:\n    b = 1\n" + "elif a:\n    b = 2\n" * 4_000
    (project / "store.py").write_text(LEAK + chain, encoding="utf-8")
    done = ctxlint(project)
    assert done.stdout.startswith(LEAK_AT)


def test_broken_links_and_link_loops(project: Path) -> None:
    (project / "gone.py").symlink_to(project / "nowhere.py")
    (project / "loop").symlink_to(project, target_is_directory=True)
    done = ctxlint(project)
    assert [line.partition(" ")[0] for line in done.stdout.splitlines()] == ["store.py:6:22:"]


def test_a_fifo_is_never_opened(project: Path) -> None:
    os.mkfifo(project / "pipe.py")
    assert ctxlint(project).returncode == 1


def test_a_directory_named_like_a_module(project: Path) -> None:
    (project / "module.py").mkdir()
    assert ctxlint(project).stdout.startswith(LEAK_AT)


def test_a_directory_without_python_is_a_note(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("nothing\n", encoding="utf-8")
    done = ctxlint(tmp_path)
    assert (done.returncode, done.stdout) == (0, "")
    assert "no Python files" in done.stderr


def test_a_missing_path_is_an_error_and_the_others_are_checked(project: Path) -> None:
    done = ctxlint(project, "store.py", "missing.py")
    assert done.returncode == 2
    assert done.stdout.startswith(LEAK_AT)
    assert [line for line in done.stderr.splitlines() if "missing.py" in line]


@pytest.mark.parametrize(
    "text", ["[tool.ctxlint\n", "[tool.ctxlint]\nselct = ['CTX']\n", "\xff"], ids=repr
)
def test_a_broken_pyproject_is_one_line(project: Path, text: str) -> None:
    (project / "pyproject.toml").write_bytes(text.encode("latin-1"))
    done = subprocess.run(
        [sys.executable, "-m", "ctxlint", "."],
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "pyproject.toml" in done.stderr
