"""What drawings write into the boxes and beside the arrows of a graph."""

from __future__ import annotations

from typing import Final

from ctxlint.graph import Edge, Node
from ctxlint.reports.excerpts import one_line, shown_path

LONGEST: Final = 48
"""Characters of a line in a box: the middle of a longer one is left out."""


def caption(node: Node, directory: str) -> list[str]:
    """The lines in a box: the name, the place, and what there is to say."""
    place = f"{shown_path(node.path, directory)}:{node.line}"
    return [shortened(one_line(line)) for line in (node.label, place, *node.notes)]


def words(edge: Edge) -> str:
    """What stands beside an arrow."""
    return shortened(one_line(edge.label))


def tooltip(edge: Edge, directory: str) -> str:
    """Where a way is taken, place after place."""
    told = [
        f"{shown_path(step.path, directory)}:{step.line}: {one_line(step.message)}"
        for step in edge.steps
    ]
    return "; ".join(told)


def shortened(text: str) -> str:
    """Text of which both ends can be read."""
    if len(text) <= LONGEST:
        return text
    half = (LONGEST - 1) // 2
    return f"{text[: LONGEST - 1 - half]}…{text[-half:]}"
