"""The facts' positions: every call is found where ``ast`` says that it begins."""

from __future__ import annotations

import ast
import asyncio
import io
import tokenize
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from ctxlint import check
from ctxlint.facts import model as m
from ctxlint.facts.extract import extract
from ctxlint.facts.unreadable import Unreadable

Call = tuple[int, int, str]
"""Line and column (from 1, in code points) and the name of what is called."""


def facts_of(source: bytes) -> list[Call]:
    """The calls of plain names and attributes in the facts."""
    module = extract(source)
    return sorted(
        (*module.position(node.at), dotted)
        for node in nodes(module.body)
        if isinstance(node, m.Call) and (dotted := dotted_fact(node.func))
    )


def assert_found(source: bytes) -> None:
    """Checks that the facts hold the calls that ``ast`` sees, each where it begins.

    In f-strings a call has no position of its own, but it is there.
    """
    found, (expected, in_strings) = Counter(facts_of(source)), calls_of(source)
    assert sorted((Counter(expected) - found).elements()) == []
    others = (found - Counter(expected)).elements()
    assert sorted(name for _, _, name in others) == sorted(in_strings)


def nodes(root: object) -> Iterator[m.Node]:
    """All facts in some facts. A loop and no recursion: facts can be deep."""
    pending = [root]
    while pending:
        current = pending.pop()
        if isinstance(current, tuple):
            pending.extend(current)
        elif isinstance(current, m.Node):
            yield current
            pending.extend(getattr(current, name) for name in current.__struct_fields__)


def dotted_fact(node: m.Expression) -> str:
    parts: list[str] = []
    while isinstance(node, m.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join(reversed([*parts, node.id])) if isinstance(node, m.Name) else ""


def calls_of(source: bytes) -> tuple[list[Call], list[str]]:
    """The same by ``ast``; apart from them, the names of what f-strings call."""
    tree = ast.parse(source)
    encoding, _ = tokenize.detect_encoding(io.BytesIO(source).readline)
    # Not splitlines(): to Python, a form feed ends no line.
    text = io.StringIO(source.decode(encoding).removeprefix("\ufeff"), newline=None).read()
    lines = text.split("\n")
    strings = [node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)]
    within = {inner for string in strings for inner in ast.walk(string)}
    found: list[Call] = []
    in_strings: list[str] = []
    for node in ast.walk(tree):
        dotted = dotted_ast(node.func) if isinstance(node, ast.Call) else ""
        if dotted and node in within:
            in_strings.append(dotted)
        elif dotted:
            before = lines[node.lineno - 1].encode()[: node.col_offset].decode()
            found.append((node.lineno, len(before) + 1, dotted))
    return found, in_strings


def dotted_ast(node: ast.expr) -> str:
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join(reversed([*parts, node.id])) if isinstance(node, ast.Name) else ""


TRICKY = {
    "plain": "f()\na.b()\na.b.c(d(), e.f())\n",
    "the same name again": "f(f(f), f=f(f))\nf = f(f)(f)\n",
    "decorators": """\
@d()
@e.f(g())
def function(a=h(), *b: i(), c: j() = k(), **l: m()) -> n():
    o()

@p(q)
@r
class Class(s(), metaclass=t()):
    @u.setter(v())
    async def w(self, x=y()): z()
""",
    "nested functions": """\
def f():
    def f(f=f()):
        async def f():
            await f()
            return f()
        return f()
    return lambda f=f(), *a, k=g(): f(f())
""",
    "f-strings": """\
a(f"{b()} c() {d(e())!r:>{f}}", g())
h(f'''{
    i()
}''').j()
k("l()", r"m()", b"n()", rb'o()'); p()
q(f"{r}" "s()" f"{t()}", u())
""",
    "strings that look like code": r'''
a("# b()"); c('d("e()")')  # f() "
"""g()
h() " '"""; i()
j(r"\\", "k()")
l("\"", m())
''',
    "comments": "a()  # b() 'c\n# d(\"\ne(  # f()\n    g(),  # h()\n)\n",
    "comprehensions": """\
[a() for b in c() if d() if e()]
{f(): g() for h in i() for j in k()}
{l() async for m in n() if o()}
p(q() for r in s(t()))
""",
    "conditional expressions": "a(b() if c() else d())\ne = f() if g() else (h() if i() else j)\n",
    "multi-line calls": "a(\n    b,\n    c(\n        d(),\n    ),\n)\n(\n  e\n  .f()\n)\n",
    "chains": "a.b().c(d()).e[f()].g(h())()\n(i())(j())\nk()()\n",
    "continuations": "a = \\\n    b() + \\\n  c(d(), \\\n e())\n",
    "operators": "a() + b() * -c() ** ~d() or not e() and f() < g() <= h() is not i()\n",
    "subscripts": "a[b():c():d()][e(), f()][...] = g()\nh[i()] += j()\ndel k[l()]\n",
    "stars": "a(*b(), c(), *d(), **e(), f=g(), **h())\ni, *j = k(), *l()\n{**m(), n(): o()}\n",
    "assignments": "a: b() = c()\nd = e = f()\ng += h()\n(i := j())\nk(l := m(), n=(o := p()))\n",
    "statements": """\
if a(): b()
elif c(): d()
else: e()
while f(): g()
else: h()
for i in j(): k()
else: l()
with m() as n, o() as p: q()
try: r()
except s(): t()
else: u()
finally: v()
assert w(), x()
raise y() from z()
""",
    "async": """\
async def a():
    async with b() as c, d(): await e(await f())
    async for g in h(): yield i()
    return [await j() for k in l()]
""",
    "match": """\
match a(b()):
    case c.d(e=f) if g(): h()
    case i() | j(): k()
    case [l(), *_]: m()
    case _: n()
""",
    "patterns": """\
match a():
    case {b.c: d(e=[f, *_]), "h": None} if j(): k()
    case [l(), n(), *_] | {"o": m}: p(m)
    case -1 | "u" | None | v.w: x()
""",
    "walrus in a loop": "while a := b():\n    c(a)\n",
    "global names": "def a():\n    global b, c\n    b = b.d()\n    c = c()\n    b()\n",
    "imports": "from a import (b, c as d)\nimport e.f, g as h\nb(); d(); e.f(); h()\n",
    "semicolons": "a(); b(); c()\nif d: e(); f()\n",
    "tabs": "if a:\n\tb()\n\tif c:\n\t\td(e())\n",
    "tabs and blanks": "if a:\n\tb(\tc(\t) )\n",
    "form feeds": "a()\n\x0c\nb()\n\x0cdef c():\n    d()\n\x0c\n    e()\n",
    "form feed in a string": "a('\x0c')\nb(); c()\n",
    "other line separators": "a('\x85\u2028\x1c\x1d')\nb()\n# \u2029\x85 c()\nd()\n",
    "non-ASCII": "ä(ö(), 'ü')\n名前 = 函数(变量.方法())\na('🙂'); b('é'); ﬁ = c()\n",
    "combining": "a('e\u0301'); b()\nx = 'x\u0301y'; c()\n",
    "no last line end": "a()\nb(c())",
    "empty lines": "\n\n\na()\n\n\n\nb()\n\n",
    "only comments": "# a()\n",
    "keywords in names": "not_a(notb(), is_c(), in_d(), lambda_e(), await_f(), yield_g())\n",
    "soft keywords": "match(a()); case(b()); type(c()); _(d())\nmatch = case()\n",
    "print": "print(a(), end=b())\nprint (c())\nd  (  e  (  )  )\n",
    "numbers": "a(1.5e5, 0x1f, 1_000, 1j, .5)\nb(1 if c() else 2)\n",
    "generators": "def a():\n    b = yield c()\n    d((yield))\n    yield from e()\n",
    "yield in a call": "def a():\n    f((yield g()))\n",
    "returns": "def a(): return b(), c()\ndef d(): return\n",
    "lambdas": "a(lambda: b(), lambda c, d=e(): f(c()), lambda *g, **h: i())\n",
    "bytes and prefixes": "a(Rb'b()', BR\"c()\", u'd()', F'{e()}', fR'{f()}', g())\n",
}

VARIANTS = {
    "LF": lambda text: text.encode(),
    "CRLF": lambda text: text.replace("\n", "\r\n").encode(),
    "CR": lambda text: text.replace("\n", "\r").encode(),
    "byte order mark": lambda text: b"\xef\xbb\xbf" + text.encode(),
    "byte order mark and CRLF": lambda text: b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode(),
}


@pytest.mark.parametrize("variant", VARIANTS.values(), ids=VARIANTS.keys())
@pytest.mark.parametrize("text", TRICKY.values(), ids=TRICKY.keys())
def test_calls_stand_where_ast_says(text: str, variant) -> None:
    source = variant(text)
    assert_found(source)


@pytest.mark.parametrize("name", ["latin-1", "cp1252", "utf-8"])
def test_declared_encodings(name: str) -> None:
    source = f"# -*- coding: {name} -*-\nä(b('é'), ç('ß')); d()\n".encode(name)
    assert_found(source)


ASYNCIO = sorted(Path(asyncio.__file__).parent.glob("*.py"))


@pytest.mark.parametrize("path", ASYNCIO, ids=[path.stem for path in ASYNCIO])
def test_calls_of_the_standard_library(path: Path) -> None:
    source = path.read_bytes()
    assert_found(source)


@pytest.mark.parametrize("name", ["threading.py", "queue.py", "typing.py", "ast.py", "inspect.py"])
def test_calls_of_other_modules(name: str) -> None:
    source = (Path(asyncio.__file__).parent.parent / name).read_bytes()
    assert_found(source)


def test_a_long_expression_is_analysed(tmp_path: Path) -> None:
    """Almost all of the time is libcst's."""
    path = tmp_path / "long.py"
    path.write_text(
        "import asyncio\n\n\n"
        "class Service:\n"
        f"    total = {' + '.join(['term'] * 5_000)}; name = ''\n\n"
        "    async def handle(self):\n"
        "        self.task = asyncio.create_task(self.loop())\n\n"
        "    async def loop(self):\n"
        "        while True:\n"
        "            await asyncio.sleep(1)\n",
        encoding="utf-8",
    )
    assert [(each.line, each.column, each.code) for each in check([path])] == [(8, 21, "CTX101")]


def test_facts_come_back_from_msgpack() -> None:
    """They can be cached, and sent to another process."""
    source = "".join(text for name, text in TRICKY.items() if "form feed" not in name).encode()
    module = extract(source)
    data = msgspec.msgpack.encode(module)
    again = msgspec.msgpack.decode(data, type=m.Module)
    assert msgspec.msgpack.encode(again) == data


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("def f(:\n    pass\n", 1),
        ("a = 1\nb = = 2\n", 2),
        ("if a:\nb()\n", 2),
        ("f(\n", 1),
    ],
)
def test_what_is_no_python(source: str, line: int) -> None:
    with pytest.raises(Unreadable) as caught:
        extract(source.encode())
    assert caught.value.reason
    assert "\n" not in caught.value.reason
    assert caught.value.line >= line


def test_empty_files() -> None:
    for source in (b"", b"\n", b"\r\n", b"\xef\xbb\xbf", b"# only a comment", b"\x0c"):
        assert extract(source).body == ()
