"""Bytes → facts: the only place where ctxlint parses to analyse.

What the running Python can parse, its own parser reads: that takes a tenth of libcst's time
(`benchmarks/README.md`).  libcst reads what is left: syntax that is newer than this Python, and
what Python's parser gives up on.  Both leave the same facts (`tests/test_readers.py`).
"""

from __future__ import annotations

from collections.abc import Sequence

from ..encoding import Undecodable, decode
from . import model as m
from .by_python.read import read as read_by_python
from .by_python.read import read_body
from .lines import line_starts
from .unreadable import Unreadable


def extract(source: bytes) -> m.Module:
    """Read one module, all of it.

    Raises:
        Unreadable: the source cannot be decoded or parsed.
    """
    return _extract(source, whole=True)


def extract_outline(source: bytes) -> m.Module:
    """Read one module, the bodies of its functions left out where they can be read later.

    Raises:
        Unreadable: the source cannot be decoded or parsed.
    """
    return _extract(source, whole=False)


def extract_body(text: str, starts: Sequence[int], span: tuple[int, int]) -> m.Body:
    """Read the body of a function that `extract_outline` left out of a module's text.

    ``starts`` are the offsets of the text's lines, as the module's facts have them.
    """
    return read_body(text, starts, span) or ()


def _extract(source: bytes, *, whole: bool) -> m.Module:
    try:
        text = decode(source)
    except Undecodable as error:
        raise Unreadable(f"cannot be decoded: {error}") from None
    starts = line_starts(text)
    try:
        body = read_by_python(text, starts, whole=whole)
        if body is None:
            from .by_libcst.read import read as read_by_libcst

            body = read_by_libcst(text)
    except RecursionError:
        raise Unreadable("nested too deeply to be analysed") from None
    return m.Module(body, starts)
