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
from ctxlint.facts.by_python import pieces
from ctxlint.facts.extract import extract, extract_body, extract_outline


@pytest.fixture
def any_length(monkeypatch: pytest.MonkeyPatch) -> None:
    """Short bodies are left out like long ones."""
    monkeypatch.setattr(pieces, "_SHORTEST", 0)


def assert_pieces_make_the_whole(source: bytes) -> int:
    """Checks it for one module; how many bodies were left out of the outline."""
    cut, entire, text = extract_outline(source), extract(source), decode(source)
    assert cut.line_starts == entire.line_starts
    before = msgspec.to_builtins(entire.body)
    starts = cut.line_starts
    pairs = zip(cut.body, before, strict=True)
    return sum(compare(one, all_, text, starts) for one, all_ in pairs)


def compare(one: Any, entire: Any, text: str, starts: tuple[int, ...]) -> int:
    """Compares a fact of an outline with the same of the whole, bodies read when met."""
    if isinstance(one, m.Function) and one.left_out is not None:
        body = extract_body(text, starts, one.left_out)
        read = msgspec.structs.replace(one, body=body, left_out=None)
        return 1 + compare(read, entire, text, starts)
    if isinstance(one, tuple):
        assert len(one) == len(entire)
        return sum(compare(*pair, text, starts) for pair in zip(one, entire, strict=True))
    if not isinstance(one, m.Node):
        assert one == entire
        return 0
    kind, *values = entire
    assert type(one).__name__ == kind
    fields = zip(one.__struct_fields__, values, strict=False)
    return sum(compare(getattr(one, field), value, text, starts) for field, value in fields)


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
        ("def f():\n    b = lambda: (yield)\n", 1),
    ],
)
def test_bodies_are_left_out(text: str, left_out: int) -> None:
    assert assert_pieces_make_the_whole(text.encode()) == left_out


def test_short_bodies_are_read_at_once() -> None:
    [function] = extract_outline(b"def f():\n    return 1\n").body
    assert isinstance(function, m.Function)
    assert function.left_out is None


@pytest.mark.usefixtures("any_length")
@pytest.mark.parametrize("text", ["def f():\n\\\n    a()\n", "def f(a,\n  b): c()\n"])
def test_what_has_no_lines_of_its_own_is_read_at_once(text: str) -> None:
    assert assert_pieces_make_the_whole(text.encode()) == 0


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
