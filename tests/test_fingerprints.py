"""A finding is the same one after the code around it has moved, and only then."""

from __future__ import annotations

import ast
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import pytest

from ctxlint.checking import check
from ctxlint.encoding import Undecodable, decode
from ctxlint.findings import Finding
from ctxlint.fingerprints import Identity, SourceText, compact, identities

LEAKY = """\
import asyncio

class Store:
    async def save(self, row):
        self._task = asyncio.create_task(self._drain())

    async def load(self, key):
        self._other = asyncio.create_task(self._drain())
        self._third = asyncio.create_task(self._drain())

    async def _drain(self):
        while True:
            await asyncio.sleep(1)
"""


def identified(folder: Path, source: str, name: str = "store.py") -> list[Identity]:
    path = folder / name
    path.write_text(source, encoding="utf-8", newline="")
    return identities(check([path]), lambda each: Path(each).name, lambda each: source)


def test_rule_path_function_and_code_make_a_finding(tmp_path: Path) -> None:
    code = "asyncio.create_task(self._drain())"
    assert identified(tmp_path, LEAKY) == [
        Identity("CTX101", "store.py", "Store.save", code, 0),
        Identity("CTX101", "store.py", "Store.load", code, 0),
        Identity("CTX101", "store.py", "Store.load", code, 1),
    ]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("import asyncio\n", "import asyncio\nimport os\n\n\n# moved down\n"),
        ("    async def save", "    def more(self):\n        pass\n\n    async def save"),
        (
            "create_task(self._drain())",
            "create_task(\n            self._drain(),  # soon\n        )",
        ),
        ("        self._task = ", "        if self._task is None:\n            self._task = "),
        ("self._task =", "self._writer ="),
        ("(self, row)", "(self, row, *, at=None)"),
        ("\n", "\r\n"),
        ("    ", "\t"),
    ],
)
def test_what_does_not_matter(tmp_path: Path, old: str, new: str) -> None:
    assert LEAKY.replace(old, new) != LEAKY
    assert identified(tmp_path, LEAKY.replace(old, new)) == identified(tmp_path, LEAKY)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("def save", "def store"),
        ("class Store", "class Shop"),
        ("_task = asyncio.create_task(self", "_task = asyncio.ensure_future(self"),
    ],
)
def test_what_does(tmp_path: Path, old: str, new: str) -> None:
    before, after = identified(tmp_path, LEAKY), identified(tmp_path, LEAKY.replace(old, new))
    assert before[0] not in after
    assert len({each.fingerprint for each in before + after}) == len({*before, *after})


def test_another_file_has_others(tmp_path: Path) -> None:
    one, other = identified(tmp_path, LEAKY), identified(tmp_path, LEAKY, "other.py")
    assert not {each.fingerprint for each in one} & {each.fingerprint for each in other}


def test_of_those_alike_the_last_goes_when_one_is_fixed(tmp_path: Path) -> None:
    """Whichever of them it was: those that are left have been known before."""
    before = identified(tmp_path, LEAKY)
    for name in ("_other", "_third"):
        line = f"        self.{name} = asyncio.create_task(self._drain())\n"
        assert identified(tmp_path, LEAKY.replace(line, "")) == before[:2]


def test_ordinals_follow_the_places_and_not_the_order_of_findings(tmp_path: Path) -> None:
    path = tmp_path / "store.py"
    path.write_text(LEAKY, encoding="utf-8")
    found = check([path])
    turned = identities(found[::-1], str, lambda each: LEAKY)
    assert turned == identities(found, str, lambda each: LEAKY)[::-1]


def test_fingerprints_stay_from_version_to_version() -> None:
    """They are kept in baselines and by code hosts. Who changes them makes all findings new."""
    identity = Identity("CTX101", "app/größe.py", "Store.save", "create_task(f())", 2)
    assert identity.fingerprint == "3ab30efb666483f6539ff336d45444f8"


def test_a_file_that_cannot_be_read_has_an_identity() -> None:
    values = {"line": 7, "column": 3, "end_line": 7, "end_column": 9}
    gone = Finding(code="CTX900", name="unreadable-file", message="", path="/a/\udcff.py", **values)
    [identity] = identities([gone], str, lambda each: "")
    assert identity == Identity("CTX900", "/a/\udcff.py", "", "", 0)
    assert len(identity.fingerprint) == 32


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("f( a ,\n b )", "f(a,b)"),
        ("f(a, b,)", "f(a,b)"),
        ("f(a,  # one, two\n)", "f(a)"),
        ("f(lambda: await_(x), not  y)", "f(lambda:await_(x),not y)"),
        ("f(a \\\n  if b else c)", "f(a if b else c)"),
        ('f(\'a  ,)\', """x\n  y""")', 'f("a  ,)","""x\n  y""")'),
        ("f('', f'{a}', b'''it's''')", 'f("",f"{a}",b"""it\'s""")'),
        ("f('say \"x\"', 'it\\'s')", "f('say \"x\"','it\\'s')"),
        ("f(größe\tor b)", "f(größe or b)"),
        ("", ""),
    ],
)
def test_code_is_compared_without_its_layout(code: str, text: str) -> None:
    assert compact(code) == text


class TestFunctions:
    @pytest.mark.parametrize(
        ("source", "function"),
        [
            ("X", ""),
            ("def f():\n    X", "f"),
            ("def f(): X", "f"),
            ("def f():\n    pass\nX", ""),
            ("class A:\n    def f(self):\n        pass\n    X", "A"),
            ("class A:\n    async def f(self):\n        def g():\n            X", "A.f.g"),
            ("def f():\n    def g():\n        pass\n    # end\n\n    X", "f"),
            ("def f(\n    a=1,\n):\n    X", "f"),
            ("def f():\n    a = '''\ndef g():\n'''\n    X", "f"),
            ("def f():\n    a = (\n1)\n    X", "f"),
            ("def f():\n    a = \\\n1\n    X", "f"),
            ("def f():\n    a = '('\n    # (\n    def g():\n        X", "f.g"),
            ('def f():\n    a = f"{b["("]}"\n\ndef g():\n    X', "g"),
            ("def f():\n# def g():\n    X", "f"),
            ("def f():\n\tX", "f"),
            ("def f():\r\n    X", "f"),
            ("def f():\r    pass\rX", ""),
            ("def größe():\n    X", "größe"),
            ("x = undef\nX", ""),
            ("def f(:\n    X", "f"),  # not valid, and read all the same
        ],
    )
    def test_of_a_place(self, source: str, function: str) -> None:
        assert SourceText(source).function_at(source.index("X")) == function

    def test_places_outside_the_text(self) -> None:
        text = SourceText("a\nbc")
        assert [text.offset(*place) for place in [(0, 1), (1, 2), (2, 9), (9, 1)]] == [0, 1, 4, 2]

    def test_they_are_those_of_pythons_parser(self) -> None:
        """Over a part of the standard library: every statement."""
        folder = Path(sysconfig.get_path("stdlib"))
        looked_at = 0
        for path in [*sorted(folder.glob("[a-c]*.py")), *sorted((folder / "asyncio").glob("*.py"))]:
            try:
                text = decode(path.read_bytes())
            except Undecodable:
                continue
            source, lines = SourceText(text), text.split("\n")
            for statement, function in _statements(ast.parse(text), ""):
                before = lines[statement.lineno - 1].encode()[: statement.col_offset].decode()
                at = source.offset(statement.lineno, len(before) + 1)
                assert source.function_at(at) == function, (path.name, statement.lineno)
                looked_at += 1
        assert looked_at > 10_000


def _statements(tree: ast.AST, function: str) -> Iterator[tuple[ast.stmt, str]]:
    """The statements that define nothing, each with the function or class around it."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield from _statements(node, f"{function}.{node.name}".lstrip("."))
        else:
            if isinstance(node, ast.stmt):
                yield node, function
            yield from _statements(node, function)
