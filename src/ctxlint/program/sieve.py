"""Which files can hold a finding at all, decided on bytes: no parser is imported for the others."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, cached_property
from pathlib import Path
from typing import Final

from .. import apis
from .inheritance import Inheritance
from .modules import Sources
from .searches import KEPT_GATHER, holds_word, made

_THREAD_TYPES: Final = frozenset({"Thread", "Timer"})
_ENDS: Final = frozenset(end.rpartition(".")[2] for ends in apis.PAIRS.values() for end in ends)
_DEQUE_PUT: Final = re.compile(rb"\.append(?:left)?\s*\(")
_MAP: Final = re.compile(rb"\.i?map(?:_\w+)?\s*\(")
_POOL: Final = re.compile(rb"(?i)executor|pool")
_COPY: Final = b"copy_context"
_SNAPSHOT_WORDS: Final = frozenset(
    name.rpartition(".")[2] for name in (*apis.SNAPSHOTS, *apis.INJECTORS, apis.ENVELOPE)
) | {"ContextVar"}
_RUN: Final = re.compile(rb"\.\s*run\b")
_CONTEXT: Final = re.compile(
    rb"(?:ctx|context|snapshot|captured)\w*(?:\([^()\n]*\))?\s*\Z", re.IGNORECASE
)
"""The names that contexts go by, in ``ctx.run``, called or handed on."""
_LONGEST_NAME: Final = 120
_VARIABLE: Final = re.compile(
    rb"(\w+)\s*(?::[^=\n]*)?=[\s(]*(?:\w+\.)*ContextVar\b|(\w+)\s*:[^=\n]*ContextVar\b"
)
"""``name = ContextVar(...)``, ``name: ContextVar[...] = ...``."""
_SETTERS: Final = tuple(
    (row.name.partition(".")[0].encode(), row.name.rpartition(".")[2].encode())
    for row in apis.CONTEXT_SETTERS
)
_TOKEN: Final = re.compile(rb"(?i)token\w*\s*=[^=]")
_SET: Final = re.compile(rb"\.\s*set\s*\(")
_SETTING: Final = re.compile(rb"\b(?:set|%s)\s*\(" % b"|".join(word for _, word in _SETTERS))
_DEFINED: Final = re.compile(rb"^([ \t]*)(?:async[ \t]+)?def[ \t]+([A-Za-z_]\w*)", re.MULTILINE)
_RETURNED: Final = re.compile(rb"\breturn[ \t]+[^\s#]")
_CLASS: Final = re.compile(rb"^class[ \t]+([A-Za-z_]\w*)", re.MULTILINE)


class Sieve:
    """Looks for the words of spawns and puts in one project."""

    def __init__(self, sources: Sources, table: apis.Table) -> None:
        self._sources = sources
        self._table = table
        self.inheritance: Final = Inheritance(sources)

    def may_report(self, path: Path) -> bool:
        """Whether a file can hold a finding of any rule, but of those that `may_take` is about."""
        return (
            self.may_spawn(path)
            or self.may_put(path)
            or self.may_capture(path)
            or self.may_lose(path)
            or self.may_set(path)
        )

    def may_spawn(self, path: Path) -> bool:
        """Whether a file holds a word of a spawner, or the name of a Thread subclass."""
        source = self._sources.read(path)
        return spawns(source, self._table) or holds_word(source, self._thread_classes)

    def may_capture(self, path: Path) -> bool:
        """Whether a file copies contexts, or enters what may be one that another file copied."""
        source = self._sources.read(path)
        return _COPY in source or (self._copies_contexts and enters_context(source))

    def may_take(self, path: Path) -> bool:
        """Whether a file takes items that may carry a context, or enters what may be one.

        Many files ``get()`` something: only the queues of the project tell which of them it is.
        """
        if not self._carries_contexts:
            return False
        source = self._sources.read(path)
        return takes(source, self._table) or enters_context(source)

    @cached_property
    def _carries_contexts(self) -> bool:
        """Whether anything in the project takes a snapshot, and anything makes a queue."""
        return bool(self.queue_makers) and any(
            self._sources.containing(word) for word in sorted(_SNAPSHOT_WORDS)
        )

    @cached_property
    def _copies_contexts(self) -> bool:
        return bool(self._sources.containing(_COPY.decode()))

    def may_lose(self, path: Path) -> bool:
        """Whether a file gives work to threads, and some file of the project asks its context."""
        source = self._sources.read(path)
        if not crosses(source, self._table) and not holds_word(source, self._thread_classes):
            return False
        return self._asks_contexts

    @cached_property
    def _asks_contexts(self) -> bool:
        return any(self._sources.containing(word) for word in apis.CONTEXT_WORDS)

    def may_set(self, path: Path) -> bool:
        """Whether a file sets something in its context, or may call what returns a token."""
        source = self._sources.read(path)
        return self.sets(path) or any(
            holds_word(source, (name,)) and (not homes or holds_word(source, homes))
            for name, homes in self._token_givers.items()
        )

    def sets(self, path: Path) -> bool:
        """Whether a file sets something in its context itself."""
        source = self._sources.read(path)
        if b"contextvars" in source or b"ContextVar" in source:
            return _SET.search(source) is not None or _sets_by_row(source)
        if _sets_by_row(source):
            return True
        return _SET.search(source) is not None and holds_word(source, self._variables)

    @cached_property
    def setters(self) -> tuple[Path, ...]:
        """The files that set something in their context."""
        return tuple(path for path in self._sources.files if self._source(path) and self.sets(path))

    @cached_property
    def _token_givers(self) -> dict[str, frozenset[str]]:
        """Functions that may return the token of what they set, by name.

        With the names, for methods, without which no file can speak of their objects.
        """
        found: dict[str, frozenset[str]] = {}
        for path in self.setters:
            source = self._source(path)
            homes = {path.parent.name if path.name == "__init__.py" else path.stem}
            homes.update(name.decode() for name in _CLASS.findall(source))
            for indent, name in _returning(source):
                if not name.startswith("__"):
                    found[name] = frozenset(homes) if indent else frozenset()
        return found

    @cached_property
    def _variables(self) -> frozenset[str]:
        """The names of the project's context variables."""
        return frozenset(
            found[0].decode(errors="replace") or found[1].decode(errors="replace")
            for path in self._sources.containing("ContextVar")
            for found in _VARIABLE.findall(self._source(path))
        )

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


def crosses(source: bytes, table: apis.Table) -> bool:
    """Whether source holds a word of what gives work to threads; ``map`` only beside a pool."""
    if holds_word(source, table.crossing_tokens):
        return True
    return _MAP.search(source) is not None and _POOL.search(source) is not None


def _sets_by_row(source: bytes) -> bool:
    """Whether source calls a library's function that sets something in the context."""
    return any(home in source and word in source for home, word in _SETTERS)


def _returning(source: bytes) -> Iterator[tuple[bytes, str]]:
    """The indents and names of functions that set something and return something."""
    found = list(_DEFINED.finditer(source))
    ends = (*(each.start() for each in found[1:]), len(source))
    for each, end in zip(found, ends, strict=False):
        if _SETTING.search(source, each.end(), end) and _RETURNED.search(source, each.end(), end):
            yield each[1], each[2].decode()


def may_be_token(source: bytes) -> bool:
    """Whether source gives a name to what may be the token of a set."""
    return _SET.search(source) is not None or _TOKEN.search(source) is not None


def takes(source: bytes, table: apis.Table) -> bool:
    """Whether source takes an item off what may be a queue: not by a key, as of a mapping."""
    if b"async for" in source:
        return True
    return any(
        word.encode() in source and _taking(word).search(source) is not None
        for word in table.get_tokens
    )


@cache
def _taking(word: str) -> re.Pattern[bytes]:
    """A call with nothing but a limit of time, or the method handed on."""
    return re.compile(
        re.escape(word.encode()) + rb"\s*(?:\(\s*(?:\)|block|timeout|True|False|\d)|[,)])"
    )


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
    if spawns(source, table) or puts(source, table) or crosses(source, table):
        return True
    if _COPY in source or enters_context(source) or takes(source, table):
        return True
    if _sets_by_row(source) or may_be_token(source):
        return True
    return re.search(rb"\.start\s*\(", source) is not None
