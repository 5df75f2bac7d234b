"""Where queues are made, by libraries' classes or the user's; each is then followed once."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Final

from .. import apis
from ..facts import model as m
from .calls import CallGraph
from .flow import Flow
from .index import ModuleIndex
from .queues import Put, Queue
from .receivers import Receivers
from .resolve import Resolver
from .scope import Scope
from .searches import any_name
from .sieve import Sieve
from .trees import last_name
from .values import ClassValue, External

_ALIASED: Final = frozenset({"field", "Field"})


class Queues:
    """Finds the project's queues; each is followed once."""

    def __init__(
        self, resolver: Resolver, calls: CallGraph, table: apis.Table, sieve: Sieve
    ) -> None:
        self._sieve = sieve
        self._resolver = resolver
        self._calls = calls
        self._table = table
        self.receivers: Final = Receivers(resolver, calls)
        self._found: list[Queue] | None = None

    def all(self) -> list[Queue]:
        """Every queue of the project outside tests."""
        if self._found is None:
            self._found = []
            for module in self._makers():
                names = self._names(module)
                for call in module.calls(any_name(frozenset(names))):
                    kind = self._made_type(call, module, names)
                    if kind is not None:
                        queue = Queue(call, module, kind)
                        Flow(self._resolver, self._calls, self._table, queue, self.receivers).run()
                        self._found.append(queue)
        return self._found

    def puts_in(self, path: Path) -> list[tuple[Put, Queue]]:
        """The puts of one file, with the queues that they may be to."""
        return self._puts.get(path, [])

    @cached_property
    def _puts(self) -> dict[Path, list[tuple[Put, Queue]]]:
        found: dict[Path, list[tuple[Put, Queue]]] = {}
        for queue in self.all():
            for put in queue.puts:
                found.setdefault(put.module.path, []).append((put, queue))
        return found

    def taken_by(self, scope: Scope) -> list[Queue]:
        """The queues that one function takes items off."""
        return list(self._takers.get(scope, ()))

    @cached_property
    def _takers(self) -> dict[Scope, dict[Queue, None]]:
        found: dict[Scope, dict[Queue, None]] = {}
        for queue in self.all():
            for get in queue.gets:
                found.setdefault(get.scope, {})[queue] = None
        return found

    def _makers(self) -> list[ModuleIndex]:
        modules = (self._resolver.modules.load(path) for path in self._sieve.queue_makers)
        return [m for m in modules if m is not None and not self._calls.is_test(m)]

    def _names(self, module: ModuleIndex) -> set[str]:
        """Names under which queue types go in a module."""
        words = self._table.queue_words | self._sieve.inheritance.below(self._table.queue_words)
        names = {*words, *_ALIASED}
        for word in sorted(words):
            for each in module.imports_of(word):
                names.update(part.alias for part in each.names if part.alias and part.name == word)
            for use in module.uses(word):
                statement = module.parents.get(use)
                if isinstance(statement, m.Assign) and statement.value is use:
                    names.update(last_name(target) for target in statement.targets)
        return names

    def _made_type(self, call: m.Call, module: ModuleIndex, names: set[str]) -> str | None:
        scope = module.scope_of(call)
        func = maker(call)
        if last_name(func) not in names:
            return None
        for value in self._resolver.evaluate(func, scope):
            if isinstance(value, External):
                if value.name in self._table.queue_by_type or value.name in apis.PAIRS:
                    return value.name
            elif isinstance(value, ClassValue):
                row = self._project_type(value.scope)
                if row is not None:
                    return row
        return None

    def _project_type(self, cls: Scope) -> str | None:
        """A row of the user's for a class of the project, or a subclass of a known queue."""
        for name in self._table.queue_by_type:
            if name == cls.dotted or name.endswith(f".{cls.dotted}"):
                return name
        for base in self._resolver.classes.external_bases(cls):
            if base in self._table.queue_by_type:
                return base
        return None


def maker(call: m.Call) -> m.Expression:
    """What a call makes an object of, type arguments left out."""
    factory = _default_factory(call)
    if factory is not None:
        return factory
    return call.func.value if isinstance(call.func, m.Subscript) else call.func


def _default_factory(call: m.Call) -> m.Expression | None:
    """``field(default_factory=asyncio.Queue)`` makes a queue per object."""
    if last_name(call.func) in _ALIASED:
        for keyword in call.keywords:
            if keyword.name == "default_factory":
                value = keyword.value
                if isinstance(value, m.Lambda):
                    returned = value.function.body[0]
                    value = (
                        returned.value
                        if isinstance(returned, m.Return) and returned.value
                        else value
                    )
                return value.func if isinstance(value, m.Call) else value
    return None
