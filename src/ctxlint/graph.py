"""How context travels through a program, as a graph: plain data, for any drawing of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, Literal

import msgspec

from .findings import Step

NodeKind = Literal["request", "startup", "function", "worker", "queue"]
"""``request`` and ``startup`` are functions where these enter the program."""

EdgeKind = Literal["calls", "hands", "starts", "puts", "takes"]
"""``hands``: a function passes on what another one starts or puts."""

State = Literal["leak", "silenced", "carried", "detached", "plain"]
"""What becomes of the context on the way along an edge, or in a node.

``leak``: it ends up where it does not belong, or is lost; ``silenced``: the same, where a comment,
the settings or a baseline say that nothing is to be reported; ``carried``: it comes along on
purpose; ``detached``: nothing of it comes along, on purpose; ``plain``: none of these.
"""


class Node(msgspec.Struct, frozen=True, kw_only=True):
    """A function or a queue, where it stands, and what is to be said about it.

    ``id`` depends on nothing but the names of the file, of the function and of the queue.
    """

    id: str
    kind: NodeKind
    label: str
    path: str
    line: int
    column: int
    notes: tuple[str, ...] = ()
    state: State = "plain"


class Edge(msgspec.Struct, frozen=True, kw_only=True):
    """A way from one node to another; ``steps`` are the places where it is taken."""

    source: str
    target: str
    kind: EdgeKind
    state: State
    label: str
    steps: tuple[Step, ...] = ()


class Graph(msgspec.Struct, frozen=True):
    """Nodes in the order of the source, and edges in the order of their nodes."""

    nodes: tuple[Node, ...] = ()
    edges: tuple[Edge, ...] = ()

    def components(self) -> tuple[Graph, ...]:
        """The parts that nothing connects, those with leaks first."""
        home = {node.id: node.id for node in self.nodes}

        def root(name: str) -> str:
            while home[name] != name:
                home[name] = name = home[home[name]]
            return name

        for edge in self.edges:
            home[root(edge.source)] = root(edge.target)
        nodes: dict[str, list[Node]] = {}
        for node in self.nodes:
            nodes.setdefault(root(node.id), []).append(node)
        edges: dict[str, list[Edge]] = {}
        for edge in self.edges:
            edges.setdefault(root(edge.source), []).append(edge)
        parts = [Graph(tuple(own), tuple(edges.get(name, ()))) for name, own in nodes.items()]
        return tuple(sorted(parts, key=lambda part: not part.leaks))

    @property
    def leaks(self) -> bool:
        """Whether a context is leaked anywhere in it."""
        states = [*(node.state for node in self.nodes), *(edge.state for edge in self.edges)]
        return "leak" in states


MEANING: Final[dict[State, str]] = {
    "leak": "leaks",
    "silenced": "leaks, and is silenced",
    "carried": "is carried along",
    "detached": "nothing comes along",
    "plain": "nothing to report",
}
"""What the key of a drawing says of each state."""


def merged(graphs: Sequence[Graph]) -> Graph:
    """Several graphs as one, nodes that they share once."""
    nodes = {node.id: node for graph in graphs for node in graph.nodes}
    edges = dict.fromkeys(edge for graph in graphs for edge in graph.edges)
    return ordered(nodes.values(), edges)


def ordered(nodes: Iterable[Node], edges: Iterable[Edge]) -> Graph:
    """A graph with its nodes and edges in the one order they always have."""
    placed = sorted(nodes, key=lambda each: (each.path, each.line, each.column, each.id))
    at = {node.id: number for number, node in enumerate(placed)}
    drawn = sorted(edges, key=lambda e: (at[e.source], at[e.target], e.kind, e.state, e.label))
    return Graph(tuple(placed), tuple(drawn))
