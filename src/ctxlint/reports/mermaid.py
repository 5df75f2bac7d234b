"""The graph of travelling contexts in Mermaid's language, as Markdown on code hosts shows it."""

from __future__ import annotations

import re
from typing import Final, TextIO

from ctxlint.graph import Graph, Node, NodeKind, State
from ctxlint.reports.captions import caption, words

_SHAPES: Final[dict[NodeKind, tuple[str, str]]] = {
    "request": ("([", "])"),
    "startup": ("([", "])"),
    "function": ("[", "]"),
    "worker": ("[[", "]]"),
    "queue": ("[(", ")]"),
}
_ARROWS: Final[dict[State, str]] = {
    "leak": "==>",
    "silenced": "-.->",
    "carried": "==>",
    "detached": "-.->",
    "plain": "-->",
}
_LINKS: Final[dict[State, str]] = {
    "leak": "stroke:#c62828,color:#c62828",
    "silenced": "stroke:#c62828,color:#c62828",
    "carried": "stroke:#2e7d32,color:#2e7d32",
    "detached": "stroke:#2e7d32,color:#2e7d32",
}
_CLASSES: Final = {
    "request": "fill:#e3f2fd,stroke:#1565c0,color:#0d2a4a",
    "startup": "fill:#f5f5f5,stroke:#616161,color:#212121,stroke-dasharray:4 3",
    "leak": "stroke:#c62828,stroke-width:3px",
}
MOST_EDGES: Final = 500
"""More are an error in Mermaid, unless its ``maxEdges`` is set."""

_UNSAFE: Final = re.compile(r"[^\w .,()/…-]")
# Mermaid marks what it decodes with the first two, undoes such marks wherever it sees them, and
# breaks lines at "\n". Something invisible keeps them apart. Python reads the ligature as fl, too.
_MARKS: Final = str.maketrans({"\ufb02": "fl", "\xb6": "\xb6\u200b", "\\": "\\\u200b"})


def render(graph: Graph, directory: str, stream: TextIO) -> None:
    """Write the graph; paths in it are relative to ``directory``."""
    stream.write("flowchart LR\n")
    for node in graph.nodes:
        stream.write(f"  {_node(node, directory)}\n")
    for edge in graph.edges:
        told = _escaped(words(edge))
        arrow = _ARROWS[edge.state] + (f'|"{told}"|' if told else "")
        stream.write(f"  {edge.source} {arrow} {edge.target}\n")
    for state, look in _LINKS.items():
        numbers = [str(number) for number, e in enumerate(graph.edges) if e.state == state]
        if numbers:
            stream.write(f"  linkStyle {','.join(numbers)} {look}\n")
    for name, look in _CLASSES.items():
        members = [node.id for node in graph.nodes if name in (node.kind, node.state)]
        if members:
            stream.write(f"  classDef {name} {look}\n  class {','.join(members)} {name}\n")


def _node(node: Node, directory: str) -> str:
    opened, closed = _SHAPES[node.kind]
    label = "<br/>".join(map(_escaped, caption(node, directory)))
    return f'{node.id}{opened}"{label}"{closed}'


def _escaped(text: str) -> str:
    """Text as it stands in a quoted label: what Mermaid, Markdown or HTML could read is coded."""
    return _UNSAFE.sub(lambda found: f"#{ord(found[0])};", text.translate(_MARKS))
