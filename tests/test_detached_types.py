"""What type checkers see of the helpers, in ctxlint and in a copy: mypy --strict and pyright."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from ctxlint import detached

TYPED = """\
import asyncio
from collections.abc import AsyncIterator
from contextvars import ContextVar
from threading import Thread
from typing import assert_type

from anyio.abc import TaskGroup
from {module} import (
    RequestContext,
    WorkItem,
    activate_request_context,
    capture_request_context,
    create_detached_background_task,
    create_detached_thread,
    run_detached,
)

user: ContextVar[str] = ContextVar("user")


async def count() -> int:
    return 1


async def repeat(text: str, times: int) -> None: ...


def total(first: int, *, second: int) -> str:
    with activate_request_context(capture_request_context(only=[user])):
        return str(first + second)
    return ""  # unreachable: the block swallows nothing


async def worker(queue: asyncio.Queue[WorkItem[bytes]]) -> bytes:
    while True:
        work = await queue.get()
        assert_type(work, WorkItem[bytes])
        assert_type(work.context, RequestContext)
        with activate_request_context(work.context):
            data = work.payload
            assert_type(data, bytes)
            return data


async def main(queue: asyncio.Queue[WorkItem[bytes]], group: TaskGroup) -> None:
    queue.put_nowait(WorkItem(b"bytes"))
    queue.put_nowait(WorkItem(b"bytes", exclude=[user]))
    queue.put_nowait(WorkItem("text"))  # wrong
    queue.put_nowait(b"bytes")  # wrong
    assert_type(WorkItem("text").payload, str)
    assert_type(WorkItem[str | None](None).payload, str | None)
    mixed: asyncio.Queue[WorkItem[str] | None] = asyncio.Queue()
    mixed.put_nowait(None)
    mixed.put_nowait(WorkItem("text"))
    assert_type(create_detached_background_task(count()), asyncio.Task[int])
    assert_type(await create_detached_background_task(worker(queue), name="w"), bytes)
    create_detached_background_task(count)  # wrong
    create_detached_background_task(count(), keep=[user])
    create_detached_background_task(count(), keep=["user"])  # wrong
    assert_type(run_detached(asyncio.get_running_loop().create_task, count()), asyncio.Task[int])
    run_detached(group.start_soon, repeat, "text", 3)
    run_detached(group.start_soon, repeat, "text", "three")  # wrong
    assert_type(run_detached(total, 1, second=2), str)
    run_detached(total, 1, third=2)  # wrong
    run_detached(total, "one", second=2)  # wrong
    assert_type(create_detached_thread(total, args=(1,), kwargs={{"second": 2}}), Thread)
    create_detached_thread(total())  # wrong


async def rows() -> AsyncIterator[int]:
    yield 1
"""


@pytest.fixture(params=["ctxlint.detached", "app.helpers"])
def program(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A program that uses the helpers of ctxlint, or a copy of them."""
    module = str(request.param)
    (tmp_path / "app").mkdir()
    (tmp_path / "app/__init__.py").touch()
    (tmp_path / "app/helpers.py").write_bytes(Path(detached.__file__).read_bytes())
    path = tmp_path / "app/uses_helpers.py"
    path.write_text(TYPED.format(module=module), encoding="utf-8")
    return path


def wrong_lines() -> list[int]:
    lines = TYPED.splitlines()
    return [number for number, line in enumerate(lines, 1) if line.endswith("# wrong")]


def test_mypy(program: Path) -> None:
    source = Path(detached.__file__).parent.parent
    command = "-m mypy --strict --config-file= --no-incremental --warn-unreachable".split()
    result = subprocess.run(
        [sys.executable, *command, "app"],
        cwd=program.parent.parent,
        env={**os.environ, "MYPYPATH": str(source)},
        capture_output=True,
        text=True,
        check=False,
    )
    errors = re.findall(r"^(\S+):(\d+): error: (.*)$", result.stdout, re.M)
    wrong = [int(line) for path, line, _ in errors if path == "app/uses_helpers.py"]
    unreachable = next(n for n, line in enumerate(TYPED.splitlines(), 1) if "unreachable" in line)
    assert sorted(set(wrong)) == sorted([*wrong_lines(), unreachable]), result.stdout
    assert {path for path, *_ in errors} == {"app/uses_helpers.py"}, result.stdout


@pytest.mark.slow
def test_pyright(program: Path) -> None:
    pytest.importorskip("pyright")
    pyright = [sys.executable, "-m", "pyright"]
    version = subprocess.run([*pyright, "--version"], capture_output=True, text=True, check=False)
    if version.returncode:
        pytest.skip("pyright cannot fetch its program here")
    root = program.parent.parent
    source = Path(detached.__file__).parent.parent
    settings = {"typeCheckingMode": "strict", "extraPaths": [str(source)], "include": ["app"]}
    (root / "pyrightconfig.json").write_text(json.dumps(settings), encoding="utf-8")
    result = subprocess.run(
        [*pyright, "--outputjson", "--pythonpath", sys.executable],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    found = json.loads(result.stdout)["generalDiagnostics"]
    errors = [
        (Path(each["file"]).name, each["range"]["start"]["line"] + 1, each["message"])
        for each in found
        if each["severity"] == "error"
    ]
    assert sorted({line for name, line, _ in errors if name == program.name}) == wrong_lines(), (
        errors
    )
    assert {name for name, *_ in errors} == {program.name}, errors
