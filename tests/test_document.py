"""A file's bytes, text and tree: offsets lead from one to the other, in files of every kind."""

from __future__ import annotations

import time
from pathlib import Path

import libcst as cst
import pytest

from ctxlint.fixes.document import Document
from ctxlint.fixes.edits import Unfixable, spliced

SOURCES = {
    "plain": b"x = 1\ny = f(x)\n",
    "empty": b"",
    "no final newline": b"x = 1\ny = f(x)",
    "crlf": b"x = '''a\r\nb'''\r\ny = f(x)\r\n",
    "cr": b"x = 1\ry = f(x)\r",
    "mixed": b"x = 1\r\ny = 2\nz = f(x)\r",
    "bom": b"\xef\xbb\xbfx = 1\r\ny = f('\xc3\xa9')",
    "utf-8": "x = '日本'; ñ = f('é')  # 😀\nz = 1\n".encode(),
    "utf-8 cookie": "# -*- coding: utf-8 -*-\nx = 'é'; y = f(x)\n".encode(),
    "latin-1": "# coding: latin-1\nx = 'é'; y = f('ü')\n".encode("latin-1"),
    "cp1252": "# vim: set fileencoding=cp1252 :\nx = '€'; y = f('ü')\n".encode("cp1252"),
    "euc-jp": "# coding: euc-jp\nx = '日本'; y = f(x)\n".encode("euc-jp"),
    "tabs": b"def f(x):\n\tif x:\n\t\treturn f(x)\n\treturn 1\n",
    "form feed between": b"x = 1\n\x0c\ny = f(x)\n",
    "form feed first": b"\x0cx = 1\ny = f(x)\n",
    "form feed in the indentation": b"def f(x):\n    y = 1\n    \x0c    z = f(x)\n",
    "form feed before a statement": b"def f(x):\n    y = 1\n\x0c    return f(x)\n",
    "form feed in an expression": b"x = f(1 +\x0c2)\n",
    "PEP 695": b"type A[T] = list[T]\n\nclass B[T]: ...\n\ndef c[*P](x: A[P]) -> None: f(x)\n",
    "PEP 701": b"x = f'{a['b']!r:>{n}} {f(1)}' ; y = f(x)\n",
    "PEP 750": b"x = t'{a['b']} {f(1)}' ; y = f(x)\n",
    "backslashes": b"x = f(1) + \\\n  f(2)\n",
    "comments": b"# one\nx = (  # two\n  f(  # three\n 1)\n)  # four\n  # five\n",
}


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_nodes_are_where_their_text_is(source: bytes) -> None:
    document = Document(Path("a.py"), source)
    empty = cst.Module([])
    seen = 0
    for node, (start, end) in document.spans.items():
        if isinstance(
            node, cst.Name | cst.Integer | cst.Call | cst.SimpleString | cst.FormattedString
        ):
            seen += 1
            bare = node.with_changes(lpar=(), rpar=())
            assert document.text[start:end] == empty.code_for_node(bare)
            edit = document.edit(start, end, "new")
            encoded = document.source[edit.start : edit.end].decode(document.encoding)
            assert encoded == document.text[start:end]
    assert seen or not source


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_everything_beside_an_edit_stays(source: bytes) -> None:
    document = Document(Path("a.py"), source)
    for at in range(len(document.text) + 1):
        edit = document.edit(at, at, "new")
        result = spliced(source, [edit])
        assert result[: edit.start] + result[edit.start + 3 :] == source
        if document.encoding != "euc_jp":
            assert result.decode(document.encoding) == (
                document.text[:at] + "new" + document.text[at:]
            )


def test_offsets_of_lines_and_columns() -> None:
    document = Document(Path("a.py"), "\ufeffé = 1\r\nx = 'ü' + y\rz".encode())
    assert document.byte_of(1, 1) == 3
    assert document.source[document.byte_of(2, 11) :] == b"y\rz"
    assert document.source[document.byte_of(3, 1) :] == b"z"
    assert document.byte_of(9, 9) == len(document.source)


def test_line_ends_are_those_of_the_place() -> None:
    document = Document(Path("a.py"), b"a\nb\r\nc\rd\r\ne")
    assert document.newline == "\r\n"
    inserted = [document.edit(at, at, "\n").text for at in (0, 2, 5, 7, 10)]
    assert inserted == [b"\n", b"\r\n", b"\r", b"\r\n", b"\r\n"]
    assert Document(Path("a.py"), b"a").edit(0, 0, "\n").text == b"\n"


@pytest.mark.parametrize(
    ("source", "told"),
    [
        (b"x = '\xff'\n", "not utf-8"),
        (b"# coding: nonsense\nx = 1\n", "nonsense"),
        (b"# coding: utf-7\nx = '+AOk-'\n", "utf-7"),
        (b"# coding: unicode_escape\nx = '\\u00e9'\n", "unicode_escape"),
        (b"\xef\xbb\xbf# coding: latin-1\n", "encoding problem"),
    ],
)
def test_what_cannot_be_written_back(source: bytes, told: str) -> None:
    with pytest.raises(Unfixable, match=told):
        Document(Path("a.py"), source).edit(0, 0, "x")


@pytest.mark.parametrize(
    ("source", "told"),
    [
        (b"\xff\xfe\x00", "a.py cannot be decoded: not utf-8"),
        (
            f"# coding: iso-2022-jp\nx = '{'日本' * 400}'\n".encode("iso-2022-jp"),
            "iso-2022-jp, which has shift states",
        ),
    ],
)
def test_what_edits_cannot_be_made_in(source: bytes, told: str) -> None:
    with pytest.raises(Unfixable, match=told):
        Document(Path("a.py"), source).edit(0, 1, "x")


@pytest.mark.parametrize("source", [b"x = a" + b".b" * 3000, b"x = " + b"-" * 3000 + b"1"])
def test_what_is_nested_too_deeply(source: bytes) -> None:
    with pytest.raises(Unfixable, match="is nested too deeply to be rewritten"):
        assert Document(Path("a.py"), source + b"\n").spans


@pytest.mark.parametrize(
    ("text", "at", "calls"),
    [
        ("f(x)(y)\n", 0, ["f(x)", "f(x)(y)"]),
        ("a = (  # now\n  f)(x)\n", 15, ["(  # now\n  f)(x)"]),
        ("g(f(x))\n", 2, ["f(x)"]),
        ("f, g(x)\n", 0, []),
    ],
)
def test_calls_that_begin_at_an_offset(text: str, at: int, calls: list[str]) -> None:
    document = Document(Path("a.py"), text.encode())
    found = document.beginning_at(at, cst.Call)
    assert [text[slice(*document.spans[each])] for each in found] == calls


def test_text_that_the_encoding_lacks() -> None:
    document = Document(Path("a.py"), "# coding: latin-1\nx = 'é'\n".encode("latin-1"))
    with pytest.raises(Unfixable, match="cannot hold"):
        document.edit(0, 0, "日本")


def test_what_cannot_be_parsed() -> None:
    with pytest.raises(Unfixable, match="cannot be parsed"):
        assert Document(Path("a.py"), b"def f(:\n").spans


@pytest.mark.parametrize("comment", ["# plain", "# é", "# 日本"])
def test_offsets_cost_no_more_in_long_files(comment: str) -> None:
    """Were each offset counted from the start, these would take minutes."""
    document = Document(Path("a.py"), f"f(1)  {comment}\n".encode() * 100_000)
    step = len(document.text) // 20_000
    begun = time.process_time()
    for at in range(0, len(document.text), step):
        document.edit(at, at, "x\n")
    assert time.process_time() - begun < 5
