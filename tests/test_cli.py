"""The command line as people and programs use it."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import ctxlint.checking
from ctxlint.cli import command, main
from ctxlint.help import SECTIONS
from ctxlint.reports import FORMS
from ctxlint.reports.colors import has_colors
from ctxlint.rules.codes import CODES

LEAKY = """\
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
CLEAN = "print('nothing runs in the background here')\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with one leaking module, which is the working directory."""
    (tmp_path / "pyproject.toml").write_text("[tool.ctxlint]\n")
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "__init__.py").touch()
    (tmp_path / "app" / "store.py").write_text(LEAKY)
    (tmp_path / "clean.py").write_text(CLEAN)
    monkeypatch.chdir(tmp_path)
    # Processes are started in other directories: a relative PYTHONPATH would lead nowhere there.
    monkeypatch.setenv("PYTHONPATH", str(Path(ctxlint.__file__).parents[1]))
    for variable in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "CTXLINT_TRACEBACK"):
        monkeypatch.delenv(variable, raising=False)
    return tmp_path


def invoke(*arguments: str, stdin: str | bytes | None = None) -> Result:
    return CliRunner().invoke(command, arguments, input=stdin, prog_name="ctxlint")


def run(*arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "ctxlint", *arguments], input=stdin, capture_output=True, timeout=60
    )
    return subprocess.CompletedProcess(
        done.args, done.returncode, done.stdout.decode(), done.stderr.decode()
    )


def places(text: str) -> list[tuple[str, int, str]]:
    """Path, line and code of each line of concise output."""
    rows = []
    for line in text.splitlines():
        place, _, told = line.partition(": ")
        path, number, _column = place.rsplit(":", 2)
        rows.append((path, int(number), told.split()[0]))
    return rows


# What people read: each gets colours.
COLOURED = [
    ["--output-format", "full"],
    ["--output-format", "concise"],
    ["--statistics"],
    ["--diff", "--unsafe-fixes"],
    ["--explain", "CTX101"],
]
BOTH = [("app/store.py", 11, "CTX101"), ("app/store.py", 12, "CTX201")]


class TestExitCodes:
    def test_findings_are_1(self, project: Path) -> None:
        done = run()
        assert done.returncode == 1
        assert places(done.stdout) == BOTH
        assert done.stderr.startswith("Found 2 problems in 1 file (3 files checked).\n")

    def test_no_findings_are_0(self, project: Path) -> None:
        done = run("clean.py")
        assert (done.returncode, done.stdout) == (0, "")
        assert done.stderr == "No problems found in 1 file.\n"

    def test_exit_zero(self, project: Path) -> None:
        done = run("--exit-zero")
        assert done.returncode == 0
        assert places(done.stdout) == BOTH

    def test_a_file_that_cannot_be_parsed_is_a_finding(self, project: Path) -> None:
        Path("broken.py").write_text("import asyncio\nasyncio.create_task(f(\n")
        done = run("broken.py")
        assert done.returncode == 1
        assert [code for _, _, code in places(done.stdout)] == ["CTX900"]

    @pytest.mark.parametrize("form", ["concise", "full", "json"])
    def test_a_missing_path_is_2_and_the_others_are_analysed(
        self, project: Path, form: str
    ) -> None:
        done = run("--output-format", form, "missing.py", "app")
        assert done.returncode == 2
        assert "CTX101" in done.stdout
        errors = [line for line in done.stderr.splitlines() if "error" in line]
        assert len(errors) == 1
        assert errors[0].startswith("ctxlint: error: missing.py: ")

    def test_exit_zero_does_not_hide_a_missing_path(self, project: Path) -> None:
        assert run("--exit-zero", "missing.py").returncode == 2

    @pytest.mark.parametrize(
        ("arguments", "told"),
        [
            (["--nonsense"], "no such option"),
            (["--select", "CTX1O1"], "CTX101"),
            (["--select", ","], "at least one code"),
            (["--jobs", "0"], "from 1"),
            (["--jobs", "many"], "from 1"),
            (["--output-format", "xml"], "xml"),
            (["--explain", "CTX1O1"], "CTX101"),
            (["--explain", "task-inherit-context"], "task-inherits-context"),
            (["--why", "app/store.py"], "FILE:LINE"),
            (["--why", "app/nowhere.py:3"], "app/nowhere.py"),
        ],
    )
    def test_a_wrong_flag_is_2_and_one_line(
        self, project: Path, arguments: list[str], told: str
    ) -> None:
        done = run(*arguments)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith("ctxlint: error: ")
        assert done.stderr.count("\n") == 1
        assert told.lower() in done.stderr.lower()

    @pytest.mark.parametrize("text", ["[tool.ctxlint]\nselct = []\n", "[tool.ctxlint\n", "\xff"])
    def test_bad_settings_are_2_and_one_line(self, project: Path, text: str) -> None:
        Path("pyproject.toml").write_bytes(text.encode("latin-1"))
        done = run()
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith("ctxlint: error: ")
        assert "pyproject.toml" in done.stderr
        assert done.stderr.count("\n") == 1

    def test_no_python_files_are_a_note(self, project: Path) -> None:
        Path("docs").mkdir()
        done = run("docs")
        assert (done.returncode, done.stdout) == (0, "")
        assert done.stderr == "ctxlint: note: there are no Python files here to check\n"
        assert run("--output-format", "json", "docs").stdout == "[]\n"


class TestFailures:
    @staticmethod
    def breaks(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
        def run(*_: object, **__: object) -> None:
            raise error

        monkeypatch.setattr(ctxlint.checking, "run", run)

    def test_an_internal_error_says_what_to_report(
        self, project: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
    ) -> None:
        self.breaks(monkeypatch, KeyError("two\nlines"))
        assert main([]) == 2
        out, err = capfd.readouterr()
        assert out == ""
        assert err.startswith("ctxlint: error: internal error: KeyError")
        assert "test_cli.py:" in err
        assert "CTXLINT_TRACEBACK=1" in err
        assert err.count("\n") == 1

    def test_the_traceback_is_there_for_the_asking(
        self, project: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setenv("CTXLINT_TRACEBACK", "1")
        self.breaks(monkeypatch, RecursionError("too deep"))
        assert main([]) == 2
        assert "Traceback (most recent call last)" in capfd.readouterr().err

    def test_ctrl_c_is_quiet(
        self, project: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
    ) -> None:
        self.breaks(monkeypatch, KeyboardInterrupt())
        assert main([]) == 130
        assert capfd.readouterr() == ("", "")

    @pytest.mark.parametrize("name", [".", "", "app"])
    def test_a_directory_is_no_name_for_standard_input(self, project: Path, name: str) -> None:
        for asked in ([], ["--fix"], ["--show-files"], ["--graph", "dot"]):
            done = invoke("--stdin-filename", name, *asked, stdin=LEAKY)
            assert (done.exit_code, done.stdout) == (2, "")
            assert f"--stdin-filename {name!r} is a directory" in done.stderr

    @pytest.mark.parametrize("form", FORMS)
    def test_a_closed_pipe_is_quiet(self, project: Path, form: str) -> None:
        for number in range(30):
            Path(f"app/copy{number}.py").write_text(LEAKY)
        arguments = [sys.executable, "-m", "ctxlint", "--output-format", form]
        process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        errors = process.stderr.read().decode()
        process.stderr.close()
        assert process.wait(timeout=60) == 1
        assert errors == ""

    def test_a_question_is_answered_although_the_pipe_is_closed(self, project: Path) -> None:
        arguments = [sys.executable, "-m", "ctxlint", "--graph", "dot"]
        process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert process.stdout is not None
        process.stdout.close()
        assert process.communicate(timeout=60)[1] == b""
        assert process.returncode == 0

    @pytest.mark.parametrize("language", ["dot", "mermaid"])
    def test_graphs_are_utf_8_in_every_pipe(
        self, project: Path, monkeypatch: pytest.MonkeyPatch, language: str
    ) -> None:
        Path("app/größe.py").write_text(LEAKY, encoding="utf-8")
        monkeypatch.setenv("PYTHONIOENCODING", "cp1252")
        assert "größe.py" in run("--graph", language).stdout

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is full")
    @pytest.mark.parametrize("asked", [[], ["--help"], ["--version"], ["--output-format", "html"]])
    def test_what_cannot_be_printed_is_no_internal_error(
        self, project: Path, asked: list[str]
    ) -> None:
        with open("/dev/full", "wb") as full:
            done = subprocess.run(
                [sys.executable, "-m", "ctxlint", *asked], stdout=full, stderr=subprocess.PIPE
            )
        told = "ctxlint: error: output cannot be written: no space left on device"
        assert (done.returncode, done.stderr.decode().split("\n")) == (2, [told, ""])

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is full")
    def test_standard_error_can_be_full(self, project: Path) -> None:
        with open("/dev/full", "wb") as full:
            done = subprocess.run(
                [sys.executable, "-m", "ctxlint"], stdout=subprocess.PIPE, stderr=full
            )
        assert done.returncode == 2
        assert b"CTX101" in done.stdout

    @pytest.mark.skipif(os.name == "nt", reason="a shell's way to close a stream")
    @pytest.mark.parametrize(
        ("command_line", "code", "told"),
        [
            ("-q >&-", 1, ""),
            ("-q 2>&- >/dev/null", 1, ""),
            ("- <&-", 2, "ctxlint: error: standard input is closed: there is no text to read\n"),
            (
                "- 0>/dev/null",
                2,
                "ctxlint: error: standard input cannot be read: bad file descriptor\n",
            ),
        ],
    )
    def test_streams_can_be_closed(
        self, project: Path, command_line: str, code: int, told: str
    ) -> None:
        done = subprocess.run(
            ["sh", "-c", f'"$0" -m ctxlint {command_line}', sys.executable], capture_output=True
        )
        assert (done.returncode, done.stderr.decode()) == (code, told)


class TestRules:
    @pytest.mark.parametrize(
        ("arguments", "codes"),
        [
            (["--select", "CTX1"], ["CTX101"]),
            (["--select", "CTX1,CTX201"], ["CTX101", "CTX201"]),
            (["--select", "CTX1", "--select", "CTX201"], ["CTX101", "CTX201"]),
            (["--select", "CTX1", "--extend-select", "CTX2"], ["CTX101", "CTX201"]),
            (["--ignore", "CTX101"], ["CTX201"]),
            (["--ignore", "CTX101, CTX201"], []),
        ],
    )
    def test_flags_choose_rules(
        self, project: Path, arguments: list[str], codes: list[str]
    ) -> None:
        result = invoke(*arguments)
        assert [code for _, _, code in places(result.stdout)] == codes
        assert result.exit_code == (1 if codes else 0)

    def test_flags_win_over_the_settings(self, project: Path) -> None:
        Path("pyproject.toml").write_text('[tool.ctxlint]\nselect = ["CTX101"]\n')
        assert [code for _, _, code in places(invoke().stdout)] == ["CTX101"]
        chosen = invoke("--select", "CTX201").stdout
        assert [code for _, _, code in places(chosen)] == ["CTX201"]

    def test_isolated_reads_no_settings(self, project: Path) -> None:
        Path("pyproject.toml").write_text('[tool.ctxlint]\nselect = ["CTX101"]\n')
        assert places(invoke("--isolated").stdout) == BOTH


class TestForms:
    def test_json(self, project: Path) -> None:
        done = run("--output-format", "json", "app")
        first, second = json.loads(done.stdout)
        assert done.stderr == ""
        assert list(first) == [
            *("code", "name", "message", "path", "line", "column", "end_line", "end_column"),
            *("trail", "fix"),
        ]
        assert (first["code"], first["name"]) == ("CTX101", CODES["CTX101"])
        assert (first["path"], first["line"]) == ("app/store.py", 11)
        assert second["code"] == "CTX201"
        assert all(step["path"] == "app/store.py" for step in first["trail"])

    def test_paths_are_relative_to_the_working_directory(
        self, project: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir("app")
        assert places(invoke("..").stdout)[0][0] == "store.py"
        Path("empty").mkdir()
        monkeypatch.chdir("empty")
        assert places(invoke("../..").stdout)[0][0] == "../store.py"

    def test_full_when_asked_for(self, project: Path) -> None:
        text = invoke("--output-format", "full").stdout
        assert "app/store.py:11:" in text
        assert "━━━" in text
        assert "ctxlint --explain CTX101" in text
        assert "\x1b" not in text

    def test_statistics_replace_the_findings(self, project: Path) -> None:
        result = invoke("--statistics")
        assert result.stdout == (
            "1  CTX101  task-inherits-context\n1  CTX201  queued-without-context\n"
        )
        assert result.exit_code == 1
        counted = json.loads(invoke("--statistics", "--output-format", "json").stdout)
        assert [row["count"] for row in counted] == [1, 1]
        lines = invoke("--statistics", "--output-format", "json-lines").stdout.splitlines()
        assert [json.loads(line) for line in lines] == counted

    @pytest.mark.parametrize("form", ["sarif", "gitlab", "junit"])
    def test_forms_without_statistics_say_so(self, project: Path, form: str) -> None:
        done = run("--statistics", "--output-format", form, "--fix", "--unsafe-fixes")
        assert (done.returncode, done.stdout) == (2, "")
        assert f"--statistics cannot be printed as {form}" in done.stderr
        assert Path("app/store.py").read_text() == LEAKY

    @pytest.mark.parametrize("form", FORMS)
    def test_only_forms_for_people_have_a_summary(self, project: Path, form: str) -> None:
        told = run("--output-format", form).stderr
        assert told.startswith("Found 2 problems") is (not FORMS[form].for_programs)
        assert (told == "") is FORMS[form].for_programs

    def test_output_that_the_encoding_cannot_express(self, project: Path) -> None:
        Path("app/store.py").write_text(LEAKY.replace("_drain", "_drän"), encoding="utf-8")
        environment = os.environ | {"PYTHONIOENCODING": "ascii"}
        for form in FORMS:
            done = subprocess.run(
                [sys.executable, "-m", "ctxlint", "--output-format", form],
                capture_output=True,
                timeout=60,
                env=environment,
            )
            assert done.returncode == 1
            assert b"CTX101" in done.stdout
            assert done.stdout.isascii()


class TestStandardInput:
    def test_its_text_stands_for_the_file(self, project: Path) -> None:
        Path("app/store.py").write_text(CLEAN)
        for arguments in (["-"], [], ["app/store.py"]):
            result = invoke("--stdin-filename", "app/store.py", *arguments, stdin=LEAKY)
            assert places(result.stdout) == BOTH, arguments

    def test_a_file_that_is_not_on_the_disk_yet(self, project: Path) -> None:
        result = invoke("--stdin-filename", "app/new.py", "-", stdin=LEAKY)
        assert [path for path, _, _ in places(result.stdout)] == ["app/new.py"] * 2

    def test_without_a_name(self, project: Path) -> None:
        result = invoke("-", stdin=LEAKY)
        assert [code for _, _, code in places(result.stdout)] == ["CTX101", "CTX201"]
        assert invoke("-", stdin=CLEAN).exit_code == 0

    def test_its_lines_are_shown(self, project: Path) -> None:
        Path("app/store.py").write_text(CLEAN)
        arguments = ("--output-format", "full", "--stdin-filename", "app/store.py")
        assert "self._task = asyncio.create_task" in invoke(*arguments, stdin=LEAKY).stdout


class TestWhatIsNotRead:
    def test_a_stub_is_left_out_with_a_note(self, project: Path) -> None:
        Path("app/store.pyi").write_text("x: int")
        done = run("app/store.pyi")
        assert done.returncode == 0
        assert done.stderr == (
            "ctxlint: note: app/store.pyi: not checked: stub files hold no code that runs\n"
        )
        assert run("--quiet", "app/store.pyi").stderr == ""

    @pytest.mark.parametrize("flags", [[], ["--fix"], ["--graph", "dot"], ["--show-files"]])
    def test_a_notebook_is_refused(self, flags: list[str], project: Path) -> None:
        Path("app/book.ipynb").write_text("{}")
        done = run(*flags, "app/book.ipynb")
        assert done.returncode == 2
        assert done.stderr.startswith(
            "ctxlint: error: app/book.ipynb: notebooks are not supported: `jupyter nbconvert"
        )

    def test_so_is_the_text_of_one(self, project: Path) -> None:
        done = invoke("--stdin-filename", "app/book.ipynb", "-", stdin="{}")
        assert done.exit_code == 2
        assert "notebooks are not supported" in done.stderr


class TestQuestions:
    def test_version(self) -> None:
        assert run("--version").stdout == f"ctxlint {ctxlint.__version__}\n"

    @pytest.mark.parametrize("flag", ["-h", "--help"])
    def test_help_names_every_flag(self, flag: str) -> None:
        text = invoke(flag).stdout
        for parameter in command.params:
            for name in parameter.opts:
                assert name in text or name == "paths"

    def test_help_lists_each_flag_once_under_a_heading(self) -> None:
        listed = [name for names in SECTIONS.values() for name in names]
        known = [max(each.opts, key=len).removeprefix("--") for each in command.params]
        assert sorted(listed) == sorted({*known, "help"} - {"paths"})
        text = invoke("--help").stdout
        assert all(f"\n{heading}:\n" in text for heading in SECTIONS)

    @pytest.mark.parametrize(
        ("arguments", "told"),
        [
            (["--explain", "CTX101", "--fix"], "--explain and --fix are two things to do"),
            (["--graph", "dot", "--add-noqa"], "--graph and --add-noqa are two things to do"),
            (["--why", "a.py:1", "--diff"], "--why and --diff are two things to do"),
            (["--add-noqa", "--output-file", "a.txt"], "--add-noqa has none of them"),
            (["--show-files", "--output-file", "a.txt"], "--show-files has none of them"),
            (["--graph", "dot", "--output-format", "html"], "are two things to print"),
        ],
    )
    def test_two_things_are_not_done_at_once(self, arguments: list[str], told: str) -> None:
        done = invoke(*arguments)
        assert (done.exit_code, done.stdout) == (2, "")
        assert told in done.stderr

    @pytest.mark.parametrize(
        ("code", "told"),
        [
            ("thread", "CTX102 (thread-inherits-context) or CTX301 (context-lost-in-thread)?"),
            ("ctx9", "CTX900 (unreadable-file) or CTX901 (unused-noqa)?"),
            ("CTX1O1", "did you mean CTX101?"),
            ("", "the rules are CTX101, CTX102"),
        ],
    )
    def test_explain_names_the_rules_that_are_meant(self, code: str, told: str) -> None:
        done = invoke("--explain", code)
        assert done.exit_code == 2
        assert told in done.stderr

    @pytest.mark.parametrize("code", CODES)
    def test_explain(self, code: str) -> None:
        by_code, by_name = invoke("--explain", code.lower()), invoke("--explain", CODES[code])
        assert by_code.exit_code == 0
        assert by_code.stdout == by_name.stdout
        assert "## What it does" in by_code.stdout
        assert "\x1b" not in by_code.stdout

    @pytest.mark.parametrize("code", CODES)
    def test_explain_draws_the_page_where_there_are_colours(
        self, code: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("FORCE_COLOR", "1")
        drawn = invoke("--explain", code).stdout
        assert "\x1b[" in drawn
        lines = [line.rstrip() for line in re.sub(r"\x1b\[[0-9;]*m", "", drawn).split("\n")]
        assert not [line for line in lines if line.startswith(("#", "```"))]
        assert "What it does" in lines
        assert "\nExample\n\n\n" not in "\n".join(lines)

    def test_why(self, project: Path) -> None:
        told = [invoke("--why", f"app/store.py:{rest}") for rest in ("11", "11:5", "11:5:")]
        assert {result.exit_code for result in told} == {0}
        assert len({result.stdout for result in told}) == 1
        place, code, *answers = told[0].stdout.splitlines()
        assert place == "app/store.py:11"
        assert code == "  self._task = asyncio.create_task(self._drain())"
        assert "Store._drain" in "".join(answers)
        assert answers[-1].startswith("Reported as CTX101 (task-inherits-context).")

    def test_why_tells_what_silences_a_line(self, project: Path) -> None:
        spawn = "app/store.py:11"

        def last(*flags: str) -> str:
            return invoke("--why", spawn, *flags).stdout.splitlines()[-1]

        assert last("--ignore", "CTX101").startswith(
            "It is not reported: the settings leave it out"
        )
        Path("known.json").unlink(missing_ok=True)
        run("--write-baseline", "known.json")
        assert last("--baseline", "known.json") == "CTX101 is not reported: the baseline knows it."
        text = Path("app/store.py").read_text()
        Path("pyproject.toml").write_text(
            '[tool.ctxlint]\nper-file-ignores = { "app/*" = ["CTX1"] }\n'
        )
        assert last() == "CTX101 is silenced by `per-file-ignores` in the settings."
        Path("app/store.py").write_text(text.replace("_drain())", "_drain())  # noqa"))
        assert last() == "CTX101 is silenced by the `# noqa` comment in this line."
        Path("app/store.py").write_text("# flake8: noqa\n" + text)
        spawn = "app/store.py:12"
        assert "`# flake8: noqa`" in last()

    def test_why_of_a_line_with_nothing_on_it_shows_none(self, project: Path) -> None:
        told = invoke("--why", "app/store.py:2").stdout.splitlines()
        assert told[:2] == ["app/store.py:2", ""]

    def test_a_language_server_needs_an_input(
        self, project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setattr("sys.stdin", None)
        assert main(["--lsp"]) == 2
        assert "over standard input, which is closed" in capsys.readouterr().err

    def test_a_path_that_is_not_there_is_an_error_of_its_own_kind(self, project: Path) -> None:
        with pytest.raises(FileNotFoundError, match="nowhere"):
            ctxlint.check(["app", "nowhere"])

    def test_why_leads_to_the_lines_that_there_is_something_to_say_of(self, project: Path) -> None:
        told = invoke("--why", "app/store.py:1").stdout
        assert "The nearest lines that do are" in told
        assert " 11" in told.splitlines()[-1]
        Path("app/empty.py").write_text("x = 1\n")
        assert invoke("--why", "app/empty.py:1").stdout.endswith(
            "No other line of app/empty.py starts, puts or takes anything.\n"
        )
        Path("app/book.ipynb").write_text("{}\n")
        for site in ("app/empty.py:9", "app/nowhere.ipynb:1", "app/book.ipynb:1"):
            assert invoke("--why", site).exit_code == 2

    def test_show_settings(self, project: Path) -> None:
        Path("pyproject.toml").write_text('[tool.ctxlint]\nignore = ["CTX103"]\n')
        shown = invoke("--show-settings", "--select", "CTX1").stdout
        assert shown.startswith("[tool.ctxlint]\n")
        assert "CTX1" in shown


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
class TestTerminal:
    @staticmethod
    def on_terminal(*arguments: str) -> tuple[int, str]:
        """Exit code and output (both streams) of ctxlint on a pseudo-terminal."""
        import pty

        parent, child = pty.openpty()
        process = subprocess.Popen(
            [sys.executable, "-m", "ctxlint", *arguments],
            stdin=child,
            stdout=child,
            stderr=child,
            env={"TERM": "xterm-256color", **os.environ},
        )
        os.close(child)
        output = b""
        try:
            while chunk := os.read(parent, 65536):
                output += chunk
        except OSError:  # how Linux tells that the other side is closed
            pass
        os.close(parent)
        return process.wait(timeout=60), output.decode()

    def test_full_and_coloured_by_default(self, project: Path) -> None:
        code, text = self.on_terminal()
        assert code == 1
        assert "━━━" in text
        assert "\x1b[" in text
        assert "Found 2 problems" in text

    @pytest.mark.parametrize("arguments", COLOURED, ids=" ".join)
    def test_colours(
        self, project: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
    ) -> None:
        quiet = ("--quiet", *arguments)  # no progress bar, which a slow run would show
        assert "\x1b[" in self.on_terminal(*quiet)[1]
        monkeypatch.setenv("NO_COLOR", "1")
        plain = self.on_terminal(*quiet)[1]
        assert "\x1b" not in plain
        assert "CTX101" in plain or "@@" in plain

    @pytest.mark.parametrize("form", ["github", "pylint", "json", "json-lines", "junit"])
    def test_what_programs_parse_has_none(
        self, project: Path, monkeypatch: pytest.MonkeyPatch, form: str
    ) -> None:
        monkeypatch.setenv("FORCE_COLOR", "1")
        assert "\x1b" not in self.on_terminal("--quiet", "--output-format", form)[1]

    def test_explain_is_drawn(self, project: Path) -> None:
        code, text = self.on_terminal("--explain", "CTX101")
        assert code == 0
        assert "\x1b[" in text
        assert "## What it does" not in text


@pytest.mark.parametrize("arguments", COLOURED, ids=" ".join)
def test_colours_in_a_pipe_are_for_the_asking(
    project: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    assert "\x1b" not in run(*arguments).stdout
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[" in run(*arguments).stdout


@pytest.mark.parametrize(
    ("environment", "on_terminal", "in_pipe"),
    [
        ({}, True, False),
        ({"NO_COLOR": "1"}, False, False),
        ({"NO_COLOR": ""}, True, False),
        ({"FORCE_COLOR": "1"}, True, True),
        ({"FORCE_COLOR": ""}, True, False),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, False, False),
        ({"TERM": "dumb"}, False, False),
        ({"TERM": "dumb", "FORCE_COLOR": "1"}, True, True),
    ],
)
def test_what_decides_about_colours(
    monkeypatch: pytest.MonkeyPatch,
    environment: dict[str, str],
    on_terminal: bool,
    in_pipe: bool,
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    for name in ("NO_COLOR", "FORCE_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert has_colors(Terminal()) is on_terminal
    assert has_colors(io.StringIO()) is in_pipe


class TestOutputFile:
    @pytest.mark.parametrize("form", FORMS)
    def test_it_gets_what_standard_output_would(self, project: Path, form: str) -> None:
        to_stdout = run("--output-format", form)
        done = run("--output-format", form, "--output-file", "report")
        assert done.returncode == to_stdout.returncode == 1
        assert Path("report").read_text(encoding="utf-8") == to_stdout.stdout
        assert done.stdout.startswith("Found 2 problems in 1 file (3 files checked).\n")
        assert done.stderr == ""

    def test_by_default_it_is_concise_and_never_coloured(
        self, project: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("FORCE_COLOR", "1")
        run("--output-file", "report")
        assert places(Path("report").read_text()) == BOTH

    def test_it_is_replaced_as_a_whole(self, project: Path) -> None:
        Path("report").write_text("old\n" * 1000)
        Path("report").chmod(0o640)
        run("--output-file", "report", "clean.py")
        assert Path("report").read_bytes() == b""
        assert sys.platform == "win32" or Path("report").stat().st_mode & 0o777 == 0o640

    def test_a_run_that_fails_leaves_it_as_it_was(self, project: Path) -> None:
        Path("report").write_text("old")
        Path("pyproject.toml").write_text("[tool.ctxlint]\nselct = []\n")
        assert run("--output-file", "report").returncode == 2
        assert Path("report").read_text() == "old"
        assert [path.name for path in Path().glob(".ctxlint*")] == []

    @pytest.mark.parametrize(
        ("path", "told"),
        [
            ("reports/new.sarif", "make the directory reports first"),
            ("app", "it is a directory"),
            ("clean.py/report", "make the directory clean.py first"),
            ("read-only", "it is read-only"),
        ],
    )
    def test_a_path_that_cannot_be_written(self, project: Path, path: str, told: str) -> None:
        """It is told before files are looked at, and before any is fixed."""
        Path("read-only").touch(mode=0o444)
        done = run("--output-file", path, "--fix", "--unsafe-fixes")
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr == (f"ctxlint: error: --output-file {path} cannot be written: {told}\n")
        assert Path("app/store.py").read_text() == LEAKY

    def test_errors_stay_on_standard_error(self, project: Path) -> None:
        done = run("--output-file", "report", "missing.py", "app")
        assert done.returncode == 2
        assert done.stderr.startswith("ctxlint: error: missing.py: ")
        assert places(Path("report").read_text()) == BOTH

    def test_a_dash_is_standard_output(self, project: Path) -> None:
        done = run("--output-file", "-")
        assert places(done.stdout) == BOTH
        assert done.stderr.startswith("Found 2 problems")

    @pytest.mark.skipif(sys.platform == "win32", reason="a device of POSIX")
    def test_what_is_no_file_is_written_to(self, project: Path) -> None:
        done = run("--output-file", "/dev/stdout", "app")
        assert places(done.stdout.partition("Found")[0]) == BOTH

    def test_a_diff(self, project: Path) -> None:
        shown = run("--diff", "--unsafe-fixes")
        done = run("--diff", "--unsafe-fixes", "--output-file", "fix.patch")
        assert Path("fix.patch").read_text() == shown.stdout
        assert done.stdout == "Would fix 2 problems in 1 file; none left (3 files checked).\n"

    def test_what_fixing_leaves(self, project: Path) -> None:
        done = run("--fix", "--output-format", "json", "--output-file", "left.json")
        assert len(json.loads(Path("left.json").read_text())) == 2
        assert done.stdout.startswith("Found 2 problems")

    def test_beside_the_text_of_standard_input(self, project: Path) -> None:
        arguments = ("--fix", "--stdin-filename", "app/store.py", "--output-file", "report")
        done = run(*arguments, stdin=LEAKY.encode())
        assert done.stdout == LEAKY
        assert places(Path("report").read_text()) == BOTH
        assert done.stderr.startswith("Found 2 problems")


class TestProgress:
    @pytest.fixture
    def drawn(self, monkeypatch: pytest.MonkeyPatch) -> Callable[[bool, float], bool]:
        """Whether a bar is drawn on a terminal or not, after a number of seconds."""
        from ctxlint.reports import progress

        def drawn(terminal: bool, seconds: float) -> bool:
            monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal, raising=False)
            bar = progress.Bar()
            late = time.monotonic() + seconds
            monkeypatch.setattr(progress.time, "monotonic", lambda: late)
            with bar:
                bar(1, 10)
                seen = bar._drawn is not None
                bar(10, 10)
            monkeypatch.undo()
            return seen

        return drawn

    def test_only_on_a_terminal_and_only_when_it_takes_long(
        self, drawn: Callable[[bool, float], bool]
    ) -> None:
        assert drawn(True, 2.0)
        assert not drawn(True, 0.5)
        assert not drawn(False, 2.0)


class TestFiles:
    """Which files are checked, and under whose settings."""

    @pytest.fixture
    def nested(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        """A project in which a directory has settings of its own."""
        for name in ("app", "tools", "old"):
            (tmp_path / name).mkdir()
            (tmp_path / name / "store.py").write_text(LEAKY)
        (tmp_path / "pyproject.toml").write_text('[tool.ctxlint]\nexclude = ["old/"]\n')
        (tmp_path / "tools/pyproject.toml").write_text('[tool.ctxlint]\nignore = ["CTX"]\n')
        monkeypatch.chdir(tmp_path)
        return tmp_path

    @pytest.mark.parametrize("paths", [(), (".",), ("app", "tools"), (".", "tools")])
    def test_each_file_has_the_nearest_settings(self, nested: Path, paths: tuple[str, ...]) -> None:
        done = run(*paths)
        assert {line.split(":")[0] for line in done.stdout.splitlines()} == {"app/store.py"}

    def test_a_named_file_wins_over_the_nearest(self, nested: Path) -> None:
        (nested / "lint.toml").write_text('exclude = ["app/"]')
        done = run("--config", "lint.toml")
        found = {line.split(":")[0] for line in done.stdout.splitlines()}
        assert found == {"tools/store.py", "old/store.py"}

    def test_a_template_below_is_no_project(self, nested: Path) -> None:
        (nested / "templates").mkdir()
        (nested / "templates/app.py").write_text("x = 1\n")
        (nested / "templates/pyproject.toml").write_text("[project]\nname = {{name}}\n")
        done = run("--show-files", ".")
        assert done.returncode == 0
        assert "templates/app.py\n" in done.stdout
        assert done.stderr == (
            "ctxlint: note: templates/pyproject.toml: is no TOML: the settings of the project"
            " around it are used\n"
        )

    def test_flake8_agrees(self, nested: Path) -> None:
        flake8 = [sys.executable, "-m", "flake8", "--isolated", "--select", "CTX", "-j1", "."]
        done = subprocess.run(flake8, capture_output=True, text=True)
        found = {line.split(":")[0] for line in done.stdout.splitlines()}
        assert found == {"./app/store.py"}

    def test_show_files(self, nested: Path) -> None:
        assert run("--show-files").stdout.split() == ["app/store.py", "tools/store.py"]

    def test_what_is_named_is_checked_even_if_excluded(self, nested: Path) -> None:
        assert run("old/store.py").returncode == 1
        assert run("old/store.py", "--force-exclude").returncode == 0
        assert run("old", "--force-exclude", "--show-files").stdout == ""
        assert run("old", "--show-files").stdout.split() == ["old/store.py"]


class TestTalk:
    """How much is said besides the findings."""

    def test_quiet(self, project: Path) -> None:
        done = run("--quiet")
        assert done.returncode == 1
        assert done.stdout
        assert done.stderr == ""

    def test_quiet_does_not_hide_errors(self, project: Path) -> None:
        assert "no such file" in run("--quiet", "nothing.py").stderr

    def test_verbose(self, project: Path) -> None:
        (project / "pyproject.toml").write_text('[tool.ctxlint]\nignore = ["CTX9"]\n')
        told = run("-v").stderr.splitlines()
        assert told[0] == "ctxlint: .: settings: pyproject.toml"
        assert re.fullmatch(r"ctxlint: \d+ files?, \d+\.\d\d s, jobs: \d+", told[1])

    def test_show_settings_tells_where_values_come_from(self, project: Path) -> None:
        (project / "pyproject.toml").write_text('[tool.ctxlint]\nignore = ["CTX9"]\n')
        shown = run("--show-settings", "--extend-select", "CTX2").stdout
        assert 'ignore = ["CTX9"]  # pyproject.toml\n' in shown
        assert 'extend-select = ["CTX2"]  # --extend-select\n' in shown
        assert 'select = ["CTX"]\n' in shown

    def test_isolated_and_config(self, project: Path) -> None:
        done = run("--isolated", "--config", "pyproject.toml")
        assert done.returncode == 2
        assert "--isolated reads no file and --config names one" in done.stderr


class TestCompletion:
    @pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
    def test_scripts(self, shell: str) -> None:
        assert "_CTXLINT_COMPLETE" in run("--completion", shell).stdout

    @pytest.mark.parametrize(
        ("words", "offered"), [("ctxlint --sel", "--select"), ("ctxlint --select CTX20", "CTX201")]
    )
    def test_words(self, words: str, offered: str) -> None:
        environment = {
            "_CTXLINT_COMPLETE": "bash_complete",
            "COMP_WORDS": words,
            "COMP_CWORD": str(len(words.split()) - 1),
        }
        done = subprocess.run(
            [sys.executable, "-m", "ctxlint"],
            capture_output=True,
            text=True,
            env={**os.environ, **environment},
        )
        assert offered in [line.split(",")[-1] for line in done.stdout.splitlines()]


def test_the_language_server_names_what_it_lacks(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "lsprotocol", None)
    monkeypatch.delitem(sys.modules, "ctxlint.language_server.server", raising=False)
    assert main(["--lsp"]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err == "ctxlint: error: --lsp needs pygls 2: pip install 'ctxlint[lsp]'\n"


def test_the_process_ends_with_all_its_output_written(project: Path) -> None:
    """It does not wait for Python's tidying up, and loses nothing by that."""
    starters = "".join(
        f"    def start{number}(self):\n        self.task = asyncio.create_task(self._drain())\n"
        for number in range(400)
    )
    Path("many.py").write_text(LEAKY + starters)
    done = run("--output-format", "json", "many.py")
    assert done.returncode == 1
    assert len(json.loads(done.stdout)) > 400


def test_a_plain_run_imports_neither_libcst_nor_rich(project: Path) -> None:
    script = (
        "import sys\n"
        "from ctxlint.cli import main\n"
        "assert main(['--isolated', '--output-format', 'concise', '.']) == 1\n"
        "print(sorted({'libcst', 'rich', 'pygls'} & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "[]", done.stderr
