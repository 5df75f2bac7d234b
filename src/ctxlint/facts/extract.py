"""Bytes → facts: the only place where ctxlint parses to analyse."""

from __future__ import annotations

import re
from collections.abc import Sequence

import libcst as cst

from ..depth import deep_recursion
from ..encoding import Undecodable, decode
from . import model as m
from .outline import Outline, Span, outline, whole
from .statements import StatementReader
from .tokens import NameFinder, line_starts
from .unreadable import Unreadable

# The walk is plain Python calls, which take no C stack on Python 3.11+, so that a deep but valid
# expression needs only room on the interpreter's own frame count.
_FRAMES = 40_000
_PLACE = re.compile(r"parser error: error at (\d+):(\d+):")


def extract(source: bytes) -> m.Module:
    """Read one module, all of it.

    Raises:
        Unreadable: the source cannot be decoded or parsed.
    """
    text = _decoded(source)
    return m.Module(_read(text, whole(text)), line_starts(text))


def extract_outline(source: bytes) -> m.Module:
    """Read one module that is valid Python, the bodies of its functions left out.

    Raises:
        Unreadable: the source cannot be decoded or parsed.
    """
    text = _decoded(source)
    return m.Module(_read(text, outline(text)), line_starts(text))


def extract_body(text: str, span: Span) -> m.Body:
    """Read the body of a function that `extract_outline` left out of a module's text.

    Raises:
        Unreadable: it cannot be parsed.
    """
    begin, end = span
    # What is indented is no module: it needs a header. Its names are looked for in the text
    # itself, so that they stand where they do in the file.
    [header] = _parse(f"def _():\n{text[begin:end]}").body
    assert isinstance(header, cst.FunctionDef)
    return _walk(StatementReader(NameFinder(text, (span,))), header.body.body)


def _decoded(source: bytes) -> str:
    try:
        return decode(source)
    except Undecodable as error:
        raise Unreadable(f"cannot be decoded: {error}") from None


def _read(text: str, cut: Outline) -> m.Body:
    tree = _parse(cut.text)
    return _walk(StatementReader(NameFinder(text, cut.spans), cut.bodies), tree.body)


def _parse(text: str) -> cst.Module:
    try:
        return cst.parse_module(text)
    except cst.ParserSyntaxError as error:
        raise _syntax_error(error) from None
    except RecursionError:
        raise Unreadable("nested too deeply to be analysed") from None


def _walk(reader: StatementReader, statements: Sequence[cst.CSTNode]) -> m.Body:
    try:
        with deep_recursion(_FRAMES):
            return reader.body(statements)
    except RecursionError:
        raise Unreadable("nested too deeply to be analysed") from None


def _syntax_error(error: cst.ParserSyntaxError) -> Unreadable:
    """The parser's complaint in one line, with the place that its text names."""
    text = error.message.strip().splitlines()[0]
    place = _PLACE.search(text)
    if place is None:
        return Unreadable(text, max(error.raw_line, 1), max(error.raw_column + 1, 1))
    line, column = int(place[1]), int(place[2]) + 1
    return Unreadable(f"syntax error: {text[place.end() :].strip()}", max(line, 1), column)
