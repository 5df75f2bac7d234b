"""A `try` around a get and its work is parted: errors of the work are handled in its context."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from ..intents import Get
from .document import Document
from .edits import Edit, Unfixable, spliced
from .lines import after_line, is_blank, line_start, plain
from .suites import Suite, Tree, indented

_Try = cst.Try | cst.TryStar


def split(
    tree: Tree, get: Get, at: int, kept: cst.CSTNode | None, edits: list[Edit], lines: Sequence[str]
) -> list[Edit]:
    """Part the `try` of a get that begins at an offset.

    ``kept`` is the last statement in it that belongs to the get; where there is none, the first
    of ``lines`` takes the item. The other lines, the last of them indented, open the handling.
    ``edits`` are what else is done.
    """
    statement = tree.statement_at(at)
    if not isinstance(statement, _Try) or not isinstance(statement.body, cst.IndentedBlock):
        raise Unfixable("the try is not where it was found")
    body = Suite(tree, statement.body)
    if kept is not None and body.index(kept) + 1 == len(body.statements):
        raise Unfixable("nothing handles the item")
    if get.final:
        return _inside(tree, statement, body, kept, edits, lines)
    return _before(tree, get, statement, body, kept, edits, lines)


def _inside(
    tree: Tree,
    statement: _Try,
    body: Suite,
    kept: cst.CSTNode | None,
    edits: list[Edit],
    lines: Sequence[str],
) -> list[Edit]:
    """The `finally` stays around both; the handlers go to the work."""
    document, indent, unit = tree.document, body.indent, body.unit
    if statement.finalbody is None:
        raise Unfixable("the try is not where it was found")
    if kept is None:
        own = _statement_of_edits(body, edits)
        begin = line_start(document.text, document.spans[own][0])
    else:
        own = kept
        begin = after_line(document.text, document.spans[kept][1])
    if body.gap_before(body.statements[body.index(own) + (kept is not None)]) is not None:
        raise Unfixable("the get shares its line")
    end = line_start(document.text, document.spans[statement.finalbody][0])
    first, last = lines[:-1], lines[-1]
    opened = [f"{indent}{each}" for each in first]
    opened += [f"{indent}{unit}{last}"] if kept is not None else [f"{indent}{last}"]
    opened += [f"{indent}{unit}try:", ""]
    header = document.edit(begin, begin, "\n".join(opened))
    return [*edits, header, *indented(document, begin, end, unit * 2)]


def _statement_of_edits(body: Suite, edits: Sequence[Edit]) -> cst.CSTNode:
    """The statement of a suite in which some edits are made."""
    document = body.document
    for statement in body.statements:
        start, end = document.spans[statement]
        if document.byte_at(start) <= edits[0].start < document.byte_at(end):
            return statement
    raise Unfixable("the code is not where it was found")


def _before(
    tree: Tree,
    get: Get,
    statement: _Try,
    body: Suite,
    kept: cst.CSTNode | None,
    edits: list[Edit],
    lines: Sequence[str],
) -> list[Edit]:
    """The get comes before the `try`; copies of the handlers that it needs come with it."""
    document = tree.document
    around = tree.suite_of(statement)
    indent, unit = around.indent, body.unit
    start = line_start(document.text, document.spans[statement][0])
    found = list(edits)
    if kept is None:
        taking, rest = f"{indent}{unit}{lines[0]}\n", [f"{indent}{lines[1]}"]
    else:
        taking, found, cut = _moved(document, body, kept, found)
        found.append(cut)
        rest = [f"{indent}{lines[0]}", f"{indent}{unit}{lines[1]}"]
    copies = _copies(document, statement, get)
    moved = f"{indent}try:\n{taking}{copies}" if copies else _dedented(taking, unit)
    end = around.end
    if get.otherwise:
        rest = [f"{indent}else:", *(f"{unit}{each}" for each in rest)]
        end = after_line(document.text, document.spans[statement][1])
    found.append(document.edit(start, start, moved + "\n".join([*rest, ""])))
    cut_end = _behind(document, body, kept) if kept is not None else start
    for edit in indented(document, start, end, unit * (2 if get.otherwise else 1)):
        inside = kept is not None and _within(document, body, edit, cut_end)
        if not inside:
            found.append(edit)
    return found


def _within(document: Document, body: Suite, edit: Edit, end: int) -> bool:
    """Whether an edit is made in the lines that are moved away."""
    return document.byte_at(body.top) <= edit.start < document.byte_at(end)


def _moved(
    document: Document, body: Suite, kept: cst.CSTNode, edits: list[Edit]
) -> tuple[str, list[Edit], Edit]:
    """The text of the statements up to ``kept``, as edited; the other edits; and the cut."""
    start, end = body.top, after_line(document.text, document.spans[kept][1])
    gone = _behind(document, body, kept)
    following = body.statements[body.index(kept) + 1]
    if body.gap_before(following) is not None:
        raise Unfixable("the get shares its line")
    if len(indented(document, start, end, " ")) != _lines_in(document.text[start:end]):
        raise Unfixable("a string goes over several lines beside the get")
    low, high = document.byte_at(start), document.byte_at(end)
    inner = [each for each in edits if low <= each.start < high]
    shifted = [Edit(each.start - low, each.end - low, each.text) for each in inner]
    text = spliced(document.source[low:high], shifted).decode(
        document.encoding.removesuffix("-sig")
    )
    others = [each for each in edits if each not in inner]
    return plain(text), others, document.edit(start, gone, "")


def _behind(document: Document, body: Suite, kept: cst.CSTNode) -> int:
    """Where the lines that stay behind the moved ones begin: blank ones go, too."""
    end = after_line(document.text, document.spans[kept][1])
    while is_blank(document.text, end) and end < document.spans[body.statements[-1]][0]:
        end = after_line(document.text, end)
    return end


def _lines_in(text: str) -> int:
    return sum(1 for line in plain(text).split("\n") if line.strip())


def _copies(document: Document, statement: _Try, get: Get) -> str:
    found: list[str] = []
    for handler in statement.handlers:
        start, end = document.spans[handler]
        if start in get.copied:
            begin = line_start(document.text, start)
            found.append(plain(document.text[begin : after_line(document.text, end)]))
    if len(found) != len(get.copied):
        raise Unfixable("the handlers are not where they were found")
    return "".join(each if each.endswith("\n") else f"{each}\n" for each in found)


def _dedented(text: str, unit: str) -> str:
    return "\n".join(line.removeprefix(unit) for line in text.split("\n"))
