"""`--write-helpers`: what it writes, what it will not overwrite, and the setting that it makes."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import detached_scenarios as scenarios
import pytest

import ctxlint
from ctxlint import detached, handout
from ctxlint.handout import Refused, Written, write_helpers
from ctxlint.lookup import LOOKUP
from ctxlint.settings_text import with_key

SOURCE = Path(ctxlint.__file__).parent.parent


def ctxlint_in(folder: Path, *arguments: str, code: int = 0) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "ctxlint", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stderr if code == 2 else done.stdout


def package(root: Path, *folders: str, toml: str | None = '[project]\nname = "app"\n') -> Path:
    """A project with packages; returns its root."""
    for folder in folders:
        (root / folder).mkdir(parents=True)
        (root / folder / "__init__.py").touch()
    if toml is not None:
        (root / "pyproject.toml").write_text(toml, encoding="utf-8", newline="")
    return root


# --- what is written ----------------------------------------------------------------------------


def test_the_copy_is_the_module_under_a_header(tmp_path: Path) -> None:
    root = package(tmp_path, "app")
    done = write_helpers(root / "app/detached.py")
    toml = root / "pyproject.toml"
    assert done == Written(root / "app/detached.py", "app.detached", toml, True, True)
    text = done.path.read_text(encoding="utf-8")
    assert text.endswith(Path(detached.__file__).read_text(encoding="utf-8"))
    header = text.removesuffix(Path(detached.__file__).read_text(encoding="utf-8"))
    assert f"ctxlint {ctxlint.__version__}" in header
    assert all(line.startswith("# ") for line in header.splitlines())
    assert LOOKUP.load(root).helpers == "app.detached"
    assert sorted(path.name for path in (root / "app").iterdir()) == ["__init__.py", "detached.py"]


def test_a_second_time_nothing_is_written(tmp_path: Path) -> None:
    root = package(tmp_path, "app")
    written = write_helpers(root / "app/detached.py")
    before = written.path.stat().st_mtime_ns, written.pyproject.stat().st_mtime_ns
    again = write_helpers(root / "app")  # a directory: the file is called detached.py
    assert (again.path, again.wrote_file, again.wrote_setting) == (written.path, False, False)
    assert before == (written.path.stat().st_mtime_ns, written.pyproject.stat().st_mtime_ns)


@pytest.mark.parametrize(
    ("folders", "target", "module"),
    [
        (["app"], "app/detached.py", "app.detached"),
        (["app", "app/core"], "app/core/tasks.py", "app.core.tasks"),
        (["src/app"], "src/app/detached.py", "app.detached"),
        (["src/space/app"], "src/space/app/detached.py", "space.app.detached"),
        (["src", "src/app"], "src/app/detached.py", "src.app.detached"),
        (["lib/app"], "lib/app/detached.py", "app.detached"),
        ([], "detached.py", "detached"),
        ([], "src/detached.py", "detached"),
        ([], "space/detached.py", "space.detached"),
    ],
)
def test_how_the_copy_is_imported(
    tmp_path: Path, folders: list[str], target: str, module: str
) -> None:
    root = package(tmp_path, *folders)
    (root / target).parent.mkdir(parents=True, exist_ok=True)
    assert write_helpers(root / target).module == module
    assert LOOKUP.load(root).helpers == module


def test_which_pyproject_is_told(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    one = package(tmp_path / "one", "app")
    two = package(tmp_path / "two", "app", toml=None)
    assert write_helpers(one / "app/detached.py").pyproject == one / "pyproject.toml"
    made = write_helpers(two / "app/detached.py")
    assert made.pyproject == tmp_path / "pyproject.toml"
    assert made.module == "app.detached"
    assert made.pyproject.read_text() == '[tool.ctxlint]\nhelpers = "app.detached"\n'


def test_where_nothing_says_where_the_project_begins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("src/app", "plain"):
        (tmp_path / name).mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    written = write_helpers(Path("src/app/detached.py"))
    assert (written.pyproject, written.module) == (tmp_path / "pyproject.toml", "app.detached")
    assert LOOKUP.load(tmp_path).helpers == "app.detached"
    (tmp_path / "pyproject.toml").unlink()
    assert write_helpers(Path("plain/detached.py")).module == "plain.detached"


# --- what is not overwritten --------------------------------------------------------------------


def older(text: str) -> str:
    """A copy as an older version would have written it."""
    _, _, body = text.split("\n", 2)
    body = body.replace("thousands", "hundreds").replace("WorkItem", "Item")
    header = handout._header().replace(ctxlint.__version__, "0.0.9")
    return header.replace(handout.digest(handout._source()), handout.digest(body)) + body


def test_an_older_copy_is_updated(tmp_path: Path) -> None:
    path = write_helpers(package(tmp_path, "app") / "app/detached.py").path
    text = path.read_text(encoding="utf-8")
    path.write_text(older(text), encoding="utf-8")
    path.chmod(0o640)
    assert "WorkItem" not in path.read_text(encoding="utf-8")
    assert write_helpers(path).wrote_file
    assert path.read_text(encoding="utf-8") == text
    assert path.stat().st_mode & 0o777 == 0o640


def reformatted(text: str) -> str:
    """As a formatter with other tastes would lay it out."""
    return text.replace('"', "'").replace("(\n    *,", "(*,").replace(",\n)", "\n)")


@pytest.mark.parametrize("laid_out", [reformatted, lambda text: text.replace("\n", "\r\n")])
def test_a_formatted_copy_is_nobodys_change(tmp_path: Path, laid_out: object) -> None:
    assert callable(laid_out)
    path = write_helpers(package(tmp_path, "app") / "app/detached.py").path
    text = laid_out(path.read_text(encoding="utf-8"))
    path.write_text(text, encoding="utf-8", newline="")
    assert not write_helpers(path).wrote_file
    assert path.read_bytes().decode() == text


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "ctxlint did not write it"),
        ("x = 1\n", "ctxlint did not write it"),
        ("# Written by hand, not by ctxlint\n# sha256:0123456789abcdef\n", "did not write it"),
        (f"# Written by ctxlint {ctxlint.__version__}, it says\nx = 1\n", "did not write it"),
        (Path(detached.__file__).read_text(encoding="utf-8"), "ctxlint did not write it"),
        (handout.copy_text().replace("return task", "return None"), "was changed since ctxlint"),
        (handout.copy_text() + "x = 1\n", "was changed since ctxlint"),
        (handout.copy_text().replace(f"ctxlint {ctxlint.__version__}", "ctxlint 99.1"), "newer"),
        ("\udcff", "ctxlint did not write it"),
    ],
)
def test_what_is_not_overwritten(tmp_path: Path, text: str, reason: str) -> None:
    root = package(tmp_path, "app")
    path = root / "app/detached.py"
    path.write_bytes(text.encode(errors="surrogateescape"))
    before = path.read_bytes(), (root / "pyproject.toml").read_bytes()
    with pytest.raises(Refused, match=reason):
        write_helpers(path)
    assert before == (path.read_bytes(), (root / "pyproject.toml").read_bytes())


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("app/detached.txt", "name a Python file"),
        ("app/my-helpers.py", "name a Python file"),
        ("nowhere/detached.py", "no such directory"),
        ("not-a-package/detached.py", "cannot be imported"),
        ("app/link.py", "is a link"),
    ],
)
def test_where_it_cannot_be_written(tmp_path: Path, target: str, reason: str) -> None:
    root = package(tmp_path, "app")
    (root / "not-a-package").mkdir()
    (root / "app/link.py").symlink_to(tmp_path / "elsewhere.py")
    with pytest.raises(Refused, match=reason):
        write_helpers(root / target)
    assert not (tmp_path / "elsewhere.py").exists()


@pytest.mark.parametrize(
    "toml",
    [
        "[tool.ctxlint\n",
        '[tool.ctxlint]\nhelpers = { task = "app.spawn" }\n',
        '[tool.ctxlint.helpers]\ntask = "app.spawn"\n',
        '[tool]\nctxlint = { select = ["CTX"] }\n',
    ],
)
def test_settings_that_have_to_be_changed_by_hand(tmp_path: Path, toml: str) -> None:
    root = package(tmp_path, "app", toml=toml)
    with pytest.raises(Refused, match=r"pyproject\.toml: (set helpers|not valid TOML)"):
        write_helpers(root / "app/detached.py")
    assert not (root / "app/detached.py").exists()
    assert (root / "pyproject.toml").read_text() == toml


@pytest.mark.skipif(os.name == "nt", reason="modes of files")
def test_both_are_written_or_neither(tmp_path: Path) -> None:
    root = package(tmp_path, "app")
    (root / "pyproject.toml").chmod(0o444)
    with pytest.raises(Refused, match=r"pyproject\.toml: cannot be written: it is read-only"):
        write_helpers(root / "app/detached.py")
    assert [path.name for path in (root / "app").iterdir()] == ["__init__.py"]


# --- the setting --------------------------------------------------------------------------------

LINE = 'helpers = "app.detached"'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", f"[tool.ctxlint]\n{LINE}\n"),
        ("[tool.ctxlint]", f"[tool.ctxlint]\n{LINE}\n"),
        ("[project]\nname='a'\n", f"[project]\nname='a'\n\n[tool.ctxlint]\n{LINE}\n"),
        ("[project]\nname='a'", f"[project]\nname='a'\n\n[tool.ctxlint]\n{LINE}\n"),
        ("# odd\r\n[a]\r\n", f"# odd\r\n[a]\r\n\r\n[tool.ctxlint]\r\n{LINE}\r\n"),
        (
            '[tool.ctxlint]  # ours\n\n# kept\nignore = ["CTX102"]\n\n[tool.ruff]\n',
            f'[tool.ctxlint]  # ours\n{LINE}\n\n# kept\nignore = ["CTX102"]\n\n[tool.ruff]\n',
        ),
        (
            "[ tool . ctxlint ]\nignore = [\n  \"CTX102\",\n]\n  helpers = 'old.one'  # why\n[b]\n",
            f'[ tool . ctxlint ]\nignore = [\n  "CTX102",\n]\n  {LINE}  # why\n[b]\n',
        ),
        (f"[tool.ctxlint]\n{LINE} # so\n", f"[tool.ctxlint]\n{LINE} # so\n"),
        (
            '[tool]\nctxlint.helpers = "app.detached"\n',
            '[tool]\nctxlint.helpers = "app.detached"\n',
        ),
        (
            '[a]\nhelpers = "b.c"\n[tool.ctxlint]\nfix-style = "auto"\n[c]\nhelpers = "d.e"\n',
            f'[a]\nhelpers = "b.c"\n[tool.ctxlint]\n{LINE}\nfix-style = "auto"\n'
            '[c]\nhelpers = "d.e"\n',
        ),
        (
            '[tool.ctxlint.per-file-ignores]\n"a" = ["CTX1"]\n',
            f'[tool.ctxlint.per-file-ignores]\n"a" = ["CTX1"]\n\n[tool.ctxlint]\n{LINE}\n',
        ),
    ],
)
def test_the_key_is_set_and_all_else_is_kept(before: str, after: str) -> None:
    assert with_key(before, "helpers", "app.detached") == after
    assert tomllib.loads(after)["tool"]["ctxlint"]["helpers"] == "app.detached"


@pytest.mark.parametrize(
    "text",
    [
        'text = """\n[tool.ctxlint]\n"""\n[tool.ctxlint]\nignore = []\n',
        '[tool]\nctxlint = { ignore = ["CTX1"] }\n',
        '[tool.ctxlint]\nhelpers = """a.b"""\n',
    ],
)
def test_what_is_not_understood_is_left_alone(text: str) -> None:
    assert with_key(text, "helpers", "app.detached") is None


# --- a project that uses its copy ---------------------------------------------------------------

SERVER = """\
import asyncio
import queue
import threading
from contextvars import ContextVar

from fastapi import FastAPI

from app.detached import (
    WorkItem,
    activate_request_context,
    create_detached_background_task,
    create_detached_thread,
    run_detached,
)

app = FastAPI()
user: ContextVar[str] = ContextVar("user")


class AuditLog:
    def __init__(self) -> None:
        self._events: asyncio.Queue[WorkItem[str]] = asyncio.Queue()
        self._lines: queue.Queue[WorkItem[str]] = queue.Queue()
        self._writer: asyncio.Task[None] | None = None

    async def add(self, event: str) -> None:
        if self._writer is None:
            self._writer = create_detached_background_task(self._write())
            create_detached_thread(self._print, daemon=True).start()
            self._ticker = run_detached(asyncio.get_running_loop().create_task, self._tick())
        await self._events.put(WorkItem(event))
        self._lines.put(WorkItem(event))

    async def _write(self) -> None:
        while True:
            work = await self._events.get()
            with activate_request_context(work.context):
                print(user.get(), work.payload)

    def _print(self) -> None:
        while True:
            work = self._lines.get()
            with activate_request_context(work.context):
                print(user.get(), work.payload)

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(1)


audit = AuditLog()


@app.post("/documents/{name}")
async def save(name: str, by: str) -> None:
    user.set(by)
    await audit.add(f"saved {name}")
"""

CARELESS = SERVER.replace("WorkItem(event)", "event").replace(
    "create_detached_background_task(self._write())", "asyncio.create_task(self._write())"
)


@pytest.mark.parametrize("extra", ["", "# a comment\n"])
def test_a_project_that_uses_its_copy_is_clean(tmp_path: Path, extra: str) -> None:
    root = package(tmp_path, "src/app")
    server = root / "src/app/server.py"
    server.write_text(SERVER, encoding="utf-8")
    told = ctxlint_in(root, "--write-helpers", "src/app/detached.py")
    assert told == 'wrote src/app/detached.py\nset helpers = "app.detached" in pyproject.toml\n'
    copy = root / "src/app/detached.py"
    copy.write_text(copy.read_text(encoding="utf-8") + extra, encoding="utf-8")
    assert ctxlint_in(root) == ""
    why = ctxlint_in(root, "--why", f"src/app/server.py:{line_of('(self._write())')}")
    assert "It is detached" in why
    # What it does is seen, not only believed: take it away, and there is something to report.
    server.write_text(CARELESS, encoding="utf-8")
    found = [line.split(" ")[1] for line in ctxlint_in(root, code=1).splitlines()]
    assert found == ["CTX101", "CTX201", "CTX201"]


def test_a_copy_is_recognised_without_the_setting(tmp_path: Path) -> None:
    root = package(tmp_path, "src/app")
    (root / "src/app/server.py").write_text(SERVER, encoding="utf-8")
    (root / "src/app/detached.py").write_text(handout.copy_text(), encoding="utf-8")
    assert ctxlint_in(root) == ""


def line_of(text: str) -> int:
    return next(n for n, line in enumerate(SERVER.splitlines(), 1) if text in line)


def test_what_the_command_line_says(tmp_path: Path) -> None:
    root = package(tmp_path, "app")
    ctxlint_in(root, "--write-helpers", "app")
    again = ctxlint_in(root, "--write-helpers", "app")
    expected = 'up to date: app/detached.py\nthere is helpers = "app.detached" in pyproject.toml\n'
    assert again == expected
    (root / "app/detached.py").write_text("x = 1\n")
    refusal = ctxlint_in(root, "--write-helpers", "app", code=2)
    assert refusal.startswith("ctxlint: error: ")
    assert refusal.count("\n") == 1


@pytest.mark.slow
@pytest.mark.parametrize("minor", range(9, 16))
def test_the_copy_works_by_itself(minor: int, tmp_path: Path) -> None:
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    interpreters = sorted(pyenv.glob(f"versions/3.{minor}.*/bin/python"))
    if not interpreters:
        pytest.skip(f"no Python 3.{minor} from pyenv on this machine")
    root = package(tmp_path, "app")
    write_helpers(root / "app/detached.py")
    program = root / "scenarios.py"
    program.write_bytes(Path(scenarios.__file__).read_bytes())
    command = [interpreters[-1], "-E", "-W", "error", program, "app.detached"]
    result = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
