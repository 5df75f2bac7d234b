"""Which parameters of a function may be run: of what else is passed, nothing need be known."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from .. import apis
from ..facts import model as m
from .arguments import argument_for
from .resolve import Resolver
from .scope import Scope
from .trees import last_name
from .values import FunctionValue

RUNNER_WORDS: Final = frozenset(name.rpartition(".")[2] for name in apis.RUNNERS)
GROUP_WORDS: Final = frozenset({"start_soon", "create_task"})
_RUNNING_WORDS: Final = RUNNER_WORDS | GROUP_WORDS | {"partial", "run_until_complete", "run_sync"}


class Runnable:
    """Follows a parameter from function to function; memoised."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver

    def may_run(self, function: Scope, name: str) -> bool:
        """Whether a function, or one inside it, calls or awaits what a name stands for, or hands it
        to what does: what else is passed need not be known."""
        return self._resolver.fixpoint.solve(
            ("may run", function, name), lambda: self._runs(function, name), False
        )

    def _runs(self, function: Scope, name: str) -> bool:
        pending = [function]
        while pending:
            scope = pending.pop()
            pending += scope.inner
            for node in scope.nodes:
                if isinstance(node, m.Await):
                    if _is_named(node.value, name):
                        return True
                elif isinstance(node, m.Call):
                    if _is_named(node.func, name) or self._hands_on(node, scope, name):
                        return True
        return False

    def _hands_on(self, call: m.Call, scope: Scope, name: str) -> bool:
        """Whether what a name stands for is passed to what may run it."""
        passed = [each for each in _passed(call) if _is_named(each, name)]
        if not passed:
            return False
        if last_name(call.func) in _RUNNING_WORDS:
            return True
        return any(
            argument_for(value.scope, parameter, call.args, call.keywords) in passed
            and self.may_run(value.scope, parameter.name)
            for value in self._resolver.evaluate(call.func, scope)
            if isinstance(value, FunctionValue) and value.scope.function is not None
            for parameter in value.scope.function.parameters
        )


def _passed(call: m.Call) -> Iterator[m.Expression]:
    yield from call.args
    yield from (each.value for each in call.keywords)


def _is_named(expression: m.Expression, name: str) -> bool:
    if isinstance(expression, m.Starred):
        expression = expression.value
    return isinstance(expression, m.Name) and expression.id == name
