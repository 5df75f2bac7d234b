"""From judgements to a graph: how context travels through some files of a program.

What is reported there is red; so a drawing and a report never disagree.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from hashlib import sha256
from pathlib import Path
from typing import Final

from .findings import Finding, Step
from .graph import Edge, EdgeKind, Graph, Node, NodeKind, State, ordered
from .program.handoffs import is_put_back
from .program.index import ModuleIndex, Scope
from .program.places import Place, step
from .program.program import Judgement, Program
from .program.queues import Get, Put, Queue
from .program.scopes import Reach
from .program.spawns import Spawn
from .program.timers import started_function
from .program.trees import offset

_RANK: Final[dict[NodeKind, int]] = {
    "function": 0,
    "startup": 1,
    "request": 2,
    "worker": 3,
    "queue": 4,
}
_EDGES: Final = ("CTX101", "CTX102", "CTX103", "CTX201", "CTX202")
"""What these report is an edge; what other rules report is in one function."""

Spot = tuple[str, int, int]


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
    found = list(reported)
    states: dict[Spot, State] = {_spot(each): "silenced" for each in silenced}
    states.update({_spot(each): "leak" for each in found})
    drawing = _Drawing(program, frozenset(files), states, root)
    for path in sorted(files):
        for spawn in program.spawns_in(path):
            drawing.spawn(spawn)
    for queue in program.queues.all():
        drawing.queue(queue)
    for each in found:
        drawing.inside(each)
    return drawing.graph()


def _spot(finding: Finding) -> Spot:
    return finding.path, finding.line, finding.column


class _Drawing:
    """A graph that grows."""

    def __init__(
        self, program: Program, files: frozenset[Path], states: dict[Spot, State], root: Path
    ) -> None:
        self._program: Final = program
        self._files: Final = files
        self._states: Final = states
        self._root: Final = root
        self._nodes: dict[object, Node] = {}
        self._ids: set[str] = set()
        self._edges: dict[tuple[str, str, EdgeKind, State, str], list[Step]] = {}

    def graph(self) -> Graph:
        """What has been drawn."""
        edges = [
            Edge(
                source=source,
                target=target,
                kind=kind,
                state=state,
                label=label,
                steps=tuple(dict.fromkeys(steps)),
            )
            for (source, target, kind, state, label), steps in self._edges.items()
        ]
        return ordered(self._nodes.values(), edges)

    # --- workers -------------------------------------------------------------------------------

    def spawn(self, spawn: Spawn) -> None:
        """The worker that a spawn starts, who starts it, and for whom; nothing for what ends."""
        judgement = self._program.judge(spawn)
        if judgement.worker is None and judgement.chain is None:
            return
        at = Place(spawn.module, spawn.call.at, f"{spawn.scope.label} starts it")
        state = self._state(at)
        if state == "plain" and self._program.calls.is_test_path(spawn.module.path):
            return
        how = spawn.row.name.rpartition(".")[2]
        label = f"starts ({how})"
        if state == "plain" and judgement.detached is not None:
            state, label = "detached", f"starts detached ({how})"
        elif state == "plain" and judgement.bounded is not None:
            label = f"starts, and ends ({how})"
        for worker in self._started(judgement):
            self._edge(
                self._node(spawn.scope), self._node(worker, "worker"), "starts", state, label, (at,)
            )
        reached = self._program.reach_of(spawn)
        starter = spawn.scope
        for use in reached.passed:
            text = f"{use.scope.label} passes the worker to {spawn.scope.label}"
            place = Place(use.module, offset(use.node), text)
            source, target = self._node(use.scope), self._node(spawn.scope)
            self._edge(source, target, "hands", "plain", "passes a worker", (place,))
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
        source = self._node(entry, "request" if served else "startup", note)
        if entry is not scope:
            self._edge(source, self._node(scope), "calls", "plain", "calls", reach.steps)

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
        node = self._queue_node(queue)
        rebuilt = consumer is not None and handoffs.rebuilds_context(consumer)
        for put in queue.puts:
            if put.item is not None and not handoffs.is_marker(put.item, put.scope):
                self._put(put, queue, node, rebuilt=rebuilt)
        for get in queue.gets:
            worker = consumer.worker if consumer is not None and consumer.get is get else None
            self._get(get, queue, node, worker, rebuilt=rebuilt)

    def _put(self, put: Put, queue: Queue, node: Node, *, rebuilt: bool) -> None:
        program = self._program
        at = Place(put.module, put.call.at, f"{put.scope.label} puts an item")
        state, label = self._state(at), "puts"
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
        self._edge(self._node(put.scope), node, "puts", state, label, (at,))
        self._reached(program.handoffs.reach(put), put.scope)

    def _captured(self, put: Put) -> None:
        """Who captures the context that an item carries."""
        place = self._program.unheeded.envelopes.captured_for(put)
        scope = None if place is None else _scope_at(place.module, place.at)
        if place is None or scope is None or scope is put.scope or scope.function is None:
            self._node(put.scope, note="captures the context")
            return
        source = self._node(scope, note="captures the context")
        self._edge(source, self._node(put.scope), "hands", "carried", "hands it on", (place,))

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
            state = _worse(state, "leak" if outside else self._state(place))
        carried = unheeded.carried(queue)
        if state != "plain":
            label = "takes, and ignores the context"
        elif carried is not None:
            flow = unheeded.flow(get, carried)
            if flow is not None and (flow.heeded or flow.run_in):
                state, label = "carried", "takes, in its context"
        elif rebuilt and worker is not None:
            state, label = "carried", "takes, and rebuilds the context"
        target = self._node(worker or get.scope, "worker" if worker is not None else "function")
        self._edge(node, target, "takes", state, label, (at, *places))

    # --- what findings say of one function -----------------------------------------------------

    def inside(self, finding: Finding) -> None:
        """The function in which a context is copied too late, shared or replaced."""
        module = None if finding.code in _EDGES else self._program.module(Path(finding.path))
        if module is None or finding.code == "CTX900":
            return
        scope = _scope_on(module, finding.line, finding.column)
        if scope is not None:
            self._node(scope, note=f"{finding.code}: {finding.name}", state="leak")

    # --- nodes and edges -----------------------------------------------------------------------

    def _state(self, place: Place) -> State:
        line, column = place.module.facts.position(place.at)
        return self._states.get((place.module.path.as_posix(), line, column), "plain")

    def _edge(
        self,
        source: Node,
        target: Node,
        kind: EdgeKind,
        state: State,
        label: str,
        places: Iterable[Place],
    ) -> None:
        key = (source.id, target.id, kind, state, label)
        self._edges.setdefault(key, []).extend(map(step, places))

    def _node(
        self, scope: Scope, kind: NodeKind = "function", note: str = "", state: State = "plain"
    ) -> Node:
        """The one node of a function: of what it is, the most telling is shown."""
        node = self._nodes.get(scope) or self._made(
            kind, scope.label, scope.module, scope.at, scope.module.path
        )
        notes = node.notes if not note or note in node.notes else (*node.notes, note)
        kind = max(kind, node.kind, key=_RANK.__getitem__)
        return self._keep(scope, node, kind, notes, _worse(node.state, state))

    def _queue_node(self, queue: Queue) -> Node:
        label = min(
            (f"{home.qualname}.{name}".lstrip(".") for home, name in queue.slots),
            default=f"a queue of {queue.scope.label}",
        )
        node = self._made("queue", label, queue.module, queue.made.at, queue.module.path)
        return self._keep(queue, node, "queue", (queue.type,), "plain")

    def _keep(
        self, key: object, node: Node, kind: NodeKind, notes: tuple[str, ...], state: State
    ) -> Node:
        self._nodes[key] = Node(
            id=node.id,
            kind=kind,
            label=node.label,
            path=node.path,
            line=node.line,
            column=node.column,
            notes=notes,
            state=state,
        )
        return self._nodes[key]

    def _made(self, kind: NodeKind, label: str, module: ModuleIndex, at: int, path: Path) -> Node:
        line, column = module.facts.position(at)
        short = path.relative_to(self._root) if path.is_relative_to(self._root) else path
        word = "queue" if kind == "queue" else "function"
        number = 0
        while (name := _id(word, short.as_posix(), label, number)) in self._ids:
            number += 1
        self._ids.add(name)
        return Node(id=name, kind=kind, label=label, path=path.as_posix(), line=line, column=column)


def _id(word: str, path: str, label: str, number: int) -> str:
    """A name for a node that any drawing language takes as it is."""
    told = "\0".join((word, path, label, str(number))).encode("utf-8", "surrogatepass")
    return f"{word[0]}{sha256(told).hexdigest()[:10]}"


def _worse(one: State, other: State) -> State:
    order: tuple[State, ...] = ("leak", "silenced", "carried", "detached", "plain")
    return min(one, other, key=order.index)


def _scope_at(module: ModuleIndex, at: int) -> Scope | None:
    """The function in which a call starts."""
    return next((module.scope_of(call) for call in module.calls() if call.at == at), None)


def _scope_on(module: ModuleIndex, line: int, column: int) -> Scope | None:
    """The function in which a call, or else anything on a line, starts."""
    calls = [(module.facts.position(call.at), call) for call in module.calls()]
    exact = [call for position, call in calls if position == (line, column)]
    near = [call for position, call in calls if position[0] == line]
    return next((module.scope_of(call) for call in (*exact, *near)), None)
