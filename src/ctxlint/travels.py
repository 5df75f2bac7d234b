"""From judgements to a graph: how context travels through some files of a program.

What is reported there is red; so a drawing and a report never disagree.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Final

from .canvas import Canvas, Spot, worse
from .findings import Finding
from .graph import Graph, Node, State
from .program.handoffs import is_put_back
from .program.index import ModuleIndex
from .program.losses import Loss
from .program.places import Place
from .program.program import Judgement, Program
from .program.queues import Get, Put, Queue
from .program.scope import Scope
from .program.scopes import Reach
from .program.spawns import Spawn
from .program.timers import started_function
from .program.trees import offset

_EDGES: Final = ("CTX101", "CTX102", "CTX103", "CTX201", "CTX202", "CTX301")
"""What these report is an edge; what other rules report is in one function."""
_NOT_DRAWN: Final = ("CTX900", "CTX901")
"""These are about files and comments."""


def travels(
    program: Program,
    files: Collection[Path],
    reported: Iterable[Finding],
    silenced: Iterable[Finding],
    root: Path,
) -> Graph:
    """How context travels through the spawns and queues of some files.

    ``reported`` and ``silenced`` are what the rules find in these files; ids of nodes are made of
    paths that are relative to ``root``.
    """
    found, quiet = list(reported), list(silenced)
    states: dict[Spot, State] = {_spot(each): "silenced" for each in quiet}
    states.update({_spot(each): "leak" for each in found})
    drawing = _Drawing(program, frozenset(files), states, root)
    for path in sorted(files):
        for spawn in program.spawns_in(path):
            drawing.spawn(spawn)
    for queue in program.queues.all():
        drawing.queue(queue)
    for name in sorted({each.path for each in (*found, *quiet) if each.code == "CTX301"}):
        for loss in program.losses.in_file(Path(name)):
            drawing.loss(loss)
    for each in found:
        drawing.inside(each)
    return drawing.graph()


def _spot(finding: Finding) -> Spot:
    return finding.path, finding.line, finding.column


class _Drawing(Canvas):
    """The graph of a program, drawn from its judgements."""

    def __init__(
        self, program: Program, files: frozenset[Path], states: dict[Spot, State], root: Path
    ) -> None:
        super().__init__(states, root)
        self._program: Final = program
        self._files: Final = files

    # --- workers -------------------------------------------------------------------------------

    def spawn(self, spawn: Spawn) -> None:
        """The worker that a spawn starts, who starts it, and for whom; nothing for what ends."""
        judgement = self._program.judge(spawn)
        if judgement.worker is None and judgement.chain is None:
            return
        at = Place(spawn.module, spawn.call.at, f"{spawn.scope.label} starts it")
        state = self.state(at)
        if state == "plain" and self._program.calls.is_test_path(spawn.module.path):
            return
        how = spawn.row.name.rpartition(".")[2]
        label = f"starts ({how})"
        if state == "plain" and judgement.detached is not None:
            state, label = "detached", f"starts detached ({how})"
        elif state == "plain" and judgement.bounded is not None:
            label = f"starts, and ends ({how})"
        for worker in self._started(judgement):
            self.edge(
                self.node(spawn.scope), self.node(worker, "worker"), "starts", state, label, (at,)
            )
        reached = self._program.reach_of(spawn)
        starter = spawn.scope
        for use in reached.passed:
            text = f"{use.scope.label} passes the worker to {spawn.scope.label}"
            place = Place(use.module, offset(use.node), text)
            source, target = self.node(use.scope), self.node(spawn.scope)
            self.edge(source, target, "hands", "plain", "passes a worker", (place,))
        if reached.passed:
            starter = reached.passed[0].scope
        self._reached(reached.reach, starter)

    def _started(self, judgement: Judgement) -> list[Scope]:
        """The functions that never end, of those that a spawn starts."""
        if judgement.chain is not None:
            return [judgement.chain.callback]
        lifetimes = self._program.lifetimes
        functions = [
            started_function(value)
            for value in judgement.started
            if lifetimes.of_any((value,)) is not None
        ]
        known = list(dict.fromkeys(each for each in functions if each is not None))
        if known or judgement.worker is None:
            return known
        return [judgement.spawn.started or judgement.worker.function]

    def _reached(self, reach: Reach, scope: Scope) -> None:
        """The request, or the start-up, that leads to a function."""
        if reach.entry is None or reach.ending in ("test", "detached"):
            return
        entry = reach.entry
        served = reach.in_request
        note = reach.reason if served else f"at start-up: {reach.reason}"
        source = self.node(entry, "request" if served else "startup", note)
        if entry is not scope:
            self.edge(source, self.node(scope), "calls", "plain", "calls", reach.steps)

    # --- queues --------------------------------------------------------------------------------

    def queue(self, queue: Queue) -> None:
        """A queue that a worker empties: who puts on it and who takes, and what comes along."""
        modules = {queue.module, *(e.module for e in queue.puts), *(e.module for e in queue.gets)}
        if not any(module.path in self._files for module in modules):
            return
        handoffs = self._program.handoffs
        consumer = handoffs.consumer(queue)
        if consumer is None and self._program.unheeded.carried(queue) is None:
            return
        node = self.queue_node(queue)
        rebuilt = consumer is not None and handoffs.rebuilds_context(consumer)
        for put in queue.puts:
            if put.item is not None and not self._program.markers.is_marker(put.item, put.scope):
                self._put(put, queue, node, rebuilt=rebuilt)
        for get in queue.gets:
            worker = consumer.worker if consumer is not None and consumer.get is get else None
            self._get(get, queue, node, worker, rebuilt=rebuilt)

    def _put(self, put: Put, queue: Queue, node: Node, *, rebuilt: bool) -> None:
        program = self._program
        at = Place(put.module, put.call.at, f"{put.scope.label} puts an item")
        state, label = self.state(at), "puts"
        if put.module.path not in self._files and program.handoffs.judge(put, queue) is not None:
            state = "leak"
        if state == "plain":
            if program.unheeded.envelopes.is_passed_on(put) or is_put_back(put):
                label = "passes on"
            if program.handoffs.carries(put):
                state, label = "carried", f"{label}, with context"
                self._captured(put)
            elif rebuilt:
                state, label = "carried", f"{label}, with ids of the request"
        elif state == "leak":
            label = "puts, without context"
        self.edge(self.node(put.scope), node, "puts", state, label, (at,))
        self._reached(program.handoffs.reach(put), put.scope)

    def _captured(self, put: Put) -> None:
        """Who captures the context that an item carries."""
        place = self._program.unheeded.envelopes.captured_for(put)
        scope = None if place is None else _scope_at(place.module, place.at)
        if place is None or scope is None or scope is put.scope or scope.function is None:
            self.node(put.scope, note="captures the context")
            return
        source = self.node(scope, note="captures the context")
        self.edge(source, self.node(put.scope), "hands", "carried", "hands it on", (place,))

    def _get(
        self, get: Get, queue: Queue, node: Node, worker: Scope | None, *, rebuilt: bool
    ) -> None:
        unheeded = self._program.unheeded
        at = Place(get.module, offset(get.node), f"{get.scope.label} takes an item")
        state: State = "plain"
        label = "takes"
        lost = unheeded.judge(get, queue)
        places = [Place(each.module, offset(each.at), "its context is ignored") for each in lost]
        for place in places:
            outside = place.module.path not in self._files
            state = worse(state, "leak" if outside else self.state(place))
        carried = unheeded.carried(queue)
        if state != "plain":
            label = "takes, and ignores the context"
        elif carried is not None:
            flow = unheeded.flow(get, carried)
            if flow is not None and (flow.heeded or flow.run_in):
                state, label = "carried", "takes, in its context"
        elif rebuilt and worker is not None:
            state, label = "carried", "takes, and rebuilds the context"
        target = self.node(worker or get.scope, "worker" if worker is not None else "function")
        self.edge(node, target, "takes", state, label, (at, *places))

    # --- work that runs without its context ----------------------------------------------------

    def loss(self, loss: Loss) -> None:
        """Work that threads run outside the context of whoever hands it over."""
        spawn = loss.spawn
        where = "a pool" if spawn.kind == "executor" else "a thread"
        at = Place(spawn.module, spawn.call.at, f"{spawn.scope.label} hands it to {where}")
        state = self.state(at)
        if state == "plain" or loss.read is None or loss.reach is None:
            return
        source = self.node(spawn.scope)
        label = f"runs in {where}, without context"
        works = list(dict.fromkeys(filter(None, map(started_function, spawn.values))))
        if works:
            # Of several (a method and what overrides it), the one that the evidence is of.
            work = next((each for each in works if _holds(each, loss.read.steps[0])), works[0])
            others = f", or {len(works) - 1:,} like it" if len(works) > 1 else ""
            target = self.node(work, note=f"{loss.read.access.phrase}{others}")
            self.edge(source, target, "starts", state, label, (at, *loss.read.steps))
        else:
            self.node(spawn.scope, note=f"hands work to {where}, without context", state=state)
        self._reached(loss.reach, spawn.scope)

    # --- what findings say of one function -----------------------------------------------------

    def inside(self, finding: Finding) -> None:
        """The function in which a context is copied too late, shared or replaced."""
        code = finding.code
        drawn = code not in (*_EDGES, *_NOT_DRAWN)
        module = self._program.module(Path(finding.path)) if drawn else None
        if module is None:
            return
        scope = _scope_on(module, finding.line, finding.column)
        if scope is not None:
            self.node(scope, note=f"{code}: {finding.name}", state="leak")


def _holds(function: Scope, place: Place) -> bool:
    """Whether a place is a call in a function, or in one inside it."""
    scope = _scope_at(place.module, place.at)
    while scope is not None and scope is not function:
        scope = scope.parent
    return scope is not None


def _scope_at(module: ModuleIndex, at: int) -> Scope | None:
    """The function in which a call starts."""
    return next((module.scope_of(call) for call in module.calls() if call.at == at), None)


def _scope_on(module: ModuleIndex, line: int, column: int) -> Scope | None:
    """The function in which a call, or else anything on a line, starts."""
    calls = [(module.facts.position(call.at), call) for call in module.calls()]
    exact = [call for position, call in calls if position == (line, column)]
    near = [call for position, call in calls if position[0] == line]
    return next((module.scope_of(call) for call in (*exact, *near)), None)
