"""Statements of a text: found by their place, with the suite that each stands in."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import lru_cache

import libcst as cst

from .document import Document
from .edits import Edit, Unfixable
from .lines import after_line, is_blank, line_before, line_end, line_start

Statement = cst.SimpleStatementLine | cst.BaseCompoundStatement
_OPENING = re.compile(r"(?:[\s(\\]|#[^\r\n]*)*")
_LINE_END = re.compile(r"[\r\n]")
_LOST = "the code is not where it was found"


class Tree:
    """A document's tree with the way up from each node."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.parents: dict[cst.CSTNode, cst.CSTNode] = {}
        pending: list[cst.CSTNode] = [document.tree]
        while pending:
            node = pending.pop()
            for child in node.children:
                self.parents[child] = node
                pending.append(child)

    # --- finding -------------------------------------------------------------------------------

    def member_at(self, at: int, name: str) -> cst.Attribute:
        """``x.name`` where x begins at an offset."""
        found = [
            node
            for node, (start, end) in self.document.spans.items()
            if isinstance(node, cst.Attribute)
            and node.attr.value == name
            and start <= at < end
            and _OPENING.fullmatch(self.document.text, start, at)
        ]
        if len(found) != 1:
            raise Unfixable(_LOST)
        return found[0]

    def statement_at(self, at: int) -> Statement:
        """The compound statement, or the line of simple ones, that begins at an offset."""
        found = [
            (end, node)
            for node, (start, end) in self.document.spans.items()
            if start == at and isinstance(node, cst.SimpleStatementLine | cst.BaseCompoundStatement)
        ]
        if not found:
            raise Unfixable(_LOST)
        return max(found, key=lambda each: each[0])[1]

    def small_statement_at(self, at: int) -> cst.BaseSmallStatement | Statement:
        """The statement that begins at an offset, wherever it stands on its line."""
        for node, (start, _) in self.document.spans.items():
            if isinstance(node, cst.BaseSmallStatement) and _begins(self.document, start, at):
                return node
        return self.statement_at(at)

    def small_statement_of(self, node: cst.CSTNode) -> cst.BaseSmallStatement | Statement:
        """The innermost statement that a node stands in."""
        here = node
        while not isinstance(here, cst.BaseSmallStatement | cst.BaseCompoundStatement):
            here = self.parents[here]
        return here

    def function_of(self, node: cst.CSTNode) -> cst.CSTNode:
        """The outermost function around a node; the module where there is none."""
        found: cst.CSTNode = self.document.tree
        here: cst.CSTNode | None = node
        while here is not None:
            if isinstance(here, cst.FunctionDef):
                found = here
            here = self.parents.get(here)
        return found

    # --- suites --------------------------------------------------------------------------------

    def suite_of(self, statement: cst.CSTNode) -> Suite:
        """The suite that holds a statement."""
        line = self.parents[statement]
        if isinstance(line, cst.SimpleStatementLine):
            return Suite(self, self.parents[line])
        return Suite(self, line)


class Suite:
    """The statements of an indented block, of a module, or behind the colon on one line."""

    def __init__(self, tree: Tree, block: cst.CSTNode) -> None:
        if not isinstance(block, cst.IndentedBlock | cst.SimpleStatementSuite | cst.Module):
            raise Unfixable(_LOST)
        self.tree = tree
        self.document = tree.document
        self.block = block

    @property
    def statements(self) -> list[cst.CSTNode]:
        """All statements, those that share a line one by one."""
        found: list[cst.CSTNode] = []
        for each in self.block.body:
            found += each.body if isinstance(each, cst.SimpleStatementLine) else (each,)
        return found

    def index(self, statement: cst.CSTNode) -> int:
        return next(i for i, each in enumerate(self.statements) if each is statement)

    @property
    def indent(self) -> str:
        """The white space before its statements."""
        text = self.document.text
        start = self.document.spans[self.statements[0]][0]
        line = line_start(text, start)
        if isinstance(self.block, cst.SimpleStatementSuite):
            own = _leading(text, line)
            return own + self.unit
        return text[line:start] if not text[line:start].strip() else _leading(text, line)

    @property
    def unit(self) -> str:
        """By how much a suite below is indented."""
        tree = self.tree.document.tree
        if isinstance(self.block, cst.IndentedBlock) and self.block.indent is not None:
            return self.block.indent
        return tree.default_indent

    @property
    def top(self) -> int:
        """Where the first line begins, comments above the first statement included."""
        document, first = self.document, self.statements[0]
        line = self.tree.parents[first] if isinstance(first, cst.BaseSmallStatement) else first
        start = line_start(document.text, document.spans[first][0])
        for _ in getattr(line, "leading_lines", ()):
            start = line_before(document.text, start)
        return start

    @property
    def end(self) -> int:
        """Where the line behind the suite begins, comments that belong to it left inside."""
        document, indent = self.document, self.indent
        end = after_line(document.text, document.spans[self.statements[-1]][1])
        here = end
        while here < len(document.text):
            line = document.text[here : line_end(document.text, here)]
            following = after_line(document.text, here)
            if line.strip() and not (line.startswith(indent) and line.lstrip().startswith("#")):
                break
            if line.strip():
                end = following
            here = following
        return end

    def gap_before(self, statement: cst.CSTNode) -> tuple[int, int] | None:
        """What stands between a statement and what is before it on its line, if anything is."""
        spans, text = self.document.spans, self.document.text
        start = spans[statement][0]
        index = self.index(statement)
        if index:
            before = spans[self.statements[index - 1]][1]
            if line_start(text, start) <= before:
                return before, start
        if isinstance(self.block, cst.SimpleStatementSuite) and index == 0:
            return start - len(self.block.leading_whitespace.value), start
        return None


def indented(document: Document, start: int, end: int, indent: str) -> list[Edit]:
    """Edits that indent the lines of a range: not blank ones, nor those inside a string."""
    text = document.text
    strings = _strings(document)
    starts = [each for each, _ in strings]
    found: list[Edit] = []
    here = start
    while here < end:
        index = bisect_right(starts, here - 1) - 1
        inside = index >= 0 and strings[index][0] < here < strings[index][1]
        if not inside and not is_blank(text, here):
            found.append(document.edit(here, here, indent))
        here = after_line(text, here)
    return found


def last_name(node: cst.CSTNode) -> str:
    """The last part of a dotted name; empty for anything else."""
    if isinstance(node, cst.Attribute):
        return node.attr.value
    return node.value if isinstance(node, cst.Name) else ""


@lru_cache(maxsize=16)
def tree_of(document: Document) -> Tree:
    """The tree of a document, made once."""
    return Tree(document)


@lru_cache(maxsize=16)
def _strings(document: Document) -> Sequence[tuple[int, int]]:
    """The ranges of strings that go over several lines, outermost ones only."""
    templated = getattr(cst, "TemplatedString", cst.FormattedString)
    kinds = (cst.SimpleString, cst.FormattedString, templated)
    spans = sorted(span for node, span in document.spans.items() if isinstance(node, kinds))
    found = [span for span in spans if _LINE_END.search(document.text, *span)]
    return tuple(_outermost(found))


def _outermost(spans: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    end = -1
    for span in spans:
        if span[0] >= end:
            yield span
            end = span[1]


def _begins(document: Document, start: int, at: int) -> bool:
    return start <= at and bool(_OPENING.fullmatch(document.text, start, at))


def _leading(text: str, line: int) -> str:
    """The white space at the begin of a line."""
    end = line
    while end < len(text) and text[end] in " \t\f":
        end += 1
    return text[line:end]
