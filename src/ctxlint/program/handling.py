"""Where an item is handled: the statements behind a get that are to run in the item's context.

What stands between them and the get comes first: a frame that holds nothing but the get (a
timeout, a `try` for an empty queue), and tests that tell sentinels apart.
"""

from __future__ import annotations

from collections.abc import Set
from typing import Final

from msgspec import Struct

from ..facts import model as m
from .sentinels import Mark, Sentinels, leaves
from .suites import everything, may_stay_outside, names_in, seat_of
from .takings import Hindrance, Taking, where
from .trees import last_name

_ENDS: Final = (m.Function, m.Class, m.While, m.For)
_FAILURES: Final = frozenset(
    {"Empty", "QueueEmpty", "TimeoutError", "Timeout", "QueueShutDown", "ShutDown"}
)
_SHUT_DOWN: Final = frozenset({"QueueShutDown", "ShutDown"})
_BROAD: Final = frozenset({"Exception", "BaseException"})


class Test(Struct, frozen=True):
    """A statement that leaves when the item is one of some sentinels."""

    statement: m.If
    catches: frozenset[Mark]


class Handling(Struct, frozen=True):
    """One get and what follows it.

    ``behind`` are the statements behind the frame, ``tests`` those at its begin that only ask for
    sentinels, ``fallbacks`` what the frame's handlers take for the item where there is none.
    """

    taking: Taking
    frame: m.Statement | None
    orelse: bool
    behind: m.Body
    tests: tuple[Test, ...]
    fallbacks: frozenset[Mark]

    @property
    def outer(self) -> m.Node:
        """The outermost statement that belongs to the get alone."""
        return self.frame or self.taking.statement

    def handled(self, tests: int) -> m.Body:
        """The statements that handle the item, behind a number of tests."""
        if not tests:
            return self.behind
        last = self.tests[tests - 1].statement
        return self.behind[[each is last for each in self.behind].index(True) + 1 :]


class Split(Struct, frozen=True):
    """A `try` around get and handling that is to be parted, and the handlers that both need."""

    statement: m.Try
    copied: tuple[m.Handler, ...]
    final: bool

    @property
    def otherwise(self) -> bool:
        """Whether a copied handler goes on behind the `try`."""
        return not all(leaves(handler.body) for handler in self.copied)


def handling(taking: Taking, sentinels: Sentinels) -> Handling:
    """What follows a get. Raises Hindrance."""
    if taking.form == "inline":
        seat = seat_of(taking.statement, taking.get.module)
        return Handling(taking, None, False, seat.suite[seat.index :], (), frozenset())
    if taking.form != "bound":
        loop = taking.statement
        body = loop.body if isinstance(loop, m.While | m.For) else ()
        return Handling(taking, None, False, body, (), frozenset())
    frame, orelse, fallbacks = _frame(taking, sentinels)
    if orelse and isinstance(frame, m.Try):
        behind = frame.orelse
    else:
        behind = seat_of(frame or taking.statement, taking.get.module).behind
    tests = _tests(behind, taking, sentinels)
    return Handling(taking, frame, orelse, behind, tests, frozenset(fallbacks))


def _frame(taking: Taking, sentinels: Sentinels) -> tuple[m.Statement | None, bool, set[Mark]]:
    """The outermost statement that holds only the get; whether the rest is in its ``else``."""
    module = taking.get.module
    here: m.Node = taking.statement
    frame: m.Statement | None = None
    fallbacks: set[Mark] = set()
    while True:
        seat = seat_of(here, module)
        holder = seat.holder
        if seat.behind or not isinstance(holder, m.With | m.Try):
            return frame, False, fallbacks
        if isinstance(holder, m.Try):
            if seat.suite is not holder.body:
                return frame, False, fallbacks
            if taking.names & names_in(*holder.final):
                raise Hindrance(f"{where(taking.get)} uses the item in a finally around the get")
            fallbacks |= _fallbacks(holder, taking, sentinels)
            if holder.orelse:
                return holder, True, fallbacks
        here = frame = holder


def _fallbacks(frame: m.Try, taking: Taking, sentinels: Sentinels) -> set[Mark]:
    """What the handlers of a get take for the item; most of them leave."""
    found: set[Mark] = set()
    scope = taking.get.scope
    for handler in frame.handlers:
        last = handler.body[-1] if handler.body else None
        if isinstance(last, m.Assign) and names_in(*last.targets) & taking.names:
            mark = None
            if len(last.targets) == 1 and names_in(*last.targets) == {taking.item}:
                mark = sentinels.mark(last.value, scope) if last.value is not None else None
            if mark is None or names_in(*handler.body[:-1]) & taking.names:
                raise Hindrance(f"{where(taking.get)} makes up an item where there is none")
            found.add(mark)
        elif names_in(*handler.body) & taking.names:
            raise Hindrance(f"{where(taking.get)} uses the item where it handles its absence")
        elif not leaves(handler.body) and not frame.orelse:
            raise Hindrance(f"{where(taking.get)} goes on where there is no item")
    return found


def _tests(behind: m.Body, taking: Taking, sentinels: Sentinels) -> tuple[Test, ...]:
    found: list[Test] = []
    for statement in behind:
        if isinstance(statement, m.If) and not statement.orelse and leaves(statement.body):
            marks = sentinels.tested(statement.test, taking.item, taking.get.scope)
            if marks:
                found.append(Test(statement, frozenset(marks)))
                continue
        elif isinstance(statement, m.Evaluate) and last_name_called(statement) == "task_done":
            continue
        break
    return tuple(found)


def last_name_called(statement: m.Evaluate) -> str:
    """The last name of the function that a statement calls."""
    return last_name(statement.value) if isinstance(statement.value, m.Call) else ""


# --- what stands around ------------------------------------------------------------------------


def split_of(found: Handling, names: Set[str]) -> Split | None:
    """The `try` to be parted, if one around get and handling would act outside the item's context.

    Raises Hindrance where that cannot be done, or where the item is used outside the suite that
    takes it.
    """
    taking = found.taking
    module = taking.get.module
    here = found.outer
    split: Split | None = None
    if found.orelse and isinstance(here, m.Try):
        if names & names_in(*here.final, *seat_of(here, module).behind):
            raise Hindrance(f"{where(taking.get)} uses the item outside the block that takes it")
        if not may_stay_outside(here.final, names):
            raise Hindrance(f"{where(taking.get)} handles errors of the item further out")
    while True:
        seat = seat_of(here, module)
        holder = seat.holder
        if holder is None or isinstance(holder, _ENDS):
            return split
        if isinstance(holder, m.Try):
            if not all(may_stay_outside(body, names) for body in _around(holder, seat.suite)):
                if split is not None or here is not found.outer or found.orelse:
                    raise Hindrance(f"{where(taking.get)} handles errors of the item further out")
                split = _split(holder, found, seat.index)
        if isinstance(holder, m.Handler | m.Case):
            holder = module.parents[holder]
            if isinstance(holder, m.Try) and not may_stay_outside(holder.final, names):
                raise Hindrance(f"{where(taking.get)} handles errors of the item further out")
        here = holder
        within = split is not None and split.statement is here
        within = within and split is not None and not (split.final or split.otherwise)
        if not within and names & names_in(*seat_of(here, module).behind):
            raise Hindrance(f"{where(taking.get)} uses the item outside the block that takes it")


def check_around(handled: m.Statement, taking: Taking) -> None:
    """Raise Hindrance where a `try` around what handles a batch handles the errors of items."""
    module = taking.get.module
    names = taking.names
    here: m.Node = handled
    while True:
        seat = seat_of(here, module)
        holder = seat.holder
        if holder is None or isinstance(holder, _ENDS):
            return
        if isinstance(holder, m.Handler | m.Case):
            holder = module.parents[holder]
        if isinstance(holder, m.Try):
            if not all(may_stay_outside(body, names) for body in _around(holder, seat.suite)):
                raise Hindrance(f"{where(taking.get)} handles errors of the item further out")
        here = holder


def _around(statement: m.Try, suite: m.Body) -> list[m.Body]:
    """The suites of a `try` that can run after another of its suites."""
    if suite is statement.body:
        handlers = [handler.body for handler in statement.handlers]
        return [*handlers, statement.orelse, statement.final]
    return [statement.final]


def _split(statement: m.Try, found: Handling, index: int) -> Split:
    get = found.taking.get
    if statement.final and not may_stay_outside(statement.final, found.taking.names):
        raise Hindrance(f"{where(get)} has a finally around get and work that needs the context")
    if statement.final and statement.orelse:
        raise Hindrance(f"{where(get)} handles errors of the get and of the work together")
    if index and not statement.final and not may_stay_outside(statement.body[:index], set()):
        raise Hindrance(f"{where(get)} handles errors of the get and of the work together")
    copied = _copied(statement, found)
    if copied and statement.final:
        raise Hindrance(f"{where(get)} handles errors of the get and of the work together")
    return Split(statement, copied, bool(statement.final))


def _copied(statement: m.Try, found: Handling) -> tuple[m.Handler, ...]:
    """The handlers that a get alone can need."""
    taking = found.taking
    patient = taking.patient or isinstance(found.frame, m.Try)
    copied: list[m.Handler] = []
    for handler in statement.handlers:
        kinds = _kinds(handler.type)
        awaits = taking.get.asynchronous and (
            handler.type is None or bool(kinds & {"CancelledError", "BaseException"})
        )
        fails = not patient and bool(kinds & (_FAILURES | _BROAD) or handler.type is None)
        fails = fails or bool(kinds & _SHUT_DOWN)
        if not awaits and not fails:
            continue
        if len(handler.body) == 1 and isinstance(handler.body[0], m.Raise):
            if handler.body[0].value is None:
                continue
        if not may_stay_outside(handler.body, taking.names):
            where_ = where(taking.get)
            raise Hindrance(f"{where_} handles errors of the get and of the work together")
        copied.append(handler)
        patient = patient or bool(kinds & _FAILURES)
    return tuple(copied)


def _kinds(kind: m.Expression | None) -> set[str]:
    if kind is None:
        return set()
    each = kind.elements if isinstance(kind, m.Sequence) else (kind,)
    return {last_name(one) for one in each}


def end_of(handled: m.Body, others: Set[m.Node], names: Set[str], taking: Taking) -> m.Node | None:
    """The first statement that no longer handles the item, because it takes another one."""
    for index, statement in enumerate(handled):
        if not any(node in others for node in everything(statement)):
            continue
        if index == 0 or names & names_in(*handled[index:]):
            raise Hindrance(f"{where(taking.get)} takes an item while it handles another")
        return statement
    return None
