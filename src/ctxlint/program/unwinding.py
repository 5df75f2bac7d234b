"""How a set can be rewritten so that it is always taken back, or why it cannot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..facts import model as m
from ..findings import Fix
from ..intents import Spot, Unwind
from .resets import Unreset
from .suites import Seat, names_in, seat_of
from .trees import offset, walk

if TYPE_CHECKING:
    from .program import Program

_MANAGERS: Final = ("contextmanager", "asynccontextmanager")


class Unwound(Exception):
    """Why there is no fix; the message says it."""


class Unwinding:
    """Says what is to be done about a set that can outlive its item."""

    def __init__(self, program: Program) -> None:
        self._program: Final = program

    def of(self, unreset: Unreset) -> Fix:
        """The fix, or the reason why it is to be made by hand."""
        label = unreset.touch.store.label
        try:
            intent = self._intent(unreset)
        except Unwound as reason:
            return Fix("display", f"Take back {label} in a finally, by hand: {reason}")
        return Fix("unsafe", f"Take back {label} in a finally", intent)

    def _intent(self, unreset: Unreset) -> Unwind:
        touch, ways = unreset.touch, unreset.ways
        module = touch.scope.module
        if unreset.reason in ("shared", "sometimes"):
            raise Unwound(_WHY[unreset.reason])
        if ways is None or unreset.kept is None:
            raise Unwound("it is set in one function and is to be taken back in another")
        definition = touch.scope.function
        if definition is not None and definition.is_generator:
            if not touch.scope.decorated_with(*_MANAGERS):
                raise Unwound("a generator may be closed in another context than it was begun in")
        if unreset.kept.where not in ("local", "dropped"):
            raise Unwound("the token is kept in an object")
        statement = module.statement_of(touch.call)
        if not isinstance(statement, m.Assign | m.Evaluate):
            raise Unwound("it is set within another statement")
        seat = seat_of(statement, module)
        spot = Spot(module.path.as_posix(), offset(statement))
        if ways.reset is None:
            return self._without_reset(unreset, statement, seat, spot)
        return self._with_reset(unreset, ways.reset, seat, spot)

    def _with_reset(self, unreset: Unreset, reset: m.Call, seat: Seat, spot: Spot) -> Unwind:
        scope = unreset.touch.scope
        top: m.Node | None = reset
        while top is not None and top not in seat.suite:
            top = scope.module.parents.get(top)
        if not isinstance(top, m.Evaluate | m.Assign | m.If | m.Try):
            raise Unwound("it is taken back in another block than it is set in")
        between = seat.behind[: [each is top for each in seat.behind].index(True)]
        if unreset.out is not None and unreset.out.at >= offset(top):
            raise Unwound("what keeps the reset from running stands in the finally itself")
        if any(self._takes_back(node, unreset) for node in walk(*between)):
            raise Unwound("it is taken back on some of the ways already")
        if isinstance(top, m.Try):
            if top.handlers or top.orelse:
                raise Unwound("the try that follows has handlers, which are not for what is before")
            return Unwind(spot=spot, form="widened", until=offset(top))
        bound = _bound_in(between)
        if names_in(top) & bound:
            raise Unwound("the reset uses names that are bound behind the set")
        return Unwind(spot=spot, form="wrapped", until=offset(top))

    def _without_reset(
        self, unreset: Unreset, statement: m.Assign | m.Evaluate, seat: Seat, spot: Spot
    ) -> Unwind:
        touch = unreset.touch
        if not seat.behind:
            raise Unwound("nothing follows in its block: its callers have to take it back")
        if not isinstance(seat.holder, m.Function | m.While | m.For | m.With):
            raise Unwound("it is set under a condition")
        row = touch.store.row
        if row is not None and not row.stacks:
            raise Unwound("what it set has to be named")
        if isinstance(statement, m.Evaluate):
            if statement.value is not touch.call:
                raise Unwound("it is set within another statement")
            token = None
        else:
            target = statement.targets[0]
            if statement.value is not touch.call or not isinstance(target, m.Name):
                raise Unwound("it is set within another statement")
            token = target.id
            if token in _bound_in(seat.behind):
                raise Unwound("the name of the token is used again")
        resets = row.resets[0] if row is not None else ""
        return Unwind(spot=spot, form="added", token=token, resets=resets)

    def _takes_back(self, node: m.Node, unreset: Unreset) -> bool:
        touch = unreset.touch
        return isinstance(node, m.Call) and (
            self._program.restoring.takes_back(node, touch.scope, touch.store, leaving=False)
            or (unreset.kept is not None and any(map(unreset.kept.is_named_in, node.args)))
        )


_WHY: Final = {
    "shared": "keep the token in a local variable of the request",
    "sometimes": "set it for every item, or take it back at the end of each",
}


def _bound_in(body: tuple[m.Statement, ...]) -> frozenset[str]:
    """The names that some statements bind."""
    return frozenset(
        each.id
        for statement in walk(*body)
        for target in _targets(statement)
        for each in walk(target)
        if isinstance(each, m.Name)
    )


def _targets(node: m.Node) -> tuple[m.Expression, ...]:
    if isinstance(node, m.Assign):
        return node.targets
    if isinstance(node, m.For | m.Augment | m.Assigned):
        return (node.target,)
    if isinstance(node, m.With):
        return tuple(item.target for item in node.items if item.target is not None)
    return ()
