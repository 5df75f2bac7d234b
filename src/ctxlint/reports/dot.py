"""The graph of travelling contexts in Graphviz's language."""

from __future__ import annotations

from typing import Final, TextIO

from ctxlint.graph import MEANING, Edge, Graph, Node, NodeKind, State
from ctxlint.reports.captions import caption, tooltip, words

_SHAPES: Final[dict[NodeKind, str]] = {
    "request": 'shape=box, style="rounded,filled"',
    "startup": 'shape=box, style="rounded,dashed"',
    "function": "shape=box",
    "worker": "shape=box, peripheries=2",
    "queue": "shape=cylinder",
}
_LINES: Final[dict[State, str]] = {
    "leak": 'color="#c62828", fontcolor="#c62828", penwidth=2',
    "silenced": 'color="#c62828", fontcolor="#c62828", style=dotted',
    "carried": 'color="#2e7d32", fontcolor="#2e7d32", penwidth=2',
    "detached": 'color="#2e7d32", fontcolor="#2e7d32", style=dashed',
    "plain": 'color="#616161", fontcolor="#424242"',
}
_HEAD: Final = """\
digraph ctxlint {
  rankdir=LR;
  node [fontname="sans-serif", fontsize=11, fillcolor="#e3f2fd"];
  edge [fontname="sans-serif", fontsize=9];
"""


def render(graph: Graph, directory: str, stream: TextIO) -> None:
    """Write the graph; paths in it are relative to ``directory``."""
    stream.write(_HEAD)
    key = "; ".join(f"{word}: {MEANING[state]}" for word, state in _KEY)
    stream.write(f"  // {key}\n")
    for node in graph.nodes:
        stream.write(f"  {_node(node, directory)}\n")
    for edge in graph.edges:
        stream.write(f"  {_edge(edge, directory)}\n")
    stream.write("}\n")


_KEY: Final[tuple[tuple[str, State], ...]] = (
    ("red", "leak"),
    ("red, dotted", "silenced"),
    ("green", "carried"),
    ("green, dashed", "detached"),
)


def _node(node: Node, directory: str) -> str:
    label = "\\n".join(map(_escaped, caption(node, directory)))
    look = _SHAPES[node.kind]
    if node.state != "plain":
        look += f", {_LINES[node.state]}"
    return f'{node.id} [label="{label}", {look}];'


def _edge(edge: Edge, directory: str) -> str:
    told = _escaped(tooltip(edge, directory))
    look = _LINES[edge.state]
    return (
        f'{edge.source} -> {edge.target} [label="{_escaped(words(edge))}", {look}, '
        f'edgetooltip="{told}", labeltooltip="{told}"];'
    )


def _escaped(text: str) -> str:
    """Text as it stands in a quoted string, in which Graphviz reads escapes and entities."""
    return text.replace("&", "&amp;").replace("\\", "\\\\").replace('"', '\\"')
