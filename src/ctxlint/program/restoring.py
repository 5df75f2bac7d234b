"""What takes back what is stored in a context: calls, functions, and ``with`` statements."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from ..facts import model as m
from .index import Scope
from .stores import SETTING, Store, Touch, is_nothing
from .trees import last_name, walk
from .uses import Use, named_uses
from .values import Instance, Invocation

if TYPE_CHECKING:
    from .program import Program

_MAX_DEPTH: Final = 3
_MAX_FUNCTIONS: Final = 200
_Key = tuple[Store, bool]


class Restoring:
    """Looks for the functions that touch a store, then for who calls these; memoised.

    ``leaving`` asks about places where something is left (a ``finally``, an ``__exit__``): what is
    set there is what is meant to remain, whatever it is.
    """

    def __init__(self, program: Program) -> None:
        self._program: Final = program
        self._functions: dict[_Key, frozenset[Scope]] = {}
        self._calls: dict[_Key, frozenset[m.Call]] = {}

    def takes_back(self, call: m.Call, scope: Scope, store: Store, *, leaving: bool) -> bool:
        """Whether a call resets what is stored, or sets it to nothing or to what it was."""
        for touch in self._program.stores.of_call(call, scope):
            if touch.store.is_same(store) and self._counts(touch, leaving=leaving):
                return True
        if call in self._calls_of(store, leaving=leaving):
            return True
        if not (call.args and is_nothing(call.args[0])):
            return False
        return call in self._calls_of(store, leaving=True)

    def function_takes_back(self, function: Scope, store: Store, *, leaving: bool = False) -> bool:
        """Whether a function, or what it calls, takes back what is stored."""
        return function in self._functions_of(store, leaving=leaving)

    def does_itself(self, function: Scope, store: Store) -> bool:
        """Whether a function takes back by itself."""
        return self._does(function, store, leaving=False)

    def somewhere(self, store: Store) -> bool:
        """Whether any code of the project takes back what is stored."""
        if store.variable is None or store.variable.name is None:
            return True  # not everything that sets it is known
        return bool(self._functions_of(store, leaving=False)) or any(
            use.call is not None and use.call.args and is_nothing(use.call.args[0])
            for function in self._touching(store)
            for use in self._program.calls.uses(function)
        )

    def by_leaving(self, item: m.WithItem, scope: Scope, store: Store) -> bool:
        """Whether a ``with`` puts back, at its end, what was there before it."""
        name = last_name(item.context)
        values = self._program.resolver.evaluate(item.context, scope)
        if store.row is not None and (
            name in store.row.within or (not values and any(w in name for w in store.row.likely))
        ):
            return True
        for value in values:
            if isinstance(value, Invocation) and self._restores(value.function.scope, store):
                return True
            if isinstance(value, Instance) and isinstance(value.of, Scope):
                for name in ("__exit__", "__aexit__"):
                    leaving = self._program.resolver.classes.method(value.of, name)
                    if leaving is not None and self.function_takes_back(leaving, store):
                        return True
        return False

    def _restores(self, function: Scope, store: Store) -> bool:
        within = store.row.within if store.row is not None else ()
        return self.function_takes_back(function, store) or any(
            last_name(item.context) in within
            for node in walk(*function.body)
            if isinstance(node, m.With)
            for item in node.items
        )

    # --- the search ----------------------------------------------------------------------------

    def _functions_of(self, store: Store, *, leaving: bool) -> frozenset[Scope]:
        self._search(store, leaving=leaving)
        return self._functions[store, leaving]

    def _calls_of(self, store: Store, *, leaving: bool) -> frozenset[m.Call]:
        self._search(store, leaving=leaving)
        return self._calls[store, leaving]

    def _search(self, store: Store, *, leaving: bool) -> None:
        """The functions that take back, those that call them, and so on; and these calls."""
        if (store, leaving) in self._functions:
            return
        level = {f for f in self._touching(store) if self._does(f, store, leaving=leaving)}
        functions, calls = set(level), set[m.Call]()
        for _ in range(_MAX_DEPTH):
            uses = [use for function in level for use in self._uses(function)]
            calls.update(use.call for use in uses if use.call is not None)
            level = {use.scope for use in uses if use.scope.function is not None} - functions
            if len(functions) + len(level) > _MAX_FUNCTIONS:
                break
            functions |= level
        self._functions[store, leaving] = frozenset(functions)
        self._calls[store, leaving] = frozenset(calls)

    def _uses(self, function: Scope) -> Iterable[Use]:
        return [use for use in self._program.calls.uses(function) if use.call is not None]

    def _touching(self, store: Store) -> Iterator[Scope]:
        """The functions in which a store is spoken of, beside something that sets or resets."""
        found: dict[Scope, None] = {}
        for word in _words(store):
            for module in self._program.modules.with_word(word):
                if self._program.calls.is_test(module):
                    continue
                for node in named_uses(word, module):
                    scope = module.scope_of(node)
                    if scope.function is not None and scope.may_hold(SETTING):
                        found[scope] = None
        yield from found

    def _does(self, function: Scope, store: Store, *, leaving: bool) -> bool:
        return any(
            touch.store.is_same(store) and self._counts(touch, leaving=leaving)
            for touch in self._program.stores.in_function(function)
        )

    def _counts(self, touch: Touch, *, leaving: bool) -> bool:
        return leaving or touch.kind == "reset" or self._program.stores.is_clearing(touch)


def _words(store: Store) -> tuple[str, ...]:
    """The names by which code speaks of what is stored."""
    if store.row is not None:
        names = (store.row.name, *store.row.resets)
    else:
        named = store.variable.name if store.variable is not None else None
        names = (named or store.name,)
    return tuple(
        word for word in (name.rpartition(".")[2] for name in names) if word.isidentifier()
    )
