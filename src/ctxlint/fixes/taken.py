"""A get on its way to edits: what the envelope is called, and what has to be called so."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

import libcst as cst

from ..intents import Get
from .document import Document
from .edits import Edit, Unfixable
from .suites import Tree, tree_of

_NAMES: Final = ("work", "work_item", "envelope", "enveloped_work")


@dataclass(frozen=True, slots=True)
class Taken:
    """A get on its way to edits: the envelope's name, and how a context is activated."""

    get: Get
    tree: Tree
    work: str
    activate: str

    @property
    def document(self) -> Document:
        return self.tree.document

    @property
    def member(self) -> cst.Attribute:
        return self.tree.member_at(self.get.spot.at, self.get.method)

    @property
    def header(self) -> str:
        return f"with {self.activate}({self.work}.context):"


def envelope_name(document: Document, get: Get) -> str:
    """A name for the envelope that nothing in the function goes by."""
    return unused(_NAMES, names_around(document, get))


def names_around(document: Document, get: Get) -> set[str]:
    """All names in the function that takes an item."""
    tree = tree_of(document)
    batch = get.form in ("looped", "divided")
    place = (
        tree.small_statement_at(get.spot.at) if batch else tree.member_at(get.spot.at, get.method)
    )
    used: set[str] = set()
    pending: list[cst.CSTNode] = [tree.function_of(place)]
    while pending:
        node = pending.pop()
        if isinstance(node, cst.Name):
            used.add(node.value)
        pending.extend(node.children)
    return used


def unused(names: Iterable[str], used: Collection[str]) -> str:
    """The first of some names that is not used."""
    for name in names:
        if name not in used:
            return name
    raise Unfixable("all names for the envelope are taken")


def renamed(
    taken: Taken,
    below: cst.CSTNode,
    item: str,
    within: type[cst.CSTNode] | None = None,
    but: cst.CSTNode | None = None,
) -> list[Edit]:
    """The item's name, below a statement, becomes that of its envelope."""
    found: list[Edit] = []
    pending: list[tuple[cst.CSTNode, bool]] = [(below, within is None)]
    while pending:
        node, counts = pending.pop()
        if node is but:
            continue
        counts = counts or (within is not None and isinstance(node, within))
        if isinstance(node, cst.Name) and counts and node.value == item:
            found.append(taken.document.edit(*taken.document.spans[node], taken.work))
        for child in node.children:
            if isinstance(node, cst.Attribute) and child is node.attr:
                continue
            if isinstance(node, cst.Arg) and child is node.keyword:
                continue
            pending.append((child, counts))
    return found
