"""What must not be given to libcst is refused; what may be passes, and libcst does read it."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import time
from pathlib import Path

import pytest

from ctxlint.encoding import Undecodable, decode
from ctxlint.hazards import hazard


def joined(separator: str, term: str, count: int) -> str:
    return "x = " + separator.join([term] * count) + "\n"


def blocks(depth: int, body: str = "pass\n") -> str:
    return "".join(f"{' ' * at}if a:\n" for at in range(depth)) + " " * depth + body


def match(pattern: str) -> str:
    return f"match a:\n    case {pattern}:\n        pass\n"


REFUSED = {
    "NUL": ("x = 1\0\n", "contains NUL bytes"),
    "500 parentheses": (f"x = {'(' * 500}1{')' * 500}\n", "brackets nested more than 200 deep"),
    "500 mixed brackets": (f"x = {'f([{' * 130}1{'}])' * 130}\n", "brackets nested more than 200"),
    "unclosed brackets": ("x = " + "[" * 500, "brackets nested more than 200 deep"),
    "150 blocks": (blocks(150), "blocks nested more than 99 deep"),
    "8,000 terms": (joined(" + ", "a", 8_000), "an expression too long"),
    "8,000 terms over lines": (f"({joined(chr(10) + '+ ', 'a', 8_000)[4:]})", "an expression"),
    "8,000 terms without spaces": (joined("*", "a", 8_000), "an expression too long"),
    "8,000 and": (joined(" and ", "a", 8_000), "an expression too long"),
    "8,000 or over lines": ("x = (" + "a or\n" * 8_000 + "a)\n", "an expression too"),
    "5,000 terms in 90 blocks": (blocks(90, joined(" + ", "a", 5_000)), "an expression too long"),
    "5,000 terms in 190 lists": (f"x={'[' * 190}{'a+' * 5_000}a{']' * 190}", "an expression too"),
    "8,000 attributes": (f"x = a{'.b' * 8_000}\n", "an expression too long"),
    "5,000 method calls": (f"x = a{'.b()' * 5_000}\n", "an expression too long"),
    "5,000 method calls over lines": ("x = (a" + "  # c\n  .b(c)" * 5_000 + ")", "an expression"),
    "8,000 calls": (f"x = a{'()' * 8_000}\n", "an expression too long"),
    "6,000 subscripts": (f"x = a{'[0]' * 6_000}\n", "an expression too long"),
    "9,000 not": (f"x = {'not ' * 9_000}a\n", "an expression too long"),
    "9,000 minus signs": (f"x = {'-' * 9_000}1\n", "an expression too long"),
    "6,000 else": (f"x = {'a if b else ' * 6_000}c\n", "an expression too long"),
    "4,000 lambdas": (f"x = {'lambda: ' * 4_000}1\n", "more than 1500 lambdas in each other"),
    "10,000 elif": ("if a: pass\n" + "elif a: pass\n" * 10_000, "too many elif in one statement"),
    "pattern of lists": (match("[" * 20 + "]" * 20), "brackets nested more than 10 deep"),
    "pattern of dicts": (match("{1: " * 12 + "1" + "}" * 12), "brackets nested more than 10 deep"),
    "in an f-string": (f'x = f"{{{"(" * 300}1{")" * 300}}}"\n', "brackets nested more than 200"),
    "sum in an f-string": (f'x = f"{{{"a+" * 8_000}a}}"\n', "an expression too long"),
    "after a continued line": ("x = 1 + \\\n" + joined(" + ", "a", 8_000)[4:], "an expression too"),
    "carriage returns": ("x = (" + "a +\r" * 8_000 + "a)\r", "an expression too long"),
    "5 MB": ("x = 1.\n" * 700_000, "too much code in one file"),
}


@pytest.mark.parametrize(("source", "reason"), REFUSED.values(), ids=REFUSED.keys())
def test_refused(source: str, reason: str) -> None:
    found = hazard(source.encode())
    assert found is not None
    assert reason in found


# libcst is asked about these too.
ACCEPTED = {
    "nothing": "",
    "5,000 terms": joined(" + ", "a", 5_000),
    "5,000 and": joined(" and ", "a", 5_000),
    "3,000 comparisons": joined(" and ", "a.b(c) == d[e]", 3_000),
    "5,000 elif": "if a: pass\n" + "elif a: pass\n" * 5_000,
    "3,500 terms in 97 blocks": blocks(97, joined(" and ", "a", 3_500)),
    "1,500 method calls": f"x = a{'.b()' * 1_500}\n",
    "200 brackets": f"x = {'[' * 200}1{']' * 200}\n",
    "99 blocks": blocks(99),
    "1,000 lambdas": f"x = {'lambda: ' * 1_000}1\n",
    "pattern": match("[" * 10 + "]" * 10),
    "names like keywords": f"case = {'[' * 50}{']' * 50}\ncase[0](a)\n",
    "20,000 entries": f"x = {{{'1: (a, -1.5), ' * 20_000}}}\n",
    "a long comparison": joined(" < ", "a", 20_000),
    "many assignments": f"{'x = ' * 20_000}1\n",
}


_LIMIT = "import resource; resource.setrlimit(resource.RLIMIT_CPU, (120, 120))"


@pytest.mark.parametrize("source", ACCEPTED.values(), ids=ACCEPTED.keys())
def test_accepted_and_parsed_by_libcst(source: str) -> None:
    assert hazard(source.encode()) is None
    parse = "import libcst, sys; libcst.parse_module(sys.stdin.buffer.read())"
    # Its own time counts: on a busy machine, the clock says nothing.
    parse = f"{_LIMIT}; {parse}" if sys.platform != "win32" else parse
    run = subprocess.run([sys.executable, "-c", parse], input=source.encode(), timeout=1_200)
    assert run.returncode == 0


HARMLESS = {
    "100,000 entries": f"x = {{{'1: a, ' * 100_000}}}\n",
    "100,000 statements": "x = 1\n" * 100_000,
    "50,000 lambdas side by side": f"x = [{'lambda: 1, ' * 50_000}]\n",
    "brackets in strings": f"x = '{'(' * 500}' + \"{'[' * 500}\"\n",
    "brackets in long strings": f"x = '''\n{'(' * 500}\n\\''' {'[' * 500}'''\n",
    "brackets in comments": f"# {'(' * 500}\nx = 1  # {'[' * 500}\n",
    "operators in strings": f"x = '{'a + ' * 9_000}'\n",
    "operators in comments": f"# {'a + ' * 9_000}\n",
    "a long f-string": "x = f'" + "{a.b} (" * 150 + "{a} " * 10_000 + "'\n",
    "f-strings with their own quotes inside": """def f():\n    return g(f'{'"'}')\n""" * 500,
    "deeply indented continuation": f"x = f(\n{' ' * 120}a,\n{' ' * 130}b)\n" * 50,
    "blank lines": "\n" * 500_000,
    "spaces": " \n" * 200_000,
}


@pytest.mark.parametrize("source", HARMLESS.values(), ids=HARMLESS.keys())
def test_harmless(source: str) -> None:
    assert hazard(source.encode()) is None


def test_the_standard_library_passes() -> None:
    folder = Path(sysconfig.get_path("stdlib"))
    files = [*folder.glob("*.py"), *folder.glob("asyncio/*.py"), *folder.glob("test/test_g*.py")]
    assert len(files) > 150
    assert [path for path in files if hazard(path.read_bytes())] == []


MEGABYTE = 1_000_000
MONOTONOUS = ['"', "'", "\\", "(", "()", "a", " ", "\n ", '"""\\', '"""a', "'''\"", "#", "lambda "]
MONOTONOUS += ["\ncase ", 'f"{', "elif ", "\n\t", "and ", ".", "\"'\\", "\r", "\\\n", "é", ")", "="]


@pytest.mark.parametrize("text", MONOTONOUS)
def test_no_input_takes_long(text: str) -> None:
    source = (text * (MEGABYTE // len(text))).encode()
    start = time.process_time()
    hazard(source)
    assert time.process_time() - start < 3  # measured: 0.01 to 0.3 s


# encodings


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (b"x = '\xc3\xa9'\r\n", "x = 'é'\r\n"),
        (b"\xef\xbb\xbfx = 1\n", "x = 1\n"),
        (b"# coding: latin-1\nx = '\xe9'\n", "# coding: latin-1\nx = 'é'\n"),
        (b"#!\n# -*- coding: cp1252 -*-\n'\x80'", "#!\n# -*- coding: cp1252 -*-\n'€'"),
        (b"", ""),
    ],
)
def test_decode(source: bytes, text: str) -> None:
    assert decode(source) == text
    assert hazard(source) is None


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (b"# coding: klingon\n\xe9", "not utf-8: byte 0xe9 in line 2"),
        (b"x = '\xe9'\n", "not utf-8: byte 0xe9 in line 1"),
        (b"\n\n\nx = '\xff'\n", "not utf-8: byte 0xff in line 4"),
        (b"# coding: ascii\n\xc3\xa9", "not ascii: byte 0xc3 in line 2"),
        (b"# coding: klingon\n", "unknown encoding: klingon"),
        (b"# coding: hex\n00", "not readable as hex"),
        (b"\xef\xbb\xbf# coding: latin-1\n", "encoding problem: utf-8"),
    ],
)
def test_undecodable(source: bytes, reason: str) -> None:
    assert hazard(source) == reason
    with pytest.raises(Undecodable, match=reason):
        decode(source)


def test_letters_that_look_like_backslashes() -> None:
    # In Shift-JIS, the second byte of this letter is a backslash, which ends no string.
    head = "# coding: shift_jis\nx = '\u30bd'"
    deep = f"{head} + {'(' * 300}1{')' * 300}\n"
    assert hazard(deep.encode("shift_jis")) == "brackets nested more than 200 deep"
    assert hazard(f"{head} + '{'(' * 300}'\n".encode("shift_jis")) is None
