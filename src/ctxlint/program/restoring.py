"""What takes back what is stored in a context: calls, functions, and ``with`` statements."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from ..facts import model as m
from .name_callers import NameCallers
from .scope import Scope
from .stores import SETTING, Store, Touch, is_nothing
from .trees import last_name
from .uses import named_uses
from .values import FunctionValue, Instance, Invocation

if TYPE_CHECKING:
    from .program import Program

_MAX_DEPTH: Final = 3


class Restoring:
    """Follows calls to the functions that touch a store, as far as their names lead; memoised.

    ``leaving`` asks about places where something is left (a ``finally``, an ``__exit__``): what is
    set there is what is meant to remain, whatever it is.
    """

    def __init__(self, program: Program) -> None:
        self._program: Final = program
        self._leading: dict[Store, frozenset[str]] = {}
        self._callers: Final = NameCallers(program.modules.sources)

    def takes_back(self, call: m.Call, scope: Scope, store: Store, *, leaving: bool) -> bool:
        """Whether a call resets what is stored, or sets it to nothing or to what it was."""
        for touch in self._program.stores.of_call(call, scope):
            if touch.store.is_same(store) and self._counts(touch, leaving=leaving):
                return True
        sets_nothing = bool(call.args) and is_nothing(call.args[0])
        return self._leads_back(call, scope, store, _MAX_DEPTH, leaving or sets_nothing)

    def function_takes_back(self, function: Scope, store: Store) -> bool:
        """Whether a function, or what it calls, takes back what is stored."""
        return self._takes_back(function, store, _MAX_DEPTH, leaving=False)

    def does_itself(self, function: Scope, store: Store) -> bool:
        """Whether a function takes back by itself."""
        return self._does(function, store, leaving=False)

    def somewhere(self, store: Store) -> bool:
        """Whether any code of the project takes back what is stored."""
        if store.variable is None or store.variable.name is None:
            return True  # not everything that sets it is known
        touching = list(self._touching(store))
        return any(self.does_itself(each, store) for each in touching) or any(
            use.call is not None and use.call.args and is_nothing(use.call.args[0])
            for function in touching
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
            for node in function.nodes
            if isinstance(node, m.With)
            for item in node.items
        )

    # --- the search ----------------------------------------------------------------------------

    def _leads_back(
        self, call: m.Call, scope: Scope, store: Store, depth: int, leaving: bool
    ) -> bool:
        """Whether a call runs what takes back; resolved only if its name may lead there."""
        return last_name(call.func) in self._names(store) and any(
            self._takes_back(function, store, depth, leaving=leaving)
            for function in self._called(call, scope)
            if function is not scope and _runs_here(call, scope, function)
        )

    def _called(self, call: m.Call, scope: Scope) -> Iterator[Scope]:
        for value in self._program.resolver.evaluate(call.func, scope):
            if isinstance(value, FunctionValue):
                yield value.scope
                if value.receiver is not None:
                    yield from self._program.resolver.classes.overrides(
                        value.receiver, value.scope.name
                    )

    def _takes_back(self, function: Scope, store: Store, depth: int, *, leaving: bool) -> bool:
        key = ("takes back", function, store, depth, leaving)
        return self._program.resolver.fixpoint.solve(
            key, lambda: self._does_take_back(function, store, depth, leaving), False
        )

    def _does_take_back(self, function: Scope, store: Store, depth: int, leaving: bool) -> bool:
        if self._does(function, store, leaving=leaving):
            return True
        return depth > 1 and any(
            self._leads_back(node, function, store, depth - 1, leaving)
            for node in function.nodes
            if isinstance(node, m.Call)
        )

    def _names(self, store: Store) -> frozenset[str]:
        """The names of calls that may lead to a function that touches a store."""
        if store not in self._leading:
            touching = {function.name for function in self._touching(store)}
            self._leading[store] = self._callers.leading_to(touching, _MAX_DEPTH - 1)
        return self._leading[store]

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


def _runs_here(call: m.Call, scope: Scope, function: Scope) -> bool:
    """Whether a call runs a function: of a coroutine function, only if it is awaited."""
    definition = function.function
    if definition is None or not definition.is_async or definition.is_generator:
        return True
    return isinstance(scope.module.parents.get(call), m.Await)
