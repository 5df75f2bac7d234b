"""Where the bodies of functions stand in a module's text.

Of most functions nothing is ever asked but that they are there, and the text tells of which: so
facts say where a body stands, if that is a stretch of whole lines.
"""

from __future__ import annotations

import ast
from typing import Final

from ..lines import Lines

_SHORTEST: Final = 60
"""A body of fewer characters is looked into as soon as searched."""


class Spans:
    """Finds the bodies of one module's functions in its text."""

    def __init__(self, text: str, lines: Lines) -> None:
        self._text: Final = text
        self._lines: Final = lines

    def of_body(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> tuple[int, int] | None:
        """Where a body begins and ends, if it has lines of its own and says something."""
        text, first = self._text, _first_line(node.body[0])
        if first == node.lineno or all(_is_stub(each) for each in node.body):
            return None
        begin = self._lines.start(first)
        end = self._lines.start((node.end_lineno or first) + 1)
        before = text[begin : begin + node.body[0].col_offset]
        if end - begin < _SHORTEST or before.strip() or _is_continued(text, begin):
            return None
        return begin, end


def _first_line(node: ast.stmt) -> int:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return min((node.lineno, *(each.lineno for each in node.decorator_list)))
    return node.lineno


def _is_stub(node: ast.stmt) -> bool:
    """Whether a statement is what abstract methods are made of: ``...``, ``pass``, ``raise``."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    return isinstance(node, ast.Pass | ast.Raise)


def _is_continued(text: str, begin: int) -> bool:
    """Whether the line before is continued with a backslash."""
    return text[max(begin - 3, 0) : begin].rstrip("\r\n").endswith("\\")
