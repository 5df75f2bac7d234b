"""Calls of functions that return the token of what they set: their callers are to take it back."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Final

from ..facts import model as m
from .index import ModuleIndex
from .scope import Scope
from .stores import Touch

if TYPE_CHECKING:
    from .program import Program


class HandedTokens:
    """Finds these calls, from the functions to their callers; ``returns`` judges one set."""

    def __init__(self, program: Program, returns: Callable[[Touch], bool]) -> None:
        self._program: Final = program
        self._returns: Final = returns

    def in_module(self, module: ModuleIndex) -> tuple[Touch, ...]:
        """The calls in one module, as sets of what the functions set."""
        return tuple(self._by_module.get(module, ()))

    @cached_property
    def _by_module(self) -> dict[ModuleIndex, list[Touch]]:
        found: dict[ModuleIndex, list[Touch]] = {}
        pending, seen = deque(self._own()), set[Scope]()
        while pending:
            touch = pending.popleft()
            if touch.scope in seen or not _returns_something(touch.scope):
                continue
            if not self._returns(touch):
                continue
            seen.add(touch.scope)
            for use in self._program.calls.uses(touch.scope):
                if use.call is not None and use.certain:
                    value = use.call.args[0] if use.call.args else None
                    given = Touch("set", touch.store, use.call, use.scope, value)
                    found.setdefault(use.module, []).append(given)
                    pending.append(given)
        return found

    def _own(self) -> Iterator[Touch]:
        """All sets outside tests."""
        stores = self._program.stores
        for path in self._program.sieve.setters:
            module = self._program.module(path)
            if module is not None and not self._program.calls.is_test(module):
                yield from (each for each in stores.in_module(module) if each.kind == "set")


def _returns_something(function: Scope) -> bool:
    return function.function is not None and any(
        isinstance(node, m.Return) and node.value is not None for node in function.nodes
    )
