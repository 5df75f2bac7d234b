"""A module's text, read by the parser of the running Python."""

from __future__ import annotations

import ast
import sys
import warnings
from collections.abc import Sequence
from typing import Final

from ...recursion import deep_recursion
from .. import model as m
from ..lines import Lines
from ..newer import may_be_newer
from ..unreadable import Unreadable
from .spans import Spans
from .statements import StatementReader
from .type_syntax import without_types

# Since 3.12 (PEP 695). Of `version_info`, mypy would take what follows for unreachable.
_READS_TYPES: Final = sys.hexversion >= 0x030C0000
_ATTEMPTS: Final = 5
_MOST_TYPES: Final = 30  # for so many it is parsed anew; then libcst is no slower


def read(text: str, starts: Sequence[int]) -> m.Body | None:
    """The facts of a module.

    None where this Python cannot parse it, and libcst may: it is a newer one, or too deep.

    Raises:
        Unreadable: it is no Python.
    """
    tree = _parse(text, starts)
    if tree is None:
        return None
    lines = Lines(text, starts)
    with deep_recursion():
        return StatementReader(lines, Spans(text, lines)).body(tree.body)


def _unreadable(error: SyntaxError) -> Unreadable:
    """Python's complaint in one line, with its place."""
    return Unreadable(f"syntax error: {error.msg}", error.lineno or 1, error.offset or 1)


def _parse(text: str, starts: Sequence[int]) -> ast.Module | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for _ in range(_MOST_TYPES):
            try:
                return _parsed(text)
            except SyntaxError as error:
                if not may_be_newer(error, text):
                    raise _unreadable(error) from None
                plainer = _plainer(text, starts, error)
                if plainer is None:
                    return None
                text = plainer  # pragma: no cover (Python 3.11 only)
            except (ValueError, RecursionError, MemoryError):
                return None
    return None  # pragma: no cover (Python 3.11 only)


def _parsed(text: str) -> ast.Module | None:
    for _ in range(_ATTEMPTS):
        try:
            return ast.parse(text)
        except SystemError:  # pragma: no cover (Python 3.11 only)
            # Python 3.11 counts the depth of the tree for the whole process: what is deleted or
            # runs meanwhile, and parses too, upsets it once
            # (https://github.com/python/cpython/issues/106905).
            continue
    return None  # pragma: no cover (Python 3.11 only)


def _plainer(text: str, starts: Sequence[int], error: SyntaxError) -> str | None:
    """The text without the types that this Python stumbled over, if it was that."""
    line = error.lineno
    if _READS_TYPES or line is None or line > len(starts):
        return None
    return without_types(text, starts[line - 1])  # pragma: no cover (Python 3.11 only)
