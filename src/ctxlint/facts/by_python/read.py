"""A module's text, or a part of it, read by the parser of the running Python."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Sequence
from typing import Final

from ...recursion import deep_recursion
from .. import model as m
from ..lines import Lines, line_of
from .pieces import Cutter, Span
from .statements import StatementReader

_ATTEMPTS: Final = 5


def read(text: str, starts: Sequence[int], *, whole: bool) -> m.Body | None:
    """The facts of a module; those of functions' bodies only if all of it is asked for.

    None where this Python cannot parse it: it is no Python, or a newer one, or too deep.
    """
    tree = _parse(text)
    if tree is None:
        return None
    lines = Lines(text, starts)
    reader = StatementReader(lines, None if whole else Cutter(text, lines))
    with deep_recursion():
        return reader.body(tree.body)


def read_body(text: str, starts: Sequence[int], span: Span) -> m.Body | None:
    """The facts of a function's body that `read` left out."""
    begin, end = span
    # What is indented is no module: it needs a header.
    tree = _parse(f"def _():\n{text[begin:end]}")
    if tree is None:
        return None
    header = tree.body[0]
    assert isinstance(header, ast.FunctionDef)
    lines = Lines(text, starts, line_of(starts, begin), skipped=1)
    with deep_recursion():
        return StatementReader(lines).body(header.body)


def _parse(text: str) -> ast.Module | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for _ in range(_ATTEMPTS):
            try:
                return ast.parse(text)
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                return None
            except SystemError:
                # Python 3.11 counts the depth of the tree for the whole process: what is deleted
                # or runs meanwhile, and parses too, upsets it once
                # (https://github.com/python/cpython/issues/106905).
                continue
    return None
