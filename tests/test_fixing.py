"""`ctxlint --fix` as people and programs use it: real files, real processes, real git."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result

import ctxlint
from ctxlint import fixing, writing
from ctxlint.cli import command
from ctxlint.fixes import plans
from ctxlint.fixes.changes import Changes
from ctxlint.fixes.plans import Craft, Documents
from ctxlint.intents import Detach, Intent
from ctxlint.supply import Supply

# Its worker reads nothing of a request, so detaching it is safe.
SAFE = """\
import asyncio


class Beat:
    def __init__(self):
        self._task = None

    async def start(self):
        if self._task is None:
            self._task = asyncio.create_task(self._beat())

    async def _beat(self):
        while True:
            await asyncio.sleep(30)
"""
# This one reads a variable, which it would no longer find.
UNSAFE = """\
import asyncio
from contextvars import ContextVar

user = ContextVar("user")


class Store:
    def __init__(self):
        self._task = None

    async def start(self):
        if self._task is None:
            self._task = asyncio.create_task(self._flush())

    async def _flush(self):
        while True:
            await asyncio.sleep(30)
            print(user.get(None))
"""
HANDOFF = """\
import asyncio


class Store:
    def __init__(self):
        self._queue = asyncio.Queue()
        self._task = None

    async def save(self, row):
        if self._task is None:
            self._task = asyncio.create_task(self._flush())
        self._queue.put_nowait(row)

    async def _flush(self):
        while True:
            print(await self._queue.get())
"""
CLEAN = "print('é')\n"

posix = pytest.mark.skipif(sys.platform == "win32", reason="modes and links of POSIX")


def repaired(source: str) -> str:
    """What the fix makes of the programs above."""
    head, rest = source.split("\n\n\n", 1) if source is SAFE else source.split("\n\n", 1)
    gap = "\n\n\n" if source is SAFE else "\n\n"
    helper = "from ctxlint.detached import create_detached_background_task"
    rest = rest.replace("asyncio.create_task(", "create_detached_background_task(")
    return f"{head}\n\n{helper}{gap}{rest}"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with two leaking modules, which is the working directory."""
    root = tmp_path / "project"
    (root / "app").mkdir(parents=True)
    (root / "pyproject.toml").write_text("[tool.ctxlint]\n")
    (root / "app" / "__init__.py").touch()
    (root / "app" / "beat.py").write_text(SAFE)
    (root / "app" / "store.py").write_text(UNSAFE)
    (root / "clean.py").write_text(CLEAN, encoding="utf-8")
    monkeypatch.chdir(root)
    monkeypatch.setenv("PYTHONPATH", str(Path(ctxlint.__file__).parents[1]))
    return root


def invoke(*arguments: str, stdin: str | bytes | None = None) -> Result:
    return CliRunner().invoke(command, arguments, input=stdin, prog_name="ctxlint")


def run(*arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "ctxlint", *arguments], input=stdin, capture_output=True, timeout=60
    )


def texts(root: Path) -> dict[str, bytes]:
    """Every file below a directory, so that what is left lying about is seen as well."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and not {".git", ".ctxlint_cache"}.intersection(path.parts)
    }


class TestFix:
    def test_safe_fixes(self, project: Path) -> None:
        before = texts(project)
        done = run("--fix")
        assert done.returncode == 1
        assert done.stdout.decode().startswith("app/store.py:13:26: CTX101 ")
        assert done.stderr.decode() == (
            "Fixed 1 problem in 1 file; 1 left in 1 file (4 files checked).\n"
            "1 fixable with --fix --unsafe-fixes.\n"
        )
        assert texts(project) == {**before, "app/beat.py": repaired(SAFE).encode()}

    def test_unsafe_fixes(self, project: Path) -> None:
        done = run("--fix", "--unsafe-fixes")
        assert (done.returncode, done.stdout) == (0, b"")
        assert done.stderr == b"Fixed 2 problems in 2 files; none left (4 files checked).\n"
        assert (project / "app/store.py").read_text() == repaired(UNSAFE)

    def test_why_something_is_left_is_told_by_the_full_form(self, project: Path) -> None:
        """Without helpers, which this project does not ask for, a hand-off is left to people."""
        (project / "app/store.py").write_text(HANDOFF)
        (project / "pyproject.toml").write_text('[tool.ctxlint]\nfix-style = "stdlib"\n')
        told = "2 to be fixed by hand: --output-format full says why."
        done = run("--fix", "--unsafe-fixes", "app/store.py")
        assert done.stderr.decode().splitlines()[1:] == [told]
        done = run("--fix", "--unsafe-fixes", "--output-format", "full", "app/store.py")
        assert told not in done.stderr.decode()
        assert "asks for none of the helpers" in done.stdout.decode()

        done = run("--diff", "app/store.py")
        assert (done.returncode, done.stdout) == (0, b"")
        assert done.stderr.decode().splitlines()[1:] == [told]

    def test_what_is_missing_is_told_at_once(self, project: Path) -> None:
        """A declared project has to take its copy of the helpers before anything else."""
        (project / "app/store.py").write_text(HANDOFF)
        (project / "pyproject.toml").write_text('[project]\nname = "app"\nversion = "1"\n')
        written = "`ctxlint --write-helpers PATH` writes them into the project."
        told = f"2 wait for run-time helpers: {written}"
        for flags in (("--fix", "--unsafe-fixes"), ("--diff",)):
            assert run(*flags, "app/store.py").stderr.decode().splitlines()[1:] == [told]
        run("--write-helpers", "app/detached.py")
        done = run("--fix", "--unsafe-fixes", "app/store.py")
        assert b"Fixed 2 problems" in done.stderr

    def test_a_second_run_changes_nothing(self, project: Path) -> None:
        run("--fix", "--unsafe-fixes")
        after = {path: path.stat() for path in project.rglob("*.py")}
        done = run("--fix", "--unsafe-fixes")
        assert (done.returncode, done.stdout) == (0, b"")
        assert done.stderr == b"No problems found in 4 files.\n"
        for path, known in after.items():
            assert (path.stat().st_ino, path.stat().st_mtime_ns) == (
                known.st_ino,
                known.st_mtime_ns,
            )

    def test_a_run_that_cannot_fix_says_what_would(self, project: Path) -> None:
        assert run("--output-format", "full").stderr.decode().splitlines() == [
            "Found 2 problems in 2 files (4 files checked).",
            "1 fixable with --fix (1 more with --unsafe-fixes).",
        ]
        assert run("--unsafe-fixes", "--output-format", "full").stderr.decode().splitlines()[1] == (
            "2 fixable with --fix --unsafe-fixes."
        )
        beat = run("app/beat.py", "--output-format", "full")
        assert beat.stderr.decode().splitlines()[1] == "1 fixable with --fix."
        assert texts(project)["app/beat.py"] == SAFE.encode()

    def test_the_concise_form_does_not_look_for_fixes(self, project: Path) -> None:
        assert run().stderr.decode().splitlines() == [
            "Found 2 problems in 2 files (4 files checked).",
            "Add --diff to see what --fix would do.",
        ]

    def test_the_full_form_marks_what_is_fixable(self, project: Path) -> None:
        plain = invoke("--output-format", "full").stdout
        assert "app/beat.py:10:26 CTX101 [*] task-inherits-context" in plain
        assert "app/store.py:13:26 CTX101 task-inherits-context" in plain
        assert plain.count("(safe)") == plain.count("(unsafe)") == 1
        assert invoke("--output-format", "full", "--unsafe-fixes").stdout.count("[*]") == 2

    def test_only_given_paths_are_fixed(self, project: Path) -> None:
        assert run("--fix", "--unsafe-fixes", "app/store.py").returncode == 0
        assert texts(project)["app/beat.py"] == SAFE.encode()
        assert texts(project)["app/store.py"] == repaired(UNSAFE).encode()

    def test_programs_get_json(self, project: Path) -> None:
        done = run("--fix", "--output-format", "json")
        [left] = json.loads(done.stdout)
        assert (left["path"], left["fix"]["applicability"]) == ("app/store.py", "unsafe")
        assert set(left["fix"]) == {"applicability", "title", "places"}
        assert done.stderr == b""

    def test_statistics_count_what_is_left(self, project: Path) -> None:
        done = run("--fix", "--statistics")
        assert done.stdout == b"1  CTX101  task-inherits-context\n"

    def test_exit_zero(self, project: Path) -> None:
        assert run("--fix", "--exit-zero").returncode == 0

    def test_a_missing_path_is_2_and_the_others_are_fixed(self, project: Path) -> None:
        done = run("--fix", "missing.py", "app")
        assert done.returncode == 2
        assert b"ctxlint: error: missing.py: " in done.stderr
        assert texts(project)["app/beat.py"] == repaired(SAFE).encode()

    def test_a_file_that_cannot_be_parsed_stays(self, project: Path) -> None:
        (project / "broken.py").write_text("def f(:\n")
        done = run("--fix", "--unsafe-fixes")
        assert done.returncode == 1
        assert done.stdout.decode().split()[1] == "CTX900"
        assert texts(project)["broken.py"] == b"def f(:\n"
        assert texts(project)["app/beat.py"] == repaired(SAFE).encode()

    def test_no_python_files_are_a_note(self, project: Path) -> None:
        (project / "docs").mkdir()
        done = run("--fix", "docs")
        assert (done.returncode, done.stdout) == (0, b"")
        assert done.stderr == b"ctxlint: note: there are no Python files here to check\n"

    def test_several_projects_each_under_its_settings(self, project: Path) -> None:
        other = project.parent / "other"
        other.mkdir()
        (other / "pyproject.toml").write_text('[tool.ctxlint]\nfix-style = "stdlib"\n')
        (other / "beat.py").write_text(SAFE)
        assert run("--fix", "app/beat.py", str(other)).returncode == 0
        assert texts(project)["app/beat.py"] == repaired(SAFE).encode()
        assert "contextvars.Context().run(asyncio.create_task, self._beat())" in (
            (other / "beat.py").read_text()
        )


class TestWhatIsSilenced:
    def test_comments(self, project: Path) -> None:
        quiet = SAFE.replace("(self._beat())", "(self._beat())  # noqa: CTX101")
        (project / "app/beat.py").write_text(quiet)
        (project / "app/more.py").write_text(SAFE)
        done = run("--fix")
        assert done.stderr.startswith(b"Fixed 1 problem")
        assert texts(project)["app/beat.py"] == quiet.encode()

    @pytest.mark.parametrize(
        ("settings", "flags"),
        [
            ('per-file-ignores = { "app/*" = ["CTX1"] }', []),
            ('ignore = ["CTX101"]', []),
            ("", ["--ignore", "CTX101"]),
            ("", ["--select", "CTX201"]),
            ('extend-exclude = ["app/"]', []),
        ],
    )
    def test_settings_and_flags(self, project: Path, settings: str, flags: list[str]) -> None:
        (project / "pyproject.toml").write_text(f"[tool.ctxlint]\n{settings}\n")
        before = texts(project)
        assert run("--fix", "--unsafe-fixes", *flags).returncode == 0
        assert texts(project) == before


class TestDiff:
    def test_it_is_what_fix_does(self, project: Path) -> None:
        before = texts(project)
        subprocess.run(["git", "init", "-q"], check=True)
        for flags in ([], ["--unsafe-fixes"]):
            done = run("--diff", *flags)
            assert done.returncode == 1
            assert texts(project) == before
            assert run("--fix", "--exit-zero", *flags).returncode == 0
            after = texts(project)
            for name, text in before.items():
                (project / name).write_bytes(text)
            subprocess.run(["git", "apply"], input=done.stdout, check=True)
            assert texts(project) == after != before
            for name, text in before.items():
                (project / name).write_bytes(text)

    def test_its_shape(self, project: Path) -> None:
        for flags in (["--diff"], ["--fix", "--diff"], ["--diff", "--output-format", "json"]):
            assert run(*flags).stdout.decode().splitlines() == [
                "--- a/app/beat.py",
                "+++ b/app/beat.py",
                "@@ -1,4 +1,6 @@",
                " import asyncio",
                "+",
                "+from ctxlint.detached import create_detached_background_task",
                " ",
                " ",
                " class Beat:",
                "@@ -7,7 +9,7 @@",
                " ",
                "     async def start(self):",
                "         if self._task is None:",
                "-            self._task = asyncio.create_task(self._beat())",
                "+            self._task = create_detached_background_task(self._beat())",
                " ",
                "     async def _beat(self):",
                "         while True:",
            ]

    def test_nothing_to_change_is_0(self, project: Path) -> None:
        done = run("--diff", "app/store.py")
        assert (done.returncode, done.stdout) == (0, b"")
        assert b"1 fixable with --fix --unsafe-fixes." in done.stderr

    def test_what_is_told_beside_it(self, project: Path) -> None:
        told = run("--diff").stderr
        assert told.startswith(b"Would fix 1 problem in 1 file; 1 left in 1 file (4 files")
        assert run("--diff", "--exit-zero").returncode == 0
        assert run("--diff", "missing.py").returncode == 2

    def test_bytes_that_are_no_utf_8(self, project: Path) -> None:
        source = f"# coding: latin-1\n# é\n{SAFE}".replace("\n", "\r\n").encode("latin-1")
        (project / "app/beat.py").write_bytes(source)
        diff = run("--diff", "app/beat.py").stdout
        assert "# é\r\n".encode("latin-1") in diff
        subprocess.run(["git", "init", "-q"], check=True)
        subprocess.run(["git", "apply", "--whitespace=nowarn"], input=diff, check=True)
        applied = (project / "app/beat.py").read_bytes()
        (project / "app/beat.py").write_bytes(source)
        run("--fix", "app/beat.py")
        assert (project / "app/beat.py").read_bytes() == applied != source


class TestStandardInput:
    def test_its_text_is_printed_fixed(self, project: Path) -> None:
        before = texts(project)
        done = run("--fix", "--stdin-filename", "app/beat.py", "-", stdin=SAFE.encode())
        assert (done.returncode, done.stdout.decode()) == (0, repaired(SAFE))
        assert done.stderr == b"Fixed 1 problem in 1 file; none left (1 file checked).\n"
        assert texts(project) == before

    @pytest.mark.parametrize("text", [CLEAN, UNSAFE, "def f(:\n", ""])
    def test_it_is_printed_also_where_nothing_changes(self, project: Path, text: str) -> None:
        done = run("--fix", "--stdin-filename", "app/new.py", stdin=text.encode())
        assert done.stdout == text.encode()
        assert done.returncode == (0 if text in (CLEAN, "") else 1)
        assert (b"app/new.py:" in done.stderr) is bool(done.returncode)

    def test_bytes_stay_what_they_are(self, project: Path) -> None:
        source = b"\xef\xbb\xbf" + SAFE.replace("\n", "\r\n").encode() + b"# no line end"
        done = run("--fix", "-", stdin=source)
        expected = b"\xef\xbb\xbf" + repaired(SAFE).replace("\n", "\r\n").encode()
        assert done.stdout == expected + b"# no line end"

    def test_findings_go_to_standard_error(self, project: Path) -> None:
        done = run("--fix", "--output-format", "json", "-", stdin=UNSAFE.encode())
        assert done.stdout == UNSAFE.encode()
        assert [row["code"] for row in json.loads(done.stderr)] == ["CTX101"]

    def test_a_diff(self, project: Path) -> None:
        done = run("--diff", "--stdin-filename", "app/beat.py", "-", stdin=SAFE.encode())
        assert done.returncode == 1
        assert done.stdout.startswith(b"--- a/app/beat.py\n+++ b/app/beat.py\n@@ ")

    def test_other_paths_beside_it_are_refused(self, project: Path) -> None:
        before = texts(project)
        done = run("--fix", "--stdin-filename", "app/beat.py", "app/store.py", stdin=b"")
        assert (done.returncode, done.stdout) == (2, b"")
        assert b"standard input is fixed by itself" in done.stderr
        assert texts(project) == before


class TestEveryKindOfFile:
    """Byte for byte: beside the edits, nothing changes."""

    @pytest.mark.parametrize("end", [b"\r\n", b"\r", b"\n"], ids=["crlf", "cr", "lf"])
    @pytest.mark.parametrize("head", [b"", b"\xef\xbb\xbf", b"# coding: latin-1\n# \xe9\n\n"])
    @pytest.mark.parametrize("tail", [b"", b"# the end", b"\x0c\n\n  # odd\n", b"x = 1 ;  \n\n\n"])
    def test_bytes(self, project: Path, head: bytes, tail: bytes, end: bytes) -> None:
        source = (head + SAFE.encode() + tail).replace(b"\n", end)
        path = project / "app/beat.py"
        path.write_bytes(source)
        report = ctxlint.fix([path])
        if b"latin" in head and end == b"\r":  # what libcst and tokenize cannot read
            assert [each.code for each in report.remaining] == ["CTX900"]
            assert path.read_bytes() == source
            return
        expected = (head + repaired(SAFE).encode() + tail).replace(b"\n", end)
        assert path.read_bytes() == expected
        assert len(report.fixed) == 1
        assert report.texts == {path: expected}

    @pytest.mark.parametrize(
        "line",
        [
            "type A[T] = list[T]",
            "def f[T: (int, str)](x: T) -> T: return x",
            "x = f'{a['b']!r:>{n}}'",
            "x = t'{a}'",
            "try: pass\nexcept A, B: pass",
            "if x:\n\ty = 1\n\tif y:\n\t    z = 2",
            "x = 1 + \\\n   2",
            "def f():\n    x = 1\n\x0c    return x",
            "x = '''a\r\nb\rc'''",
            "# \u2028 \u00e9 \U0001f600",
        ],
    )
    def test_syntax(self, project: Path, line: str) -> None:
        path = project / "app/beat.py"
        source = f"{SAFE}\n{line}\n"
        path.write_bytes(source.encode())
        assert run("--fix", "app/beat.py").returncode == 0
        assert path.read_bytes().decode() == f"{repaired(SAFE)}\n{line}\n"

    @posix
    def test_modes_stay(self, project: Path) -> None:
        (project / "app/beat.py").chmod(0o755)
        run("--fix")
        assert stat.S_IMODE((project / "app/beat.py").stat().st_mode) == 0o755


@posix
class TestLinks:
    def test_a_link_stays_a_link_and_its_target_is_fixed(self, project: Path) -> None:
        (project / "link.py").symlink_to("app/beat.py")
        for path in ("link.py", "."):
            (project / "app/beat.py").write_text(SAFE)
            assert run("--fix", "--exit-zero", path).returncode == 0
            assert (project / "link.py").is_symlink()
            assert (project / "app/beat.py").read_text() == repaired(SAFE)
            assert not (project / "app/beat.py").is_symlink()

    @pytest.mark.parametrize("path", ["link.py", "folder", "folder/beat.py", "."])
    def test_nothing_is_written_through_a_link_that_leaves(self, project: Path, path: str) -> None:
        outside = project.parent / "outside"
        outside.mkdir()
        (outside / "beat.py").write_text(SAFE)
        (project / "link.py").symlink_to(outside / "beat.py")
        (project / "folder").symlink_to(outside)
        (project / "app/beat.py").write_text(CLEAN)
        done = run("--fix", "--output-format", "json", path)
        assert done.returncode == 1
        assert texts(outside) == {"beat.py": SAFE.encode()}
        fixes = [row["fix"] for row in json.loads(done.stdout) if "outside" in row["path"]]
        assert [each["applicability"] for each in fixes] == ["display"]
        assert " by hand: ../outside/beat.py " in fixes[0]["title"]

    def test_a_linked_project_is_a_project(self, project: Path) -> None:
        link = project.parent / "other name"
        link.symlink_to(project)
        assert run("--fix", "--exit-zero", str(link / "app" / "beat.py")).returncode == 0
        assert texts(project)["app/beat.py"] == repaired(SAFE).encode()

    def test_hard_links_are_noted(self, project: Path) -> None:
        os.link(project / "app/beat.py", project.parent / "other.py")
        done = run("--fix", "app/beat.py")
        assert done.returncode == 0
        assert b"note: app/beat.py: another name of this file (hard links) keep" in done.stderr
        assert (project.parent / "other.py").read_text() == SAFE
        assert b"hard links" not in run("--diff", "app/beat.py").stderr


class TestFilesThatCannotBeWritten:
    @posix
    def test_a_read_only_file(self, project: Path) -> None:
        (project / "app/beat.py").chmod(0o444)
        before = texts(project)
        done = run("--fix", "--unsafe-fixes")
        assert done.returncode == 2
        assert b"ctxlint: error: app/beat.py: not written: it is read-only\n" in done.stderr
        assert b"Fixed 1 problem in 1 file; 1 left" in done.stderr
        assert done.stdout.startswith(b"app/beat.py:10:26: CTX101 ")
        assert texts(project) == {**before, "app/store.py": repaired(UNSAFE).encode()}

    def test_a_file_that_changes_while_it_is_fixed(
        self, project: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        mine = SAFE.replace("30", "60")

        def plan(intent: Intent, documents: Documents, supply: Supply) -> Mapping[Path, Changes]:
            (project / "app/beat.py").write_text(mine)
            return plans.plan(intent, documents, supply)

        monkeypatch.setattr(fixing, "CRAFT", Craft(plan, plans.CRAFT.place))
        result = invoke("--fix", "--unsafe-fixes")
        assert result.exit_code == 2
        assert "app/beat.py: not written: it has been changed on the disk" in result.stderr
        assert (project / "app/beat.py").read_text() == mine
        assert (project / "app/store.py").read_text() == repaired(UNSAFE)
        assert result.stdout.startswith("app/beat.py:10:26: CTX101 ")

    @pytest.mark.parametrize("error", [KeyboardInterrupt(), RuntimeError("a bug")])
    def test_nothing_is_written_before_everything_is_known(
        self, project: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
    ) -> None:
        def plan(intent: Intent, documents: Documents, supply: Supply) -> Mapping[Path, Changes]:
            assert isinstance(intent, Detach)
            if intent.spot.path.endswith("store.py"):
                raise error
            return plans.plan(intent, documents, supply)

        monkeypatch.setattr(fixing, "CRAFT", Craft(plan, plans.CRAFT.place))
        before = texts(project)
        assert invoke("--fix", "--unsafe-fixes").exit_code in (2, 130)
        assert texts(project) == before


class TestFilesThatBelongTogether:
    """Every fix of beat.py here also adds a line to clean.py."""

    @pytest.fixture(autouse=True)
    def tied(self, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def plan(intent: Intent, documents: Documents, supply: Supply) -> Mapping[Path, Changes]:
            changes = dict(plans.plan(intent, documents, supply))
            assert isinstance(intent, Detach)
            if intent.spot.path.endswith("beat.py"):
                clean = documents(project / "clean.py")
                changes[clean.path] = Changes((clean.edit(0, 0, "# and this\n"),))
            return changes

        monkeypatch.setattr(fixing, "CRAFT", Craft(plan, plans.CRAFT.place))

    def test_both_are_written(self, project: Path) -> None:
        result = invoke("--fix")
        assert "Fixed 1 problem in 2 files; 1 left" in result.stderr
        assert texts(project)["clean.py"] == f"# and this\n{CLEAN}".encode()

    def test_neither_is_written_if_one_is_not_given(self, project: Path) -> None:
        before = texts(project)
        result = invoke("--fix", "app/beat.py")
        assert result.exit_code == 1
        assert "clean.py is not among the paths given" in result.stderr
        assert texts(project) == before
        [row] = json.loads(invoke("--fix", "app/beat.py", "--output-format", "json").stdout)
        assert row["fix"]["applicability"] == "display"
        assert "could not be applied: clean.py is not among" in row["fix"]["title"]

    def test_neither_is_written_if_one_would_break(self, project: Path) -> None:
        (project / "clean.py").write_text("from __future__ import annotations\nx = (\n")
        before = texts(project)
        result = invoke("--fix", "--unsafe-fixes")
        assert "app/beat.py:10:26: CTX101 could not be fixed: " in result.stderr
        assert texts(project) == {**before, "app/store.py": repaired(UNSAFE).encode()}

    @posix
    def test_neither_is_written_if_one_cannot_be(self, project: Path) -> None:
        (project / "clean.py").chmod(0o444)
        before = texts(project)
        result = invoke("--fix", "--unsafe-fixes")
        assert result.exit_code == 2
        assert (
            "clean.py: not written: it is read-only; app/beat.py would have changed with it"
        ) in result.stderr
        assert texts(project) == {**before, "app/store.py": repaired(UNSAFE).encode()}

    def test_what_was_written_is_taken_back(
        self, project: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        before = texts(project)
        monkeypatch.setattr(writing.os, "replace", self.failing(fails={2}))
        result = invoke("--fix", "--no-cache")
        assert result.exit_code == 2
        assert "clean.py: not written: no space left" in result.stderr
        assert "Found 2 problems" in result.stderr
        assert texts(project) == before

    def test_what_cannot_be_taken_back_is_told(
        self, project: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        before = texts(project)
        monkeypatch.setattr(writing.os, "replace", self.failing(fails={2, 3, 4}))
        result = invoke("--fix", "--no-cache")
        assert result.exit_code == 2
        assert "app/beat.py: holds its half of that change" in result.stderr
        assert texts(project) == {**before, "app/beat.py": repaired(SAFE).encode()}

    @staticmethod
    def failing(fails: set[int]) -> Callable[[str, Path], None]:
        real, calls = os.replace, [0]

        def replace(source: str, target: Path) -> None:
            calls[0] += 1
            if calls[0] in fails:
                raise OSError(28, "No space left on device")
            real(source, target)

        return replace


class TestPythonApi:
    def test_it_writes(self, project: Path) -> None:
        report = ctxlint.fix(["app"], unsafe=True)
        assert isinstance(report, ctxlint.FixReport)
        assert [each.line for each in report.fixed] == [10, 13]
        assert (report.remaining, report.failures, report.unwritten) == ((), (), ())
        assert {path.name: text.decode() for path, text in report.texts.items()} == {
            "beat.py": repaired(SAFE),
            "store.py": repaired(UNSAFE),
        }
        for change in report.changes:
            assert change.path.read_bytes() == change.after

    def test_it_need_not_write(self, project: Path) -> None:
        before = texts(project)
        report = ctxlint.fix([project / "app"], write=False)
        assert [path.name for path in report.texts] == ["beat.py"]
        assert [Path(each.path).name for each in report.remaining] == ["store.py"]
        assert texts(project) == before

    def test_unsaved_text(self, project: Path) -> None:
        path = project / "app/store.py"
        report = ctxlint.fix([path], write=False, sources={path: SAFE.encode()})
        assert report.texts == {path: repaired(SAFE).encode()}
        with pytest.raises(ValueError, match="write=False"):
            ctxlint.fix([path], sources={path: SAFE.encode()})

    def test_a_missing_path(self, project: Path) -> None:
        before = texts(project)
        with pytest.raises(FileNotFoundError, match="missing"):
            ctxlint.fix(["app", "missing"])
        assert texts(project) == before

    def test_settings(self, project: Path) -> None:
        from ctxlint.settings import Settings

        assert ctxlint.fix(["."], settings=Settings(ignore=("CTX1",))).changes == ()

    def test_reports_are_plain_data(self, project: Path) -> None:
        report = ctxlint.fix(["."], write=False)
        assert msgspec.to_builtins(report.fixed)[0]["code"] == "CTX101"


def test_pre_commit_style_calls_fix_nothing_else(project: Path) -> None:
    """pre-commit hands over the files of a commit; the others are read and left alone."""
    done = run("--fix", "--unsafe-fixes", "clean.py", "app/beat.py")
    assert done.returncode == 0
    assert texts(project)["app/store.py"] == UNSAFE.encode()


def test_a_signal_leaves_no_files_behind(project: Path) -> None:
    """Ended while it writes: the file is the old one, and nothing lies beside it."""
    program = (
        "import os, signal, sys\n"
        "from ctxlint import writing\n"
        "from ctxlint.cli import main\n"
        "writing.os.fsync = lambda _: os.kill(os.getpid(), signal.SIGTERM)\n"
        "sys.exit(main(['--fix']))\n"
    )
    before = texts(project)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, timeout=60)
    assert done.returncode in (143, -15), done.stderr
    assert texts(project) == before
