"""The two parsers leave the same facts: that of the running Python, and libcst."""

from __future__ import annotations

import sys
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from test_facts import TRICKY, VARIANTS
from test_spans import FUNCTIONS, STANDARD

from ctxlint.encoding import decode
from ctxlint.facts import model as m
from ctxlint.facts.by_libcst.read import read as read_by_libcst
from ctxlint.facts.by_python.read import read as read_by_python
from ctxlint.facts.by_python.type_syntax import without_types
from ctxlint.facts.extract import extract
from ctxlint.facts.lines import line_starts
from ctxlint.facts.unreadable import Unreadable


def assert_same(source: bytes) -> None:
    text = decode(source)
    by_python = read_by_python(text, line_starts(text))
    assert by_python is not None
    compare(by_python, read_by_libcst(text), in_string=False)


def compare(one: Any, other: Any, *, in_string: bool) -> None:
    assert type(one) is type(other)
    if isinstance(one, tuple):
        assert len(one) == len(other)
        for pair in zip(one, other, strict=True):
            compare(*pair, in_string=in_string)
    elif isinstance(one, m.Node):
        in_string = in_string or isinstance(one, m.Formatted)
        for field in one.__struct_fields__:
            if field == "prefix":  # Python's parser counts the text of `{name=}` among it
                assert one.prefix.startswith(other.prefix)
            elif field == "lines":  # only Python's parser tells where a body ends
                assert other.lines is None
            elif field != "at":
                compare(getattr(one, field), getattr(other, field), in_string=in_string)
            elif not in_string and has_a_place(one):
                assert one.at == other.at, one
    elif isinstance(one, str):
        assert one in (
            other,
            unicodedata.normalize("NFKC", other),
        )  # libcst leaves names as written
    else:
        assert one == other


def has_a_place(node: m.Node) -> bool:
    """Whether libcst's reader knows where a node begins: with a name or a keyword."""
    while True:
        match node:
            case m.Name() | m.Await() | m.Yield() | m.Lambda() | m.Not() | m.Parameter():
                return True
            case m.Call(func=first) | m.Attribute(value=first) | m.Subscript(value=first):
                node = first
            case _:
                return False


# libcst 1.9 takes a statement behind a backslash at the left for a part of the function above.
CODE = {name: text for name, text in (TRICKY | FUNCTIONS).items() if "backslash at" not in name}


@pytest.mark.parametrize("variant", VARIANTS.values(), ids=VARIANTS.keys())
@pytest.mark.parametrize("text", CODE.values(), ids=CODE.keys())
def test_tricky_code(text: str, variant: Any) -> None:
    assert_same(variant(text))


@pytest.mark.parametrize("path", STANDARD, ids=[f"{p.parent.name}-{p.stem}" for p in STANDARD])
def test_the_standard_library(path: Path) -> None:
    assert_same(path.read_bytes())


LITERALS = {
    "texts": "a('b', r'\\c', u'd', 'e' 'f', '''g''', '\\n\\x41', b'h', '\\ud800')\n",
    "long texts": f"a('{'b' * 200}', '{'c' * 201}')\n",
    "f-strings": "a(f'{b}', f'{{c}} {d}', 'e' f'f{g:{h}>{i}}' 'j', rf'\\k{l}', f'')\n",
    "numbers": "a(1, 0x10, 1_000, 10**3, 10**400, 1.5, 2j, -3, 9999999999999999)\n",
    "chains": "a((b or c) or d, (e and f) or g, ((h or i) or j) or k)\n",
    "others": "a(None, True, False, ..., (), [], {}, {1}, {'a': b, **c})\n",
}


@pytest.mark.parametrize("text", LITERALS.values(), ids=LITERALS.keys())
def test_literals(text: str) -> None:
    assert_same(text.encode())


NEWER = {
    "except without brackets (3.14)": "try:\n    a()\nexcept B, C:\n    d()\n",
    "a template (3.14)": "a(t'{b}')\n",
    "type parameters (3.12)": "def f[T](a: T) -> T:\n    return b(a)\n",
    "a type alias (3.12)": "type A = B\nc()\n",
    "quotes in an f-string (3.12)": "a(f'{b['c']}')\n",
}


@pytest.mark.parametrize("text", NEWER.values(), ids=NEWER.keys())
def test_syntax_that_is_newer_than_this_python_is_read_too(text: str) -> None:
    assert extract(text.encode()).body


TYPES = {
    "of a function": "@b\nasync def f[T: (c, d), *Ts, **P](a: T) -> g[T]:\n    return await b(a)\n",
    "of a class": "class C[T: dict[str, int]](B[T]):\n    def f[U](self): return b()\n",
    "an alias": "def f():\n    type A = dict[str, B] | None  # b\n    return c(A)\n",
    "an alias alone": "def f():\n    type A = int\n",
    "a string like it": 'def f[T](a):\n    return """\ndef f[T]():\n    type A = B\n"""\n',
}


@pytest.mark.parametrize("text", TYPES.values(), ids=TYPES.keys())
def test_type_parameters_and_aliases_need_no_libcst(text: str) -> None:
    assert_same(text.encode())


@pytest.mark.parametrize(
    "line",
    ["def f[1](): ...", "def f[*](): ...", "class C[*T: int]: ...", "class C[T]", "type A = b c"],
)
def test_what_only_looks_like_types_is_unreadable(line: str) -> None:
    with pytest.raises(Unreadable):
        extract(f"{line}\n".encode())


@pytest.mark.parametrize(
    ("line", "plain"),
    [
        ("def f[T](x): pass", "def f   (x): pass"),
        ("async def f[T: int, *Ts] (x): pass", "async def f              (x): pass"),
        ("    class A[T: (int, str)](B): pass", "    class A               (B): pass"),
        ("    type X = list[int]  # of Y", "    pass                      "),
        ("type X = 1, 2", None),
        ("type X = 1 2", None),
        ("type(x) = 3", None),
        ("type == 3", None),
        ("def f[1](x): pass", None),
        ("def f[*](x): pass", None),
        ("def f[*Ts: int](x): pass", None),
        ("def f(x) -> list[int]: pass", None),
        ("call[T](x)", None),
    ],
)
def test_types_that_a_python_does_not_know_are_blanked(line: str, plain: str | None) -> None:
    """Python 3.11 reads the text without them; what is no such type stays an error."""
    text = f"x = 1\n{line}\ny = 2\n"
    expected = None if plain is None else f"x = 1\n{plain}\ny = 2\n"
    assert without_types(text, len("x = 1\n")) == expected


@pytest.mark.parametrize(
    ("source", "reason", "place"),
    [
        (b'x = f"{a b}"\n', "syntax error: ", (1, 8)),
        (b"f'{}'\n", "expected one of", (1, 5)),
        (b"x = t'{a b}'\n", "expected one of", (1, 11)),
        (b"x = '\xff'\n", "cannot be decoded: not utf-8: byte 0xff in line 1", (1, 1)),
    ],
)
def test_what_is_no_python_for_either_reader(
    source: bytes, reason: str, place: tuple[int, int]
) -> None:
    with pytest.raises(Unreadable) as caught:
        extract(source)
    assert reason in caught.value.reason
    if sys.version_info >= (3, 12):  # what stumbles over an f-string earlier tells another place
        assert (caught.value.line, caught.value.column) == place


def test_names_that_patterns_capture() -> None:
    """Where they stand, only libcst tells."""
    text = "match a:\n    case [b() as c, *d] | {e.f: g, **h} | (i() as j): k()\n"
    read = [read_by_python(text, line_starts(text)), read_by_libcst(text)]
    told = []
    for body in read:
        assert body is not None
        [match] = body
        assert isinstance(match, m.Match)
        told.append([getattr(each, "id", type(each)) for each in match.cases[0].pattern])
    assert told == [["b", "c", "d", m.Attribute, "g", "h", "i", "j"]] * 2


def test_what_pythons_parser_gives_up_on_is_read_too() -> None:
    source = b"a = " + b" + ".join([b"b()"] * 4000) + b"\n"
    [assigned] = extract(source).body
    assert isinstance(assigned, m.Assign)
    assert isinstance(assigned.value, m.Opaque)
    assert len(assigned.value.operands) == 4000
