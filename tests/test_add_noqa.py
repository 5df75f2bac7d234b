"""`--add-noqa`: findings are silenced by comments, and nothing else of a file changes."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from ctxlint import check
from ctxlint.cli import command

HEAD = """\
import asyncio

async def poll(*names):
    while True:
        await asyncio.sleep(1)

async def start(tasks, text=""):
"""


def add(folder: Path, *flags: str) -> tuple[int, str, str]:
    arguments = ("--isolated", "--add-noqa", *flags, str(folder))
    done = CliRunner().invoke(command, arguments, prog_name="ctxlint")
    return done.exit_code, done.stdout, done.stderr


SILENCED = {
    "at the end of the line": (
        "    tasks.append(asyncio.create_task(poll()))\n",
        "    tasks.append(asyncio.create_task(poll()))  # noqa: CTX101\n",
    ),
    "behind another comment": (
        "    tasks.t = asyncio.create_task(poll())  # type: ignore\n",
        "    tasks.t = asyncio.create_task(poll())  # type: ignore  # noqa: CTX101\n",
    ),
    "in place of white space": (
        "    tasks.t = asyncio.create_task(poll())   \n",
        "    tasks.t = asyncio.create_task(poll())  # noqa: CTX101\n",
    ),
    "in the line that is reported": (
        "    tasks.append(\n        asyncio.create_task(\n            poll(),\n        )\n    )\n",
        "    tasks.append(\n        asyncio.create_task(  # noqa: CTX101\n            poll(),\n"
        "        )\n    )\n",
    ),
    "into a comment": (
        "    tasks.t = asyncio.create_task(poll())  # noqa: E501\n",
        "    tasks.t = asyncio.create_task(poll())  # noqa: E501, CTX101\n",
    ),
    "into a list": (
        "    tasks.t = asyncio.create_task(poll())  # noqa:E501,W605\n",
        "    tasks.t = asyncio.create_task(poll())  # noqa:E501,W605,CTX101\n",
    ),
    "before a reason": (
        "    tasks.t = asyncio.create_task(poll())  # noqa: E501 too long\n",
        "    tasks.t = asyncio.create_task(poll())  # noqa: E501, CTX101 too long\n",
    ),
    "two in one line": (
        "    tasks.t, tasks.u = asyncio.create_task(poll()), asyncio.create_task(poll())\n",
        "    tasks.t, tasks.u = asyncio.create_task(poll()), asyncio.create_task(poll())"
        "  # noqa: CTX101\n",
    ),
    "behind a string over several lines": (
        '    tasks.t = asyncio.create_task(poll("""\n    a\n    """))\n',
        '    tasks.t = asyncio.create_task(poll("""\n    a\n    """))  # noqa: CTX101\n',
    ),
    "behind lines that a backslash joins": (
        "    tasks.t = \\\n        asyncio.create_task(poll()) \\\n        or None\n",
        "    tasks.t = \\\n        asyncio.create_task(poll()) \\\n"
        "        or None  # noqa: CTX101\n",
    ),
    "a hash in a string": (
        '    tasks.t = asyncio.create_task(poll("# no comment"))\n',
        '    tasks.t = asyncio.create_task(poll("# no comment"))  # noqa: CTX101\n',
    ),
    "a statement behind another": (
        "    tasks.t = asyncio.create_task(poll()); pass\n",
        "    tasks.t = asyncio.create_task(poll()); pass  # noqa: CTX101\n",
    ),
}


@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize(("before", "after"), SILENCED.values(), ids=SILENCED)
def test_comments(before: str, after: str, newline: str, tmp_path: Path) -> None:
    path = tmp_path / "module.py"
    path.write_bytes((HEAD + before).replace("\n", newline).encode())
    assert add(path)[0] == 0
    assert path.read_bytes().decode() == (HEAD + after).replace("\n", newline)
    assert check([path]) == []
    stood = path.stat().st_mtime_ns
    assert add(path)[:2] == (0, "No problem was silenced.\n")
    assert path.stat().st_mtime_ns == stood


LEFT = {
    "a string that counts as a comment": (
        '    tasks.t = asyncio.create_task(poll("# noqa: E501"))\n',
        "a string in line 8 holds `# noqa`, which counts before any comment",
    ),
    "nothing that a comment silences": ("    tasks.t = (\n", "no comment silences it"),
}


@pytest.mark.parametrize(("source", "reason"), LEFT.values(), ids=LEFT)
def test_what_cannot_be_silenced_is_told(source: str, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "module.py"
    path.write_text(HEAD + source)
    code, out, err = add(path)
    assert (code, out) == (1, "No problem was silenced.\n")
    assert reason in err
    assert path.read_text() == HEAD + source


def test_the_others_are_silenced_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "module.py"
    [good, _] = SILENCED["at the end of the line"]
    path.write_text(HEAD + LEFT["a string that counts as a comment"][0] + good)
    code, out, err = add(path)
    assert (code, out) == (1, "Silenced 1 problem by comments in 1 file.\n")
    assert err.count("stays") == 1


@pytest.mark.parametrize(
    ("prefix", "encoding"),
    [
        (b"\xef\xbb\xbf", "utf-8"),
        (b"# -*- coding: latin-1 -*-\n", "latin-1"),
        (b"# coding: cp1252\r\n", "cp1252"),
    ],
    ids=["byte order mark", "latin-1", "cp1252"],
)
def test_bytes_stay(prefix: bytes, encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "module.py"
    body = HEAD + '    tasks.t = asyncio.create_task(poll("é"))\n    \x0cx = "é"'
    path.write_bytes(prefix + body.encode(encoding))
    os.chmod(path, 0o750)
    assert add(path)[0] == 0
    comment = b'"))  # noqa: CTX101\n'
    assert path.read_bytes() == prefix + body.encode(encoding).replace(b'"))\n', comment)
    assert stat.S_IMODE(path.stat().st_mode) == 0o750


def test_the_last_line_needs_no_end(tmp_path: Path) -> None:
    path = tmp_path / "module.py"
    path.write_text(HEAD + "    tasks.t = asyncio.create_task(poll())")
    assert add(path)[0] == 0
    assert path.read_text().endswith("(poll())  # noqa: CTX101")


def test_it_can_be_looked_at_before(tmp_path: Path) -> None:
    path = tmp_path / "module.py"
    before = HEAD + "    tasks.t = asyncio.create_task(poll())\n"
    path.write_text(before)
    code, out, err = add(path, "--diff")
    assert (code, err) == (0, "Would silence 1 problem by comments in 1 file.\n")
    assert "+    tasks.t = asyncio.create_task(poll())  # noqa: CTX101" in out
    assert path.read_text() == before


def test_a_file_that_must_not_be_written(tmp_path: Path) -> None:
    path = tmp_path / "module.py"
    path.write_text(HEAD + "    tasks.t = asyncio.create_task(poll())\n")
    path.chmod(0o444)
    code, out, err = add(path)
    assert (code, out) == (2, "No problem was silenced.\n")
    assert "it is read-only" in err


def test_a_file_that_is_not_the_projects(tmp_path: Path) -> None:
    other = tmp_path / "other" / "module.py"
    other.parent.mkdir()
    other.write_text(HEAD + "    tasks.t = asyncio.create_task(poll())\n")
    project = tmp_path / "project"
    project.mkdir()
    (project / "pyproject.toml").write_text("[tool.ctxlint]\n")
    (project / "module.py").symlink_to(other)
    before = other.read_text()
    code, out, err = add(project)
    assert (code, out) == (1, "No problem was silenced.\n")
    assert "CTX101 stays: " in err
    assert other.read_text() == before


def test_a_file_whose_encoding_has_shift_states(tmp_path: Path) -> None:
    path = tmp_path / "module.py"
    text = f"# coding: iso-2022-jp\n{HEAD}    x = '{'日本' * 400}'\n"
    source = (text + "    tasks.t = asyncio.create_task(poll())\n").encode("iso-2022-jp")
    path.write_bytes(source)
    code, out, err = add(path)
    assert (code, out) == (1, "No problem was silenced.\n")
    assert "CTX101 stays: module.py is written in iso-2022-jp, which has shift states" in err
    assert path.read_bytes() == source


def test_a_file_that_cannot_be_written_back(tmp_path: Path) -> None:
    path = tmp_path / "module.py"
    source = (
        b"# coding: utf-7\n" + HEAD.encode() + b"    tasks.t = asyncio.create_task(poll('+AOk-'))\n"
    )
    path.write_bytes(source)
    code, _, err = add(path)
    assert code == 1
    assert "module.py is not written in plain utf-7" in err
    assert path.read_bytes() == source


def test_nothing_is_said_where_that_is_wanted(tmp_path: Path) -> None:
    path = tmp_path / "module.py"
    path.write_text(HEAD + "    tasks.t = asyncio.create_task(poll())\n")
    assert add(path, "--quiet") == (0, "", "")
    assert "# noqa: CTX101" in path.read_text()


def test_only_what_is_selected(tmp_path: Path) -> None:
    path = tmp_path / "module.py"
    path.write_text(HEAD + "    tasks.t = asyncio.create_task(poll())\n")
    assert add(path, "--select", "CTX2")[1] == "No problem was silenced.\n"


@pytest.mark.parametrize("arguments", [["--fix"], ["--write-baseline", "x.json"], ["-"]])
def test_one_thing_at_a_time(arguments: list[str], tmp_path: Path) -> None:
    code, out, err = add(tmp_path, *arguments)
    assert (code, out) == (2, "")
    assert "two things to do" in err or "does not take standard input" in err


def test_flake8_reads_the_comments_alike(tmp_path: Path) -> None:
    for number, (before, _) in enumerate(SILENCED.values()):
        (tmp_path / f"module{number}.py").write_text(HEAD + before)
    flake8 = [sys.executable, "-m", "flake8", "--isolated", "--select", "CTX", str(tmp_path)]
    assert subprocess.run(flake8, capture_output=True, check=False).stdout.count(b"CTX101") == 13
    assert add(tmp_path)[0] == 0
    assert subprocess.run(flake8, capture_output=True, check=False).stdout == b""
