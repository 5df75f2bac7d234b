"""Baselines: what is known stays silent, what is new is reported, and what is mended leaves."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

import ctxlint
from ctxlint import writing
from ctxlint.checking import run
from ctxlint.cli import command
from ctxlint.lookup import Lookup

STORE = """\
import asyncio


class Store:
    def __init__(self):
        self._queue = asyncio.Queue()

    async def save(self, row):
        self._task = asyncio.create_task(self._drain())
        self._queue.put_nowait(row)

    async def _drain(self):
        while True:
            print(await self._queue.get())
"""
SPAWN = {
    "path": "app/store.py",
    "code": "CTX101",
    "function": "Store.save",
    "text": "asyncio.create_task(self._drain())",
}
PUT = {**SPAWN, "code": "CTX201", "text": "self._queue.put_nowait(row)"}
_DRAIN = "    async def _drain"
POLLER = STORE.replace("Store", "Poller").replace("save", "start")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with two findings in one file, which is the working directory."""
    (tmp_path / "pyproject.toml").write_text("[tool.ctxlint]\n")
    (tmp_path / "app").mkdir()
    (tmp_path / "app/store.py").write_text(STORE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(Path(ctxlint.__file__).parents[1]))
    return tmp_path


def lint(*arguments: str, cwd: Path | None = None) -> tuple[int, str, str]:
    with contextlib.chdir(cwd or Path.cwd()):
        done = CliRunner().invoke(command, arguments, prog_name="ctxlint")
    return done.exit_code, done.stdout, done.stderr


def flake8() -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "flake8", "--isolated", "--select", "CTX", "app"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


def written(*arguments: str) -> list[dict[str, object]]:
    code, out, err = lint("--write-baseline", "known.json", *arguments)
    assert code == 0, out + err
    return json.loads(Path("known.json").read_bytes())["findings"]


def rewrite(path: str, change: Callable[[str], str]) -> None:
    file = Path(path)
    before = file.read_text()
    file.write_text(change(before))
    assert file.read_text() != before


def test_the_setting_that_is_told_is_the_one_to_write(project: Path) -> None:
    _, out, _ = lint("--write-baseline", "known.json", "..", cwd=project / "app")
    setting = re.search(r"baseline = \"[^\"]+\"", out)
    assert setting is not None
    assert setting[0] == 'baseline = "app/known.json"'
    Path("pyproject.toml").write_text(f"[tool.ctxlint]\n{setting[0]}\n")
    assert lint()[0] == 0


def test_standard_output_is_no_baseline(project: Path) -> None:
    code, out, err = lint("--write-baseline", "-")
    assert (code, out) == (2, "")
    assert "--write-baseline - is no file" in err
    assert not Path("-").exists()


def test_what_is_written(project: Path) -> None:
    code, out, err = lint("--write-baseline", "known.json")
    assert (code, err) == (0, "")
    use = '--baseline, or baseline = "known.json" in [tool.ctxlint]'
    assert out == f"Wrote 2 known problems to known.json. To use it: {use}.\n"
    text = Path("known.json").read_bytes()
    assert json.loads(text) == {"ctxlint-baseline": 1, "findings": [SPAWN, PUT]}
    assert len(text.splitlines()) == 5 + 2  # a line for each finding
    assert lint("--write-baseline", "known.json")[1] == (
        "known.json is up to date: 2 known problems.\n"
    )
    assert Path("known.json").read_bytes() == text


def test_the_order_is_fixed(project: Path) -> None:
    Path("app/aaa.py").write_text(POLLER)
    Path("zzz.py").write_text(POLLER)
    rows = written()
    assert rows == sorted(rows, key=lambda row: [row[each] for each in SPAWN])
    assert rows == written("zzz.py", "app/store.py", "app/aaa.py")


def test_what_is_known_is_not_reported_but_counted(project: Path) -> None:
    written()
    assert lint("--baseline", "known.json") == (
        0,
        "",
        "No problems found in 1 file.\n2 known problems are not shown (known.json).\n",
    )


CHANGES: dict[str, Callable[[str], str]] = {
    "lines move": lambda text: "# moved\n\n\n" + text,
    "a formatter was at work": lambda text: text.replace(
        "create_task(self._drain())",
        "create_task(\n            self._drain(),  # for ever\n        )",
    ),
    "another function comes before": lambda text: text.replace(
        "    async def save", "    def clear(self):\n        pass\n\n    async def save"
    ),
    "carriage returns": lambda text: text.replace("\n", "\r\n"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_moves_stays_known(project: Path, change: Callable[[str], str]) -> None:
    written()
    Path("app/store.py").write_bytes(change(STORE).encode())
    assert lint("--baseline", "known.json")[:2] == (0, "")


NEW: dict[str, tuple[str, str]] = {
    "the code is another": ("put_nowait(row)", "put_nowait(row + 1)"),
    "the function is another": ("def save", "def store"),
    "one more of the same": (
        "        self._queue.put_nowait(row)\n",
        "        self._queue.put_nowait(row)\n        self._queue.put_nowait(row)\n",
    ),
}


@pytest.mark.parametrize(("old", "new"), NEW.values(), ids=NEW)
def test_what_is_new_is_reported(project: Path, old: str, new: str) -> None:
    written()
    rewrite("app/store.py", lambda text: text.replace(old, new))
    code, out, _ = lint("--baseline", "known.json")
    assert code == 1
    assert "CTX201" in out


def test_of_several_alike_as_many_are_known_as_there_were(project: Path) -> None:
    put = "        self._queue.put_nowait(row)\n"
    rewrite("app/store.py", lambda text: text.replace(put, put * 2))
    assert written() == [SPAWN, {**PUT, "count": 2}]
    rewrite("app/store.py", lambda text: text.replace(put * 2, put))
    assert lint("--baseline", "known.json")[2].endswith(
        "2 known problems are not shown (known.json); "
        "1 entry of known.json is gone, which --write-baseline takes out.\n"
    )
    rewrite("app/store.py", lambda text: text.replace(put, put * 3))
    assert lint("--baseline", "known.json")[1].count("CTX201") == 1


def test_it_shrinks_as_findings_are_fixed(project: Path) -> None:
    written()
    rewrite("app/store.py", lambda text: text.replace("        self._queue.put_nowait(row)\n", ""))
    assert "1 entry of known.json is gone" in lint("--baseline", "known.json")[2]
    assert lint("--write-baseline", "known.json")[1] == (
        "Wrote 1 known problem to known.json: 0 new, 1 gone.\n"
    )
    assert "gone" not in lint("--baseline", "known.json")[2]


def test_entries_of_files_that_are_no_more_are_gone(project: Path) -> None:
    written()
    Path("app/store.py").unlink()
    Path("app/empty.py").touch()
    assert "2 entries of known.json are gone" in lint("--baseline", "known.json")[2]
    assert written("app/empty.py") == []


def test_what_a_run_does_not_look_at_is_not_gone(project: Path) -> None:
    Path("poller.py").write_text(POLLER)
    assert len(written()) == 4
    assert "gone" not in lint("--baseline", "known.json", "poller.py")[2]
    assert "gone" not in lint("--baseline", "known.json", "--select", "CTX101")[2]


def test_what_a_run_does_not_look_at_stays(project: Path) -> None:
    Path("poller.py").write_text(POLLER)
    everything = written()
    assert written("poller.py") == everything
    assert written("--select", "CTX101") == everything
    Path("app/store.py").write_text("")
    assert len(written("poller.py")) == 4
    assert len(written("app")) == 2
    Path("pyproject.toml").write_text("[tool.ctxlint]\nextend-exclude = ['poller.py']\n")
    assert written() == []


def test_silenced_findings_are_not_among_the_known(project: Path) -> None:
    rewrite("app/store.py", lambda text: text.replace("nowait(row)", "nowait(row)  # noqa: CTX201"))
    assert written() == [SPAWN]


def test_the_setting_is_relative_to_its_file(project: Path) -> None:
    written()
    Path("pyproject.toml").write_text('[tool.ctxlint]\nbaseline = "known.json"\n')
    assert lint(cwd=project / "app")[:2] == (0, "")
    assert lint("store.py", cwd=project / "app")[:2] == (0, "")
    assert lint("--baseline", "", cwd=project / "app")[0] == 1
    assert lint("--isolated")[0] == 1
    # What is written does not depend on what is known.
    assert len(written()) == 2


def test_flake8_reports_what_ctxlint_reports(project: Path) -> None:
    written()
    Path("pyproject.toml").write_text('[tool.ctxlint]\nbaseline = "known.json"\n')
    assert flake8() == (0, "")
    rewrite("app/store.py", lambda text: text.replace("put_nowait(row)", "put_nowait(1 + row)"))
    assert "CTX201" in flake8()[1]
    Path("known.json").write_text("[")
    code, told = flake8()
    assert code == 1
    assert "is no baseline of ctxlint" in told


def test_comments_that_flake8_reads_do_not_shift_what_is_known(project: Path) -> None:
    """flake8 gets silenced findings, too: they take no place of a known one."""
    twice = "        self._queue.put_nowait(row)  # noqa\n        self._queue.put_nowait(row)\n"
    rewrite("app/store.py", lambda t: t.replace("        self._queue.put_nowait(row)\n", twice))
    assert written() == [SPAWN, PUT]
    Path("pyproject.toml").write_text('[tool.ctxlint]\nbaseline = "known.json"\n')
    assert flake8() == (0, "")


def test_known_findings_start_no_fix(project: Path) -> None:
    written()
    code, out, err = lint("--baseline", "known.json", "--fix", "--unsafe-fixes")
    assert (code, out) == (0, "")
    assert "2 known problems are not shown" in err
    assert Path("app/store.py").read_text() == STORE


def test_a_fix_of_a_new_finding_may_settle_known_ones(project: Path) -> None:
    written()
    more = "    async def more(self, row):\n        self._queue.put_nowait(row)\n\n"
    rewrite(
        "app/store.py", lambda t: t.replace("    async def _drain", f"{more}    async def _drain")
    )
    code, out, err = lint("--baseline", "known.json", "--fix", "--unsafe-fixes")
    assert (code, out) == (0, ""), out + err
    assert "2 entries of known.json are gone" in err


FOREIGN = {
    "no JSON": ("print('hello')\n", "is no baseline of ctxlint"),
    "another tool's": ('{"version": 1, "results": {}}', "is no baseline of ctxlint"),
    "a list": ("[]", "is no baseline of ctxlint"),
    "a merge conflict": (
        '{\n  "ctxlint-baseline": 1,\n<<<<<<< HEAD\n  "findings": []\n}\n',
        "is broken (Expecting property name enclosed in double quotes: line 3 column 1 (char 27); "
        "a merge conflict?): mend it",
    ),
    "a newer one": ('{"ctxlint-baseline": 2, "findings": []}', "has version 2"),
    "no list": ('{"ctxlint-baseline": 1, "findings": {}}', '"findings" must be a list'),
    "no entry": ('{"ctxlint-baseline": 1, "findings": [{"path": 3}]}', "entry 1: "),
    "not UTF-8": ("\xff", "is no baseline of ctxlint"),
}


@pytest.mark.parametrize(("text", "message"), FOREIGN.values(), ids=FOREIGN)
def test_files_that_are_no_baselines(project: Path, text: str, message: str) -> None:
    Path("known.json").write_text(text, encoding="latin-1")
    for flag in ("--baseline", "--write-baseline"):
        code, out, err = lint(flag, "known.json")
        assert (code, out) == (2, "")
        assert message in err
        assert len(err.splitlines()) == 1
    assert Path("known.json").read_text(encoding="latin-1") == text


def test_a_baseline_that_is_not_there(project: Path) -> None:
    code, _, err = lint("--baseline", "known.json")
    assert code == 2
    assert "there is no such file; `ctxlint --write-baseline` writes one" in err


def test_a_baseline_that_cannot_be_written(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "known.json").mkdir()
    code, out, err = lint("--write-baseline", "known.json")
    assert (code, out) == (2, "")
    assert "known.json" in err
    (project / "known.json").rmdir()

    def put(path: Path, text: bytes) -> None:
        raise writing.NotWritten(path, "no space left on device")

    monkeypatch.setattr(writing, "put", put)
    code, out, err = lint("--write-baseline", "known.json")
    assert (code, out) == (2, "")
    assert "no space left on device" in err


def test_nothing_is_said_where_that_is_wanted(project: Path) -> None:
    assert lint("--write-baseline", "known.json", "--quiet") == (0, "", "")
    assert json.loads((project / "known.json").read_text())["findings"]


@pytest.mark.parametrize("name", ["../known.json", "link.json"])
def test_nothing_is_written_outside_of_the_project(project: Path, name: str) -> None:
    (project / "link.json").symlink_to(project.parent / "elsewhere.json")
    before = sorted(os.listdir(project.parent))
    code, _, err = lint("--write-baseline", name)
    assert code == 2
    assert "lies outside the project" in err
    assert sorted(os.listdir(project.parent)) == before


@pytest.mark.parametrize("flag", ["--fix", "--diff", "--add-noqa", "--diff-base=HEAD"])
def test_one_thing_at_a_time(project: Path, flag: str) -> None:
    code, _, err = lint("--write-baseline", "known.json", flag)
    assert code == 2
    assert "two things to do" in err
    assert not Path("known.json").exists()


def test_names_that_are_no_text(project: Path) -> None:
    try:
        Path("app/n\udcff.py").write_text(POLLER)
    except OSError:
        pytest.skip("this file system has no such names")
    assert len(written()) == 4
    assert lint("--baseline", "known.json")[:2] == (0, "")


def test_unsaved_text_is_compared_with_the_baseline(project: Path) -> None:
    written()
    path = project / "app/store.py"
    report = run(
        [path], Lookup(overrides={"baseline": "known.json"}), overlay={path: b"\n" + STORE.encode()}
    )
    assert (report.findings, report.aside.known) == ((), 2)
