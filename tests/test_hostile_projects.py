"""Projects that strangers made, to do harm to whoever checks them."""

from __future__ import annotations

import ast
import asyncio
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from bombs import HEAVY, QUICK, bounded
from editor import editing

import ctxlint
from ctxlint.cache.directory import NAME
from ctxlint.checking import run
from ctxlint.cli import main
from ctxlint.digests import LENGTH, digest

SOURCE = Path(ctxlint.__file__).parent

LEAK = """\
import asyncio
import contextvars

user = contextvars.ContextVar("user")


class Store:
    def __init__(self):
        self.rows = asyncio.Queue()

    async def save(self, row):
        user.set(row)
        self._task = asyncio.create_task(self._drain())
        await self.rows.put(row)

    async def _drain(self):
        while True:
            row = await self.rows.get()
            print(user.get(), row)
"""


def command(project: Path, *arguments: str, **more: object) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "ctxlint", *arguments],
        cwd=project,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=120,
        **more,  # type: ignore[call-overload]
    )


# --- nothing of it is imported or run ------------------------------------------------------------

# What ctxlint itself imports, what Python and its tools run unasked, and what the settings name.
TRAPS = (
    *("click", "msgspec", "libcst", "pathspec", "rich", "ast", "json", "tokenize", "difflib"),
    *("shlex", "shutil", "tomllib", "multiprocessing", "pickle", "socket", "fcntl", "ctypes"),
    *("conftest", "setup", "sitecustomize", "usercustomize", "noxfile", "own_helpers", "__main__"),
)


@pytest.fixture
def trapped(tmp_path: Path) -> Path:
    """A project in which every module leaves a file behind when it is run."""
    project = tmp_path / "project"
    project.mkdir()
    trap = f"open({str(tmp_path / 'run')!r}, 'a').write(__file__ + '\\n')\n"
    for name in TRAPS:
        (project / f"{name}.py").write_text(trap + LEAK)
    (project / "app.py").write_text(f"import own_helpers, conftest\n{trap}{LEAK}")
    (project / "pyproject.toml").write_text(
        '[project]\nname = "app"\nversion = "1"\n'
        '[build-system]\nrequires = []\nbuild-backend = "setup"\nbackend-path = ["."]\n'
        '[tool.ctxlint]\nhelpers = "own_helpers"\n'
    )
    return project


@pytest.mark.parametrize(
    "arguments",
    [
        ["."],
        ["--fix", "--unsafe-fixes", "."],
        ["--jobs", "2", "--output-format", "full", "."],
        ["--why", "app.py:15"],
        ["--graph", "dot", "."],
        ["--write-helpers", "helpers.py"],
    ],
    ids=lambda each: " ".join(each),
)
def test_no_module_of_the_project_is_run(arguments: list[str], trapped: Path) -> None:
    done = command(trapped, *arguments)
    assert done.returncode in (0, 1), done.stderr
    assert not (trapped.parent / "run").exists(), (trapped.parent / "run").read_text()


def test_processes_that_are_started_anew_run_none_either(trapped: Path) -> None:
    program = (
        "import sys\n"
        "from ctxlint.hands import shares, spawned\n"
        "from ctxlint.session import Session\n"
        "from ctxlint.checking import run\n"
        "import multiprocessing\n"
        "if __name__ == '__main__':\n"
        "    from concurrent.futures import ProcessPoolExecutor\n"
        "    with spawned._safe_path(), ProcessPoolExecutor(\n"
        "        1, multiprocessing.get_context('spawn')\n"
        "    ) as pool:\n"
        "        assert pool.submit(abs, -1).result() == 1\n"
    )
    script = trapped.parent / "elsewhere.py"
    script.write_text(program)
    subprocess.run([sys.executable, str(script)], cwd=trapped, check=True, timeout=120)
    assert not (trapped.parent / "run").exists()


def calls(path: Path) -> Iterator[tuple[int, str, ast.Call]]:
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Call):
            yield node.lineno, ast.unparse(node.func), node


FORBIDDEN = re.compile(
    r"eval|exec|execfile|compile|__import__|input|os\.(system|popen|exec\w+|spawn\w+|startfile)"
    r"|(pickle|marshal|shelve|dill|cloudpickle|joblib)\.\w+|yaml\.\w*load\w*|runpy\.\w+"
    r"|code\.(interact|Interactive\w+)|importlib\.(reload|util\.spec_from_file_location)|\w+\.exec_module"
)
# To ask Python whether a source is valid makes code that nobody runs, and a warning of nothing.
COMPILERS = {"syntax.py": "compile", "validity.py": "compile"}
# `ctxlint.check` and the like are looked up by names that stand in the package itself.
IMPORTERS = {"__init__.py", "rules/__init__.py", "reports/__init__.py"}


@pytest.mark.parametrize(
    "path", sorted(SOURCE.rglob("*.py")), ids=lambda path: path.relative_to(SOURCE).as_posix()
)
def test_nothing_in_ctxlint_could_run_what_it_reads(path: Path) -> None:
    name = path.relative_to(SOURCE).as_posix()
    for line, function, call in calls(path):
        allowed = function == COMPILERS.get(path.name)
        assert not FORBIDDEN.fullmatch(function) or allowed, f"{name}:{line}: {function}"
        assert not any(each.arg == "shell" for each in call.keywords), f"{name}:{line}: shell"
        if function.split(".")[-1] == "import_module":
            assert name in IMPORTERS, f"{name}:{line}: {function}"
    imported = {
        alias.name.partition(".")[0]
        for node in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(node, ast.Import)
        for alias in node.names
    } | {
        (node.module or "").partition(".")[0]
        for node in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(node, ast.ImportFrom) and not node.level
    }
    assert not imported & {"pickle", "marshal", "shelve", "dill", "yaml", "runpy", "code"}


# --- nothing that it prints drives a terminal ----------------------------------------------------

DRIVING = re.compile(
    rb"[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\xae\xa8\xa9]|\xe2\x81\xa6"
)
EVIL = "\x1b]0;owned\x07\u202e\x9b31m"


@pytest.fixture
def noisy(tmp_path: Path) -> Path:
    """Control characters wherever there may be some: in paths, texts, names and settings."""
    folder = tmp_path / f"d{EVIL}"
    folder.mkdir()
    source = LEAK.replace("class", f"# {EVIL}\nclass").replace('"user"', f'"us{EVIL}er"')
    (folder / f"st{EVIL}ore.py").write_text(source, encoding="utf-8")
    (tmp_path / f"broken{EVIL}.py").write_text(f"x = = '{EVIL}'\n", encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "app"\nversion = "1"\n')
    return tmp_path


FORMS = "concise full json json-lines sarif html github gitlab junit".split()


@pytest.mark.skipif(sys.platform == "win32", reason="file names that Windows does not have")
@pytest.mark.parametrize(
    "arguments",
    [
        *(["--output-format", form, "."] for form in FORMS),
        ["--why", f"d{EVIL}/st{EVIL}ore.py:14"],
        ["--graph", "dot", "."],
        ["--graph", "mermaid", "."],
        ["--statistics", "--verbose", "."],
        ["--show-files"],
        ["--show-settings"],
        ["--add-noqa", "."],
        ["--write-baseline", f"base{EVIL}", "."],
        ["--fix", "--unsafe-fixes", "."],
        ["--explain", EVIL],
        ["--diff-base", EVIL],
        ["--config", EVIL],
        ["--baseline", EVIL],
        ["--output-file", f"{EVIL}/{EVIL}"],
        ["--write-helpers", EVIL],
        ["--select", EVIL],
        [EVIL],
        [f"--{EVIL}"],
    ],
    ids=lambda each: " ".join(each).replace(EVIL, "..."),
)
def test_nothing_printed_drives_a_terminal(
    arguments: list[str],
    noisy: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    monkeypatch.chdir(noisy)
    monkeypatch.setenv("FORCE_COLOR", "")
    main([*arguments, "--no-cache", "--jobs", "1"])
    printed = b"".join(capfdbinary.readouterr())
    assert printed
    assert not DRIVING.search(printed), printed


# Of TOML, where these characters have to be written as escapes.
BAD = "\\u001b]0;owned\\u0007\\u202e\\u009b31m"


@pytest.mark.skipif(sys.platform == "win32", reason="file names that Windows does not have")
@pytest.mark.parametrize("settings", ["", f'select = ["{BAD}"]\n', f'"{BAD}" = 1\n'])
def test_neither_does_what_flake8_prints_of_ours(settings: str, noisy: Path) -> None:
    with (noisy / "pyproject.toml").open("a") as file:
        file.write(f"[tool.ctxlint]\n{settings}")
    (noisy / f"broken{EVIL}.py").unlink()
    own = "ctxlint.flake8:Plugin"
    (noisy / ".flake8").write_text(
        "[flake8]\nselect = CTX\nformat = %(text)s\n"
        f"[flake8:local-plugins]\nextension = CTX = {own}\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "flake8", "--jobs", "1"],
        cwd=noisy,
        env={**os.environ, "PYTHONPATH": str(SOURCE.parent)},
        capture_output=True,
        timeout=60,
    )
    printed = done.stdout + done.stderr
    assert printed
    assert b"Traceback" not in printed
    assert not DRIVING.search(printed), printed


def test_neither_does_what_the_language_server_says(noisy: Path) -> None:
    with (noisy / "pyproject.toml").open("a") as file:
        file.write(f'[tool.ctxlint]\nselect = ["{BAD}"]\n')

    async def scenario() -> list[str]:
        async with editing(noisy) as editor:
            editor.open(noisy / f"d{EVIL}" / f"st{EVIL}ore.py")
            await editor.until(lambda: bool(editor.messages))
            return editor.messages

    (message,) = asyncio.run(scenario())
    assert "unknown code" in message
    assert not DRIVING.search(message.encode())


def test_what_went_wrong_inside_is_told_without_either(
    noisy: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError(EVIL)

    monkeypatch.chdir(noisy)
    monkeypatch.setattr("ctxlint.commands.check", fail)
    assert main(["."]) == 2
    assert not DRIVING.search(capfdbinary.readouterr()[1])


# --- a cache that it brings along ----------------------------------------------------------------


@pytest.fixture
def project(tmp_path: Path) -> Path:
    project = tmp_path / "project"
    project.mkdir()
    (project / "store.py").write_text(LEAK)
    (project / "pyproject.toml").write_text('[project]\nname = "app"\nversion = "1"\n')
    return project


def poisoned(project: Path, kind: str, poison: Callable[[object], object]) -> None:
    """Rewrite all entries of a kind, their digests too."""
    found = list((project / NAME / kind).iterdir())
    assert found
    for path in found:
        entry = msgspec.msgpack.decode(path.read_bytes()[LENGTH:])
        content = msgspec.msgpack.encode(poison(entry))
        path.write_bytes(digest(content) + content)


def replaced(value: object, old: object, new: object) -> object:
    if value == old and type(value) is type(old):
        return new
    if isinstance(value, dict):
        return {key: replaced(each, old, new) for key, each in value.items()}
    return [replaced(each, old, new) for each in value] if isinstance(value, list) else value


def test_findings_of_a_cache_lie_in_the_project(project: Path, tmp_path: Path) -> None:
    """Else a report would show what stands in any file that its reader can read."""
    secret = tmp_path / "secret.py"
    secret.write_text("password = 'hunter2'\n" * 20)
    expected = command(project, "--output-format", "full")
    own = (project / "store.py").as_posix()

    def poison(entry: object) -> object:
        assert isinstance(entry, list)
        entry[2] = replaced(entry[2], own, secret.as_posix())
        return entry

    poisoned(project, "runs", poison)
    done = command(project, "--output-format", "full")
    assert b"hunter2" not in done.stdout
    assert done.stdout == expected.stdout


def test_answers_of_the_wrong_kind_are_asked_for_again(project: Path) -> None:
    expected = run([project], remembers=True).findings

    def poison(entry: object) -> object:
        assert isinstance(entry, list)
        evidence = msgspec.msgpack.decode(entry[3], strict=False)
        for asked in evidence[0][1]:
            asked[3] = {number: ["x", ["y"]] for number in asked[3]}
        entry[3] = msgspec.msgpack.encode(evidence)
        return entry

    poisoned(project, "runs", poison)
    (project / "other.py").write_text("x = 1\n")
    (project / "store.py").write_text(LEAK + "\n")
    assert run([project], remembers=True).findings == expected


def test_facts_that_cannot_be_are_done_without(project: Path) -> None:
    (expected,) = (command(project, "--no-cache", "--output-format", "json").stdout,)
    command(project)

    def poison(entry: object) -> object:
        def far(value: object) -> object:
            if isinstance(value, list):
                return [far(each) for each in value]
            if isinstance(value, dict):
                return {key: far(each) for key, each in value.items()}
            return 10**9 if isinstance(value, int) and not isinstance(value, bool) else value

        return far(entry)

    poisoned(project, "facts", poison)
    for path in (project / NAME / "runs").iterdir():
        path.unlink()
    done = command(project, "--output-format", "json")
    assert b"internal error" not in done.stderr
    assert done.returncode in (0, 1)
    assert expected


# --- settings that it brings along ---------------------------------------------------------------


@pytest.mark.parametrize(
    "settings",
    [
        'extend = "pyproject.toml"\n',
        'extend = "/etc/passwd"\n',
        'extend = "/dev/zero"\n',
        'extend = "/dev/tty"\n',
        'baseline = "/dev/zero"\n',
        'baseline = "/dev/stdin"\n',
        'baseline = "../../../../etc/passwd"\n',
        'helpers = "os.system"\n',
        'helpers = "../../x"\n',
        'extend-exclude = ["' + "(a+)+" * 200 + '!"]\n',
        'extend-exclude = ["' + "*a" * 3_000 + '"]\n',
        "x = " + "[" * 50_000 + "]" * 50_000 + "\n",
        "x = " + "9" * 500_000 + "\n",
        "a." * 50_000 + "b = 1\n",
        "select = [" + "'CTX1'," * 300_000 + "]\n",
        "[[tool.ctxlint.x]]\n" * 300_000,
    ],
    ids=range(16),
)
def test_settings_end_in_one_line_or_do_nothing(settings: str, project: Path) -> None:
    with (project / "pyproject.toml").open("a") as file:
        file.write("[tool.ctxlint]\n" + settings)
    before = sorted(project.parent.rglob("*"))
    done = command(project, "--no-cache", "--fix", preexec_fn=bounded)
    assert done.returncode in (0, 1, 2)
    assert b"Traceback" not in done.stderr
    assert b"internal error" not in done.stderr
    if done.returncode == 2:
        assert len(done.stderr.splitlines()) == 1
        assert len(done.stderr) < 600
    assert sorted(project.parent.rglob("*")) == before


@pytest.mark.skipif(sys.platform == "win32", reason="links of POSIX")
def test_links_out_of_the_project_are_not_written_through(project: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "victim.py").write_text(LEAK)
    (project / "linked.py").symlink_to(outside / "victim.py")
    (project / "folder").symlink_to(outside)
    os.link(outside / "victim.py", outside / "other_name.py")
    command(project, "--fix", "--unsafe-fixes", ".", "linked.py", "folder", "folder/victim.py")
    assert {path.name: path.read_text() for path in outside.iterdir()} == {
        "victim.py": LEAK,
        "other_name.py": LEAK,
    }


# --- texts that are made to take all time, or all memory -----------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("bomb", {**QUICK, **HEAVY}.values(), ids={**QUICK, **HEAVY}.keys())
def test_bombs_take_bounded_time_and_memory(bomb: bytes, project: Path) -> None:
    (project / "store.py").write_bytes(LEAK.encode() + bomb)
    begun = time.monotonic()
    done = command(project, "--no-cache", "--jobs", "1", preexec_fn=bounded)
    assert done.returncode == 1, done.stderr
    assert b"Traceback" not in done.stderr
    assert b"CTX" in done.stdout
    assert time.monotonic() - begun < 100
