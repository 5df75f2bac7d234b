"""flake8 inside python-lsp-server: an editor that has it sees what ctxlint reports."""

from __future__ import annotations

import asyncio
import importlib.metadata
import sys
from pathlib import Path

import pytest

pytest.importorskip("pygls.lsp.server", reason="needs pygls 2, as the client")
pytest.importorskip("pylsp")

from editor import Editor, editing
from lsprotocol import types

from ctxlint import check

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.skipif(
        not importlib.metadata.entry_points(group="flake8.extension", name="CTX"),
        reason="ctxlint is not installed beside flake8",
    ),
]

SERVER = (sys.executable, "-m", "pylsp")
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

    async def scenario(editor: Editor) -> list[tuple[str, int, int, str]]:
        editor.client.workspace_did_change_configuration(
            types.DidChangeConfigurationParams(
                {"pylsp": {"plugins": {"flake8": {"enabled": True, "select": ["CTX"]}}}}
            )
        )
        editor.open(store, STORE)
        await editor.until(lambda: len(_seen(editor, store)) == 2)
        return _seen(editor, store)

    async def play() -> list[tuple[str, int, int, str]]:
        async with editing(tmp_path, SERVER) as editor:
            return await scenario(editor)

    seen = asyncio.run(play())
    store.write_text(STORE)
    assert seen == [
        (each.code, each.line, each.column, f"{each.code} {each.message}")
        for each in check([store])
    ]


def _seen(editor: Editor, path: Path) -> list[tuple[str, int, int, str]]:
    """What flake8's plugins for it have found; other linters of pylsp have findings, too."""
    return [
        (str(each.code), each.range.start.line + 1, each.range.start.character + 1, each.message)
        for each in editor.told(path)
        if each.source == "flake8"
    ]
