"""Where the boxes and arrows of a graph go: in layers, from who begins at the top to who works.

Every arrow leads down, cycles are turned round for that. Between any two layers of boxes is one
for words: an arrow has a lane of its own through each layer that it crosses, and in the middle one
there is room for its words. The boxes of a layer stand below those that they belong to.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from math import inf
from typing import Final

import msgspec

from ctxlint.graph import Graph

_GAP: Final = 20
_LAYER_GAP: Final = 22
_LANE: Final = 12
_MARGIN: Final = 10
_ROUNDS: Final = 6

Point = tuple[float, float]
Size = tuple[float, float]


class Layout(msgspec.Struct, frozen=True):
    """The size of a drawing, the top left corner of each node, the points of each edge, and the
    middle of its words.
    """

    width: float
    height: float
    corners: Mapping[str, Point]
    lines: Sequence[Sequence[Point]]
    words: Sequence[Point]


def laid_out(graph: Graph, sizes: Mapping[str, Size], words: Sequence[Size]) -> Layout:
    """Place nodes of these sizes, and edges with words of these sizes from one end to the other."""
    downward = _downward(graph)
    ranks = _ranks([node.id for node in graph.nodes], downward)
    chains = [_chain(number, pair, ranks) for number, pair in enumerate(downward)]
    wide = {name: sizes[name] for name in ranks}
    wide.update({lane: (_LANE, 0.0) for chain in chains for lane in chain[1:-1]})
    middles = [chain[len(chain) // 2] for chain in chains]
    wide.update(zip(middles, words, strict=True))
    layers = _ordered(_layers(ranks, chains), chains)
    across, (rows, height) = _across(layers, chains, wide), _down(layers, wide)
    lines = []
    for edge, (source, _), chain in zip(graph.edges, downward, chains, strict=True):
        points = _line(chain, across, rows, wide)
        lines.append(points if source == edge.source else points[::-1])
    middle = {name: (x, sum(rows[name]) / 2) for name, x in across.items()}
    corners = {
        name: (x - wide[name][0] / 2, y - wide[name][1] / 2)
        for name, (x, y) in middle.items()
        if name in ranks
    }
    width = max((x + wide[name][0] / 2 for name, x in across.items()), default=0) + _MARGIN
    return Layout(width, height, corners, lines, [middle[lane] for lane in middles])


def _downward(graph: Graph) -> list[tuple[str, str]]:
    """The ends of every edge, those that close a cycle turned round."""
    after: dict[str, list[str]] = {node.id: [] for node in graph.nodes}
    for edge in graph.edges:
        after[edge.source].append(edge.target)
    entered = {edge.target for edge in graph.edges}
    begin = sorted(after, key=lambda name: name in entered)
    finished: dict[str, int] = {}
    seen: set[str] = set()
    for start in begin:
        # Depth first without recursion: a way may be as long as a program.
        stack = [(start, iter(after[start]))] if start not in seen else []
        seen.add(start)
        while stack:
            name, rest = stack[-1]
            following = next((each for each in rest if each not in seen), None)
            if following is None:
                finished[name] = len(finished)
                stack.pop()
            else:
                seen.add(following)
                stack.append((following, iter(after[following])))
    return [
        (edge.source, edge.target)
        if finished[edge.source] >= finished[edge.target]
        else (edge.target, edge.source)
        for edge in graph.edges
    ]


def _ranks(names: Iterable[str], edges: Sequence[tuple[str, str]]) -> dict[str, int]:
    """The layer of each node: below all that lead to it, and below their words."""
    before: dict[str, int] = dict.fromkeys(names, 0)
    after: dict[str, list[str]] = {name: [] for name in before}
    for source, target in edges:
        if source != target:
            before[target] += 1
            after[source].append(target)
    ranks = dict.fromkeys(before, 0)
    ready = [name for name, count in before.items() if not count]
    for name in ready:
        for target in after[name]:
            ranks[target] = max(ranks[target], ranks[name] + 2)
            before[target] -= 1
            if not before[target]:
                ready.append(target)
    return ranks


def _chain(number: int, pair: tuple[str, str], ranks: Mapping[str, int]) -> list[str]:
    """An edge as the nodes and lanes that it leads through."""
    source, target = pair
    if source == target:
        return [source, f"{number}:", target]  # beside the box
    lanes = [f"{number}:{rank}" for rank in range(ranks[source] + 1, ranks[target])]
    return [source, *lanes, target]


def _layers(ranks: Mapping[str, int], chains: Sequence[Sequence[str]]) -> list[list[str]]:
    layers: list[list[str]] = [[] for _ in range(max(ranks.values(), default=-1) + 1)]
    for name, rank in ranks.items():
        layers[rank].append(name)
    for chain in chains:
        first = ranks[chain[0]] + (chain[0] != chain[-1])
        for rank, lane in enumerate(chain[1:-1], first):
            layers[rank].append(lane)
    return layers


def _ordered(layers: list[list[str]], chains: Sequence[Sequence[str]]) -> list[list[str]]:
    """Layers whose members stand near those that they are joined with."""
    above, below = _joined([chain[::-1] for chain in chains]), _joined(chains)
    for number in range(_ROUNDS):
        joined = below if number % 2 else above
        for layer in layers[::-1] if number % 2 else layers:
            place = {
                name: index / max(len(each), 1)
                for each in layers
                for index, name in enumerate(each)
            }
            layer.sort(key=lambda name: _middle(joined.get(name, ()), place, place[name]))
    return layers


def _joined(chains: Iterable[Sequence[str]]) -> dict[str, list[str]]:
    """What follows each node and lane."""
    found: dict[str, list[str]] = {}
    for chain in chains:
        for one, other in pairwise(chain):
            found.setdefault(one, []).append(other)
    return found


def _middle(names: Sequence[str], place: Mapping[str, float], otherwise: float) -> float:
    return sum(place[name] for name in names) / len(names) if names else otherwise


def _across(
    layers: Sequence[Sequence[str]], chains: Sequence[Sequence[str]], sizes: Mapping[str, Size]
) -> dict[str, float]:
    """Where the middle of each node and lane is from left to right: near what it is joined with."""
    joined = _joined([*chains, *(chain[::-1] for chain in chains)])
    centers: dict[str, float] = {}
    for layer in layers:
        _pack(layer, dict.fromkeys(layer, 0.0), sizes, centers)
    for number in range(2 * _ROUNDS):
        for layer in layers[:: -1 if number % 2 else 1]:
            wanted = {n: _middle(joined.get(n, ()), centers, centers[n]) for n in layer}
            _pack(layer, wanted, sizes, centers)
    left = min((centers[name] - sizes[name][0] / 2 for name in centers), default=0.0)
    return {name: center - left + _MARGIN for name, center in centers.items()}


def _pack(
    layer: Sequence[str],
    wanted: Mapping[str, float],
    sizes: Mapping[str, Size],
    centers: dict[str, float],
) -> None:
    """Place the members of a layer side by side, on the whole where they are wanted."""
    right = -inf
    for name in layer:
        half = sizes[name][0] / 2
        centers[name] = max(wanted[name], right + half)
        right = centers[name] + half + _GAP
    shift = sum(wanted[name] - centers[name] for name in layer) / len(layer)
    for name in layer:
        centers[name] += shift


def _down(
    layers: Sequence[Sequence[str]], sizes: Mapping[str, Size]
) -> tuple[dict[str, tuple[float, float]], float]:
    """From where to where the layer of each node and lane reaches; the height of it all."""
    rows: dict[str, tuple[float, float]] = {}
    y = float(_MARGIN)
    for layer in layers:
        tallest = max(sizes[name][1] for name in layer)
        rows.update(dict.fromkeys(layer, (y, y + tallest)))
        y += tallest + _LAYER_GAP
    return rows, max(y - _LAYER_GAP, 0) + _MARGIN


def _line(
    chain: Sequence[str],
    across: Mapping[str, float],
    rows: Mapping[str, tuple[float, float]],
    sizes: Mapping[str, Size],
) -> list[Point]:
    """From the lower side of a box, upright through lanes, to the upper side of another."""
    first, *lanes, last = chain
    if first == last:
        lanes, ways = lanes[:1], (1, 0)  # round the side of the box, and up
    else:
        ways = (0, 1)
    leave = across[first] + _within(across[lanes[0]] - across[first], sizes[first][0])
    enter = across[last] + _within(across[lanes[-1]] - across[last], sizes[last][0])
    down = sum(rows[first]) / 2 + sizes[first][1] / 2
    up = sum(rows[last]) / 2 - sizes[last][1] / 2
    through = [(across[lane], rows[lane][way]) for lane in lanes for way in ways]
    return [(leave, down), *through, (enter, up)]


def _within(distance: float, width: float) -> float:
    """How far from its middle an arrow leaves a box, so that arrows fan out."""
    return max(-width / 4, min(width / 4, distance / 4))
