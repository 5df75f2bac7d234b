"""Bytes → facts: the only place where ctxlint parses to analyse."""

from __future__ import annotations

import re

import libcst as cst

from ..encoding import decode
from ..recursion import deep_recursion
from . import model as m
from .statements import StatementReader
from .tokens import NameFinder, line_starts
from .unreadable import Unreadable

_PLACE = re.compile(r"parser error: error at (\d+):(\d+):")


def extract(source: bytes) -> m.Module:
    """Read one module.

    Raises:
        Unreadable: the source cannot be decoded or parsed.
    """
    try:
        tree = cst.parse_module(source)
    except cst.ParserSyntaxError as error:
        raise _syntax_error(error) from None
    except RecursionError:
        raise Unreadable("nested too deeply to be analysed") from None
    except (UnicodeDecodeError, LookupError, SyntaxError) as error:
        raise Unreadable(f"cannot be decoded: {error}") from None
    text = decode(source)
    reader = StatementReader(NameFinder(text))
    try:
        with deep_recursion():
            body = reader.body(tree.body)
    except RecursionError:
        raise Unreadable("nested too deeply to be analysed") from None
    return m.Module(body, line_starts(text))


def _syntax_error(error: cst.ParserSyntaxError) -> Unreadable:
    """The parser's complaint in one line, with the place that its text names."""
    text = error.message.strip().splitlines()[0]
    place = _PLACE.search(text)
    if place is None:
        return Unreadable(text, max(error.raw_line, 1), max(error.raw_column + 1, 1))
    line, column = int(place[1]), int(place[2]) + 1
    return Unreadable(f"syntax error: {text[place.end() :].strip()}", max(line, 1), column)
