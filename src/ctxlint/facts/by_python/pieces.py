"""What of a module is read first: all of it but the bodies of its functions.

Of most functions nothing is ever asked but that they are there.  So the facts of a module leave
the bodies of functions out, and each is read when somebody asks for it.  Functions inside
functions belong to the body that they stand in.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from ..lines import Lines

Span = tuple[int, int]
"""Where a piece of text begins and ends."""

_SHORTEST: Final = 60
"""A body of fewer characters is not worth a call of the parser of its own."""
_INNER: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


class LeftOut(Struct, frozen=True):
    """The body of a function, not read yet."""

    span: Span
    is_generator: bool


class Cutter:
    """Tells which bodies of a module's functions can be read later, by themselves."""

    def __init__(self, text: str, lines: Lines) -> None:
        self._text: Final = text
        self._lines: Final = lines

    def __call__(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> LeftOut | None:
        """Where the body of a function stands, if it has lines of its own and says something."""
        text, first = self._text, _first_line(node.body[0])
        if first == node.lineno or all(_is_stub(each) for each in node.body):
            return None
        begin = self._lines.start(first)
        end = self._lines.start((node.end_lineno or first) + 1)
        header = text[begin : begin + node.body[0].col_offset]
        if end - begin < _SHORTEST or header.strip() or _continued(text, begin):
            return None
        generates = text.find("yield", begin, end) >= 0 and yields(node.body)
        return LeftOut((begin, end), generates)


def yields(body: Sequence[ast.AST]) -> bool:
    """Whether a function with this body is a generator."""
    pending = list(body)
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Yield | ast.YieldFrom):
            return True
        if isinstance(node, _INNER):
            pending += _evaluated_outside(node)
        else:
            pending += ast.iter_child_nodes(node)
    return False


def _evaluated_outside(
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda,
) -> list[ast.AST]:
    """What of a definition is evaluated where it stands: decorators, defaults, bases."""
    if isinstance(node, ast.ClassDef):
        return [*node.decorator_list, *node.bases, *node.keywords]
    defaults = [*node.args.defaults, *(each for each in node.args.kw_defaults if each is not None)]
    return [*defaults, *getattr(node, "decorator_list", ())]


def _first_line(node: ast.stmt) -> int:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return min((node.lineno, *(each.lineno for each in node.decorator_list)))
    return node.lineno


def _is_stub(node: ast.stmt) -> bool:
    """Whether a statement is what abstract methods are made of: ``...``, ``pass``, ``raise``."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    return isinstance(node, ast.Pass | ast.Raise)


def _continued(text: str, begin: int) -> bool:
    """Whether the line before is continued with a backslash."""
    return text[max(begin - 3, 0) : begin].rstrip("\r\n").endswith("\\")
