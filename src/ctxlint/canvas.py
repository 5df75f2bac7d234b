"""A graph that grows: one node for each function and queue, one edge for each way between them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Final

from .findings import Step
from .graph import Edge, EdgeKind, Graph, Node, NodeKind, State, ordered
from .program.index import ModuleIndex
from .program.places import Place, step
from .program.queues import Queue
from .program.scope import Scope

_RANK: Final[dict[NodeKind, int]] = {
    "function": 0,
    "startup": 1,
    "request": 2,
    "worker": 3,
    "queue": 4,
}

Spot = tuple[str, int, int]
"""A path, a line and a column."""


class Canvas:
    """A graph that grows.

    ``states`` says what is reported where; ids are made of paths relative to ``root``.
    """

    def __init__(self, states: Mapping[Spot, State], root: Path) -> None:
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

    def state(self, place: Place) -> State:
        line, column = place.module.facts.position(place.at)
        return self._states.get((place.module.path.as_posix(), line, column), "plain")

    def edge(
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

    def node(
        self, scope: Scope, kind: NodeKind = "function", note: str = "", state: State = "plain"
    ) -> Node:
        """The one node of a function: of what it is, the most telling is shown."""
        node = self._nodes.get(scope) or self._made(
            kind, scope.label, scope.module, scope.at, scope.module.path
        )
        notes = node.notes if not note or note in node.notes else (*node.notes, note)
        kind = max(kind, node.kind, key=_RANK.__getitem__)
        return self._keep(scope, node, kind, notes, worse(node.state, state))

    def queue_node(self, queue: Queue) -> Node:
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


def worse(one: State, other: State) -> State:
    order: tuple[State, ...] = ("leak", "silenced", "carried", "detached", "plain")
    return min(one, other, key=order.index)
