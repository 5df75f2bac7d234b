"""What runs leave to later ones: never in the way, and never a wrong finding."""

from __future__ import annotations

import errno
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from unmeasured import unmeasured

from ctxlint import fixing, questions, session, sources
from ctxlint.cache import runs, stamps
from ctxlint.cache.directory import NAME, Directory
from ctxlint.cache.shelf import KeptFacts
from ctxlint.checking import Report, run
from ctxlint.findings import Finding, Judged
from ctxlint.judging import Judging
from ctxlint.lookup import Lookup
from ctxlint.sources import Sources, gather

KEY = b"k" * 16
LEAK = """\
import asyncio


class Store:
    def __init__(self):
        self._worker = None

    async def save(self, row):
        if self._worker is None:
            self._worker = asyncio.create_task(self._drain())

    async def _drain(self):
        while True:
            await asyncio.sleep(1)
"""
SERVER = """\
from fastapi import FastAPI

from app.store import Store

app = FastAPI()
store = Store()


@app.post("/rows")
async def post(row: dict):
    await store.save(row)
"""
BYSTANDER = "def double(number):\n    return 2 * number\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A leak, its way from a request, and a file that has nothing to do with either."""
    files = {
        "pyproject.toml": '[project]\nname = "app"\nversion = "1"\n[tool.ctxlint]\n',
        "app/__init__.py": "",
        "app/store.py": LEAK,
        "app/server.py": SERVER,
        "app/numbers.py": BYSTANDER,
    }
    for name, text in files.items():
        path = tmp_path / "project" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "project"


def told(report: Report) -> list[Finding]:
    """All of each finding: its trail, and what its fix would do."""
    return list(report.findings)


def warm(project: Path) -> list[Finding]:
    return told(run([project], remembers=True))


def cold(project: Path) -> list[Finding]:
    return told(run([project]))


def ctxlint(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "ctxlint", *arguments]
    return subprocess.run(command, cwd=project, capture_output=True, text=True, encoding="utf-8")


def entries(project: Path, kind: str) -> list[Path]:
    return sorted((project / NAME / kind).iterdir())


class TestWhatIsLeft:
    def test_the_directory_says_what_it_is(self, project: Path) -> None:
        warm(project)
        assert (project / NAME / ".gitignore").read_text() == "*\n"
        tag = (project / NAME / "CACHEDIR.TAG").read_bytes()
        assert tag.startswith(b"Signature: 8a477f597d28d172789f06886806bc55\n")

    def test_git_does_not_see_it(self, project: Path) -> None:
        subprocess.run(["git", "init", "--quiet"], cwd=project, check=True)
        ctxlint(project)
        assert (project / NAME).is_dir()
        status = subprocess.run(
            ["git", "status", "--short", "--untracked-files=all"],
            cwd=project,
            capture_output=True,
            text=True,
            check=True,
        )
        assert NAME not in status.stdout

    def test_nothing_is_left_where_that_is_not_wanted(self, project: Path) -> None:
        assert ctxlint(project, "--no-cache").returncode == 1
        run([project])
        assert not (project / NAME).exists()

    def test_a_warm_run_imports_nothing_that_judges_or_draws(self, project: Path) -> None:
        script = (
            "import sys; from ctxlint.cli import main; code = main(['--jobs', '1']);"
            "print(code, sorted(m for m in sys.modules if m.startswith(("
            "'libcst', 'rich', 'ctxlint.program', 'ctxlint.facts', 'ctxlint.fixes',"
            "'multiprocessing', 'concurrent', 'asyncio'))))"
        )
        command = [sys.executable, "-c", script]
        first, second = (
            subprocess.run(
                command, cwd=project, capture_output=True, text=True, env=unmeasured()
            ).stdout
            for _ in range(2)
        )
        assert first.splitlines()[:-1] == second.splitlines()[:-1]
        assert "ctxlint.program.program" in first
        assert second.splitlines()[-1] == "1 []"


EDITS: dict[str, Callable[[Path], object]] = {
    "nothing": lambda root: None,
    "a comment where nobody looks": lambda root: append(root / "app/numbers.py", "# new\n"),
    "a function where nobody looks": lambda root: append(root / "app/numbers.py", BYSTANDER),
    "a syntax error where nobody looks": lambda root: append(root / "app/numbers.py", "def\n"),
    "a leak where there was none": lambda root: append(root / "app/numbers.py", LEAK),
    "a word that matters": lambda root: append(root / "app/numbers.py", "from app import store\n"),
    "a second caller": lambda root: append(root / "app/numbers.py", SERVER),
    "the worker ends": lambda root: replace(root / "app/store.py", "while True", "if True"),
    "lines move": lambda root: replace(root / "app/store.py", "import asyncio", "\nimport asyncio"),
    "no request any more": lambda root: replace(root / "app/server.py", "await store.save", "#"),
    "a comment silences it": lambda root: replace(
        root / "app/store.py", "self._drain())", "self._drain())  # noqa: CTX101"
    ),
    "a file goes": lambda root: (root / "app/server.py").unlink(),
    "a file goes where nobody looks": lambda root: (root / "app/numbers.py").unlink(),
    "a file comes": lambda root: (root / "app/new.py").write_text(LEAK),
    "a file is renamed": lambda root: (root / "app/store.py").rename(root / "app/shop.py"),
    "a rule is left out": lambda root: append(root / "pyproject.toml", 'ignore = ["CTX101"]\n'),
    "a file is excluded": lambda root: append(
        root / "pyproject.toml", 'extend-exclude = ["app/server.py"]\n'
    ),
    "a dependency starts to matter": lambda root: replace(
        root / "pyproject.toml", 'version = "1"', 'version = "1"\ndependencies = ["ctxlint"]'
    ),
    "a link that leads nowhere": lambda root: (root / "app/pipe.py").symlink_to("nowhere"),
    "bytes that are no text": lambda root: (root / "app/numbers.py").write_bytes(b"\xff\xfe\xff"),
}


def append(path: Path, text: str) -> None:
    path.write_text(path.read_text() + text)


def replace(path: Path, old: str, new: str) -> None:
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new, 1))


class TestWarmEqualsCold:
    @pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
    def test_after_an_edit_and_after_it_is_undone(
        self, project: Path, edit: Callable[[Path], object], tmp_path: Path
    ) -> None:
        before = cold(project)
        assert [each.code for each in before] == ["CTX101"]
        assert warm(project) == before
        assert warm(project) == before
        shutil.copytree(project, tmp_path / "copy")
        edit(project)
        expected = cold(project)
        assert warm(project) == expected
        assert warm(project) == expected
        shutil.rmtree(project / "app")
        shutil.copytree(tmp_path / "copy", project, dirs_exist_ok=True)
        assert warm(project) == before

    @pytest.mark.parametrize(
        "text",
        [
            "# a comment\n",
            BYSTANDER,
            "table = {}\nrow = table.get('x')\n",
            "class Set:\n    pass\n",
        ],
    )
    def test_nothing_is_judged_where_no_answer_is_another(
        self, project: Path, text: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        before = warm(project)
        append(project / "app/numbers.py", text)
        with monkeypatch.context() as patch:
            patch.delattr(Judging, "judged")
            assert warm(project) == before
            assert warm(project) == before
        append(project / "app/numbers.py", LEAK)
        assert warm(project) == cold(project)

    def test_fixing_begins_with_what_is_known(
        self, project: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert ctxlint(project, "--fix").returncode == 0
        fixed = (project / "app/store.py").read_text()
        assert fixed != LEAK
        assert cold(project) == []
        assert fixing.run([project], remembers=True).remaining == ()
        with monkeypatch.context() as patch:
            patch.delattr(Judging, "judged")
            assert fixing.run([project], remembers=True).remaining == ()
        (project / "app/store.py").write_text(LEAK)
        assert fixing.run([project], remembers=True).changes
        assert (project / "app/store.py").read_text() == fixed

    def test_what_is_written_never_comes_from_the_cache(
        self, project: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        expected = fixing.run([project], write=False, remembers=True).texts
        assert expected
        monkeypatch.setattr(KeptFacts, "take", None)
        judged: list[Path] = []
        judge = Judging.judged
        monkeypatch.setattr(
            Judging, "judged", lambda self, path: (judged.append(path), judge(self, path))[1]
        )
        assert fixing.run([project], write=False, remembers=True).texts == expected
        assert project / "app/store.py" in judged

    def test_a_baseline_counts_by_what_stands_in_it(self, project: Path) -> None:
        append(project / "pyproject.toml", 'baseline = "known.json"\n')
        ctxlint(project, "--write-baseline", "known.json")
        assert warm(project) == []
        known = json.loads((project / "known.json").read_text())
        (project / "known.json").write_text(json.dumps({**known, "findings": []}))
        assert warm(project) == cold(project) != []

    def test_a_baseline_that_is_edited_while_it_is_read(
        self, project: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        append(project / "pyproject.toml", 'baseline = "known.json"\n')
        ctxlint(project, "--write-baseline", "known.json")
        later = (project / "known.json").read_bytes()
        (project / "known.json").write_text('{"ctxlint-baseline": 1, "findings": []}')

        def gathered(*arguments: Any) -> Sources:
            (project / "known.json").write_bytes(later)
            return gather(*arguments)

        with monkeypatch.context() as patch:
            patch.setattr(session, "gather", gathered)
            assert warm(project) != []
        assert warm(project) == cold(project) == []

    def test_what_is_declared_is_edited_while_a_run_goes_on(
        self, project: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        before = (project / "pyproject.toml").read_text()
        judged = Judging.judged

        def interrupted(judging: Judging, path: Path) -> Judged:
            told = before.replace('version = "1"', 'version = "1"\ndependencies = ["ctxlint"]')
            (project / "pyproject.toml").write_text(told)
            return judged(judging, path)

        with monkeypatch.context() as patch:
            patch.setattr(Judging, "judged", interrupted)
            run([project], remembers=True)
        (project / "pyproject.toml").write_text(before)
        assert run([project], remembers=True).findings == run([project]).findings

    def test_parts_of_a_project_add_up(self, project: Path) -> None:
        numbers, store = project / "app/numbers.py", project / "app/store.py"
        assert told(run([numbers], remembers=True)) == []
        assert told(run([store], remembers=True)) == cold(project)
        append(project / "app/server.py", "\n\nrow = 1\n")
        replace(store, "while True", "if True")
        assert told(run([numbers], remembers=True)) == []
        assert warm(project) == []

    def test_flags_that_change_findings_are_told_apart(self, project: Path) -> None:
        everything = ctxlint(project, "--output-format", "json").stdout
        assert ctxlint(project, "--ignore", "CTX101").stdout == ""
        assert ctxlint(project, "--output-format", "json").stdout == everything
        assert "fix" in everything

    @pytest.mark.parametrize("seed", range(4))
    def test_random_edits_of_a_real_package(self, seed: int, tmp_path: Path) -> None:
        found = find_spec("anyio")
        assert found is not None
        assert found.origin is not None
        root = tmp_path / "project"
        shutil.copytree(Path(found.origin).parent, root / "anyio")
        (root / "leak.py").write_text(LEAK.replace("save", "handle_request"))
        isolated = Lookup(isolated=True)
        chance = random.Random(seed)
        for _ in range(6):
            edited = edit_at_random(sorted(root.rglob("*.py")), chance)
            expected = told(run([root], isolated))
            assert told(run([root], isolated, remembers=True)) == expected, edited
            assert told(run([root], isolated, remembers=True)) == expected, edited


def edit_at_random(files: list[Path], chance: random.Random) -> str:
    """Change a line of a file in one of the ways in which people do."""
    path = chance.choice(files)
    lines = path.read_text().splitlines(keepends=True) or ["\n"]
    at = chance.randrange(len(lines))
    way = chance.choice(("comment", "delete", "double", "swap", "borrow", "blank"))
    if way == "comment":
        lines.append("# Thread, Queue and create_task\n")
    elif way == "delete":
        del lines[at]
    elif way == "double":
        lines.insert(at, lines[at])
    elif way == "swap":
        lines[at - 1], lines[at] = lines[at], lines[at - 1]
    elif way == "borrow":
        borrowed = chance.choice(chance.choice(files).read_text().splitlines() or [""])
        indent = len(lines[at]) - len(lines[at].lstrip())
        lines.insert(at, " " * indent + borrowed.strip() + "\n")
    else:
        lines.insert(at, "\n")
    path.write_text("".join(lines))
    return f"{way} {path.name}:{at + 1}"


def break_off(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def flip_a_bit(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def empty(path: Path) -> None:
    path.write_bytes(b"")


def make_foreign(path: Path) -> None:
    """Something of another program, or of another version, with a digest that is right."""
    directory = Directory(path.parent.parent.parent)
    directory.write(path.parent.name, bytes.fromhex(path.name), b"\x93\x01\xa3abc\xc0")


def make_a_directory(path: Path) -> None:
    path.unlink()
    path.mkdir()


class TestWhatIsBroken:
    @pytest.mark.parametrize("kind", ["facts", "runs"])
    @pytest.mark.parametrize("harm", [break_off, flip_a_bit, empty, make_foreign, make_a_directory])
    def test_a_broken_entry_is_none(
        self, project: Path, harm: Callable[[Path], None], kind: str
    ) -> None:
        expected = warm(project)
        for path in entries(project, kind):
            harm(path)
        if kind == "facts":  # ... which only a run that judges asks for
            append(project / "app/server.py", "\n")
        assert warm(project) == expected
        assert warm(project) == expected

    def test_what_somebody_else_could_have_filled_is_not_used(
        self, project: Path, tmp_path: Path
    ) -> None:
        elsewhere = tmp_path / "elsewhere"
        elsewhere.mkdir()
        (project / NAME).symlink_to(elsewhere)
        assert warm(project) == cold(project)
        assert list(elsewhere.iterdir()) == []
        (project / NAME).unlink()
        (project / NAME).mkdir()
        (project / NAME).chmod(0o777)
        assert warm(project) == cold(project)
        assert list((project / NAME).iterdir()) == []

    @pytest.mark.parametrize("kind", ["facts", "runs"])
    def test_pipes_and_endless_files_in_the_place_of_entries(
        self, project: Path, kind: str
    ) -> None:
        expected = warm(project)
        for path in entries(project, kind):
            path.unlink()
            os.mkfifo(path)
        append(project / "app/server.py", "\n")
        assert warm(project) == expected
        for path in entries(project, kind):
            path.unlink()
            with path.open("wb") as file:
                file.truncate(2**40)
        append(project / "app/server.py", "\n")
        assert warm(project) == expected

    @pytest.mark.parametrize("kind", ["file", "pipe"])
    def test_what_is_no_directory_is_left_alone(self, project: Path, kind: str) -> None:
        (project / NAME).touch() if kind == "file" else os.mkfifo(project / NAME)
        assert warm(project) == cold(project)
        assert not (project / NAME).is_dir()

    def test_a_full_disk_costs_only_time(self, project: Path) -> None:
        def with_little_room() -> None:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (200, 200))

        command = [sys.executable, "-m", "ctxlint"]
        done = subprocess.run(
            command, cwd=project, capture_output=True, text=True, preexec_fn=with_little_room
        )
        assert done.stdout == ctxlint(project, "--no-cache").stdout
        assert done.returncode == 1
        left = [path.name for path in (project / NAME).rglob("*") if path.is_file()]
        assert not [name for name in left if name.endswith(".new")]

    def test_a_project_that_cannot_be_written_to(
        self, project: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refused(*_: object) -> None:  # root may write to every directory
            raise PermissionError(errno.EACCES, "Permission denied")

        monkeypatch.setattr(os, "mkdir", refused)
        assert warm(project) == cold(project) != []
        assert not (project / NAME).exists()

    def test_a_file_that_cannot_be_read_is_told_each_time(
        self, project: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        read = sources.content

        def refused(path: Path) -> bytes:
            if path.name == "numbers.py":
                raise PermissionError(errno.EACCES, "Permission denied")
            return read(path)

        before = warm(project)
        with monkeypatch.context() as patch:
            patch.setattr(sources, "content", refused)
            assert [each.code for each in warm(project)] == ["CTX900", "CTX101"]
            assert warm(project) == cold(project)
        assert warm(project) == before

    def test_killed_at_any_time(self, project: Path) -> None:
        expected = ctxlint(project, "--no-cache").stdout
        for wait in (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4):
            command = [sys.executable, "-m", "ctxlint"]
            with subprocess.Popen(command, cwd=project, stdout=subprocess.DEVNULL) as process:
                time.sleep(wait)
                process.kill()
            assert ctxlint(project).stdout == expected

    def test_many_runs_at_once(self, project: Path) -> None:
        expected = ctxlint(project, "--no-cache").stdout
        command = [sys.executable, "-m", "ctxlint"]
        for _ in range(2):
            processes = [
                subprocess.Popen(command, cwd=project, stdout=subprocess.PIPE, text=True)
                for _ in range(6)
            ]
            assert [process.communicate()[0] for process in processes] == [expected] * 6
            append(project / "app/server.py", "\n")


def test_what_is_no_question_is_not_asked() -> None:
    """A file of the cache may hold anything."""
    runs.make_questions_known()
    assert questions._MAKERS
    assert questions.recalled("no such question", ()) is None
    for name in questions._MAKERS:
        assert questions.recalled(name, ("a", ["b"], "c", "d", "e", "f")) is None


def test_all_questions_can_be_asked_again() -> None:
    """Those that a run asks are known to one that only recalls what it has asked."""
    script = """
import importlib, pkgutil, ctxlint
from ctxlint import questions
from ctxlint.cache import runs
runs.make_questions_known()
known = set(questions._MAKERS)
for module in pkgutil.walk_packages(ctxlint.__path__, "ctxlint."):
    if not module.name.startswith(("ctxlint.language_server", "ctxlint.__main__")):
        importlib.import_module(module.name)
assert known == set(questions._MAKERS), set(questions._MAKERS) - known
"""
    subprocess.run([sys.executable, "-c", script], check=True)


class TestStamps:
    def test_what_is_installed_is_known_by_what_it_is_made_of(self, tmp_path: Path) -> None:
        assert stamps._recorded("tool", str(tmp_path)) == b""
        record = tmp_path / "tool-1.0.dist-info" / "RECORD"
        record.parent.mkdir()
        record.write_text("tool/__init__.py,sha256=abc,3\ntool-1.0.dist-info/RECORD,,\n")
        first = stamps._recorded("tool", str(tmp_path))
        os.utime(record, (0, 0))  # installed at another time
        assert stamps._recorded("tool", str(tmp_path)) == first != b""
        record.write_text(record.read_text().replace("abc", "abd"))
        assert stamps._recorded("tool", str(tmp_path)) not in (first, b"")

    def test_what_is_only_linked_to_a_checkout_is_not(self, tmp_path: Path) -> None:
        record = tmp_path / "tool-1.0.dist-info" / "RECORD"
        record.parent.mkdir()
        record.write_text("_tool.pth,sha256=abc,3\n")
        assert stamps._recorded("tool", str(tmp_path)) == b""

    def test_an_edited_module_of_a_checkout_is_another_one(self, tmp_path: Path) -> None:
        module = tmp_path / "room" / "module.py"
        module.parent.mkdir()
        module.write_text("x = 1\n")
        before = stamps._states(str(tmp_path))
        assert stamps._states(str(tmp_path)) == before
        module.write_text("x = 11\n")
        assert stamps._states(str(tmp_path)) != before


class TestDirectory:
    def test_what_was_written_is_read(self, tmp_path: Path) -> None:
        Directory(tmp_path).write("facts", KEY, b"content")
        assert Directory(tmp_path).read("facts", KEY) == b"content"
        assert Directory(tmp_path).read("runs", KEY) is None

    def test_the_oldest_go_where_there_are_too_many(self, tmp_path: Path) -> None:
        directory = Directory(tmp_path, most=5_000)
        keys = [bytes([number]) * 16 for number in range(10)]
        for age, key in enumerate(keys):
            directory.write("facts", key, b"x" * 1_000)
            os.utime(tmp_path / NAME / "facts" / key.hex(), (age, age))
        directory.tidy()
        left = [key for key in keys if directory.read("facts", key) is not None]
        assert left == keys[-4:]

    def test_what_a_killed_run_has_left_goes(self, tmp_path: Path) -> None:
        directory = Directory(tmp_path)
        directory.write("facts", KEY, b"content")
        old, young = (tmp_path / NAME / "facts" / f"{name}.new" for name in ("old", "young"))
        old.touch()
        young.touch()
        os.utime(old, (0, 0))
        directory.tidy()
        assert (old.exists(), young.exists()) == (False, True)
