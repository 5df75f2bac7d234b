"""What is published works: sdist and wheel are built through the PEP 517 hooks, the wheel out of
the unpacked sdist, and are then used from a fresh environment that never saw this checkout.
"""

from __future__ import annotations

import email
import json
import os
import subprocess
import sys
import tarfile
import tomllib
import venv
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from pyproject_hooks import BuildBackendHookCaller, quiet_subprocess_runner

from ctxlint import __version__

ROOT = Path(__file__).resolve().parent.parent

# One process builds for all: pytest-xdist keeps a group together.
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("packaging")]

LEAKY = """\
import asyncio

from fastapi import FastAPI

app = FastAPI()


class Store:
    def __init__(self) -> None:
        self._queue: asyncio.Queue[str] = asyncio.Queue()
        self._worker: asyncio.Task[None] | None = None

    async def add(self, row: str) -> None:
        if self._worker is None:
            self._worker = asyncio.create_task(self._write())
        await self._queue.put(row)

    async def _write(self) -> None:
        while True:
            row = await self._queue.get()
            print(row)


store = Store()


@app.post("/rows")
async def post(row: str) -> None:
    await store.add(row)
"""


def build_hooks(source: Path) -> BuildBackendHookCaller:
    backend = tomllib.loads((source / "pyproject.toml").read_text(encoding="utf-8"))["build-system"]
    return BuildBackendHookCaller(
        str(source),
        backend["build-backend"],
        runner=quiet_subprocess_runner,
        python_executable=sys.executable,
    )


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("sdist")
    return out / build_hooks(ROOT).build_sdist(str(out))


@pytest.fixture(scope="module")
def wheel(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    unpacked = tmp_path_factory.mktemp("unpacked")
    with tarfile.open(sdist) as archive:
        archive.extractall(unpacked, filter="data")
    (source,) = unpacked.iterdir()
    out = tmp_path_factory.mktemp("wheel")
    return out / build_hooks(source).build_wheel(str(out))


class Environment:
    """A virtual environment, and commands run in it as a user would: from elsewhere, with no
    trace of this checkout in the variables."""

    def __init__(self, home: Path) -> None:
        venv.create(home, with_pip=True)
        self.scripts = home / ("Scripts" if os.name == "nt" else "bin")
        self.variables = {
            k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "VIRTUAL"))
        }

    def run(self, *command: str, cwd: Path, exit_code: int = 0) -> str:
        program = str(self.scripts / command[0])
        done = subprocess.run(
            [program, *command[1:]],
            cwd=cwd,
            env=self.variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
        )
        assert done.returncode == exit_code, (
            f"{command}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        )
        assert "Traceback" not in done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    home = tmp_path_factory.mktemp("environment")
    environment = Environment(home)
    environment.run("python", "-m", "pip", "install", "--quiet", f"{wheel}[flake8]", cwd=home)
    return environment


@pytest.fixture
def program(tmp_path: Path) -> Path:
    path = tmp_path / "server.py"
    path.write_text(LEAKY, encoding="utf-8")
    return path


def line_of(text: str) -> int:
    return next(n for n, line in enumerate(LEAKY.splitlines(), 1) if text in line)


def test_the_sdist_holds_what_is_needed_to_build_and_test(sdist: Path) -> None:
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    wanted = (
        "README.md CHANGELOG.md CONTRIBUTING.md LICENSE Makefile pyproject.toml .ci/run "
        ".pre-commit-hooks.yaml src/ctxlint/py.typed tests/test_packaging.py"
    )
    assert set(wanted.split()) <= names
    for folder in ("fixtures", "tests", "benchmarks/corpus"):
        kept = {path.relative_to(ROOT).as_posix() for path in (ROOT / folder).rglob("*.[pt][yxs]*")}
        assert {path for path in kept if not path.endswith(".pyc")} <= names
    assert not [
        name for name in names if "__pycache__" in name or name.startswith((".venv", ".git/"))
    ]


def test_the_wheel_holds_the_package_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    information = f"ctxlint-{__version__}.dist-info/"
    assert {name for name in names if not name.startswith(("ctxlint/", information))} == set()
    packaged = {name for name in names if name.startswith("ctxlint/")}
    source = ROOT / "src"
    assert packaged == {
        path.relative_to(source).as_posix()
        for path in (source / "ctxlint").rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
    assert "ctxlint/py.typed" in packaged
    assert information + "licenses/LICENSE" in names


def test_metadata(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        name = f"ctxlint-{__version__}.dist-info/METADATA"
        metadata = email.message_from_bytes(archive.read(name))
    assert metadata["Requires-Python"] == ">=3.11"
    assert metadata["License-Expression"] == "MIT"
    assert metadata.get_all("Provides-Extra") == ["dask", "flake8", "lsp"]


def test_version(installed: Environment, tmp_path: Path) -> None:
    assert __version__ in installed.run("ctxlint", "--version", cwd=tmp_path)
    module = installed.run("python", "-m", "ctxlint", "--version", cwd=tmp_path)
    assert __version__ in module


def test_ctxlint_finds_a_leak(installed: Environment, program: Path) -> None:
    command = ("ctxlint", "--output-format", "json", program.name)
    findings = json.loads(installed.run(*command, cwd=program.parent, exit_code=1))
    found = {(finding["path"], finding["line"], finding["code"]) for finding in findings}
    assert found == {
        ("server.py", line_of("create_task"), "CTX101"),
        ("server.py", line_of("queue.put"), "CTX201"),
    }


def test_flake8_lists_and_runs_the_plugin(installed: Environment, program: Path) -> None:
    assert f"ctxlint: {__version__}" in installed.run("flake8", "--version", cwd=program.parent)
    command = ("flake8", "--isolated", "--select", "CTX", program.name)
    lines = installed.run(*command, cwd=program.parent, exit_code=1).splitlines()
    assert [line.split()[1] for line in lines] == ["CTX101", "CTX201"]


def imported_by(installed: Environment, statement: str, cwd: Path) -> set[str]:
    code = f"import sys; {statement}; print(*sys.modules)"
    return set(installed.run("python", "-c", code, cwd=cwd).split())


def within(modules: set[str], packages: Sequence[str]) -> set[str]:
    return {module for module in modules if module.partition(".")[0] in packages}


def test_the_run_time_helpers_import_nothing_else(installed: Environment, tmp_path: Path) -> None:
    """Production code imports them: the linter and what it needs must stay out of its processes."""
    modules = imported_by(installed, "import ctxlint.detached", tmp_path)
    ours = within(modules, ["ctxlint", "libcst", "msgspec", "click", "rich", "pathspec"])
    assert ours == {"ctxlint", "ctxlint.detached"}


def test_flake8_loads_the_plugin_without_a_parser(installed: Environment, tmp_path: Path) -> None:
    assert not within(imported_by(installed, "import ctxlint.flake8", tmp_path), ["libcst"])


CONSUMER = """\
import asyncio
from pathlib import Path

from ctxlint import Finding, check
from ctxlint.detached import WorkItem, create_detached_background_task


async def work() -> int:
    return 1


async def main() -> None:
    task: asyncio.Task[int] = create_detached_background_task(work())
    item: WorkItem[str] = WorkItem("x")
    print(await task, item.payload.upper())


findings: list[Finding] = check([Path("server.py")])
"""


def test_type_checkers_read_the_installed_package(installed: Environment, tmp_path: Path) -> None:
    path = tmp_path / "consumer.py"
    path.write_text(CONSUMER, encoding="utf-8")
    python = str(installed.scripts / "python")
    command = [sys.executable, "-m", "mypy", "--strict", "--python-executable", python, str(path)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, done.stdout + done.stderr
