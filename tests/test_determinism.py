"""The same input gives the same bytes, whatever the order of files, the processes, the hash seed,
the locale, the time zone, and the directory that ctxlint is run in."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"

# All that is printed in one process: starting one costs more than a check of so few files.
PROGRAM = """
import sys
from ctxlint.cli import main

if "--reversed" in sys.argv:
    import os
    real = os.scandir

    class Reversed:
        def __init__(self, *arguments):
            with real(*arguments) as found:
                self.entries = sorted(found, key=lambda each: each.name, reverse=True)
        def __iter__(self):
            return iter(self.entries)
        def __next__(self):
            return self.entries.pop(0)
        def __enter__(self):
            return self
        def __exit__(self, *_):
            return None
        def close(self):
            return None

    os.scandir = Reversed
    listed = os.listdir
    os.listdir = lambda *arguments: sorted(listed(*arguments), reverse=True)

main(["--show-files", *[each for each in sys.argv[2:] if each != "--reversed"]])
jobs, *paths = [each for each in sys.argv[1:] if each != "--reversed"]
more = ["--no-cache", "--jobs", jobs]
for form in "concise full json sarif html github gitlab junit".split():
    print(f"== {form}", flush=True)
    main(["--output-format", form, *more, *paths])
    sys.stdout.flush()
for language in ("dot", "mermaid"):
    print(f"== {language}", flush=True)
    main(["--graph", language, *more, *paths])
    sys.stdout.flush()
print("== diff", flush=True)
main(["--diff", "--unsafe-fixes", *more, *paths])
sys.stdout.flush()
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some leaky programs of several files, with what is no ASCII in names, paths and texts."""
    root = tmp_path_factory.mktemp("same") / "project"
    for path in sorted(FIXTURES.glob("*/leaky"))[:6]:
        target = root / path.parent.name
        shutil.copytree(path, target, ignore=shutil.ignore_patterns("__pycache__"))
    (root / "pyproject.toml").write_text('[project]\nname = "app"\nversion = "1"\n')
    source = (
        "import asyncio\n\n\nclass İn:\n    async def çar(self):\n"
        "        self.görev = asyncio.create_task(self.döngü())  # ß ﬁ\n\n"
        "    async def döngü(self):\n        while True:\n            await asyncio.sleep(1)\n"
    )
    (root / "çö.py").write_bytes(source.encode())
    (root / "crlf.py").write_bytes(source.replace("\n", "\r\n").encode())
    return root


def printed(
    project: Path, *paths: str, jobs: str = "1", cwd: Path | None = None, **environment: str
) -> bytes:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, jobs, *(paths or (".",))],
        cwd=cwd or project,
        env={**os.environ, "PYTHONHASHSEED": "0", "LC_ALL": "C.UTF-8", **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        timeout=300,
        check=True,
    )
    return done.stdout


@pytest.fixture(scope="module")
def expected(project: Path) -> bytes:
    told = printed(project)
    assert told.count(b"CTX101") > 20
    assert b"\nrename" not in told
    return told


def members(project: Path) -> list[str]:
    return sorted(path.name for path in project.iterdir() if path.suffix != ".toml")


@pytest.mark.slow
@pytest.mark.parametrize(
    "environment",
    [
        {"PYTHONHASHSEED": "1"},
        {"PYTHONHASHSEED": "4294967295", "TZ": "Pacific/Kiritimati"},
        {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONHASHSEED": "2"},
        {"LC_ALL": "POSIX", "TZ": "America/St_Johns", "PYTHONHASHSEED": "3"},
        {"LC_ALL": "tr_TR.UTF-8", "LANGUAGE": "tr", "PYTHONHASHSEED": "5"},
    ],
    ids=lambda each: " ".join(f"{key}={value}" for key, value in each.items()),
)
def test_surroundings_change_nothing(
    environment: dict[str, str], project: Path, expected: bytes
) -> None:
    assert printed(project, **environment) == expected


@pytest.mark.slow
def test_the_order_of_paths_and_of_directories_changes_nothing(
    project: Path, expected: bytes
) -> None:
    names = members(project)
    assert printed(project, *reversed(names), *names, PYTHONHASHSEED="6") == expected
    assert printed(project, "--reversed", ".", PYTHONHASHSEED="7") == expected


@pytest.mark.slow
def test_the_number_of_processes_changes_nothing(project: Path, expected: bytes) -> None:
    assert printed(project, jobs="3", PYTHONHASHSEED="8") == expected


@pytest.mark.slow
def test_where_it_is_run_changes_paths_only(project: Path, expected: bytes, tmp_path: Path) -> None:
    moved = tmp_path / "elsewhere" / "project"
    shutil.copytree(project, moved)
    told = printed(moved, PYTHONHASHSEED="9")
    # Some forms say where the checkout lies.
    assert told.replace(bytes(moved.parent), b"") == expected.replace(bytes(project.parent), b"")
    one = printed(moved, "project", cwd=moved.parent, PYTHONHASHSEED="1")
    other = printed(moved, str(moved), cwd=moved.parent, PYTHONHASHSEED="2")
    assert one == other
