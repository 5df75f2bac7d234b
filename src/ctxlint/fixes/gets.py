"""The consumer's end of a hand-off: an item is handled in the context that it carries."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import libcst as cst

from ..program.takings import ASYNC_WRAPPERS
from .document import Document
from .edits import Edit, Unfixable
from .lines import after_line, line_start, plain
from .puts import text_of
from .splits import split
from .suites import Suite, indented, last_name
from .taken import Taken, renamed


def get_edits(taken: Taken) -> list[Edit]:
    """Unpack an item's envelope, and activate its context for as long as it is handled."""
    return _FORMS[taken.get.form](taken)


# --- item = queue.get() ------------------------------------------------------------------------


def _bound(taken: Taken) -> list[Edit]:
    document, tree, get = taken.document, taken.tree, taken.get
    statement = tree.small_statement_of(taken.member)
    start, end, target, annotation = _target(document, statement, last=get.last)
    item = target if target.isidentifier() else ""
    found = [document.edit(start, end, taken.work)]
    frame = tree.statement_at(get.frame) if get.frame is not None else statement
    if get.frame is not None:
        found += renamed(taken, frame, item, within=cst.AssignTarget, but=statement)
    tests = [tree.statement_at(at) for at in get.tests]
    for test in tests:
        found += renamed(taken, test, item)
    unpacked = f"{target}{annotation} = {taken.work}.payload"
    kept = tests[-1] if tests else frame
    if get.split is not None:
        return split(tree, get, get.split, kept, found, [taken.header, unpacked])
    if get.orelse and isinstance(frame, cst.Try | cst.TryStar) and frame.orelse is not None:
        body = Suite(tree, frame.orelse.body)
        return found + _wrapped(taken, body, 0, [unpacked])
    suite = tree.suite_of(kept)
    return found + _wrapped(taken, suite, suite.index(kept) + 1, [unpacked])


def _target(document: Document, statement: cst.CSTNode, *, last: bool) -> tuple[int, int, str, str]:
    """What an assignment binds: where it stands, its text, and its annotation."""
    spans, text = document.spans, document.text
    if isinstance(statement, cst.AnnAssign):
        start, end = spans[statement.target][0], spans[statement.annotation.annotation][1]
        target = text_of(document, statement.target)
        return start, end, target, plain(text[spans[statement.target][1] : end])
    if isinstance(statement, cst.Assign) and len(statement.targets) == 1:
        node = statement.targets[0].target
        if last:
            if not isinstance(node, cst.Tuple):
                raise Unfixable("the item is not bound where it was found")
            node = cst.ensure_type(node.elements[-1].value, cst.Name)
        lpar, rpar = getattr(node, "lpar", ()), getattr(node, "rpar", ())
        start = spans[lpar[0]][0] if lpar else spans[node][0]
        end = spans[rpar[-1]][1] if rpar else spans[node][1]
        return start, end, _one_line(plain(text[start:end])), ""
    raise Unfixable("the item is not bound where it was found")


def _one_line(target: str) -> str:
    """A target that was written over several lines."""
    if "\n" not in target:
        return target
    if "#" in target:
        raise Unfixable("a comment stands among the names that the item is bound to")
    joined = " ".join(line.strip() for line in target.split("\n") if line.strip())
    return joined.replace("( ", "(").replace(", )", ")").replace(",)", ")").replace(" )", ")")


def _wrapped(taken: Taken, suite: Suite, index: int, unpacked: list[str]) -> list[Edit]:
    """Put the statements of a suite, from one on, under the context of the item."""
    document, text = taken.document, taken.document.text
    statements = suite.statements
    if index >= len(statements):
        raise Unfixable("nothing handles the item")
    first, indent, inner = statements[index], suite.indent, suite.indent + suite.unit
    stop = _stop(taken, suite)
    opened = _opened(suite) if index else []
    gap = suite.gap_before(first)
    if gap is not None:
        lines = [f"{indent}{taken.header}", *(f"{inner}{each}" for each in unpacked), inner]
        found = [*opened, document.edit(*gap, "\n" + "\n".join(lines))]
        begin = after_line(text, document.spans[first][0])
    else:
        begin = suite.top
        if index:
            begin = after_line(text, document.spans[statements[index - 1]][1])
        lines = [f"{indent}{taken.header}", *(f"{inner}{each}" for each in unpacked), ""]
        found = [document.edit(begin, begin, "\n".join(lines))]
    return found + indented(document, begin, stop, suite.unit)


def _opened(suite: Suite) -> list[Edit]:
    """Statements behind a colon go to a line of their own."""
    gap = suite.gap_before(suite.statements[0])
    return [suite.document.edit(*gap, f"\n{suite.indent}")] if gap is not None else []


def _stop(taken: Taken, suite: Suite) -> int:
    """Where the handling of the item ends."""
    if taken.get.until is None:
        return suite.end
    until = taken.tree.small_statement_at(taken.get.until)
    index = suite.index(until)
    document = taken.document
    if suite.gap_before(until) is not None or not index:
        raise Unfixable("two items are handled on one line")
    return after_line(document.text, document.spans[suite.statements[index - 1]][1])


# --- handle(queue.get()) -----------------------------------------------------------------------


def _inline(taken: Taken) -> list[Edit]:
    document, tree, get = taken.document, taken.tree, taken.get
    received = _received(taken)
    start, end = _outer_span(document, received)
    taking = f"{taken.work} = {plain(document.text[start:end])}"
    found = [document.edit(start, end, f"{taken.work}.payload")]
    statement = tree.small_statement_of(received)
    if get.split is not None:
        return split(tree, get, get.split, None, found, [taking, taken.header])
    suite = tree.suite_of(statement)
    indent, inner = suite.indent, suite.indent + suite.unit
    begin = document.spans[statement][0]
    gap = suite.gap_before(statement)
    if gap is not None:
        found.append(document.edit(*gap, f"\n{indent}{taking}\n{indent}{taken.header}\n{inner}"))
        rest = after_line(document.text, begin)
    else:
        rest = line_start(document.text, begin)
        found.append(document.edit(rest, rest, f"{indent}{taking}\n{indent}{taken.header}\n"))
    return found + indented(document, rest, _stop(taken, suite), suite.unit)


def _received(taken: Taken) -> cst.BaseExpression:
    """The whole expression that gives the item: ``await wait_for(queue.get(), 1)``."""
    parents = taken.tree.parents
    parent = parents[taken.member]
    call = parents[parent] if isinstance(parent, cst.Arg) else parent
    if not isinstance(call, cst.Call):
        raise Unfixable("the item is not taken where it was found")
    while isinstance(outer := _call_around(call, parents), cst.Call):
        if last_name(outer.func) not in ASYNC_WRAPPERS or outer.args[0].value is not call:
            break
        call = outer
    around = parents[call]
    return around if isinstance(around, cst.Await) else call


def _call_around(node: cst.CSTNode, parents: Mapping[cst.CSTNode, cst.CSTNode]) -> cst.CSTNode:
    """The call that an expression is an argument of; else what is around it."""
    parent = parents[node]
    return parents[parent] if isinstance(parent, cst.Arg) else parent


def _outer_span(document: Document, node: cst.BaseExpression) -> tuple[int, int]:
    spans = document.spans
    start = spans[node.lpar[0]][0] if node.lpar else spans[node][0]
    return start, spans[node.rpar[-1]][1] if node.rpar else spans[node][1]


# --- loops whose head takes the item -----------------------------------------------------------


def _walrus(taken: Taken) -> list[Edit]:
    """``while (item := queue.get()) is not STOP:`` becomes a loop that takes, tests and unpacks."""
    loop = taken.tree.small_statement_of(taken.member)
    if not isinstance(loop, cst.While):
        raise Unfixable("the loop is not where it was found")
    test = loop.test
    bound = test.left if isinstance(test, cst.Comparison) else test
    if not isinstance(bound, cst.NamedExpr) or not isinstance(bound.target, cst.Name):
        raise Unfixable("the loop is not where it was found")
    document = taken.document
    start, end = _outer_span(document, bound.value)
    received = plain(document.text[start:end])
    ends: Callable[[str], str]
    if isinstance(test, cst.Comparison):
        comparison = test.comparisons[0]
        same = "is" if isinstance(comparison.operator, cst.IsNot) else "=="
        stop = text_of(document, comparison.comparator)
        ends = lambda name: f"{name} {same} {stop}"  # noqa: E731
    else:
        ends = lambda name: f"not {name}"  # noqa: E731
    doubted = taken.get.doubted and not isinstance(test, cst.Comparison)
    head = (document.spans[loop][0], _outer_span(document, test)[1])
    return _spelled_out(taken, loop, head, bound.target.value, received, ends, doubted)


def _iterated(taken: Taken) -> list[Edit]:
    """``for item in iter(queue.get, STOP):`` likewise."""
    loop = taken.tree.small_statement_of(taken.member)
    if not isinstance(loop, cst.For) or not isinstance(loop.target, cst.Name):
        raise Unfixable("the loop is not where it was found")
    call, document = loop.iter, taken.document
    if not isinstance(call, cst.Call) or len(call.args) != 2:
        raise Unfixable("the loop is not where it was found")
    received = f"{text_of(document, call.args[0].value)}()"
    stop = text_of(document, call.args[1].value)
    same = "is" if stop in ("None", "True", "False") else "=="
    head = (document.spans[loop][0], _outer_span(document, call)[1])
    return _spelled_out(
        taken, loop, head, loop.target.value, received, lambda name: f"{name} {same} {stop}", False
    )


def _spelled_out(
    taken: Taken,
    loop: cst.While | cst.For,
    head: tuple[int, int],
    item: str,
    received: str,
    ends: Callable[[str], str],
    doubted: bool,
) -> list[Edit]:
    document, get = taken.document, taken.get
    if "#" in document.text[slice(*head)]:
        raise Unfixable("a comment stands in the head of the loop")
    suite = Suite(taken.tree, loop.body)
    indent, unit = suite.indent, suite.unit
    inner = indent + unit
    found = [document.edit(*head, "while True")]
    lines = [f"{indent}{taken.work} = {received}"]
    if get.told:
        lines += [f"{indent}if {ends(taken.work)}:", f"{inner}break"]
    lines += [f"{indent}{taken.header}", f"{inner}{item} = {taken.work}.payload"]
    if not get.told or doubted:
        lines += [f"{inner}if {ends(item)}:", f"{inner}{unit}break"]
    first = suite.statements[0]
    gap = suite.gap_before(first)
    if gap is not None:
        return [*found, document.edit(*gap, "\n" + "\n".join([*lines, inner]))]
    begin = after_line(document.text, head[1])
    found.append(document.edit(begin, begin, "\n".join([*lines, ""])))
    return found + indented(document, begin, suite.end, unit)


def _looped(taken: Taken) -> list[Edit]:
    """``for item in batch:`` over envelopes."""
    loop, document = taken.tree.statement_at(taken.get.spot.at), taken.document
    if not isinstance(loop, cst.For) or not isinstance(loop.target, cst.Name):
        raise Unfixable("the loop is not where it was found")
    found = [document.edit(*document.spans[loop.target], taken.work)]
    unpacked = f"{loop.target.value} = {taken.work}.payload"
    return found + _wrapped(taken, Suite(taken.tree, loop.body), 0, [unpacked])


_FORMS: Final = {
    "bound": _bound,
    "inline": _inline,
    "walrus": _walrus,
    "iterated": _iterated,
    "looped": _looped,
}
