"""Assignments that a fix leaves without a use."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from .calls import Call
from .document import Document
from .edits import Edit
from .lines import after_line, is_blank, line_end, line_start


def without_assignment(document: Document, at: int, call: Call) -> list[Edit]:
    """Remove ``loop = ...`` at an offset if nothing but one call uses the name.

    While something else does, the statement is replaced by itself: fixes of two calls that share
    a variable then touch the same bytes, are applied one after the other, and the second sees
    that the variable is not needed any more.
    """
    found = _statement(document, at)
    if found is None:
        return []
    line, statement, name, suite = found
    start, end = document.spans[statement]
    function = _innermost(document, call)
    uses = sum(1 for each in _uses(function, name) if not _within(document, each, call))
    if uses > 1:  # the assignment itself is one
        return [document.edit(start, end, document.text[start:end])]
    if len(line.body) > 1 or len(suite) < 2:
        return []
    text = document.text
    begin, below = line_start(text, start), after_line(text, end)
    behind = text[end : line_end(text, end)].strip()
    if behind:
        return [document.edit(start, text.index(behind, end), "")]
    if line is suite[0]:
        while below < len(text) and is_blank(text, below):
            below = after_line(text, below)
    return [document.edit(begin, below, "")]


_Found = tuple[cst.SimpleStatementLine, cst.BaseSmallStatement, str, tuple[cst.CSTNode, ...]]


def _statement(document: Document, at: int) -> _Found | None:
    """The assignment to a name that begins at an offset, its line, and the suite of that."""
    for node in document.spans:
        if not isinstance(node, cst.IndentedBlock | cst.Module):
            continue
        for line in node.body:
            if not isinstance(line, cst.SimpleStatementLine):
                continue
            for statement in line.body:
                if document.spans[statement][0] == at:
                    target = _target(statement)
                    if target is None:
                        return None
                    return line, statement, target, tuple(node.body)
    return None


def _target(statement: cst.BaseSmallStatement) -> str | None:
    if isinstance(statement, cst.Assign) and len(statement.targets) == 1:
        target: cst.CSTNode = statement.targets[0].target
    elif isinstance(statement, cst.AnnAssign):
        target = statement.target
    else:
        return None
    return target.value if isinstance(target, cst.Name) else None


def _innermost(document: Document, call: Call) -> cst.CSTNode:
    """The function that a call stands in."""
    around = [
        node
        for node, (start, end) in document.spans.items()
        if isinstance(node, cst.FunctionDef) and start <= call.start and call.end <= end
    ]
    return max(around, key=lambda node: document.spans[node][0], default=document.tree)


def _uses(root: cst.CSTNode, name: str) -> Iterator[cst.Name]:
    """The places where a name stands by itself, nested functions included."""
    pending = [root]
    while pending:
        node = pending.pop()
        if isinstance(node, cst.Name):
            if node.value == name:
                yield node
        elif isinstance(node, cst.Attribute | cst.Arg):  # names of members and parameters are none
            pending.append(node.value)
        else:
            pending.extend(node.children)


def _within(document: Document, node: cst.Name, call: Call) -> bool:
    start, end = document.spans[node]
    return call.func_start <= start and end <= call.func_end
