"""What the bytes of one file tell at a glance: whether it may start, put, take or set anything."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Final

from .. import apis
from ..questions import question, questions
from .searches import KEPT_GATHER, holds_word

COPY: Final = "copy_context"
SETTERS: Final = tuple(
    (row.name.partition(".")[0], row.name.rpartition(".")[2]) for row in apis.CONTEXT_SETTERS
)
"""The libraries whose functions set something in the context, with the functions' last names."""
_MAP: Final = re.compile(rb"\.i?map(?:_\w+)?\s*\(")
_DEQUE_PUT: Final = re.compile(rb"\.append(?:left)?\s*\(")
_POOL: Final = re.compile(rb"(?i)executor|pool")
_RUN: Final = re.compile(rb"\.\s*run\b")
_CONTEXT: Final = re.compile(
    rb"(?:ctx|context|snapshot|captured)\w*(?:\([^()\n]*\))?\s*\Z", re.IGNORECASE
)
"""The names that contexts go by, in ``ctx.run``, called or handed on."""
_LONGEST_NAME: Final = 120
_TOKEN: Final = re.compile(rb"(?i)token\w*\s*=[^=]")
_SET: Final = re.compile(rb"\.\s*set\s*\(")
_TASK: Final = re.compile(rb"\bTask\s*\(")
_START: Final = re.compile(rb"\.start\s*\(")


@question
def keeps_gathered(source: bytes) -> bool:
    """Whether what is gathered in source is not awaited at once."""
    return KEPT_GATHER.search(source) is not None


@question
def appends(source: bytes) -> bool:
    """Whether source appends anything."""
    return _DEQUE_PUT.search(source) is not None


@question
def maps_in_pool(source: bytes) -> bool:
    """Whether source calls some ``map``, and names a pool or an executor."""
    return b"map" in source and _MAP.search(source) is not None and _POOL.search(source) is not None


@question
def sets_variable(source: bytes) -> bool:
    """Whether source calls a ``set``."""
    return _SET.search(source) is not None


@question
def names_task(source: bytes) -> bool:
    """Whether source makes an ``asyncio.Task`` itself, by whatever name it calls the module."""
    if b"asyncio.Task" in source:
        return True
    return b"asyncio" in source and _TASK.search(source) is not None


@questions
def takes(words: frozenset[str]) -> Callable[[bytes], bool]:
    """Whether source takes an item off what may be a queue: not by a key, as of a mapping."""

    def found(source: bytes) -> bool:
        if b"async for" in source:
            return True
        return any(
            word.encode() in source and _taking(word).search(source) is not None for word in words
        )

    return found


@cache
def _taking(word: str) -> re.Pattern[bytes]:
    """A call with nothing but a limit of time, or the method handed on."""
    return re.compile(
        re.escape(word.encode()) + rb"\s*(?:\(\s*(?:\)|block|timeout|True|False|\d)|[,)])"
    )


@question
def enters_context(source: bytes) -> bool:
    """Whether source enters what goes by the name of a context, or hands on its ``run``."""
    return any(
        _CONTEXT.search(source, max(match.start() - _LONGEST_NAME, 0), match.start()) is not None
        for match in _RUN.finditer(source)
    )


def worth_reading(source: bytes, table: apis.Table) -> bool:
    """Whether source alone, whatever the project, can hold a finding.

    ``.start(`` counts: it may start a Thread subclass of another file.
    """
    if holds_word(source, table.spawn_tokens | table.put_tokens | table.crossing_tokens):
        return True
    return (
        (b"gather" in source and keeps_gathered(source))
        or (b"deque" in source and appends(source))
        or maps_in_pool(source)
        or names_task(source)
        or COPY.encode() in source
        or enters_context(source)
        or takes(frozenset(table.get_tokens))(source)
        or any(home.encode() in source and word.encode() in source for home, word in SETTERS)
        or sets_variable(source)
        or _TOKEN.search(source) is not None
        or _START.search(source) is not None
    )
