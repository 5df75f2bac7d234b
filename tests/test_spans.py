"""Where bodies of functions stand; and a module tells the same, whatever it was asked before."""

from __future__ import annotations

import asyncio
import email
import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from test_facts import TRICKY, VARIANTS

from ctxlint.encoding import decode
from ctxlint.facts import model as m
from ctxlint.facts.by_python import spans
from ctxlint.facts.extract import extract
from ctxlint.program.index import ModuleIndex
from ctxlint.program.trees import children, offset


@pytest.fixture(autouse=True)
def any_length(monkeypatch: pytest.MonkeyPatch) -> None:
    """Short bodies have their lines like long ones."""
    monkeypatch.setattr(spans, "_SHORTEST", 0)


def below(node: m.Node) -> Iterator[m.Node]:
    """A node and all below it, other functions entered."""
    pending = [node]
    while pending:
        node = pending.pop()
        yield node
        pending += children(node)


def functions_with_lines(module: m.Module) -> Iterator[m.Function]:
    for statement in module.body:
        for node in below(statement):
            if isinstance(node, m.Function) and node.lines is not None:
                yield node


def assert_bodies_stand_there(source: bytes) -> int:
    """Checks that all of a body, and nothing else, stands in its lines; how many bodies do."""
    module = extract(source)
    nodes = [node for statement in module.body for node in below(statement) if has_place(node)]
    found = list(functions_with_lines(module))
    for function in found:
        assert function.lines is not None
        begin, end = function.lines
        assert begin in module.line_starts
        own = [id(node) for statement in function.body for node in below(statement)]
        there = {id(node) for node in nodes if begin <= offset(node) < end}
        assert there == {id(node) for node in nodes} & set(own)
    return len(found)


def has_place(node: m.Node) -> bool:
    return "at" in node.__struct_fields__ and not isinstance(node, m.Constant)


@pytest.mark.parametrize("variant", VARIANTS.values(), ids=VARIANTS.keys())
@pytest.mark.parametrize("text", TRICKY.values(), ids=TRICKY.keys())
def test_tricky_code(text: str, variant: Any) -> None:
    assert_bodies_stand_there(variant(text))


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


@pytest.mark.parametrize("variant", VARIANTS.values(), ids=VARIANTS.keys())
@pytest.mark.parametrize("text", FUNCTIONS.values(), ids=FUNCTIONS.keys())
def test_bodies_end_where_python_says(text: str, variant: Any) -> None:
    assert_bodies_stand_there(variant(text))


@pytest.mark.parametrize(
    ("text", "bodies"),
    [
        ("def f():\n    a()\n", 1),
        ("def f():\n    def g():\n        a()\n", 1),
        ("class A:\n    def f():\n        a()\n    async def g():\n        a()\n", 2),
        ("if a:\n    def f():\n        b()\n", 1),
        ("def f(): a()\n", 0),
        ("x = '''\ndef f():\n    a()\n'''\n", 0),
        ("def f():\n\\\n    a()\n", 0),
        ("def f(a,\n  b): c()\n", 0),
        ("def f():\n    ...\n", 0),
        ("def f():\n    raise NotImplementedError\n", 0),
    ],
)
def test_which_bodies_have_lines_of_their_own(text: str, bodies: int) -> None:
    assert assert_bodies_stand_there(text.encode()) == bodies


def test_short_bodies_are_looked_into_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    [function] = extract(b"def f():\n    return 1\n").body
    assert isinstance(function, m.Function)
    assert function.lines is None


STANDARD = [
    *sorted(Path(asyncio.__file__).parent.glob("*.py")),
    *sorted(Path(email.__file__).parent.glob("*.py")),
    *(
        Path(str(importlib.import_module(name).__file__))
        for name in ("threading", "typing", "ast", "inspect", "argparse", "tokenize", "socket")
    ),
]


@pytest.mark.parametrize("path", STANDARD, ids=[f"{p.parent.name}-{p.stem}" for p in STANDARD])
def test_the_standard_library(path: Path) -> None:
    assert_bodies_stand_there(path.read_bytes())


@pytest.mark.parametrize("path", STANDARD[:12], ids=[p.stem for p in STANDARD[:12]])
def test_what_a_module_tells_does_not_depend_on_what_it_was_asked_before(path: Path) -> None:
    source = path.read_bytes()
    facts, text = extract(source), decode(source)
    whole = ModuleIndex("m", path, facts, text)
    whole.names()  # looks into every body
    words = sorted({node.id for node in whole.names()})[::7]
    for word in words:
        fresh = ModuleIndex("m", path, facts, text)
        assert fresh.uses(word) == whole.uses(word)
        assert [scope.qualname for scope in map(fresh.scope_of, fresh.uses(word))] == [
            scope.qualname for scope in map(whole.scope_of, whole.uses(word))
        ]
