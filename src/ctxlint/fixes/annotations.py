"""Annotations of queues: their items come in envelopes."""

from __future__ import annotations

import re
from typing import Final

import libcst as cst

from ..intents import Declared
from .document import Document
from .edits import Edit, Unfixable
from .suites import last_name

_QUEUES: Final = frozenset({"Queue", "LifoQueue", "PriorityQueue", "SimpleQueue"})
_LISTS: Final = frozenset({"list", "List", "Sequence", "Iterable"})
_QUOTED: Final = re.compile(r"\b(?:Queue|LifoQueue|PriorityQueue|SimpleQueue)\[")
_ANYTHING: Final = frozenset({"Any", "typing.Any", "object"})


def annotation_edits(
    document: Document, declared: Declared, envelope: str, *, generic: bool
) -> list[Edit]:
    """``Queue[T]`` becomes ``Queue[WorkItem[T]]``, wherever it stands in a declaration.

    Of an envelope that is not ``generic``, the type of the payload is lost.
    """
    found: list[Edit] = []
    writer = _Writer(document, declared, envelope, generic)
    declaration = _declaration(document, declared)
    if declared.form in ("item", "taken"):
        if not isinstance(declaration, cst.Annotation):
            raise Unfixable("an annotation is not where it was found")
        return writer.wrapped(declaration.annotation)
    generics = _LISTS if declared.form == "list" else _QUEUES
    pending = [declaration]
    while pending:
        node = pending.pop()
        if isinstance(node, cst.Subscript) and last_name(node.value) in generics:
            if len(node.slice) == 1 and isinstance(node.slice[0].slice, cst.Index):
                found += writer.wrapped(node.slice[0].slice.value)
            continue
        if isinstance(node, cst.SimpleString) and declared.form != "list":
            found += writer.quoted(node)
        pending.extend(node.children)
    return found


def _declaration(document: Document, declared: Declared) -> cst.CSTNode:
    """The node in which a type is declared."""
    at = declared.spot.at
    for node, (start, _) in document.spans.items():
        if declared.form in ("parameter", "item"):
            if isinstance(node, cst.Param) and document.spans[node.name][0] == at:
                return node.annotation or node
        elif declared.form in ("returned", "taken"):
            if isinstance(node, cst.FunctionDef) and start == at and node.returns is not None:
                return node.returns
        elif start != at:
            continue
        elif declared.form in ("assigned", "list") and isinstance(node, cst.AnnAssign):
            return node.annotation
        elif declared.form == "alias" and isinstance(node, cst.Assign | cst.AnnAssign):
            return node.value or node
        elif declared.form == "made" and isinstance(node, cst.Call):
            if isinstance(node.func, cst.Subscript):
                return node.func
    raise Unfixable("an annotation is not where it was found")


class _Writer:
    def __init__(
        self, document: Document, declared: Declared, envelope: str, generic: bool
    ) -> None:
        self._document = document
        self._sentinels = set(declared.sentinels)
        self._envelope = envelope
        self._generic = generic

    def wrapped(self, node: cst.BaseExpression) -> list[Edit]:
        """The type of items with its payload types in an envelope."""
        text = self._text(node)
        if self._sentinels and text in _ANYTHING:
            return []  # it says as much of the envelopes and sentinels together
        if isinstance(node, cst.Subscript) and last_name(node.value) == "Optional":
            inner = node.slice[0].slice
            if isinstance(inner, cst.Index) and "None" in self._sentinels:
                return self.wrapped(inner.value)
        if isinstance(node, cst.SimpleString):
            return self._put(*self._inside(node), f"{self._text(node)[1:-1]}")
        members = _members(node)
        payload = [each for each in members if self._text(each) not in self._sentinels]
        if len(payload) == len(members) or not payload:
            return self._put(*self._outer(node), text)
        if not _stand_together(members, payload):
            text = " | ".join(self._text(each) for each in payload)
            others = [self._text(each) for each in members if each not in payload]
            whole = " | ".join([self._named(text), *others])
            return [self._document.edit(*self._outer(node), whole)]
        start, end = self._outer(payload[0])[0], self._outer(payload[-1])[1]
        return self._put(start, end, self._document.text[start:end])

    def quoted(self, node: cst.SimpleString) -> list[Edit]:
        """The same inside a string; its text is found by its brackets."""
        start, end = self._document.spans[node]
        text = self._document.text[start:end]
        match = _QUOTED.search(text)
        if match is None or "\\" in text:
            return []
        depth, close = 1, match.end()
        while depth and close < len(text):
            depth += {"[": 1, "]": -1}.get(text[close], 0)
            close += 1
        inner = text[match.end() : close - 1]
        if self._sentinels and inner in _ANYTHING:
            return []
        parts = [part.strip() for part in inner.split("|")] if "[" not in inner else [inner]
        payload = [part for part in parts if part not in self._sentinels]
        others = [part for part in parts if part in self._sentinels]
        if not payload:
            payload, others = parts, []
        whole = " | ".join([self._named(" | ".join(payload)), *others])
        return [self._document.edit(start + match.end(), start + close - 1, whole)]

    def _put(self, start: int, end: int, text: str) -> list[Edit]:
        if not self._generic:
            return [self._document.edit(start, end, self._envelope)]
        del text
        return [
            self._document.edit(start, start, f"{self._envelope}["),
            self._document.edit(end, end, "]"),
        ]

    def _named(self, payload: str) -> str:
        return f"{self._envelope}[{payload}]" if self._generic else self._envelope

    def _text(self, node: cst.CSTNode) -> str:
        return self._document.text[slice(*self._document.spans[node])]

    def _inside(self, node: cst.SimpleString) -> tuple[int, int]:
        start, end = self._document.spans[node]
        width = len(node.prefix) + len(node.quote)
        return start + width, end - len(node.quote)

    def _outer(self, node: cst.BaseExpression) -> tuple[int, int]:
        spans = self._document.spans
        start = spans[node.lpar[0]][0] if node.lpar else spans[node][0]
        return start, spans[node.rpar[-1]][1] if node.rpar else spans[node][1]


def _members(node: cst.BaseExpression) -> list[cst.BaseExpression]:
    """The types of a union written with bars."""
    if isinstance(node, cst.BinaryOperation) and isinstance(node.operator, cst.BitOr):
        return [*_members(node.left), *_members(node.right)]
    return [node]


def _stand_together(members: list[cst.BaseExpression], payload: list[cst.BaseExpression]) -> bool:
    first = next(index for index, each in enumerate(members) if each is payload[0])
    return all(
        first + index < len(members) and members[first + index] is each
        for index, each in enumerate(payload)
    )
