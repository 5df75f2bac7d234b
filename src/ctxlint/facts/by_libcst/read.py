"""A module's text, read by libcst."""

from __future__ import annotations

import re
from typing import Final

import libcst as cst

from ...recursion import deep_recursion
from .. import model as m
from ..unreadable import Unreadable
from .names import NameFinder
from .statements import StatementReader

_PLACE: Final = re.compile(r"parser error: error at (\d+):(\d+):")


def read(text: str) -> m.Body:
    """The facts of a module.

    Raises:
        Unreadable: it cannot be parsed.
        RecursionError: it is nested too deeply.
    """
    try:
        tree = cst.parse_module(text)
    except cst.ParserSyntaxError as error:
        raise _syntax_error(error) from None
    with deep_recursion():
        return StatementReader(NameFinder(text)).body(tree.body)


def _syntax_error(error: cst.ParserSyntaxError) -> Unreadable:
    """The parser's complaint in one line, with the place that its text names."""
    text = error.message.strip().splitlines()[0]
    place = _PLACE.search(text)
    if place is None:
        return Unreadable(text, max(error.raw_line, 1), max(error.raw_column + 1, 1))
    line, column = int(place[1]), int(place[2]) + 1
    return Unreadable(f"syntax error: {text[place.end() :].strip()}", max(line, 1), column)
