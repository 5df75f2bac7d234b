"""``from module import names``: written anew, or names added to a statement that is there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import libcst as cst

from .document import Document
from .edits import Edit
from .lines import after_line, line_start
from .naming import dotted_name


@dataclass(frozen=True, slots=True)
class Name:
    """A name to import, and the name it is to have."""

    name: str
    local: str

    @property
    def text(self) -> str:
        return self.name if self.local == self.name else f"{self.name} as {self.local}"


def written(document: Document, module: str, names: Sequence[Name], line_length: int) -> str:
    """A whole statement, wrapped as black wraps where it is too long."""
    texts = [each.text for each in sorted(names, key=lambda each: _by_type(each.name))]
    line = f"from {module} import {', '.join(texts)}"
    if len(line) <= line_length:
        return line
    return f"from {module} import {_wrapped(texts, document)}"


def extended(
    document: Document, statement: cst.ImportFrom, names: Sequence[Name], line_length: int
) -> list[Edit]:
    """The edits that add names to a statement, in its own order and layout."""
    aliases = statement.names
    assert not isinstance(aliases, cst.ImportStar)
    wanted = sorted(names, key=lambda each: _by_type(each.name))
    merged = _merged([dotted_name(each.name) for each in aliases], wanted)
    start, end = document.spans[statement]
    text = document.text[start:end]
    if "\n" not in text and "\r" not in text:
        return [_on_one_line(document, statement, merged, line_length)]
    return _on_many_lines(document, statement, merged)


Merged = list[int | Name]
"""Existing names by their position, and the new ones between them."""


def _merged(existing: Sequence[str], wanted: Sequence[Name]) -> Merged:
    orders: tuple[Callable[[str], object], ...] = (_by_type, str.lower, str)
    order = next((o for o in orders if sorted(existing, key=o) == list(existing)), None)  # type: ignore[arg-type]
    merged: Merged = list(range(len(existing)))
    for new in wanted:
        at = len(merged)
        if order is not None:
            names = [existing[each] if isinstance(each, int) else each.name for each in merged]
            at = next((i for i, n in enumerate(names) if order(new.name) < order(n)), at)  # type: ignore[operator]
        merged.insert(at, new)
    return merged


def _on_one_line(
    document: Document, statement: cst.ImportFrom, merged: Merged, line_length: int
) -> Edit:
    aliases = statement.names
    assert not isinstance(aliases, cst.ImportStar)
    spans = [document.spans[each] for each in aliases]
    texts = [
        document.text[slice(*spans[each])].rstrip(", \t") if isinstance(each, int) else each.text
        for each in merged
    ]
    start, end = spans[0][0], spans[-1][1]
    if isinstance(statement.lpar, cst.LeftParen) and statement.rpar is not None:
        start, end = document.spans[statement.lpar][0], document.spans[statement.rpar][1]
    joined = ", ".join(texts)
    statement_start, statement_end = document.spans[statement]
    length = start - line_start(document.text, statement_start) + len(joined)
    too_long = length + statement_end - end > line_length
    if isinstance(statement.lpar, cst.LeftParen):
        joined = f"({joined})"
    return document.edit(start, end, _wrapped(texts, document) if too_long else joined)


def _on_many_lines(document: Document, statement: cst.ImportFrom, merged: Merged) -> list[Edit]:
    """Names are added beside those that are there, which stay as they stand."""
    aliases = statement.names
    assert not isinstance(aliases, cst.ImportStar)
    text = document.text
    starts = [document.spans[each.name][0] for each in aliases]
    first = text[line_start(text, starts[0]) : starts[0]]
    own_lines = not first.strip()
    parted = f",\n{first}" if own_lines else ", "
    edits: list[Edit] = []
    for at, group in _between(merged):
        names = [each.text for each in group]
        if at == 0:
            edits.append(document.edit(starts[0], starts[0], parted.join([*names, ""])))
            continue
        alias = aliases[at - 1]
        end = document.spans[alias.asname.name if alias.asname else alias.name][1]
        below = after_line(text, end)
        following = starts[at] if at < len(aliases) else _closing(document, statement)
        if not own_lines or following < below:
            edits.append(document.edit(end, end, "".join(f"{parted}{name}" for name in names)))
        elif isinstance(alias.comma, cst.Comma):
            edits.append(document.edit(below, below, "".join(f"{first}{n},\n" for n in names)))
        else:  # a comment may stand behind the last name
            edits.append(document.edit(end, end, ","))
            edits.append(document.edit(below, below, first + parted.join(names) + "\n"))
    return edits


def _closing(document: Document, statement: cst.ImportFrom) -> int:
    """Where the closing bracket stands; the end of a statement without one."""
    rpar = statement.rpar
    return document.spans[statement][1] if rpar is None else document.spans[rpar][1] - 1


def _between(merged: Merged) -> list[tuple[int, list[Name]]]:
    """The new names in groups, each with the number of existing ones before it."""
    found: list[tuple[int, list[Name]]] = []
    count = 0
    for each in merged:
        if isinstance(each, int):
            count += 1
        elif found and found[-1][0] == count:
            found[-1][1].append(each)
        else:
            found.append((count, [each]))
    return found


def _wrapped(texts: Sequence[str], document: Document) -> str:
    indent = document.tree.default_indent
    return "(\n" + "".join(f"{indent}{each},\n" for each in texts) + ")"


def _by_type(name: str) -> tuple[int, str]:
    """isort's order: constants, classes, functions."""
    bare = name.strip("_")
    kind = 0 if len(bare) > 1 and bare.isupper() else 1 if bare[:1].isupper() else 2
    return kind, name.lower()
