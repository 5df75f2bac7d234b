"""`# noqa` means what it means to flake8: the real flake8 is asked about many programs."""

from __future__ import annotations

import argparse
import ast
import itertools
import random
from pathlib import Path

import pytest
from flake8.processor import FileProcessor
from flake8.violation import Violation

from ctxlint.noqa import NoqaMap, suppressed

CODES = ("CTX101", "CTX201", "CTX2010", "ABC1", "E501")


def flake8_suppresses(path: Path, line: int, code: str) -> bool:
    """What flake8 does with a violation that a plugin reports."""
    options = argparse.Namespace(disable_noqa=False, hang_closing=False, indent_size=4)
    options.__dict__.update(max_line_length=79, max_doc_length=None, verbose=0)
    processor = FileProcessor(str(path), options)
    if processor.should_ignore_file():
        return True
    text = processor.noqa_line_for(line)
    return Violation(code, str(path), line, 1, "message", text).is_inline_ignored(False)


def differences(path: Path, source: str) -> list[tuple[int, str, bool]]:
    """The questions that we answer otherwise than flake8."""
    path.write_text(source, encoding="utf-8", newline="")
    noqa = NoqaMap(source)
    questions = itertools.product(range(1, source.count("\n") + 3), CODES)
    return [
        (line, code, noqa.suppresses(line, code))
        for line, code in questions
        if noqa.suppresses(line, code) is not flake8_suppresses(path, line, code)
    ]


COMMENTS = [
    "# noqa",
    "#noqa",
    "#  noqa",
    "# NoQA",
    "# noqa: CTX101",
    "# noqa:CTX101",
    "# noqa:  CTX101",
    "# noqa : CTX101",
    "# noqa: CTX1",
    "# noqa: ctx101",
    "# noqa: CTX",
    "# noqa: CTX101,CTX201",
    "# noqa: CTX101 CTX201",
    "# noqa: CTX101, ,CTX201,",
    "# noqa: E501,because of CTX101",
    "# noqa: because",
    "# noqa:E501 # noqa: CTX101",
    "# type: ignore # noqa: CTX201",
    "# noqa:CTX101E501",
    "# noqa: \u017f1",
    "# noqaCTX101",
    "# flake8: noqa",
    "# flake8: noqa: E501",
    "# Flake8=NOQA",
    "# flake8:noqa-not-really",
    "# fla\u212ae8: noqa",
    "'# noqa'",
]


@pytest.mark.parametrize("comment", COMMENTS)
@pytest.mark.parametrize("program", ["x = 1  {}\ny = 2\n", "{}\nx = 1\n", "    {}"])
def test_comments(tmp_path: Path, comment: str, program: str) -> None:
    assert differences(tmp_path / "module.py", program.format(comment)) == []


SHAPES = {
    "brackets": "x = f(\n    1,  # noqa: CTX101\n    2,\n)\ny = 1\n",
    "first comment decides": "x = f(  # noqa: E501\n    1,  # noqa\n)\n",
    "codes run on into the next line": "x = [  # noqa: E501\nCTX201\n]\n",
    "multi-line string": 'x = """\na\nb\n"""  # noqa\ny = 1\n',
    "noqa in a string": 'x = """\n# noqa: CTX201\n"""\ny = 1\n',
    "continued with a backslash": "x = 1 + \\\n    2  # noqa\ny = 1\n",
    "backslash at the end": "x = 1\ny = 2 \\\n# noqa\n",
    "def": "def f(\n    a,\n    b,  # noqa: CTX2\n):\n    return a\n",
    "decorator": "@d  # noqa\ndef f(): ...\n",
    "comment lines": "# noqa\n\n# a\nx = 1\n",
    "dedent": "if a:\n    b\n    # noqa\nc\n",
    "f-string": 'x = f"""\n{a}\n{b}\n"""  # noqa\n',
    "form feed": "x = 1\n\x0cy = 2  # noqa\nz = 3\n",
    "other line ends": "x = 1  # noqa\r\ny = (\r\n1)  # noqa: CTX101\r\nz = 1\r\n",
    "carriage returns": "x = 1  # noqa\ry = 1\r",
    "byte order mark": "\ufeff# flake8: noqa\nx = 1\n",
    "broken: unclosed bracket": "x = 1  # noqa\ny = (\n  1,  # noqa: CTX101\nz\n",
    "broken: unclosed string": 'x = 1  # noqa\ny = """\n# noqa: CTX101\nz\n',
    "broken: indentation": "if a:\n        b\n    c  # noqa\nd\n",
    "newer syntax": "type X[T] = (  # noqa\n    list[T]\n)\ntry: ...\nexcept* (A): ...  # noqa\n",
    "empty": "",
    "no newline at the end": "x = 1  # noqa: CTX101",
    "file-wide after code": "x = 1  # flake8: noqa\ny = 2\n",
    "file-wide in a string": 'x = """\n# flake8: noqa\n"""\n',
}


@pytest.mark.parametrize("source", SHAPES.values(), ids=SHAPES.keys())
def test_shapes(tmp_path: Path, source: str) -> None:
    assert differences(tmp_path / "module.py", source) == []


@pytest.mark.parametrize("seed", range(8))
def test_random_programs(tmp_path: Path, seed: int) -> None:
    pick = random.Random(seed).choice
    pieces = [*COMMENTS, "x = (", ")", '"""', "'a'", "\\", "\n", "\n", "\n", "if a:", "    ", " "]
    for number in range(25):
        source = "".join(pick(pieces) + pick(["", " ", "\n"]) for _ in range(15))
        assert differences(tmp_path / f"module{number}.py", source) == [], source


def test_strings_join_lines_and_brackets_do_not() -> None:
    source = 'spawn(\n    """a\n    b""",  # noqa: CTX1\n)\nother()\n'
    assert suppressed(source, 2, "CTX101")
    assert suppressed(source, 3, "CTX101")
    assert not suppressed(source, 2, "CTX201")
    assert not suppressed(source, 1, "CTX101")
    assert not suppressed(source, 5, "CTX101")
    assert not suppressed(source, 99, "CTX101")


@pytest.mark.parametrize("source", [*SHAPES.values(), 'x = (f"""\n{a}\n""", b)  # noqa\n'])
def test_of_code_it_is_known_without_tokens(source: str) -> None:
    """Where code stands, what may silence it is told apart from what cannot by its lines alone."""
    noqa = NoqaMap(source)
    try:
        tree = ast.parse(source.removeprefix("\ufeff"))
    except SyntaxError:
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Name | ast.Call) and noqa.suppresses(node.lineno, "CTX101"):
            assert noqa.may_suppress_code(node.lineno)


def test_code_far_from_any_comment_needs_no_tokens() -> None:
    noqa = NoqaMap("a()\nb()\nc()  # noqa\n")
    assert not noqa.may_suppress_code(2)
    assert noqa.may_suppress_code(3)
