"""Imports: what a fix needs, placed where the file's own imports want it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import libcst as cst

from .changes import Needed
from .document import Document
from .edits import Edit
from .house_style import house_style
from .import_block import Block, New
from .import_names import Name, extended, written
from .naming import import_lines, module_of, names_of, package_of


def import_edits(
    document: Document, wanted: Iterable[Needed]
) -> tuple[list[Edit], Mapping[Needed, str]]:
    """What makes the wanted things available in a file, and how each is written there.

    How a thing is written does not depend on what else is wanted.
    """
    needed = sorted(set(wanted))
    names = names_of(document)
    spelled = {each: names.of(each) for each in needed}
    missing = [each for each in needed if names.at_hand(each) is None]
    edits: list[Edit] = []
    new: list[New] = []
    style = house_style(document.path.parent)
    line_length = style.limit(document.text)
    for module in sorted({each.module for each in missing if each.qualified}):
        alias = next(spelled[e] for e in missing if e.qualified and e.module == module)
        local = alias.partition(".")[0]
        text = f"import {module}" + (f" as {local}" if local != module else "")
        new.append(New(style.origin(module), False, module, text))
    for module in sorted({each.module for each in missing if not each.qualified}):
        wants = [
            Name(each.name, spelled[each])
            for each in missing
            if not each.qualified and each.module == module
        ]
        statement = _existing(document, module)
        if statement is not None:
            edits += extended(document, statement, wants, line_length)
        else:
            text = written(document, module, wants, line_length)
            new.append(New(style.origin(module), True, module, text))
    if new:
        edits += Block(document, style).placed(new)
    return edits, spelled


def _existing(document: Document, module: str) -> cst.ImportFrom | None:
    """The statement at the file's top level that imports from a module by name already."""
    package = package_of(document)
    for line in import_lines(document.tree):
        for statement in line.body:
            if (
                isinstance(statement, cst.ImportFrom)
                and not isinstance(statement.names, cst.ImportStar)
                and module_of(statement, package) == module
            ):
                return statement
    return None
