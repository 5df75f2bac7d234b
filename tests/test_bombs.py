"""Bombs in the hands of flake8 and of the language server; `test_hostile_projects.py` gives them to
the command."""

from __future__ import annotations

import asyncio
import importlib.metadata
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="limits of POSIX")

from bombs import LEAK, QUICK, bounded  # noqa: E402
from editor import editing  # noqa: E402

import ctxlint  # noqa: E402
from ctxlint.checking import run  # noqa: E402

# flake8 with some of its plugins: what it does by itself on a bomb, and what ours makes of it.
FLAKE8 = """\
import sys
from flake8.main.cli import main
from flake8.plugins import finder

wanted, sys.argv = sys.argv[1].split(","), ["flake8", *sys.argv[2:]]
every = finder.find_plugins

def some(*arguments):
    found = every(*arguments)
    return [
        each
        for each in found
        if each.entry_point.group != "flake8.extension" or each.entry_point.name in wanted
    ]

finder.find_plugins = some
sys.exit(main())
"""
OURS = re.compile(r"ctxlint[/\\]\w+\.py")
LAST_WORDS = re.compile("MemoryError|SystemError|RecursionError")  # 3.11 says the last
ROW = re.compile(r"(\S+?):\d+:\d+: (\w+) .*")
Found = dict[str, list[str]]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    project = tmp_path / "project"
    project.mkdir()
    (project / "pyproject.toml").write_text('[project]\nname = "app"\nversion = "1"\n')
    (project / "store.py").write_text(LEAK)
    config = "[flake8]\nselect = CTX,E9\n"
    if not importlib.metadata.entry_points(group="flake8.extension", name="CTX"):
        config += "[flake8:local-plugins]\nextension =\n    CTX = ctxlint.flake8:Plugin\n"
    (project / ".flake8").write_text(config)
    return project


def flake8(
    project: Path, plugins: str, *arguments: str, stdin: bytes = b""
) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-c", FLAKE8, plugins, *arguments],
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(Path(ctxlint.__file__).parents[1])},
        input=stdin,
        capture_output=True,
        timeout=120,
        preexec_fn=bounded,
    )
    return subprocess.CompletedProcess(
        done.args, done.returncode, done.stdout.decode(), done.stderr.decode()
    )


def rows(printed: str) -> Found:
    found: Found = {}
    for line in printed.splitlines():
        match = ROW.fullmatch(line)
        assert match is not None, line
        found.setdefault(match[1].removeprefix("./"), []).append(match[2])
    return found


def by_ctxlint(project: Path) -> Found:
    found: Found = {}
    for each in run([project]).findings:
        found.setdefault(Path(each.path).name, []).append(each.code)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("bomb", QUICK.values(), ids=QUICK.keys())
def test_flake8_reports_what_ctxlint_does_or_dies_of_the_bomb_by_itself(
    bomb: bytes, project: Path
) -> None:
    text = LEAK.encode() + bomb
    (project / "bomb.py").write_bytes(text)
    expected = by_ctxlint(project)
    assert expected["store.py"] == ["CTX101", "CTX201"]
    for arguments in (["-j1"], ["-j2"], ["--stdin-display-name", "bomb.py", "-"]):
        done = flake8(project, "CTX", *arguments, stdin=text)
        if done.stderr:  # no parser of Python's reads it
            assert not OURS.search(done.stderr), done.stderr
            assert LAST_WORDS.match(done.stderr.splitlines()[-1]), done.stderr
            continue
        found = rows(done.stdout)
        if "-" not in arguments:
            assert found.pop("store.py") == expected["store.py"]
        assert found["bomb.py"] in (expected["bomb.py"], ["E999"])


@pytest.mark.parametrize("name", ["8,000 terms", "5,000 elif", "a pattern", "NUL"])
def test_flake8_with_all_its_plugins_never_dies_of_ours(name: str, project: Path) -> None:
    (project / "store.py").write_bytes(LEAK.encode() + QUICK[name])
    alone, together = (flake8(project, each, "-j1") for each in ("F,E,W,C90", "F,E,W,C90,CTX"))
    said = [
        re.sub("0x[0-9a-f]+", "", "".join(each.stderr.splitlines()[-1:]))
        for each in (alone, together)
    ]
    assert said[0] == said[1]
    assert ("pyflakes" in alone.stdout) == ("pyflakes" in together.stdout)
    assert "CTX[" not in together.stdout
    assert "ctxlint:" not in together.stdout


@pytest.mark.slow
def test_the_language_server_survives_them_all(project: Path) -> None:
    """... in one session: another document has its findings, and what it takes has a bound."""
    store, bomb = project / "store.py", project / "bomb.py"
    expected: Found = {}
    for name, text in QUICK.items():
        bomb.write_bytes(LEAK.encode() + text)
        expected[name] = by_ctxlint(project)["bomb.py"]
    bomb.write_text("")

    async def scenario() -> int:
        async with editing(project) as editor:
            editor.open(bomb)
            for name, text in QUICK.items():
                editor.change(bomb, LEAK + text.decode())
                assert await editor.codes(bomb) == expected[name], name
            editor.open(store)
            assert await editor.codes(store) == ["CTX101", "CTX201"]
            process = editor.client._server
            assert process is not None
            assert editor.messages == []
            return peak(process.pid)

    assert asyncio.run(scenario()) < 500


def peak(process: int) -> int:
    """The most memory that a process has had, in MB, where the system tells."""
    status = Path(f"/proc/{process}/status")
    found = re.search(r"VmHWM:\s*(\d+) kB", status.read_text()) if status.exists() else None
    return int(found[1]) // 1024 if found else 0
