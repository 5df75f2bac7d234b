"""What an editor, or who pretends to be one, can send to the language server: it stays alive, in
bounded memory, and answers what makes sense; where nothing can make sense any more, it ends."""

from __future__ import annotations

import asyncio
import io
import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from bombs import LEAK, bounded
from editor import SERVER, Editor, editing
from lsprotocol import types

from ctxlint.language_server.stdin import LONGEST, BoundedInput

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="limits of POSIX")

FOUND = ["CTX101", "CTX201"]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    project = tmp_path / "project"
    project.mkdir()
    (project / "pyproject.toml").write_text('[project]\nname = "app"\nversion = "1"\n')
    (project / "store.py").write_text(LEAK)
    return project


# --- one message ---------------------------------------------------------------------------------


def messages(sent: bytes, *, longest: int = 1_000, structure: int = 100) -> list[bytes]:
    """The bodies that are handed on, read as pygls reads them."""
    stream = BoundedInput(io.BytesIO(sent), longest, structure)
    found: list[bytes] = []
    while line := stream.readline():
        assert line.startswith(b"Content-Length: ")
        assert stream.readline() == b"\r\n"
        found.append(stream.read(int(line.split()[1])))
    return found


def framed(body: bytes, header: bytes = b"Content-Length: %d\r\n") -> bytes:
    return header % len(body) + b"\r\n" + body


NEXT = framed(b'{"next": 1}')
SKIPPED = b"ctxlint/skipped"


@pytest.mark.parametrize(
    "header",
    [
        b"Content-Length: %d\r\n",
        b"content-length:%d\r\n",
        b"Content-Type: application/vscode-jsonrpc; charset=utf-8\r\nContent-Length: %d\r\n",
        b"Content-Length: %d\r\nX-Length: 5\r\n",
        b"\r\nContent-Length: %d\r\n",
        b"Content-Length: 0\r\n\r\nContent-Length: %d\r\n",
    ],
)
def test_messages_are_handed_on_as_they_are(header: bytes) -> None:
    assert messages(framed(b'{"a": "\xc3\xa9"}', header) + NEXT) == [
        b'{"a": "\xc3\xa9"}',
        b'{"next": 1}',
    ]


@pytest.mark.parametrize(
    "body",
    [
        b"x" * 1_001,
        b"[" * 200,
        b"[" + b"[]," * 50,
        b'{"a":1,' * 50,
        b'["a",' * 60,
        b"[" + b"1," * 80 + b'"' + b"x" * 300 + b'"]',
    ],
)
def test_what_is_too_much_is_passed_over_and_said(body: bytes) -> None:
    told, following = messages(framed(body) + NEXT)
    assert json.loads(told)["method"] == SKIPPED.decode()
    assert following == b'{"next": 1}'


@pytest.mark.parametrize(
    "body",
    [
        b'{"text": "' + b"[{1,2}] " * 100 + b'"}',
        b'{"text": "' + b'\\"[,' * 200 + b'"}',
        b'{"text": "' + b"\\\\" * 300 + b'", "more": "[,]"}',
        b'{"text": "' + b"[" * 500,  # no JSON: to be told by who reads it
    ],
)
def test_text_is_no_structure_whatever_stands_in_it(body: bytes) -> None:
    assert messages(framed(body) + NEXT) == [body, b'{"next": 1}']


@pytest.mark.parametrize(
    "header",
    [
        b"Content-Length: -5\r\n\r\n",
        b"Content-Length: five\r\n\r\n",
        b"Content-Length: 5 5\r\n\r\n",
        b"Content-Length: 2\r\nContent-Length: 4\r\n\r\n",
        b"Content-Length: " + b"9" * 5_000 + b"\r\n\r\n",
        b"Content-Length: 99999999999\r\n\r\n",
        b"Content-Type: text\r\n\r\n",
        b"no field\r\n\r\n",
        b"A: b\r\n" * 100 + b"Content-Length: 2\r\n\r\n",
        b"A" * 10_000,
    ],
)
def test_behind_a_header_without_sense_nothing_is_read(header: bytes) -> None:
    assert messages(NEXT + header + NEXT + NEXT) == [b'{"next": 1}']


@pytest.mark.parametrize(
    "sent", [b"Content-Length: 50\r\n\r\n{}", b"Content-Length: 2000\r\n\r\n{}"]
)
def test_a_message_that_breaks_off_is_the_end(sent: bytes) -> None:
    assert messages(NEXT + sent) == [b'{"next": 1}']


# --- a session -----------------------------------------------------------------------------------


def after(project: Path, *sent: bytes) -> subprocess.CompletedProcess[bytes]:
    """A session in which something is sent, then a document is opened; it may take a gigabyte."""
    uri = (project / "store.py").as_uri()
    item = {"uri": uri, "languageId": "python", "version": 1, "text": LEAK}
    starting: dict[str, object] = {"processId": None, "rootUri": None, "capabilities": {}}
    conversation = [
        request("initialize", starting, 1),
        request("initialized", {}),
        *sent,
        request("textDocument/didOpen", {"textDocument": item}),
        request(
            "textDocument/hover",
            {"textDocument": {"uri": uri}, "position": {"line": 8, "character": 30}},
            2,
        ),
    ]
    process = subprocess.Popen(
        SERVER,
        cwd=project,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=bounded,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    for each in conversation:
        process.stdin.write(each)
    process.stdin.flush()
    said = b""
    while b'"id": 2' not in said and (line := process.stdout.readline()):
        length = int(line.split()[1])
        while line != b"\r\n":
            line = process.stdout.readline()
        said += process.stdout.read(length)
    rest, error = process.communicate(
        request("shutdown", None, 3) + request("exit", None), timeout=60
    )
    return subprocess.CompletedProcess(SERVER, process.returncode, said + rest, error)


def request(method: str, params: object, number: int | None = None) -> bytes:
    message: dict[str, object] = {"jsonrpc": "2.0", "method": method}
    if number is not None:
        message["id"] = number
    if params is not None:
        message["params"] = params
    return framed(json.dumps(message).encode())


SENT = {
    "deep lists": framed(b"[" * 10**6),
    "deep objects": framed(
        b'{"jsonrpc":"2.0","method":"textDocument/didOpen","params":'
        + b'{"a":' * 10**6
        + b"1"
        + b"}" * 10**6
        + b"}"
    ),
    "60 MB of lists": framed(b"[" + b"[]," * 20_000_000 + b"1]"),
    "60 MB of objects": framed(b"[" + b'{"a":1},' * 7_500_000 + b"1]"),
    "no JSON": framed(b"garbage"),
    "no text": framed(b'{"jsonrpc":"2.0","method":"\xff\xfe"}'),
    "no object": framed(b"[1, 2, 3]"),
    "no method": framed(b'{"jsonrpc":"2.0"}'),
    "parameters of other kinds": framed(
        b'{"jsonrpc":"2.0","method":"textDocument/didOpen","params":{"textDocument":{"uri":5}}}'
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("sent", SENT.values(), ids=SENT.keys())
def test_a_message_without_sense_keeps_nobody_from_the_next(sent: bytes, project: Path) -> None:
    done = after(project, sent)
    assert done.returncode == 0, done.stderr
    assert b"task-inherits-context" in done.stdout.partition(b'"id": 2')[2]


def test_the_longest_message_is_longer_than_what_is_analysed() -> None:
    assert LONGEST >= 2**25


async def opened_and_judged(editor: Editor, path: Path) -> None:
    editor.open(path)
    assert await editor.codes(path) == FOUND


def test_paths_that_cannot_be_are_nobodys(project: Path) -> None:
    """... and no document has them; the others have their findings."""
    uris = [
        "untitled:new.py",
        "http://host/x.py",
        "file://host/share/x.py",
        "file:///%00.py",
        "file:///%ff.py",
        f"{project.as_uri()}/{'a' * 5_000}.py",
        f"{project.as_uri()}/{'a/' * 5_000}b.py",
        "file:///dev/stdin",
        "file:///dev/null/x.py",
        "file:",
        "",
        "::",
    ]

    async def scenario() -> None:
        async with editing(project) as editor:
            for uri in uris:
                item = types.TextDocumentItem(uri, "python", 1, LEAK)
                editor.client.text_document_did_open(types.DidOpenTextDocumentParams(item))
            await opened_and_judged(editor, project / "store.py")
            assert editor.messages == []

    asyncio.run(scenario())


@pytest.mark.slow
def test_thousands_of_notices_at_once(project: Path) -> None:
    store, other = project / "store.py", project / "other.py"

    async def scenario() -> None:
        async with editing(project) as editor:
            editor.open(other, "x = 1\n")
            for number in range(2_000):
                editor.change(other, f"{LEAK}# {number}\n")
                editor.written(store)
                uri = f"untitled:{number}.py"
                item = types.TextDocumentItem(uri, "python", 1, LEAK)
                editor.client.text_document_did_open(types.DidOpenTextDocumentParams(item))
            await opened_and_judged(editor, store)
            assert await editor.codes(other) == FOUND

    asyncio.run(scenario())


# --- what else lies in the project ---------------------------------------------------------------


def test_pipes_and_directories_called_like_files_are_passed_by(project: Path) -> None:
    os.mkfifo(project / "pipe.py")
    os.mkfifo(project / ".ctxlint_unfinished")
    (project / "folder.py").mkdir()
    (project / "loop").symlink_to(project)
    (project / "round.py").symlink_to("round.py")

    async def scenario() -> None:
        async with editing(project) as editor:
            await opened_and_judged(editor, project / "store.py")
            editor.open(project / "pipe.py", LEAK)
            assert await editor.codes(project / "pipe.py") in ([], FOUND)

    asyncio.run(scenario())
    assert stat.S_ISFIFO((project / "pipe.py").stat().st_mode)
