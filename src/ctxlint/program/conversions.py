"""Queues whose items can be made to carry their producer's context, and how; or why not."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from ..facts import model as m
from ..findings import Fix
from ..intents import Declared, Detach, Get, Handoff, Spot
from .batches import Batches, list_of
from .collecting import check_collecting, check_released
from .components import PRIORITY, Component, Components
from .consumers import Consumers
from .handling import Handling, end_of, handling, split_of
from .handoffs import Handoff as Leak
from .item_types import declarations
from .putting import check_put, judged_items, put_intent, rewritten
from .queues import Get as QueueGet
from .queues import Queue
from .sentinels import Sentinels
from .takings import Hindrance, is_thrown_away, taking, where
from .told import Tellers, Telling
from .trees import offset
from .tuples import LastElements

if TYPE_CHECKING:
    from .program import Judgement, Program
    from .rewriting import Rewriting


class Conversion(Struct, frozen=True):
    """What is to be done to a component's files, or why nothing is."""

    component: Component
    intent: Handoff | None
    reason: str


class Conversions:
    """Decides for each component of queues; memoised."""

    def __init__(self, program: Program, rewriting: Rewriting) -> None:
        self._program: Final = program
        self._rewriting: Final = rewriting
        self._components: Final = Components(program)
        self._consumers: Final = Consumers(program)
        self._sentinels: Final = Sentinels(program)
        self._tellers: Final = Tellers(program, self._sentinels)
        self._found: dict[Component, Conversion] = {}

    def of_handoff(self, leak: Leak) -> Fix:
        """The fix of a put that loses its producer's context."""
        return self._fix(self._of(leak.queue), leak.consumer.worker.label)

    def of_worker(self, judgement: Judgement) -> Fix | None:
        """The fix of a leaking spawn that goes with the hand-off of the worker's queue.

        None where the worker takes no items that lose their context.
        """
        found = self._starting.get(judgement.spawn.call)
        if found is None:
            return None
        queue, leak = found
        if leak is None:
            reason = "it takes items through a generator, which cannot activate a context"
            return Fix("display", f"Start the worker detached, by hand: {reason}")
        conversion = self._of(queue)
        if conversion.intent is None:
            worker = leak.consumer.worker.label
            return Fix(
                "display",
                f"Start {worker}() detached once its items carry their context, by hand: "
                f"{conversion.reason}",
            )
        return self._fix(conversion, leak.consumer.worker.label)

    @cached_property
    def _starting(self) -> dict[m.Call, tuple[Queue, Leak | None]]:
        """The spawns of workers whose items lose their context: the first queue, and its leak."""
        found: dict[m.Call, tuple[Queue, Leak | None]] = {}
        for queue in self._program.queues.all() if self._program.sieve.queue_makers else ():
            leak = self._leak(queue)
            if leak is not None or self._yields_items(queue):
                for call in self._consumers.spawning(queue):
                    found.setdefault(call, (queue, leak))
        return found

    def _yields_items(self, queue: Queue) -> bool:
        """Whether a generator passes on what requests put: nobody judges whom it works for."""
        judge = self._program.handoffs
        return any(
            get.scope.function and get.scope.function.is_generator for get in queue.gets
        ) and any(
            put.item is not None
            and not self._program.markers.is_marker(put.item, put.scope)
            and not judge.carries(put)
            and judge.outlives_request(put, queue)
            and judge.reach(put).in_request
            for put in queue.puts
        )

    def _leak(self, queue: Queue) -> Leak | None:
        """A put of the queue's component that is reported."""
        for each in self._components.members(queue):
            for put in each.puts:
                leak = self._program.handoffs.judge(put, each)
                if leak is not None:
                    return leak
        return None

    def _fix(self, conversion: Conversion, worker: str) -> Fix:
        helpers = self._program.supply.helpers
        item = helpers["item"].name if "item" in helpers else "WorkItem"
        title = f"Put {item}(item) and activate its context in {worker}()"
        if conversion.intent is None:
            return Fix("display", f"{title}, by hand: {conversion.reason}")
        public = conversion.component.public
        if public is not None:
            title += f"; code outside this project may use {public}, too"
        if any(get.form == "divided" for get in conversion.intent.gets):
            title += "; batches are divided by contexts"
        return Fix("unsafe", title, conversion.intent)

    # --- one component -------------------------------------------------------------------------

    def _of(self, queue: Queue) -> Conversion:
        component = self._components.of(queue)
        if component not in self._found:
            self._found[component] = self._decide(component)
        return self._found[component]

    def _decide(self, component: Component) -> Conversion:
        missing = self._program.supply.missing
        if missing is not None:
            return Conversion(component, None, missing)
        try:
            return Conversion(component, self._convert(component), "")
        except Hindrance as reason:
            return Conversion(component, None, str(reason))

    def _convert(self, component: Component) -> Handoff:
        self._components.check(component)
        if any(queue.type in PRIORITY for queue in component.queues):
            return self._by_last_elements(component)
        takings = [taking(get) for get in component.gets]
        takings = [each for each in takings if not is_thrown_away(each)]
        if not takings:
            raise Hindrance("nothing handles the items where they are taken")
        found = [handling(each, self._sentinels) for each in takings]
        for put in component.puts:
            check_put(put, self._program)
        judged = judged_items(component.puts, found)
        telling = self._tellers.decide(judged, found)
        kept = {
            each.taking: name
            for each in found
            if (name := list_of(each)) is not None
            and self._tellers.same_in_envelopes(judged, each, telling)
        }
        gets = tuple(
            self._get(each, telling, component.gets) for each in found if each.taking not in kept
        )
        batches = Batches(kept, telling)
        spawns = self._spawns(component.gets)
        puts = rewritten(component.puts, found, telling)
        return Handoff(
            puts=tuple(put_intent(put, found, telling) for put in puts),
            gets=(*gets, *batches.gets(found, component.gets)),
            annotations=(*self._annotations(component, telling), *batches.annotations()),
            spawns=spawns,
        )

    def _by_last_elements(self, component: Component) -> Handoff:
        """The tuples of a priority queue, and those that pass their last elements on."""
        search = LastElements(self._program)
        components = [component]
        for current in components:  # it grows
            self._components.check(current)
            search.follow(current)
            passed = (self._components.of(each) for each in search.passed_to())
            components += [each for each in passed if each not in components]
        for each in components:
            search.wrap(each)
        found = [handling(each, self._sentinels) for each in search.found.takings]
        if not found:
            raise Hindrance("nothing handles the items where they are taken")
        telling = Telling(frozenset(), frozenset(), False, dict.fromkeys(found, 0))
        gets = [get for each in components for get in each.gets]
        return Handoff(
            puts=tuple(put_intent(put, (), telling, last=True) for put in search.found.puts),
            gets=tuple(self._get(each, telling, gets) for each in found),
            spawns=self._spawns(gets),
        )

    def _spawns(self, gets: list[QueueGet]) -> tuple[Detach, ...]:
        from .rewriting import Unwritable

        found: dict[Detach, None] = {}
        for judgement in self._consumers.leaking(gets):
            try:
                found[self._rewriting.of(judgement)] = None
            except Unwritable as reason:
                label = judgement.spawn.scope.label
                raise Hindrance(f"{label}() cannot start the worker detached: {reason}") from None
        return tuple(found)

    def _annotations(self, component: Component, telling: Telling) -> tuple[Declared, ...]:
        sentinels = {
            "None" if mark == ("constant", None) else str(mark[1])
            for mark in telling.marks
            if mark == ("constant", None) or mark[0] == "kind"
        }
        return declarations(component, self._program, tuple(sorted(sentinels)))

    # --- gets ----------------------------------------------------------------------------------

    def _get(self, found: Handling, telling: Telling, gets: list[QueueGet]) -> Get:
        get = found.taking.get
        first = telling.first[found]
        handled = found.handled(first)
        names = found.taking.names
        split = None
        if found.taking.form in ("bound", "inline"):
            split = split_of(found, names)
        check_collecting(handled, found.taking)
        check_released(handled, found.taking)
        others = {each.node for each in gets if each.node is not get.node}
        until = end_of(handled, others, names, found.taking)
        form = found.taking.form
        if until is not None and (split is not None or form not in ("bound", "inline")):
            raise Hindrance(f"{where(get)} takes an item while it handles another")
        if form == "discarded" or form == "kept":
            raise Hindrance(f"{where(get)} collects items to handle several together")
        return Get(
            spot=Spot(get.module.path.as_posix(), offset(get.node)),
            method=found.taking.method,
            form=form,
            frame=offset(found.frame) if found.frame is not None else None,
            orelse=found.orelse,
            tests=tuple(test.statement.at for test in found.tests[:first]),
            split=split.statement.at if split is not None else None,
            copied=tuple(each.at for each in split.copied) if split is not None else (),
            final=split is not None and split.final,
            otherwise=split is not None and split.otherwise,
            until=offset(until) if until is not None else None,
            told=bool(telling.bare),
            doubted=telling.doubted,
            last=bool(found.taking.element),
        )
