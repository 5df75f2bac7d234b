"""Tests of contexts: whether there is one, and not whether it is true."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import libcst as cst

from ..intents import AskForNone
from ..supply import Supply
from .calls import outer_span
from .changes import Changes
from .document import Document
from .edits import Edit, Unfixable

_OR: Final = re.compile(r"\bor\b")
# Where an `if` expression may stand as it is; anywhere else it gets parentheses.
_ROOMY: Final = (
    cst.AnnAssign,
    cst.Assert,
    cst.Assign,
    cst.AugAssign,
    cst.DictElement,
    cst.Element,
    cst.Expr,
    cst.If,
    cst.Index,
    cst.Lambda,
    cst.NamedExpr,
    cst.Param,
    cst.Return,
    cst.WithItem,
    cst.Yield,
)
_MOVED: Final = "the test is not where it was found"


def edits(
    intent: AskForNone, documents: Callable[[Path], Document], _supply: Supply
) -> Mapping[Path, Changes]:
    """What asking for None does to a file. Raises Unfixable."""
    path = Path(intent.spot.path)
    document = documents(path)
    made = _by_or(document, intent) if intent.form == "or" else _by_test(document, intent)
    return {path: Changes(tuple(sorted(made)))}


def _by_or(document: Document, intent: AskForNone) -> list[Edit]:
    """``c or copy()`` → ``c if c is not None else copy()``"""
    spans, text = document.spans, document.text
    node = next(
        (
            each
            for each in spans
            if isinstance(each, cst.BooleanOperation)
            and isinstance(each.operator, cst.Or)
            and spans[each.left][0] == intent.spot.at
            and spans[each.right][0] == intent.copy
        ),
        None,
    )
    if node is None or not isinstance(node.left, cst.Name | cst.Attribute):
        raise Unfixable(_MOVED)
    start, end = outer_span(document, node.left)
    behind = outer_span(document, node.right)[0]
    operator = _OR.search(text, end, behind)
    if operator is None or "#" in text[start:behind]:
        raise Unfixable("a comment stands in the test")
    name = text[slice(*spans[node.left])]
    made = [document.edit(*operator.span(), f"if {name} is not None else")]
    if not node.lpar and not _has_room(document, node):
        made.append(document.edit(start, start, "("))
        end = outer_span(document, node.right)[1]
        made.append(document.edit(end, end, ")"))
    return made


def _has_room(document: Document, node: cst.BooleanOperation) -> bool:
    parent = next((each for each in document.spans if node in each.children), None)
    if isinstance(parent, cst.Arg):
        return not parent.star
    return isinstance(parent, _ROOMY) or (isinstance(parent, cst.IfExp) and parent.orelse is node)


def _by_test(document: Document, intent: AskForNone) -> list[Edit]:
    """``if c`` → ``if c is not None``, ``if not c`` → ``if c is None``"""
    test = _test(document, intent)
    if intent.form == "if":
        if isinstance(test, cst.NamedExpr) and not test.lpar:
            raise Unfixable("the test assigns what it tests")
        _, end = outer_span(document, test)
        return [document.edit(end, end, " is not None")]
    if not isinstance(test, cst.UnaryOperation):
        raise Unfixable(_MOVED)
    start = document.spans[test][0]
    operand, end = outer_span(document, test.expression)
    if "#" in document.text[start:operand]:
        raise Unfixable("a comment stands in the test")
    return [document.edit(start, operand, ""), document.edit(end, end, " is None")]


def _test(document: Document, intent: AskForNone) -> cst.BaseExpression:
    spans = document.spans
    for node in spans:
        if (
            isinstance(node, cst.If | cst.IfExp)
            and spans[node.test][0] == intent.spot.at
            and spans[node][0] <= intent.copy < spans[node][1]
        ):
            return node.test
    raise Unfixable(_MOVED)
