"""What is read in pieces, an outline and the bodies of functions, is what is read as a whole."""

from __future__ import annotations

import asyncio
import email
import importlib
from pathlib import Path
from typing import Any

import msgspec
import pytest
from test_facts import TRICKY, VARIANTS

from ctxlint.encoding import decode
from ctxlint.facts import model as m
from ctxlint.facts import outline as outline_module
from ctxlint.facts.extract import extract, extract_body, extract_outline
from ctxlint.facts.lines import logical_lines
from ctxlint.facts.outline import outline


@pytest.fixture
def any_length(monkeypatch: pytest.MonkeyPatch) -> None:
    """Short bodies are left out like long ones."""
    monkeypatch.setattr(outline_module, "_SHORTEST", 0)


def assert_pieces_make_the_whole(source: bytes) -> int:
    """Checks it for one module; how many bodies were left out of the outline."""
    cut, entire, text = extract_outline(source), extract(source), decode(source)
    assert cut.line_starts == entire.line_starts
    before = msgspec.to_builtins(entire.body)
    return sum(compare(one, all_, text) for one, all_ in zip(cut.body, before, strict=True))


def compare(one: Any, entire: Any, text: str, earliest: int = 0) -> int:
    """Compares a fact of an outline with the same of the whole, bodies read when met.

    The place of a literal that no name precedes is where its piece begins.
    """
    if isinstance(one, m.Function) and one.left_out is not None:
        body = extract_body(text, one.left_out)
        return 1 + compare(
            msgspec.structs.replace(one, body=body, left_out=None), entire, text, one.left_out[0]
        )
    if isinstance(one, tuple):
        assert len(one) == len(entire)
        return sum(compare(*pair, text, earliest) for pair in zip(one, entire, strict=True))
    if not isinstance(one, m.Node):
        assert one == entire
        return 0
    kind, *values = entire
    assert type(one).__name__ == kind
    left_out = 0
    for field, value in zip(one.__struct_fields__, values, strict=False):
        mine = getattr(one, field)
        if field != "at":
            left_out += compare(mine, value, text, earliest)
        elif isinstance(mine, int):
            assert mine == value or mine == earliest > value
    return left_out


@pytest.mark.usefixtures("any_length")
@pytest.mark.parametrize("variant", VARIANTS.values(), ids=VARIANTS.keys())
@pytest.mark.parametrize("text", TRICKY.values(), ids=TRICKY.keys())
def test_pieces_of_tricky_code(text: str, variant) -> None:
    assert_pieces_make_the_whole(variant(text))


FUNCTIONS = {
    "after a comment at the left": "def f():\n    a()\n# b\n    c()\n\nd()\n",
    "brackets at the left": "def f():\n    a(\nb,\n)\n    c()\nd()\n",
    "a string at the left": 'def f():\n    """\ndef g():\n    a()\n"""\n    b()\nc()\n',
    "a def in a string": 'x = """\ndef f():\n    a()\n"""\nb()\n',
    "a continued header": "def f(\n    a=b(),\n  c=d()\n) -> e():\n    f()\ng()\n",
    "a backslash in the header": "def f(a, \\\n b):\n    c()\nd()\n",
    "a comment behind the header": "def f():  # type: ignore\n\n    # a\n    b()\nc()\n",
    "one line": "def f(): a()\ndef g(): b(); c()\nd()\n",
    "methods": "class A:\n    @b()\n    def c(self): \n        d()\n\n    e = f()\n\n"
    "    async def g(self):\n        await h()\ni()\n",
    "in branches": "if a():\n    def f():\n        b()\nelse:\n    def f():\n        c()\nd()\n",
    "in a try": "try:\n    a()\nexcept b():\n    def f():\n        c()\nfinally:\n    d()\n",
    "in functions": "def f():\n    def g():\n        a()\n    b()\n    class C:\n"
    "        def d(self):\n            e()\nf()\n",
    "tabs in blanks": "class A:\n        def f():\n        \ta()\n        \tb()\n"
    "        c()\nd()\n",
    "generators": "def f():\n    yield a()\ndef g():\n    b = lambda: (yield)\n    c()\n"
    "def h():\n    def i():\n        yield d()\n    e()\ndef j():\n    'yield'\n    f()\n",
    "a generator in an f-string": "def f():\n    a(f'{(yield b())}')\nc()\n",
    "the last line without an end": "def f():\n    a()\n    b()",
    "a backslash at the left": "def f():\n    a()\n\\\nb()\n",
    "async across lines": "async \\\n  def f():\n    a()\nb()\n",
    "a literal first": "def f(a):\n    'b'.c(d)\n    return 1, e\n",
}


@pytest.mark.usefixtures("any_length")
@pytest.mark.parametrize("variant", VARIANTS.values(), ids=VARIANTS.keys())
@pytest.mark.parametrize("text", FUNCTIONS.values(), ids=FUNCTIONS.keys())
def test_bodies_end_where_python_says(text: str, variant) -> None:
    assert_pieces_make_the_whole(variant(text))


@pytest.mark.usefixtures("any_length")
@pytest.mark.parametrize(
    ("text", "left_out"),
    [
        ("def f():\n    a()\n", 1),
        ("def f():\n    def g():\n        a()\n", 1),
        ("class A:\n    def f():\n        a()\n    async def g():\n        a()\n", 2),
        ("if a:\n    def f():\n        b()\n", 1),
        ("def f(): a()\n", 0),
        ("x = '''\ndef f():\n    a()\n'''\n", 0),
        ("def f():\n    yield a()\n", 1),
        ("def f():\n    b = lambda: (yield)\n", 0),
    ],
)
def test_bodies_are_left_out(text: str, left_out: int) -> None:
    assert assert_pieces_make_the_whole(text.encode()) == left_out


def test_short_bodies_are_read_at_once() -> None:
    assert outline("def f():\n    return 1\n").bodies == {}


@pytest.mark.parametrize("text", ["f(()\n", "a)\n", "\\\nx = 1\n"])
def test_what_cannot_be_told_is_not_cut(text: str) -> None:
    assert logical_lines(text) is None
    assert outline(text).text == text


STANDARD = [
    *sorted(Path(asyncio.__file__).parent.glob("*.py")),
    *sorted(Path(email.__file__).parent.glob("*.py")),
    *(
        Path(str(importlib.import_module(name).__file__))
        for name in ("threading", "typing", "ast", "inspect", "argparse", "tokenize", "socket")
    ),
]


@pytest.mark.usefixtures("any_length")
@pytest.mark.parametrize("path", STANDARD, ids=[f"{p.parent.name}-{p.stem}" for p in STANDARD])
def test_pieces_of_the_standard_library(path: Path) -> None:
    assert_pieces_make_the_whole(path.read_bytes())
