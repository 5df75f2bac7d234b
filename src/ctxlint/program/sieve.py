"""Which files can hold a finding at all, decided on bytes: no parser is imported for the others."""

from __future__ import annotations

import re
from functools import cached_property
from pathlib import Path
from typing import Final

from .. import apis
from .inheritance import Inheritance
from .modules import Sources
from .searches import KEPT_GATHER, holds_word, made

_THREAD_TYPES: Final = frozenset({"Thread", "Timer"})
_ENDS: Final = frozenset(end.rpartition(".")[2] for ends in apis.PAIRS.values() for end in ends)
_DEQUE_PUT: Final = re.compile(rb"\.append(?:left)?\s*\(")
_COPY: Final = b"copy_context"
_RUN: Final = re.compile(rb"\.\s*run\b")
_CONTEXT: Final = re.compile(
    rb"(?:ctx|context|snapshot|captured)\w*(?:\([^()\n]*\))?\s*\Z", re.IGNORECASE
)
"""The names that contexts go by, in ``ctx.run``, called or handed on."""
_LONGEST_NAME: Final = 120


class Sieve:
    """Looks for the words of spawns and puts in one project."""

    def __init__(self, sources: Sources, table: apis.Table) -> None:
        self._sources = sources
        self._table = table
        self.inheritance: Final = Inheritance(sources)

    def may_report(self, path: Path) -> bool:
        """Whether a file can hold a finding of any rule."""
        return self.may_spawn(path) or self.may_put(path) or self.may_capture(path)

    def may_spawn(self, path: Path) -> bool:
        """Whether a file holds a word of a spawner, or the name of a Thread subclass."""
        source = self._sources.read(path)
        return spawns(source, self._table) or holds_word(source, self._thread_classes)

    def may_capture(self, path: Path) -> bool:
        """Whether a file copies contexts, or enters what may be one that another file copied."""
        source = self._sources.read(path)
        return _COPY in source or (self._copies_contexts and enters_context(source))

    @cached_property
    def _copies_contexts(self) -> bool:
        return bool(self._sources.containing(_COPY.decode()))

    def may_put(self, path: Path) -> bool:
        """Whether a file holds a word of a put, and some file of the project makes a queue."""
        return puts(self._sources.read(path), self._table) and bool(self.queue_makers)

    @cached_property
    def queue_makers(self) -> tuple[Path, ...]:
        """The files that may make a queue."""
        words = self._table.queue_words - _ENDS
        return tuple(
            path
            for path in self._sources.files
            if any(word.encode() in self._source(path) for word in words)
            and made(words).search(self._source(path)) is not None
        )

    def _source(self, path: Path) -> bytes:
        try:
            return self._sources.read(path)
        except OSError:
            return b""

    @cached_property
    def _thread_classes(self) -> frozenset[str]:
        """Names of the project's Thread subclasses, at any depth."""
        return self.inheritance.below(_THREAD_TYPES)


def spawns(source: bytes, table: apis.Table) -> bool:
    """Whether source holds a word of a spawner; ``gather`` only where it is not awaited at once."""
    if holds_word(source, table.spawn_tokens):
        return True
    return b"gather" in source and KEPT_GATHER.search(source) is not None


def puts(source: bytes, table: apis.Table) -> bool:
    """Whether source holds a word of a put; ``append`` only beside a deque."""
    if holds_word(source, table.put_tokens):
        return True
    return b"deque" in source and _DEQUE_PUT.search(source) is not None


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
    if spawns(source, table) or puts(source, table):
        return True
    if _COPY in source or enters_context(source):
        return True
    return re.search(rb"\.start\s*\(", source) is not None
