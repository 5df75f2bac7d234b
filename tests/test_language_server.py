"""`ctxlint --lsp`, as an editor meets it: a process that is spoken to over its standard streams."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

pytest.importorskip("pygls.lsp.server", reason="needs pygls 2")

from editor import SERVER, Editor, editing
from lsprotocol import types
from test_house import ctxlint_prints

from ctxlint.rules import RULES
from ctxlint.rules.codes import SITE

# pygls asks whether handlers are coroutine functions in a way that Python 3.14 warns of.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

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
POLL = """\
import asyncio


async def poll():
    while True:
        await asyncio.sleep(60)


async def handle(request):
    asyncio.create_task(poll())
"""
QUICK_FIX, FIX_ALL = "quickfix", "source.fixAll.ctxlint"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project of several modules, the worker in one and its spawn and puts in another."""
    root = tmp_path / "project"
    (root / "app").mkdir(parents=True)
    (root / "pyproject.toml").write_text("[tool.ctxlint]\nfix-style = 'helpers'\n")
    (root / "app" / "__init__.py").touch()
    (root / "app" / "workers.py").write_text(WORKERS)
    (root / "app" / "store.py").write_text(STORE)
    return root


def in_session(
    folder: Path, scenario: Callable[[Editor], Awaitable[None]], **settings: object
) -> None:
    async def play() -> None:
        async with editing(folder, **settings) as editor:
            await scenario(editor)

    asyncio.run(play())


def test_findings_and_their_trails_are_shown_while_typing(project: Path) -> None:
    store, workers = project / "app" / "store.py", project / "app" / "workers.py"

    async def scenario(editor: Editor) -> None:
        editor.open(store)
        spawn, put = await editor.diagnostics(store)
        assert (spawn.code, put.code) == ("CTX101", "CTX201")
        assert editor.under(store, spawn.range) == "asyncio.create_task(drain(self._queue))"
        assert spawn.source == "ctxlint"
        assert spawn.severity == types.DiagnosticSeverity.Warning
        assert spawn.code_description is not None
        assert spawn.code_description.href == f"{SITE}rules/CTX101/"
        assert spawn.tags is None
        places = [
            (each.location.uri, each.location.range.start.line, each.message)
            for each in spawn.related_information or []
        ]
        assert (workers.as_uri(), 1, "never ends: while True") in places

        editor.change(store, STORE.replace("asyncio.create_task(drain(self._queue))", "None"))
        assert await editor.codes(store) == []
        editor.change(store, STORE)
        assert await editor.codes(store) == ["CTX101", "CTX201"]

    in_session(project, scenario)


def test_unsaved_text_of_one_document_counts_for_the_others(project: Path) -> None:
    store, workers = project / "app" / "store.py", project / "app" / "workers.py"

    async def scenario(editor: Editor) -> None:
        editor.open(store)
        editor.open(workers)
        assert await editor.codes(store) == ["CTX101", "CTX201"]
        editor.change(workers, WORKERS.replace("while True", "for _ in range(3)"))
        await editor.until(lambda: not editor.told(store))
        editor.close(workers)  # without saving: the file counts again
        await editor.until(lambda: len(editor.told(store)) == 2)
        editor.close(store)
        await editor.until(lambda: not editor.told(store))

    in_session(project, scenario)


@pytest.mark.parametrize("versioned", [True, False])
def test_a_fix_over_two_files_leaves_nothing_to_report(project: Path, versioned: bool) -> None:
    """One file is open and one is not; both are changed by one action."""
    store, workers = project / "app" / "store.py", project / "app" / "workers.py"

    async def scenario(editor: Editor) -> None:
        editor.open(store, STORE.replace("row", "event"))  # edited, and not saved
        _, put = await editor.diagnostics(store)
        actions = await editor.actions(store, put.range, [QUICK_FIX])
        fix = next(each for each in actions if "WorkItem" in each.title)
        assert fix.title.endswith("(unsafe)")
        assert not fix.is_preferred
        assert [each.code for each in fix.diagnostics or []] == ["CTX201"]
        editor.apply(fix)
        editor.written(workers)
        assert "put_nowait(WorkItem(event))" in editor.texts[store]
        assert "with activate_request_context(" in workers.read_text()
        left = await editor.diagnostics(store)
        assert "CTX201" not in {each.code for each in left}
        for each in left:
            actions = await editor.actions(store, each.range, [QUICK_FIX])
            editor.apply(actions[0])
        assert await editor.codes(store) == []

    in_session(project, scenario, versioned=versioned)


def test_safe_fixes_are_preferred_and_applied_all_at_once(project: Path) -> None:
    polls = project / "polls.py"
    polls.write_text(POLL + POLL.partition("\n\n\n")[2].replace("poll", "again"))

    async def scenario(editor: Editor) -> None:
        editor.open(polls)
        first, _ = await editor.diagnostics(polls)
        (fix,) = [
            each
            for each in await editor.actions(polls, first.range, [QUICK_FIX])
            if "noqa" not in each.title
        ]
        assert fix.is_preferred
        assert "unsafe" not in fix.title
        nowhere = types.Range(types.Position(0, 0), types.Position(0, 0))
        assert await editor.actions(polls, nowhere) == []
        (everything,) = await editor.actions(polls, nowhere, ["source.fixAll"])
        assert everything.kind == FIX_ALL
        editor.apply(everything)
        assert await editor.codes(polls) == []
        assert editor.texts[polls].count("create_detached_background_task(") == 2

    in_session(project, scenario)


def test_fixing_all_leaves_unsafe_fixes_to_the_user(project: Path) -> None:
    store = project / "app" / "store.py"

    async def scenario(editor: Editor) -> None:
        editor.open(store)
        assert await editor.codes(store) == ["CTX101", "CTX201"]
        whole = types.Range(types.Position(0, 0), types.Position(99, 0))
        assert await editor.actions(store, whole, [FIX_ALL]) == []

    in_session(project, scenario)


def test_a_comment_silences_one_finding(project: Path) -> None:
    store = project / "app" / "store.py"
    text = STORE.replace("put_nowait(row)", "put_nowait(row)  # noqa: E501")

    async def scenario(editor: Editor) -> None:
        editor.open(store, text)
        for diagnostic in reversed(await editor.diagnostics(store)):
            actions = await editor.actions(store, diagnostic.range, [QUICK_FIX])
            editor.apply(next(each for each in actions if "# noqa" in each.title))
            await editor.diagnostics(store)
        assert editor.told(store) == []
        assert "drain(self._queue))  # noqa: CTX101\n" in editor.texts[store]
        assert "put_nowait(row)  # noqa: E501, CTX201\n" in editor.texts[store]

    in_session(project, scenario)


COMMENTED = """\
def label():
    return '''a
b'''  # noqa: E501, CTX101
"""


def test_a_comment_that_silences_nothing_is_faded_and_goes_away(project: Path) -> None:
    polls = project / "polls.py"
    (project / "pyproject.toml").write_text('[tool.ctxlint]\nextend-select = ["CTX901"]\n')

    async def scenario(editor: Editor) -> None:
        editor.open(polls, COMMENTED)
        (comment,) = await editor.diagnostics(polls)
        assert comment.code == "CTX901"
        assert list(comment.tags or ()) == [types.DiagnosticTag.Unnecessary]
        assert editor.under(polls, comment.range) == "# noqa: E501, CTX101"
        (fix,) = await editor.actions(polls, comment.range, [QUICK_FIX])  # no comment silences it
        editor.apply(fix)
        assert editor.texts[polls] == COMMENTED.replace(", CTX101", "")

    in_session(project, scenario)


STRINGS = {
    "a comment behind the joined lines": ("'''", "'''  # noqa: CTX101"),
    "a string that is read as a comment": ("# noqa: E501'''", "# noqa: E501'''"),
}


@pytest.mark.parametrize(("string", "after"), STRINGS.values(), ids=STRINGS)
def test_a_comment_is_offered_where_the_command_would_write_one(
    string: str, after: str, project: Path
) -> None:
    polls = project / "polls.py"
    text = POLL.replace("poll())", f"poll()), '''\n{string}")
    polls.write_text(text)

    async def scenario(editor: Editor) -> None:
        editor.open(polls)
        (spawn,) = await editor.diagnostics(polls)
        for action in await editor.actions(polls, spawn.range, [QUICK_FIX]):
            if "# noqa" in action.title:
                editor.apply(action)
        assert editor.texts[polls] == text.replace(f"\n{string}", f"\n{after}")

    in_session(project, scenario)
    ctxlint_prints("--add-noqa", str(polls), cwd=project, exit_codes=(0, 1))
    assert polls.read_text() == text.replace(f"\n{string}", f"\n{after}")


def test_hovering_over_a_finding_shows_the_page_of_its_rule(project: Path) -> None:
    store = project / "app" / "store.py"

    async def scenario(editor: Editor) -> None:
        editor.open(store)
        spawn, _ = await editor.diagnostics(store)
        assert await editor.hover(store, spawn.range.start) == RULES["CTX101"].documentation
        assert await editor.hover(store, types.Position(0, 0)) == ""

    in_session(project, scenario)


@pytest.mark.parametrize("told", [True, False], ids=["watched", "not watched"])
def test_settings_count_as_soon_as_they_are_written(project: Path, told: bool) -> None:
    store, toml = project / "app" / "store.py", project / "pyproject.toml"

    async def scenario(editor: Editor) -> None:
        editor.open(store)
        assert await editor.codes(store) == ["CTX101", "CTX201"]
        await editor.until(lambda: "workspace/didChangeWatchedFiles" in editor.watched)

        def write(settings: str) -> None:
            toml.write_text(f"[tool.ctxlint]\n{settings}\n")
            if told:
                editor.written(toml)
            else:
                editor.change(store, editor.texts[store])

        write('ignore = ["CTX101"]')
        await editor.until(lambda: [each.code for each in editor.told(store)] == ["CTX201"])
        write('ignroe = ["CTX101"]')
        await editor.until(lambda: not editor.told(store))
        await editor.until(lambda: any('unknown key "ignroe"' in m for m in editor.messages))
        write("")
        await editor.until(lambda: len(editor.told(store)) == 2)

    in_session(project, scenario)


@pytest.mark.parametrize("what", ["configuration", "folders"])
def test_the_disk_is_looked_at_again_when_the_editor_is_set_up_anew(
    project: Path, what: str
) -> None:
    store = project / "app" / "store.py"

    async def scenario(editor: Editor) -> None:
        editor.open(store)
        assert await editor.codes(store) == ["CTX101", "CTX201"]
        (project / "pyproject.toml").write_text('[tool.ctxlint]\nignore = ["CTX101"]\n')
        if what == "configuration":
            set_up = types.DidChangeConfigurationParams(settings=None)
            editor.client.workspace_did_change_configuration(set_up)
        else:
            moved = types.WorkspaceFoldersChangeEvent(added=[], removed=[])
            editor.client.workspace_did_change_workspace_folders(
                types.DidChangeWorkspaceFoldersParams(moved)
            )
        await editor.until(lambda: [each.code for each in editor.told(store)] == ["CTX201"])

    in_session(project, scenario)


def test_no_edit_is_offered_for_a_file_that_has_changed_on_the_disk(project: Path) -> None:
    store, workers = project / "app" / "store.py", project / "app" / "workers.py"

    async def scenario(editor: Editor) -> None:
        editor.open(store)
        spawn, _ = await editor.diagnostics(store)
        assert await editor.actions(store, spawn.range, [QUICK_FIX])
        workers.write_text(WORKERS.replace("while True", "for _ in range(3)"))
        assert await editor.actions(store, spawn.range, [QUICK_FIX]) == []
        await editor.until(lambda: not editor.told(store))  # the disk was doubted then

    in_session(project, scenario)


def test_what_is_no_python_file_is_left_alone(project: Path) -> None:
    store, notes = project / "app" / "store.py", project / "notes.md"

    async def scenario(editor: Editor) -> None:
        editor.open(notes, POLL)
        editor.change(notes, STORE)
        place = types.Position(0, 0)
        assert await editor.hover(notes, place) == ""
        assert await editor.actions(notes, types.Range(place, place)) == []
        editor.close(notes)
        editor.open(store)
        assert await editor.codes(store) == ["CTX101", "CTX201"]
        assert editor.told(notes) == []

    in_session(project, scenario)


def test_a_baseline_that_is_not_there_is_told_and_stops_no_other_project(
    project: Path,
) -> None:
    other = project / "other" / "polls.py"
    other.parent.mkdir()
    other.write_text(POLL)
    (other.parent / "pyproject.toml").write_text("[tool.ctxlint]\nbaseline = 'known.json'\n")
    store = project / "app" / "store.py"

    async def scenario(editor: Editor) -> None:
        editor.open(other)
        editor.open(store)
        await editor.until(lambda: len(editor.told(store)) == 2)
        assert not editor.told(other)
        told = f"ctxlint: baseline {other.parent / 'known.json'}: there is no such file"
        assert [each for each in editor.messages if each.startswith(told)] == editor.messages

        (other.parent / "known.json").write_text('{"ctxlint-baseline": 1, "findings": []}')
        editor.change(other, POLL + "\n")
        await editor.until(lambda: [each.code for each in editor.told(other)] == ["CTX101"])

    in_session(project, scenario)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_columns_are_counted_as_the_editor_counts(
    project: Path, encoding: str, newline: str
) -> None:
    polls = project / "polls.py"
    body = "    '🦜🦜é', asyncio.create_task(poll()), '🦜'\n"
    # A form feed and a line separator end no line, neither in Python nor in the protocol.
    text = POLL.replace("    asyncio.create_task(poll())\n", f"    '\u2028'\n\f\n{body}")
    text = text.replace("\n", newline)

    async def scenario(editor: Editor) -> None:
        assert editor.capabilities.position_encoding == encoding
        editor.open(polls, text)
        (spawn,) = await editor.diagnostics(polls)
        assert editor.under(polls, spawn.range) == "asyncio.create_task(poll())"
        fix, silencer, _ = await editor.actions(polls, spawn.range)
        editor.apply(silencer)
        assert f"'🦜'  # noqa: CTX101{newline}" in editor.texts[polls]
        editor.change(polls, text)
        fix, *_ = await editor.actions(polls, spawn.range)
        fix.edit = _for_version(fix, editor.versions[polls])
        editor.apply(fix)
        assert "'🦜🦜é', create_detached_background_task(poll()), '🦜'" in editor.texts[polls]
        assert await editor.codes(polls) == []

    in_session(project, scenario, encoding=encoding)


def _for_version(action: types.CodeAction, version: int) -> types.WorkspaceEdit:
    """The edit of an action, which has to be one of this version."""
    assert action.edit is not None
    (change,) = action.edit.document_changes or []
    assert isinstance(change, types.TextDocumentEdit)
    assert change.text_document.version == version
    return action.edit


def test_a_byte_order_mark_moves_no_column(project: Path) -> None:
    polls = project / "polls.py"

    async def scenario(editor: Editor) -> None:
        editor.open(polls, "\ufeff" + POLL.replace("import asyncio\n", "import asyncio  # 🦜\n"))
        (spawn,) = await editor.diagnostics(polls)
        fix, *_ = await editor.actions(polls, spawn.range, [QUICK_FIX])
        editor.apply(fix)
        assert editor.texts[polls].startswith("\ufeffimport asyncio  # 🦜\n")
        assert await editor.codes(polls) == []

    in_session(project, scenario)


def test_only_files_that_ctxlint_would_check_are_reported(project: Path) -> None:
    store, library = project / "app" / "store.py", project / ".venv" / "lib" / "polls.py"
    outside, new = project.parent / "elsewhere.py", project / "app" / "new.py"
    library.parent.mkdir(parents=True)
    library.write_text(POLL)
    outside.write_text(POLL)

    async def scenario(editor: Editor) -> None:
        for path in (library, outside):
            editor.open(path)
        editor.open(new, POLL)
        assert await editor.codes(new) == ["CTX101"]
        editor.open(store)
        assert await editor.codes(store) == ["CTX101", "CTX201"]
        assert editor.told(library) == editor.told(outside) == []

    in_session(project, scenario)


def test_broken_and_hostile_texts_are_told_and_do_not_stop_the_server(project: Path) -> None:
    store, bomb = project / "app" / "store.py", project / "bomb.py"
    nested, chain = "(" * 100_000, "x = " + "not " * 200_000 + "y\n"

    async def scenario(editor: Editor) -> None:
        editor.open(store)
        editor.open(bomb, nested)
        (told,) = await editor.diagnostics(bomb)
        assert (told.code, told.severity) == ("CTX900", types.DiagnosticSeverity.Error)
        for text in (chain, "def broken(:\n", "# coding: no-such\n", "x = '\ud800'\0"):
            editor.change(bomb, text)
            assert await editor.codes(bomb) == ["CTX900"]
        editor.change(bomb, "ok = 1\n")
        assert await editor.codes(bomb) == []
        assert await editor.codes(store) == ["CTX101", "CTX201"]

    in_session(project, scenario)


def test_typing_on_ends_the_runs_that_nobody_waits_for(project: Path) -> None:
    """The last text is judged soon, however many came before it and however much there is to do."""
    store = project / "app" / "store.py"
    for number in range(30):
        (project / "app" / f"more{number}.py").write_text(STORE)

    async def scenario(editor: Editor) -> None:
        editor.open(store)
        clock = asyncio.get_running_loop().time
        began = clock()
        await editor.diagnostics(store)
        whole = clock() - began
        began = clock()
        for number in range(40):
            editor.change(store, STORE + f"# {number}\n")
            await asyncio.sleep(0.01)
        assert await editor.codes(store) == ["CTX101", "CTX201"]
        assert clock() - began < 5 * whole + 2

    in_session(project, scenario)


def test_messages_without_measure_are_skipped(project: Path) -> None:
    """... and take no memory; what comes behind them is answered."""
    script = (
        "import io, sys\n"
        "from ctxlint.language_server.stdin import BoundedInput\n"
        "from ctxlint.language_server import server, stdin\n"
        "from ctxlint.lookup import LOOKUP\n"
        "server.BoundedInput = lambda stream: BoundedInput(stream, 10_000)\n"
        "server.serve(LOOKUP, '0')\n"
    )
    capabilities: dict[str, object] = {}
    messages = [
        _request(
            1, "initialize", {"processId": None, "rootUri": None, "capabilities": capabilities}
        ),
        _request(None, "textDocument/didOpen", {"x": "x" * 50_000}),
        b"Content-Length: 9\r\n\r\n[[[[[[[[[",
        _request(2, "shutdown", None),
        _request(None, "exit", None),
    ]
    done = subprocess.run(
        [sys.executable, "-c", script],
        input=b"".join(messages),
        capture_output=True,
        cwd=project,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr.decode()
    assert b"a message was too long" in done.stdout, done.stderr.decode()
    assert b'"id": 2' in done.stdout


def test_a_header_without_end_ends_the_session(project: Path) -> None:
    done = subprocess.run(
        SERVER, input=b"Content-Length: " + b"1" * 1_000_000, capture_output=True, timeout=60
    )
    assert done.stdout == b""


def _request(number: int | None, method: str, params: object) -> bytes:
    message: dict[str, object] = {"jsonrpc": "2.0", "method": method}
    if number is not None:
        message["id"] = number
    if params is not None:
        message["params"] = params
    body = json.dumps(message).encode()
    return b"Content-Length: %d\r\n\r\n" % len(body) + body
