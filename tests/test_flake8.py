"""The plugin, run by flake8 itself: the same findings as ctxlint, however flake8 is started."""

from __future__ import annotations

import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import ctxlint
from ctxlint import flake8 as plugin
from ctxlint.cache.directory import NAME
from ctxlint.digests import digest

WORKERS = """\
async def drain(queue):
    while True:
        row = await queue.get()
        print(row)
"""
STORE = """\
import asyncio

from app.workers import drain


class Store:
    def __init__(self):
        self._task = None
        self._queue = asyncio.Queue()

    async def save(self, row):
        if self._task is None:
            self._task = asyncio.create_task(drain(self._queue))
        self._queue.put_nowait(row)
"""
SPAWNING = """\
import multiprocessing
import sys

from flake8.main.cli import main

if __name__ == "__main__":
    multiprocessing.set_start_method("spawn")
    sys.exit(main())
"""
FORKING = SPAWNING.replace('"spawn"', '"fork"')
_ROW = re.compile(r"(?:\./)?(.+?):(\d+):(\d+): (CTX\d+) (.+)")

Rows = set[tuple[str, int, int, str, str]]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of several modules, the worker in one and its spawn in another."""
    (tmp_path / "pyproject.toml").write_text("[tool.ctxlint]\n")
    config = "[flake8]\nselect = CTX,E9\n"
    installed = importlib.metadata.entry_points(group="flake8.extension", name="CTX")
    if not installed:
        config += "[flake8:local-plugins]\nextension =\n    CTX = ctxlint.flake8:Plugin\n"
    (tmp_path / ".flake8").write_text(config)
    app = tmp_path / "app"
    app.mkdir()
    (app / "__init__.py").touch()
    (app / "workers.py").write_text(WORKERS)
    (app / "store.py").write_text(STORE)
    (app / "again.py").write_text(STORE)
    (app / "quiet.py").write_text("print('nothing runs in the background here')\n")
    monkeypatch.chdir(tmp_path)
    # Processes are started in other directories: a relative PYTHONPATH would lead nowhere there.
    monkeypatch.setenv("PYTHONPATH", str(Path(ctxlint.__file__).parents[1]))
    return tmp_path


def flake8(*arguments: str, stdin: str = "", script: str = "") -> subprocess.CompletedProcess[str]:
    start = ["-m", "flake8"]
    if script:
        Path("../run_flake8.py").write_text(script)
        start = ["../run_flake8.py"]
    return subprocess.run(
        [sys.executable, *start, *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=120,
    )


def reported(done: subprocess.CompletedProcess[str]) -> Rows:
    assert done.stderr == ""
    rows: Rows = set()
    for line in done.stdout.splitlines():
        match = _ROW.fullmatch(line)
        assert match is not None, line
        rows.add((match[1], int(match[2]), int(match[3]), match[4], match[5]))
    return rows


def expected(*arguments: str, stdin: str = "") -> Rows:
    """What ctxlint itself reports, in the same shape."""
    done = subprocess.run(
        [sys.executable, "-m", "ctxlint", "--output-format", "json", *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=120,
    )
    rows = json.loads(done.stdout)
    return {(r["path"], r["line"], r["column"], r["code"], r["message"]) for r in rows}


@pytest.mark.parametrize("jobs", ["-j1", "-j2"])
@pytest.mark.parametrize("script", [SPAWNING, FORKING], ids=["spawn", "fork"])
def test_the_findings_of_ctxlint(project: Path, jobs: str, script: str) -> None:
    if script is FORKING and sys.platform == "win32":
        pytest.skip("there is no fork here")
    found = reported(flake8(jobs, ".", script=script))
    assert found == expected(".")
    assert {(path, code) for path, _, _, code, _ in found} == {
        (path, code) for path in ("app/store.py", "app/again.py") for code in ("CTX101", "CTX201")
    }


def test_one_file_named_alone(project: Path) -> None:
    found = reported(flake8("app/store.py"))
    assert found == expected("app/store.py")
    assert [code for _, _, _, code, _ in sorted(found)] == ["CTX101", "CTX201"]


def test_from_another_directory(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("app")
    found = reported(flake8("--config", "../.flake8", "../app/store.py"))
    assert {row[1:] for row in found} == {row[1:] for row in expected("store.py")}
    assert len(found) == 2


def test_standard_input(project: Path) -> None:
    Path("app/store.py").write_text("")
    found = reported(flake8("--stdin-display-name", "app/store.py", "-", stdin=STORE))
    assert found == expected("--stdin-filename", "app/store.py", "-", stdin=STORE)
    assert len(found) == 2


def test_standard_input_without_a_name(project: Path) -> None:
    found = reported(flake8("-", stdin=STORE))
    assert {row[1:] for row in found} == {row[1:] for row in expected("-", stdin=STORE)}
    assert {row[0] for row in found} == {"stdin"}


def test_noqa_is_flake8s_affair(project: Path) -> None:
    silenced = STORE.replace("put_nowait(row)", "put_nowait(row)  # noqa: CTX201")
    Path("app/store.py").write_text(silenced)
    assert {row[3] for row in reported(flake8("app/store.py"))} == {"CTX101"}
    shown = reported(flake8("--disable-noqa", "app/store.py"))
    assert {row[3] for row in shown} == {"CTX101", "CTX201"}


def test_comments_that_silence_nothing_are_reported_where_flake8_selects_that(
    project: Path,
) -> None:
    text = STORE.replace("put_nowait(row)", "put_nowait(row)  # noqa: CTX201")
    Path("app/store.py").write_text(
        text.replace("import asyncio", "import asyncio  # noqa: CTX101")
    )
    assert {row[3] for row in reported(flake8("app/store.py"))} == {"CTX101"}
    asked = ("--extend-select", "CTX901", "app/store.py")
    found = reported(flake8(*asked))
    assert found == expected(*asked)
    assert {(row[3], row[1]) for row in found if row[3] == "CTX901"} == {("CTX901", 1)}
    # flake8 would show what CTX201 reports, but the comment is of use without --disable-noqa.
    shown = reported(flake8("--disable-noqa", *asked))
    assert [row[1] for row in shown if row[3] == "CTX901"] == [1]


def test_ctxlints_settings_hold(project: Path) -> None:
    Path("pyproject.toml").write_text(
        '[tool.ctxlint]\nignore = ["CTX201"]\nper-file-ignores = { "app/again.py" = ["CTX1"] }\n'
    )
    assert {row[0] for row in reported(flake8("-j1", "."))} == {"app/store.py"}


BACKGROUND = """\
import asyncio

async def read(cache):
    asyncio.create_task(refresh(cache))
    return cache.value

async def refresh(cache):
    cache.value = await cache.load()
"""


@pytest.mark.parametrize(
    ("arguments", "codes"),
    [
        ([], set()),
        (["--select", "CTX"], set()),
        (["--select", "CTX1"], set()),
        (["--select", "CTX105"], {"CTX105"}),
        (["--extend-select", "CTX105"], {"CTX105"}),
        (["--select", "E9,CTX,CTX105"], {"CTX105"}),
        (["--select", "CTX105", "--extend-ignore", "CTX105"], set()),
    ],
)
@pytest.mark.parametrize("jobs", ["-j1", "-j2"])
def test_a_rule_that_is_off_by_default(
    project: Path, jobs: str, arguments: list[str], codes: set[str]
) -> None:
    for name in ("store", "again"):
        Path(f"app/{name}.py").write_text(BACKGROUND)
    assert {row[3] for row in reported(flake8(jobs, *arguments, "app"))} == codes


def test_a_rule_that_is_off_by_default_selected_in_ctxlints_settings(project: Path) -> None:
    Path("pyproject.toml").write_text('[tool.ctxlint]\nextend-select = ["CTX105"]\n')
    Path("app/store.py").write_text(BACKGROUND)
    assert {row[3] for row in reported(flake8("app/store.py"))} == {"CTX105"}


def test_what_ctxlint_excludes_is_left_out_unless_named(project: Path) -> None:
    Path("pyproject.toml").write_text('[tool.ctxlint]\nextend-exclude = ["app/again.py"]\n')
    found = reported(flake8("-j1", "."))
    assert found == expected(".")
    assert {row[0] for row in found} == {"app/store.py"}
    assert {row[0] for row in reported(flake8("app/again.py"))} == {"app/again.py"}


@pytest.mark.parametrize("jobs", ["-j1", "-j2"])
def test_bad_settings_are_told_once(project: Path, jobs: str) -> None:
    Path("pyproject.toml").write_text("[tool.ctxlint]\nselct = []\n")
    done = flake8(jobs, ".")
    assert done.returncode == 1
    assert done.stderr == ""
    told = [line for line in done.stdout.splitlines() if "selct" in line]
    assert len(told) == 1
    assert told[0].startswith("ctxlint: ")
    assert "Traceback" not in done.stdout


def test_a_file_that_flake8_cannot_parse_is_told_once(project: Path) -> None:
    Path("app/broken.py").write_text("import asyncio\nasyncio.create_task(f(\n")
    done = flake8("app/broken.py")
    assert "CTX" not in done.stdout
    assert "E999" in done.stdout or "E902" in done.stdout


def test_a_file_that_only_ctxlint_cannot_read(project: Path) -> None:
    # flake8 takes bytes that are no UTF-8 for latin-1.
    Path("app/bytes.py").write_bytes(STORE.encode() + b"NAME = '\xff'\n")
    found = reported(flake8("app/bytes.py"))
    assert found == expected("app/bytes.py")
    assert {row[3] for row in found} == {"CTX900"}


def _overwritten(path: Path) -> None:
    path.write_bytes(b"\0" * 5_000)


def _broken_off(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


def _of_the_wrong_kind(path: Path) -> None:
    content = b"\x94\x01\x91\xc0\xc0\xc0"
    path.write_bytes(digest(content) + content)


def _locked(path: Path) -> None:
    path.chmod(0)


def _a_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


@pytest.mark.skipif(sys.platform == "win32", reason="files of POSIX")
@pytest.mark.parametrize("jobs", ["-j1", "-j2"])
def test_a_damaged_cache_changes_nothing(project: Path, jobs: str) -> None:
    whole = reported(flake8(jobs, "."))
    assert whole
    for harm in (_overwritten, _broken_off, _of_the_wrong_kind, _locked, _a_pipe):
        entries = [path for path in (project / NAME).glob("*/*") if path.is_file()]
        assert len(entries) > 2
        for path in entries:
            harm(path)
        assert reported(flake8(jobs, ".")) == whole, harm
    shutil.rmtree(project / NAME)
    for make in (Path.touch, os.mkfifo, lambda path: path.symlink_to("nowhere")):
        make(project / NAME)
        assert reported(flake8(jobs, ".")) == whole
        (project / NAME).unlink()


def test_a_quiet_file_costs_no_parser(project: Path) -> None:
    script = (
        "import sys\n"
        "from flake8.main.cli import main\n"
        "main()\n"
        "print(sorted({'libcst', 'rich', 'click'} & set(sys.modules)))\n"
    )
    assert flake8("app/quiet.py", script=script).stdout == "[]\n"


def test_the_plugin_is_declared_for_flake8(project: Path) -> None:
    assert "CTX" not in flake8("--version").stderr
    assert flake8("--help").returncode == 0


class TestInProcess:
    @pytest.fixture(autouse=True)
    def forgetful(self) -> Iterator[None]:
        remembered = (plugin._root, plugin._project, plugin._selected)
        for memory in remembered:
            memory.cache_clear()
        yield
        for memory in remembered:
            memory.cache_clear()

    def test_a_project_is_analysed_once(
        self, project: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        import ast

        import ctxlint.checking

        made: list[object] = []

        class Counted(ctxlint.checking.Session):
            def __init__(self, *arguments: object, **named: object) -> None:
                made.append(arguments)
                super().__init__(*arguments, **named)  # type: ignore[arg-type]

        monkeypatch.setattr(ctxlint.checking, "Session", Counted)
        names = ("app/store.py", "app/again.py")
        named = frozenset(Path(name).resolve() for name in names)
        monkeypatch.setattr(plugin.Plugin, "_named", named)
        found = []
        for name in names:
            lines = Path(name).read_text().splitlines(keepends=True)
            found += list(plugin.Plugin(ast.parse(""), name, lines).run())
        assert len(found) == 4
        assert len(made) == 1
        assert all(text.startswith("CTX") for _, _, text, _ in found)
        assert all(line >= 1 and column >= 0 for line, column, _, _ in found)


# one look at a project, whatever the number of processes

COUNTING = """
import multiprocessing, os, sys
from ctxlint.judging import Judging

multiprocessing.set_start_method(os.environ["START"], force=True)
judged = Judging.judged

def counted(self, path):
    with open(os.environ["JUDGED"], "a") as log:
        log.write(f"{path.name}\\n")
    return judged(self, path)

Judging.judged = counted
"""


@pytest.mark.parametrize("arguments", [["."], ["app"], ["app/store.py", "app/quiet.py"]])
@pytest.mark.parametrize("start", ["fork", "spawn"])
def test_a_file_is_judged_once_in_all_processes(
    project: Path,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    start: str,
    arguments: list[str],
) -> None:
    for number in range(8):
        (project / f"app/other{number}.py").write_text("pass\n")
    site = tmp_path_factory.mktemp("site")
    (site / "sitecustomize.py").write_text(COUNTING)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join((str(site), os.environ["PYTHONPATH"])))
    monkeypatch.setenv("START", start)
    monkeypatch.setenv("JUDGED", str(site / "judged"))
    first = flake8("-j4", *arguments).stdout
    assert "CTX101" in first
    judged = (site / "judged").read_text().split()
    assert sorted(judged) == sorted(set(judged))
    assert flake8("-j4", *arguments).stdout == first
    assert (site / "judged").read_text().split() == judged


def test_who_only_makes_flake8s_objects_has_nothing_judged(project: Path) -> None:
    script = "from flake8.api.legacy import get_style_guide; get_style_guide()"
    subprocess.run([sys.executable, "-c", script], cwd=project, check=True)
    assert not (project / ".ctxlint_cache").exists()
