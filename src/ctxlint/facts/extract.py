"""Bytes → facts: the only place where ctxlint parses to analyse.

What the running Python can parse, its own parser reads: that takes a tenth of libcst's time
(`benchmarks/README.md`).  libcst reads what is left: syntax that is newer than this Python, and
what Python's parser gives up on.  Both leave the same facts (`tests/test_readers.py`).
"""

from __future__ import annotations

from ..encoding import Undecodable, decode
from . import model as m
from .by_python.read import read as read_by_python
from .lines import line_starts
from .unreadable import Unreadable


def extract(source: bytes) -> m.Module:
    """Read one module.

    Raises:
        Unreadable: the source cannot be decoded or parsed.
    """
    try:
        text = decode(source)
    except Undecodable as error:
        raise Unreadable(f"cannot be decoded: {error}") from None
    starts = line_starts(text)
    try:
        body = read_by_python(text, starts)
        if body is None:
            from .by_libcst.read import read as read_by_libcst

            body = read_by_libcst(text)
    except RecursionError:
        raise Unreadable("nested too deeply to be analysed") from None
    return m.Module(body, starts)
