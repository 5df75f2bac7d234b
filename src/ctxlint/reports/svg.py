"""The graph of travelling contexts as SVG, drawn here: a page that shows it loads nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from typing import Final

from rich.cells import cell_len

from ctxlint.graph import Edge, Graph, Node
from ctxlint.reports.captions import caption, tooltip, words
from ctxlint.reports.excerpts import one_line
from ctxlint.reports.layered import Point, Size, laid_out

_CELL: Final = 7.3  # of a monospaced font of 12 pixels, with something to spare
_SMALL_CELL: Final = 6.1
_ROW: Final = 17
_PADDING: Final = 12
_LID: Final = 6

Link = Callable[[Node], str | None]
"""Where a click on a node leads."""


def drawn(graph: Graph, directory: str, name: str, link: Link) -> str:
    """One part of a graph as an element of a page; ``name`` is unique on it."""
    captions = {node.id: caption(node, directory) for node in graph.nodes}
    sizes = {node.id: _size(node, captions[node.id]) for node in graph.nodes}
    layout = laid_out(graph, sizes, [_words_size(edge) for edge in graph.edges])
    width, height = layout.width, layout.height
    parts = [
        f'<svg viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" height="{height:.0f}" '
        f'role="img" aria-labelledby="{name}-title">',
        f'<title id="{name}-title">{escape(described(graph))}</title>',
    ]
    told = zip(graph.edges, layout.lines, strict=True)
    parts += [_edge(edge, points, directory) for edge, points in told]
    parts += [_words(edge, at) for edge, at in zip(graph.edges, layout.words, strict=True)]
    for node in graph.nodes:
        box = _node(node, captions[node.id], layout.corners[node.id])
        href = link(node)
        parts.append(f'<a href="{escape(href)}">{box}</a>' if href else box)
    return "".join([*parts, "</svg>"])


def described(graph: Graph) -> str:
    """A part of a graph in words, for who does not see it."""
    names = {node.id: one_line(node.label) for node in graph.nodes}
    ways = [f"{names[e.source]} {words(e)}: {names[e.target]}" for e in graph.edges]
    told = [f"{names[node.id]}: {one_line(', '.join(node.notes))}" for node in graph.nodes]
    return "; ".join(ways or told)


def _size(node: Node, lines: Sequence[str]) -> Size:
    longest = max(cell_len(line) for line in lines)
    height = len(lines) * _ROW + 10 + (3 * _LID if node.kind == "queue" else 0)
    return longest * _CELL + 2 * _PADDING, height


def _words_size(edge: Edge) -> Size:
    return cell_len(words(edge)) * _SMALL_CELL + 8, 16


def _node(node: Node, lines: Sequence[str], corner: Point) -> str:
    (x, y), (width, height) = corner, _size(node, lines)
    top = y + 18 + (2 * _LID if node.kind == "queue" else 0)
    shapes = [_outline(node, x, y, width, height)]
    if node.kind == "worker":
        shapes.append(_box(x + 3, y + 3, width - 6, height - 6, 2))
    rows = [
        f'<text class="{"note" if number else "name"}" x="{x + width / 2:.1f}" '
        f'y="{top + _ROW * number:.1f}">{escape(line)}</text>'
        for number, line in enumerate(lines)
    ]
    classes = f"node {node.kind} {node.state}"
    return f'<g class="{classes}">{"".join(shapes)}{"".join(rows)}</g>'


def _outline(node: Node, x: float, y: float, width: float, height: float) -> str:
    if node.kind != "queue":
        return _box(x, y, width, height, 14 if node.kind in ("request", "startup") else 3)
    lid = f"a{width / 2:.1f} {_LID} 0 0 0 "
    return (
        f'<path d="M{x:.1f} {y + _LID:.1f}v{height - 2 * _LID:.1f}{lid}{width:.1f} 0'
        f'v{2 * _LID - height:.1f}{lid}{-width:.1f} 0{lid}{width:.1f} 0"/>'
    )


def _box(x: float, y: float, width: float, height: float, radius: int) -> str:
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" rx="{radius}"/>'
    )


def _edge(edge: Edge, points: Sequence[Point], directory: str) -> str:
    told = escape(f"{words(edge)}: {tooltip(edge, directory)}")
    return (
        f'<g class="edge {edge.state}"><title>{told}</title><path d="{_curve(points)}"/>'
        f"{_head(points)}</g>"
    )


def _curve(points: Sequence[Point]) -> str:
    """A line that leaves and enters every point upright."""
    (x, y), told = points[0], []
    told.append(f"M{x:.1f} {y:.1f}")
    for end_x, end_y in points[1:]:
        middle = (y + end_y) / 2
        told.append(f"C{x:.1f} {middle:.1f} {end_x:.1f} {middle:.1f} {end_x:.1f} {end_y:.1f}")
        x, y = end_x, end_y
    return "".join(told)


def _head(points: Sequence[Point]) -> str:
    (_, before), (x, y) = points[-2], points[-1]
    away = -8 if before <= y else 8
    return f'<path class="head" d="M{x:.1f} {y:.1f}l-4.5 {away}h9z"/>'


def _words(edge: Edge, middle: Point) -> str:
    (x, y), (width, height) = middle, _words_size(edge)
    return (
        f'<g class="words {edge.state}"><rect x="{x - width / 2:.1f}" y="{y - height / 2:.1f}" '
        f'width="{width:.1f}" height="{height}" rx="3"/>'
        f'<text x="{x:.1f}" y="{y + 4:.1f}">{escape(words(edge))}</text></g>'
    )
