"""Which files can hold a finding at all, decided on bytes: no parser is imported for the others."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Final

from .. import apis
from .glance import (
    COPY,
    SETTERS,
    appends,
    enters_context,
    keeps_gathered,
    maps_in_pool,
    names_task,
    sets_variable,
    takes,
)
from .inheritance import Inheritance
from .modules import Sources
from .searches import made
from .sightings import classes, token_givers, variables

_ASYNCIO_TASK: Final = "asyncio.Task"
_THREAD_TYPES: Final = frozenset({"Thread", "Timer"})
_ENDS: Final = frozenset(end.rpartition(".")[2] for ends in apis.PAIRS.values() for end in ends)
_SNAPSHOT_WORDS: Final = frozenset(
    name.rpartition(".")[2] for name in (*apis.SNAPSHOTS, *apis.INJECTORS, apis.ENVELOPE)
) | {"ContextVar"}


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
        return path in self._spawning

    @cached_property
    def _spawning(self) -> frozenset[Path]:
        words = frozenset(self._table.spawn_tokens - {_ASYNCIO_TASK}) | self._thread_classes
        found = set(self._sources.containing(*words))
        found.update(self._sources.matching(names_task, "Task"))
        found.update(self._sources.matching(keeps_gathered, "gather"))
        return frozenset(found)

    def may_capture(self, path: Path) -> bool:
        """Whether a file copies contexts, or enters what may be one that another file copied."""
        return path in self._copying or (
            bool(self._copying) and self._sources.ask(enters_context, path)
        )

    def may_take(self, path: Path) -> bool:
        """Whether a file takes items that may carry a context, or enters what may be one.

        Many files ``get()`` something: only the queues of the project tell which of them it is.
        """
        if not self._carries_contexts:
            return False
        return path in self._taking or self._sources.ask(enters_context, path)

    @cached_property
    def _taking(self) -> frozenset[Path]:
        words = ("async", *self._table.get_tokens)
        return frozenset(self._sources.matching(takes(frozenset(self._table.get_tokens)), *words))

    @cached_property
    def _carries_contexts(self) -> bool:
        """Whether anything in the project takes a snapshot, and anything makes a queue."""
        return bool(self.queue_makers) and any(
            self._sources.containing(word) for word in sorted(_SNAPSHOT_WORDS)
        )

    @cached_property
    def _copying(self) -> frozenset[Path]:
        return frozenset(self._sources.containing(COPY))

    def may_lose(self, path: Path) -> bool:
        """Whether a file gives work to threads, and some file of the project asks its context."""
        return self._asks_contexts and path in self._crossing

    @cached_property
    def _crossing(self) -> frozenset[Path]:
        found = set(self._sources.containing(*self._table.crossing_tokens, *self._thread_classes))
        found.update(self._sources.matching(maps_in_pool))
        return frozenset(found)

    @cached_property
    def _asks_contexts(self) -> bool:
        return any(self._sources.containing(word) for word in apis.CONTEXT_WORDS)

    def may_set(self, path: Path) -> bool:
        """Whether a file sets something in its context, or may call what returns a token."""
        return self.sets(path) or path in self._given_tokens

    @cached_property
    def _given_tokens(self) -> frozenset[Path]:
        """The files that call what may return a token."""
        found: set[Path] = set()
        for name, homes in self._token_givers.items():
            callers = self._sources.containing(name)
            found.update({*callers} & {*self._sources.containing(*homes)} if homes else callers)
        return frozenset(found)

    def sets(self, path: Path) -> bool:
        """Whether a file sets something in its context itself."""
        return path in self._setting

    @cached_property
    def _setting(self) -> frozenset[Path]:
        names = ("contextvars", "ContextVar", *self._variables)
        speaking = {*self._sources.containing(*names)}
        found = speaking.intersection(self._sources.matching(sets_variable, "set"))
        for home, word in SETTERS:
            homes = {*self._sources.containing(home)}
            found.update(path for path in self._sources.containing(word) if path in homes)
        return frozenset(found)

    @cached_property
    def setters(self) -> tuple[Path, ...]:
        """The files that set something in their context."""
        return tuple(path for path in self._sources.files if path in self._setting)

    @cached_property
    def _token_givers(self) -> dict[str, frozenset[str]]:
        """Functions that may return the token of what they set, by name.

        With the names, for methods, without which no file can speak of their objects.
        """
        found: dict[str, frozenset[str]] = {}
        for path in self.setters:
            homes = {path.parent.name if path.name == "__init__.py" else path.stem}
            homes.update(self._sources.ask(classes, path))
            for giver in self._sources.ask(token_givers, path):
                name = giver.lstrip(" \t")
                if not name.startswith("__"):
                    found[name] = frozenset() if name == giver else frozenset(homes)
        return found

    @cached_property
    def _variables(self) -> frozenset[str]:
        """The names of the project's context variables."""
        return frozenset(
            name
            for names in self._sources.answers(variables, "ContextVar").values()
            for name in names
        )

    def may_put(self, path: Path) -> bool:
        """Whether a file holds a word of a put, and some file of the project makes a queue."""
        return path in self._putting and bool(self.queue_makers)

    @cached_property
    def _putting(self) -> frozenset[Path]:
        found = set(self._sources.containing(*self._table.put_tokens))
        found.update(self._sources.matching(appends, "deque"))
        return frozenset(found)

    @cached_property
    def queue_makers(self) -> tuple[Path, ...]:
        """The files that may make a queue."""
        words = self._table.queue_words - _ENDS
        return self._sources.matching(made(words), *words)

    @cached_property
    def _thread_classes(self) -> frozenset[str]:
        """Names of the project's Thread subclasses, at any depth."""
        return self.inheritance.below(_THREAD_TYPES)
