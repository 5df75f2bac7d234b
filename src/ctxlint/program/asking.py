"""What the search for ways out asks about calls and tests: is it a reset, can it fail?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from .. import apis
from ..facts import model as m
from .scope import Scope
from .stores import Store
from .tokens import Kept
from .trees import last_name
from .values import Container, External, FunctionValue, Literal, Value
from .ways import Asked

if TYPE_CHECKING:
    from .program import Program

_LOGGING: Final = frozenset({"debug", "info", "warning", "warn", "error", "exception", "log"})
_TAKING: Final = (
    "reset",
    "detach",
    "unbind",
    "restore",
    "clear",
    "pop",
    "exit",
    "callback",
    "push",
)


class Questions:
    """Answers for one function, one store and one token."""

    def __init__(self, program: Program) -> None:
        self._program: Final = program

    def of(self, scope: Scope, token: Kept, store: Store, *, leaving: bool = False) -> Asked:
        """The questions, bound to what they are about."""
        stores, restoring = self._program.stores, self._program.restoring
        read = stores.names_read(scope, store)
        spread = token.spread(scope)

        def resets(call: m.Call) -> bool:
            if _is_given(call, spread) and self._takes_token(call, scope):
                return True
            return restoring.takes_back(call, scope, store, leaving=leaving)

        def in_exit(call: m.Call) -> bool:
            return resets(call) or restoring.takes_back(call, scope, store, leaving=True)

        def tells(test: m.Expression) -> bool:
            return _asks_whether(test, spread, read) or (
                _is_bare(test) and stores.reads(test, scope, store)
            )

        return Asked(
            resets=resets,
            in_exit=in_exit,
            holds=token.is_named_in,
            tells=tells,
            harmless=lambda call: self.is_harmless(call, scope),
            restores=lambda item: restoring.by_leaving(item, scope, store),
        )

    def escapes(self, token: Kept, made: m.Call, scope: Scope) -> bool:
        """Whether a local token is given to something that may keep it for a reset elsewhere."""
        if token.where != "local":
            return False
        return any(
            isinstance(node, m.Call)
            and node is not made
            and _is_given(node, token)
            and not self._takes_token(node, scope)
            and not self.is_harmless(node, scope)
            for node in scope.nodes
        )

    def _takes_token(self, call: m.Call, scope: Scope) -> bool:
        """Whether a call that is given the token uses it to take back."""
        name = last_name(call.func)
        if any(word in name for word in _TAKING):
            return True
        return any(
            isinstance(value, FunctionValue)
            and any(
                isinstance(node, m.Call) and last_name(node.func) in ("reset", "detach")
                for node in value.scope.nodes
            )
            for value in self._program.resolver.evaluate(call.func, scope)
        )

    def is_harmless(self, call: m.Call, scope: Scope) -> bool:
        """Whether a call cannot fail, or its failure is nobody's concern."""
        name = last_name(call.func)
        if self._program.stores.of_call(call, scope):
            return True
        if name.startswith("log_") or name.endswith("_log"):
            return True
        evaluate = self._program.resolver.evaluate
        if isinstance(call.func, m.Attribute):
            receivers = evaluate(call.func.value, scope)
            if receivers and all(isinstance(v, Literal | Container) for v in receivers):
                return True
            if name in _LOGGING:
                return True
        values = evaluate(call.func, scope)
        if values and all(_only_makes(value) for value in values):
            return True
        names = [value.name for value in values if isinstance(value, External)]
        return bool(names) and all(
            each in apis.SURE_CALLS or each.startswith(apis.SURE_HOMES) for each in names
        )


def _only_makes(value: Value) -> bool:
    """Whether a call makes a coroutine or a generator, and runs nothing of the function yet."""
    definition = value.scope.function if isinstance(value, FunctionValue) else None
    return definition is not None and (definition.is_async or definition.is_generator)


def _is_given(call: m.Call, token: Kept) -> bool:
    given = (*call.args, *(each.value for each in call.keywords))
    return any(token.is_named_in(each) for each in given)


def _is_bare(test: m.Expression) -> bool:
    """A test whether something is there at all, and nothing else about it."""
    if isinstance(test, m.Not):
        return _is_bare(test.operand)
    if isinstance(test, m.Compare):
        return any(isinstance(each, m.Constant) and each.value is None for each in test.operands)
    return isinstance(test, m.Name | m.Attribute | m.Assigned | m.Call)


def _asks_whether(test: m.Expression, token: Kept, read: frozenset[str]) -> bool:
    """Whether a test asks if there is a token, or anything set, to take back."""
    if isinstance(test, m.Boolean):
        return any(_asks_whether(each, token, read) for each in test.operands)
    if not _is_bare(test):
        return False
    if token.is_named_in(test):
        return True
    bare = test.operand if isinstance(test, m.Not) else test
    if isinstance(bare, m.Compare):
        bare = bare.operands[0]
    return isinstance(bare, m.Name) and bare.id in read
