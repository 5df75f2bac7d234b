"""flake8 inside python-lsp-server: an editor that has it sees what ctxlint reports."""

from __future__ import annotations

import importlib.metadata
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from subprocess import PIPE
from typing import Any

import pytest

pytest.importorskip("pylsp")

from ctxlint import check

pytestmark = pytest.mark.skipif(
    not importlib.metadata.entry_points(group="flake8.extension", name="CTX"),
    reason="ctxlint is not installed beside flake8",
)

SERVER = (sys.executable, "-m", "pylsp")
_PATIENCE = 60  # seconds
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


def test_pylsp_shows_what_ctxlint_finds_in_unsaved_text(tmp_path: Path) -> None:
    store = tmp_path / "app" / "store.py"
    store.parent.mkdir()
    (store.parent / "__init__.py").touch()
    (store.parent / "workers.py").write_text(WORKERS)
    (tmp_path / "pyproject.toml").write_text("[tool.ctxlint]\n")
    store.write_text("")

    program = str(Path(sys.executable).with_name("flake8"))
    flake8 = {"enabled": True, "select": ["CTX"], "executable": program}
    document = {"uri": store.as_uri(), "languageId": "python", "version": 1, "text": STORE}
    messages = [
        {"id": 1, "method": "initialize", "params": {"rootUri": tmp_path.as_uri()}},
        {"method": "initialized", "params": {}},
        {
            "method": "workspace/didChangeConfiguration",
            "params": {"settings": {"pylsp": {"plugins": {"flake8": flake8}}}},
        },
        {"method": "textDocument/didOpen", "params": {"textDocument": document}},
    ]
    seen = next(found for found in _told(tmp_path, messages) if found)
    store.write_text(STORE)
    assert seen == [
        (each.code, each.line, each.column, f"{each.code} {each.message}")
        for each in check([store])
    ]


def _told(
    folder: Path, messages: list[dict[str, object]]
) -> Iterator[list[tuple[str, int, int, str]]]:
    """What flake8 has found, each time that pylsp tells diagnostics.

    lsprotocol, and so the client of pygls, cannot read what pylsp says of notebooks.
    """
    with subprocess.Popen(
        SERVER, cwd=folder, stdin=PIPE, stdout=PIPE, stderr=subprocess.DEVNULL
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        end = threading.Timer(_PATIENCE, server.kill)
        end.start()
        try:
            for each in messages:
                body = json.dumps({"jsonrpc": "2.0", **each}).encode()
                server.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
            server.stdin.flush()
            while header := server.stdout.readline():
                length = int(header.split(b":")[1])
                while server.stdout.readline().strip():
                    pass
                message = json.loads(server.stdout.read(length))
                if message.get("method") == "textDocument/publishDiagnostics":
                    yield [
                        _row(each)
                        for each in message["params"]["diagnostics"]
                        if each["source"] == "flake8"
                    ]
        finally:
            end.cancel()
            server.kill()


def _row(told: dict[str, Any]) -> tuple[str, int, int, str]:
    start = told["range"]["start"]
    return told["code"], start["line"] + 1, start["character"] + 1, told["message"]
