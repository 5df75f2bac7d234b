"""Workers that are detached from a part of their spawner's context, and what that part leaves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from .. import apis
from ..facts import model as m
from .clearing import Cleared
from .contexts import Access, Footprint, Variable
from .places import Place
from .scope import Scope
from .scopes import Reach
from .timers import started_function
from .trees import last_name, offset

if TYPE_CHECKING:
    from .program import Judgement, Program

_MAKING_SPANS: Final = frozenset({"start_span", "start_as_current_span"})


class Left(Struct, frozen=True):
    """Something of the request that a worker keeps and reads, though other things are cleared.

    ``set`` is where request code sets it; None for what a library keeps, whose instrumentation
    does.
    """

    read: Access
    set: Access | None

    @property
    def label(self) -> str:
        variable = self.read.variable
        return variable.label if variable is not None else f"{area_of(self.read)}'s context"


class Partly(Struct, frozen=True):
    """What is cleared for a worker, and what of the request's is left to it."""

    cleared: tuple[Cleared, ...]
    left: tuple[Left, ...]

    @property
    def steps(self) -> tuple[Place, ...]:
        """Where each thing is cleared; and of what is left, where it is made, set and read."""
        cleared = {(each.place.module, each.place.at): each for each in self.cleared}
        places = [replace(e.place, message=f"clears {e.label}") for e in cleared.values()]
        for left in self.left:
            variable, read = left.read.variable, left.read
            if variable is not None:
                text = f"{left.label} is made here"
                places.append(Place(variable.module, variable.made.at, text))
            if left.set is not None:
                text = f"{left.set.scope.label} sets {left.label}"
                places.append(Place(left.set.scope.module, offset(left.set.node), text))
            text = f"{read.scope.label} reads {left.label}"
            places += [*read.steps, Place(read.scope.module, offset(read.node), text)]
        return tuple(places)


class Leftovers:
    """Compares what is cleared for workers with what they read and request code sets."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._clearing = program.detachment.clearing

    def of(self, judgement: Judgement) -> Partly | None:
        """What is cleared for what a spawn starts, and what is left; None if nothing is cleared.

        Every worker that the spawn starts must have something cleared.
        """
        around = self._around(judgement)
        functions = _functions(judgement)
        if not functions:  # nobody knows what it reads: only what clears all is enough
            whole = self._program.detachment.of(judgement.spawn) is not None
            return Partly(tuple(around), ()) if around and whole else None
        cleared: dict[Cleared, None] = {}
        left: dict[str, Left] = {}
        for function in functions:
            own = [*around, *self._clearing.first_in(function), *self._deeper(judgement, function)]
            if not own:
                return None
            footprint = self._program.contexts.footprint((function,))
            emptied = [each for each in own if self._is_of_request(each.variable, footprint)]
            if not emptied:
                return None
            cleared |= dict.fromkeys(emptied)
            for each in self._left(own, footprint):
                left.setdefault(each.label, each)
        return Partly(tuple(cleared), tuple(left.values()))

    def _around(self, judgement: Judgement) -> list[Cleared]:
        """What is cleared around a spawn, and around all calls that hand a worker to it."""
        found = self._clearing.around(judgement.spawn)
        uses = judgement.reached.passed
        if uses:
            first, *others = (self._clearing.before(use.node, use.scope) for use in uses)
            found += [
                each
                for each in first
                if all(any(each.is_same(one) for one in other) for other in others)
            ]
        return found

    def _deeper(self, judgement: Judgement, started: Scope) -> list[Cleared]:
        """What the function that holds the loop clears before it, where another runs it."""
        worker = judgement.worker_alone
        if worker is None or worker.function is started:
            return []
        return self._clearing.first_in(worker.function)

    def _is_of_request(self, variable: Variable | None, footprint: Footprint) -> bool:
        """Whether request code sets what is cleared: a worker's own variables are its own.

        Of a variable that nobody is seen to set, whoever clears it knows more.
        """
        if variable is None or not any(self._values_of(variable)):
            return True
        return self._set_by_request(variable, footprint) is not None

    def _values_of(self, variable: Variable) -> Iterator[Access]:
        """Where a variable is given a value."""
        for access in self._program.contexts.settings_of(variable):
            call = access.node
            if isinstance(call, m.Call) and call.args:
                if not self._clearing.is_empty(call.args[0], access.scope):
                    yield access

    def _set_by_request(self, variable: Variable, footprint: Footprint) -> Access | None:
        """Where request code gives a variable a value, apart from what the worker itself runs."""
        inside = {each.node for each in footprint.accesses}
        for access in self._values_of(variable):
            if access.node not in inside and self._reach(access).in_request:
                return access
        return None

    def _reach(self, access: Access) -> Reach:
        """How a variable comes to be set; what workers set, they set in contexts of their own."""
        module = access.scope.module
        own = self._program.scopes.reach(access.node, module, through_workers=False)
        if own.in_request or own.ending == "detached":
            return own
        return self._program.scopes.reach(access.node, module)

    def _left(self, cleared: list[Cleared], footprint: Footprint) -> Iterator[Left]:
        """What is read and not cleared; nothing where items bring a whole context along."""
        if self._enters(footprint):
            return
        given = {each.variable for each in footprint.accesses if each.kind == "set"}
        given |= {each.variable for each in cleared}
        areas = {each.area for each in cleared}
        for read in footprint.reads:
            if read.variable is None:
                if not read.library or area_of(read) in areas:
                    continue
                areas.add(area_of(read))
                if self._is_kept_for_requests(area_of(read), footprint):
                    yield Left(read, None)
            elif read.variable not in given:
                given.add(read.variable)
                found = self._set_by_request(read.variable, footprint)
                if found is not None:
                    yield Left(read, found)

    def _enters(self, footprint: Footprint) -> bool:
        """Whether something runs in a context that an item brings along, or may."""
        return any(each.kind == "enter" for each in footprint.accesses) or any(
            isinstance(node, m.Call) and self._program.captures.may_enter(node)
            for function in footprint.functions
            for node in function.nodes
        )

    def _is_kept_for_requests(self, area: str, footprint: Footprint) -> bool:
        """Whether a project has a library keep something per request, and a worker nothing."""
        words = apis.CONTEXT_MAKERS.get(area, ())
        sources = self._program.modules.sources
        if not any(sources.containing(word) for word in words):
            return False
        return not any(
            isinstance(node, m.Call) and last_name(node.func) in apis.SPAN_MAKERS - _MAKING_SPANS
            for function in footprint.functions
            for node in function.nodes
        )


def area_of(access: Access) -> str:
    """The library that keeps what is read."""
    row = apis.CONTEXT_USE_BY_NAME.get(access.library)
    return row.area if row is not None else access.library.partition(".")[0]


def names(named: Sequence[Cleared | Left]) -> str:
    """What is cleared, or left, as an enumeration; each once."""
    found = list(dict.fromkeys(each.label for each in named))
    return " and ".join([", ".join(found[:-1]), found[-1]] if len(found) > 1 else found)


def _functions(judgement: Judgement) -> list[Scope]:
    """The functions of the project that a spawn starts, in the order of their places."""
    values = judgement.reached.given or judgement.spawn.values
    found = {started_function(value) for value in values}
    if judgement.chain is not None:
        found |= judgement.chain.functions
    known = [each for each in found if each is not None]
    return sorted(known, key=lambda each: (each.module.path, each.at))
