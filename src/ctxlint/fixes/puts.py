"""The producer's end of a hand-off: items in envelopes."""

from __future__ import annotations

from collections.abc import Mapping

import libcst as cst

from ..intents import Put
from .calls import Call, call_at
from .document import Document
from .edits import Edit, Unfixable
from .lines import plain


def put_edits(
    document: Document, put: Put, envelope: str, arguments: str, taken: Mapping[int, str]
) -> list[Edit]:
    """Put an item in an envelope, or, where it was taken out of one, pass that on.

    ``arguments`` are what the envelope is given besides the item; ``taken`` holds the names of
    envelopes by the places of gets.
    """
    call = call_at(document, put.spot.at, put.inner)
    item = _item(call, put)
    start, end = call.span(item)
    if put.taken is not None:
        return [document.edit(start, end, taken[put.taken])]
    if put.last:
        item = _last(item)
        start, end = call.span(item)
    if arguments and isinstance(item, cst.GeneratorExp) and not item.lpar:
        envelope, arguments = f"{envelope}(", f"){arguments}"
    return [
        document.edit(start, start, f"{envelope}("),
        document.edit(end, end, f"{arguments})"),
    ]


def _item(call: Call, put: Put) -> cst.BaseExpression:
    if isinstance(put.argument, str):
        if put.argument not in call.keywords:
            raise Unfixable("the item is not where it was found")
        return call.keywords[put.argument].value
    if put.argument >= len(call.positional) or any(
        each.star for each in call.positional[: put.argument + 1]
    ):
        raise Unfixable("the item is not where it was found")
    return call.positional[put.argument].value


def _last(item: cst.BaseExpression) -> cst.BaseExpression:
    if not isinstance(item, cst.Tuple) or not item.elements:
        raise Unfixable("the item is no tuple")
    last = item.elements[-1]
    if not isinstance(last, cst.Element):
        raise Unfixable("the last element of the item is not written there")
    return last.value


def text_of(document: Document, node: cst.CSTNode) -> str:
    """A node as it is written, with plain line ends."""
    return plain(document.text[slice(*document.spans[node])])
