"""A batch in envelopes is handled in parts: neighbours that carry the same context together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from .changes import Needed
from .edits import Edit, Unfixable
from .lines import after_line, is_blank
from .suites import indented
from .taken import Taken, names_around, renamed, unused

_WORKS = ("works", "work_items", "envelopes", "enveloped_works")
_SHARED = ("shared", "shared_context", "context_shared")
_GROUP = ("group", "work_group", "neighbours")
_GROUPBY = Needed("itertools", "groupby", qualified=True)


def division_edits(taken: Taken, name_of: Callable[[Needed], str]) -> list[Edit]:
    """Rename the list that is filled, and run what handles it once for each part of it."""
    document, tree, get = taken.document, taken.tree, taken.get
    if get.frame is None:
        raise Unfixable("the code is not where it was found")
    first, made = tree.small_statement_at(get.spot.at), tree.small_statement_at(get.frame)
    suite = tree.suite_of(first)
    start, index = suite.index(made), suite.index(first)
    if suite.gap_before(first) is not None:
        raise Unfixable("the batch shares its line")
    used = names_around(document, get)
    works, shared, group = (unused(each, used) for each in (_WORKS, _SHARED, _GROUP))
    found: list[Edit] = []
    for statement in suite.statements[start:index]:
        found += renamed(replace(taken, work=works), statement, get.method)
    indent, unit, work = suite.indent, suite.unit, taken.work
    lines = [
        f"for {shared}, {group} in {name_of(_GROUPBY)}({works}, lambda {work}: {work}.context):",
        f"{unit}with {taken.activate}({shared}):",
        f"{unit * 2}{get.method} = [{work}.payload for {work} in {group}]",
    ]
    begin = after_line(document.text, document.spans[suite.statements[index - 1]][1])
    while is_blank(document.text, begin):
        begin = after_line(document.text, begin)
    text = "".join(f"{indent}{line}\n" for line in lines)
    found.append(document.edit(begin, begin, text))
    end = suite.end
    if get.until is not None:
        until = suite.index(tree.small_statement_at(get.until))
        end = after_line(document.text, document.spans[suite.statements[until - 1]][1])
        if suite.gap_before(suite.statements[until]) is not None:
            raise Unfixable("the batch shares its line")
    return found + indented(document, begin, end, unit * 2)
