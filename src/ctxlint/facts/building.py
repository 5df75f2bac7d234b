"""What facts are made alike from the trees of every parser."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from . import model as m

_LONGEST_TEXT: Final = 200
_LARGEST_NUMBER: Final = 10**15


def literal(value: object, at: int) -> m.Expression:
    """A literal as far as some question asks for it: None, booleans, small numbers, short texts."""
    if value is None or isinstance(value, bool):
        return m.Constant(value, at)
    if isinstance(value, str) and len(value) <= _LONGEST_TEXT and _can_be_stored(value):
        return m.Constant(value, at)
    if isinstance(value, int) and value < _LARGEST_NUMBER:
        return m.Constant(value, at)
    return m.Opaque((), at)


def formatted(first: object, operands: Iterable[m.Expression], at: int) -> m.Expression:
    """An f-string whose text begins with ``first``, if that is text."""
    prefix = first if isinstance(first, str) and _can_be_stored(first) else ""
    return m.Formatted(prefix, tuple(operands), at)


def start(node: m.Expression) -> int:
    """The offset of an expression's first name, or of its first token where that has none."""
    if isinstance(node, m.Starred):
        return start(node.value)
    return node.at


def says_nothing(value: m.Expression) -> bool:
    """Whether a statement of this expression alone leaves no trace: a docstring, ``...``."""
    return isinstance(value, m.Constant | m.Formatted | m.Opaque) and not getattr(
        value, "operands", ()
    )


def _can_be_stored(text: str) -> bool:
    """False for lone surrogates, which literals may hold and no encoding can write."""
    return text.isascii() or not any("\ud800" <= each <= "\udfff" for each in text)
