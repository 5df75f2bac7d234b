"""The ways from a statement to the end of its function or loop, and whether all pass a reset."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import takewhile
from typing import Final, Literal

from ..facts import model as m
from .finals import BROAD, calls_in, reset_in, suppresses, ways_before
from .index import ModuleIndex
from .suites import seat_of
from .trees import last_name, offset, own_statements, walk
from .ways import Asked, Exit, WayOut, Ways

State = Literal["open", "reset", "left", "returned"]
_RAISING: Final = frozenset({"raise", "await", "call"})


class Search:
    """One search; `after` and `through` start it."""

    def __init__(self, module: ModuleIndex, asked: Asked) -> None:
        self._module: Final = module
        self._asked: Final = asked
        self._loops = 0
        self._ways = Ways(asked.harmless)

    def after(self, statement: m.Node, extent: m.Node | None) -> Ways:
        """From behind a statement to the end of the loop or function ``extent``."""
        protected = self._protected(statement, extent)
        if protected is not None:
            return protected
        node: m.Node = statement
        while True:
            seat = seat_of(node, self._module)
            before = len(self._ways.places)
            state = self._suite(seat.behind)
            holder = seat.holder
            if state != "open":
                return self._ended(state, statement, extent)
            if isinstance(holder, m.Try) and seat.suite is holder.body:
                state = self._suite(holder.orelse)
                if state != "open":
                    return self._ended(state, statement, extent)
                self._caught(holder, before, "open")
            if holder is None or holder is extent or isinstance(holder, m.Function | m.Class):
                return self._ways
            if isinstance(holder, m.Handler | m.Case):
                holder = self._module.parents[holder]
            node = holder

    def through(self, body: m.Body) -> Ways:
        """From the begin of a function's body to its end."""
        self._suite(body)
        return self._ways

    # --- what protects the place itself --------------------------------------------------------

    def _protected(self, statement: m.Node, extent: m.Node | None) -> Ways | None:
        """A ``finally`` or a ``with`` around the statement that takes back."""
        inner = statement
        for around in self._around(statement, extent):
            if isinstance(around, m.Try) and inner not in around.final:
                if self._final(around):
                    return self._ways
            if isinstance(around, m.With) and inner in around.body:
                if any(self._asked.restores(item) for item in around.items):
                    return Ways(
                        self._asked.harmless,
                        reset=_first_call(around),
                        guarded=True,
                        statement=around,
                    )
            if not isinstance(around, m.Handler | m.Case):
                inner = around
        return None

    def _ended(self, state: State, statement: m.Node, extent: m.Node | None) -> Ways:
        """The handlers around the place count once the reset is found behind it, inside them."""
        inner: m.Node = statement
        for around in self._around(statement, extent):
            if isinstance(around, m.Try) and inner in around.body:
                found = self._ways.statement
                if found is not None and _stands_in(found, around, self._module):
                    self._caught(around, 0, state)
            inner = around
        return self._ways

    def _around(self, statement: m.Node, extent: m.Node | None) -> Iterator[m.Node]:
        return takewhile(lambda each: each is not extent, self._module.ancestors(statement))

    # --- statements ----------------------------------------------------------------------------

    def _suite(self, body: m.Body) -> State:
        for statement in body:
            state = self._statement(statement)
            if state != "open":
                return state
        return "open"

    def _statement(self, statement: m.Statement) -> State:
        if isinstance(statement, m.Try):
            return self._try(statement)
        if isinstance(statement, m.If):
            return self._if(statement)
        if isinstance(statement, m.With):
            return self._with(statement)
        if isinstance(statement, m.While | m.For):
            return self._loop(statement)
        if isinstance(statement, m.Match):
            return self._match(statement)
        if isinstance(statement, m.Break | m.Continue):
            if not self._loops and isinstance(statement, m.Continue):
                self._out("continue", statement)
            return "left"
        if isinstance(statement, m.Function | m.Class | m.Import | m.Declare):
            return "open"
        value = getattr(statement, "value", None)
        state = self._expression(value, statement) if value is not None else "open"
        if isinstance(statement, m.Return) and state == "open":
            if value is not None and self._asked.holds(value):
                self._ways.returned = True
                return "returned"
            self._out("return", statement)
            return "left"
        if isinstance(statement, m.Raise) and state == "open":
            self._out("raise", statement)
            return "left"
        return state

    def _expression(self, expression: m.Expression, statement: m.Node) -> State:
        for node in walk(expression):
            if isinstance(node, m.Call) and self._asked.resets(node):
                self._found(node, statement)
                return "reset"
            if isinstance(node, m.Await):
                if not (isinstance(node.value, m.Call) and self._asked.resets(node.value)):
                    self._out("await", node)
            elif isinstance(node, m.Yield):
                self._out("yield", node)
            elif isinstance(node, m.Call):
                self._ways.places.append(WayOut("call", offset(node), node))
        return "open"

    def _if(self, statement: m.If) -> State:
        state = self._expression(statement.test, statement)
        if state != "open":
            return state
        before = len(self._ways.places)
        states = {self._suite(statement.body), self._suite(statement.orelse)}
        if self._asked.tells(statement.test):
            del self._ways.places[before:]
            if "reset" in states:
                return "reset"
        return self._joined(states)

    def _match(self, statement: m.Match) -> State:
        state = self._expression(statement.subject, statement)
        if state != "open":
            return state
        states = {self._suite(case.body) for case in statement.cases}
        if not any(case.irrefutable for case in statement.cases):
            states.add("open")
        return self._joined(states)

    def _joined(self, states: set[State]) -> State:
        """What holds behind branches of which one is taken."""
        if "open" in states:
            if "reset" in states:
                self._ways.reset, self._ways.some = None, self._ways.reset
            return "open"
        return "reset" if "reset" in states else "returned" if "returned" in states else "left"

    def _with(self, statement: m.With) -> State:
        for item in statement.items:
            state = self._expression(item.context, statement)
            if state != "open":
                self._ways.guarded = True
                return state
        if statement.is_async:
            self._out("await", statement)
        before = len(self._ways.places)
        state = self._suite(statement.body)
        if any(suppresses(item.context) for item in statement.items) and state == "open":
            self._drop_raising(before)
        return state

    def _loop(self, statement: m.While | m.For) -> State:
        """A loop over several tokens resets them all."""
        for call in calls_in(statement):
            if self._asked.resets(call):
                self._found(call, statement)
                return "reset"
        head = statement.test if isinstance(statement, m.While) else statement.iter
        self._expression(head, statement)
        if isinstance(statement, m.For) and statement.is_async:
            self._out("await", statement)
        self._loops += 1
        self._suite(statement.body)
        self._loops -= 1
        return self._suite(statement.orelse)

    # --- try -----------------------------------------------------------------------------------

    def _try(self, statement: m.Try) -> State:
        if self._final(statement):
            return "reset"
        before = len(self._ways.places)
        state = self._suite(statement.body)
        if state == "open":
            state = self._suite(statement.orelse)
        caught = self._caught(statement, before, state)
        if state == "left" and caught != "left":
            return "open"
        return self._suite(statement.final) if state == "open" else state

    def _caught(self, statement: m.Try, before: int, state: State) -> State:
        """What the handlers do about what can fail in the body, which began at ``before``.

        A handler for all exceptions that takes back, or goes on to where it is taken back, makes
        up for what fails in the body.
        """
        found, ways = self._ways.reset, self._ways
        at, guarded = ways.statement, ways.guarded
        result: State = "left"
        for handler in statement.handlers:
            resets = any(self._asked.in_exit(call) for call in calls_in(*handler.body))
            own = len(ways.places)
            ended: State = "reset" if resets else self._suite(handler.body)
            # What fails in a handler fails while another failure is dealt with.
            del ways.places[own:]
            if _is_broad(handler) and (ended == "reset" or (ended == "open" and state == "open")):
                self._drop_raising(before)
            if ended != "left":
                result = "open"
        ways.reset, ways.statement, ways.guarded = found, at, guarded
        return result

    def _drop_raising(self, before: int) -> None:
        outs = self._ways.places
        self._ways.handled = True
        outs[before:] = [each for each in outs[before:] if each.kind not in _RAISING]

    def _final(self, statement: m.Try) -> bool:
        """Whether a ``finally`` takes back; what can keep it from doing so is noted."""
        reset = reset_in(statement.final, self._asked.in_exit)
        if reset is None:
            return False
        self._ways.places += ways_before(reset, statement.final, self._module)
        self._found(reset, statement)
        self._ways.guarded = True
        return True

    # --- notes ---------------------------------------------------------------------------------

    def _found(self, call: m.Call, statement: m.Node) -> None:
        self._ways.reset, self._ways.statement = call, statement

    def _out(self, kind: Exit, node: m.Node) -> None:
        self._ways.places.append(WayOut(kind, offset(node)))


def _first_call(node: m.With) -> m.Call | None:
    return next(calls_in(*(item.context for item in node.items)), None)


def _is_broad(handler: m.Handler) -> bool:
    if handler.type is None:
        return True
    types: Iterable[m.Expression] = (
        handler.type.elements if isinstance(handler.type, m.Sequence) else (handler.type,)
    )
    return any(last_name(each) in BROAD for each in types)


def _stands_in(statement: m.Node, around: m.Try, module: ModuleIndex) -> bool:
    """Whether a statement is part of a try's body (or its else)."""
    return any(each is statement for each in own_statements((*around.body, *around.orelse)))
