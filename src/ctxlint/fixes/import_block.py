"""Where in a file a new import belongs: its block of imports, with the sections that it shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Final

import libcst as cst

from .document import Document
from .edits import Edit
from .house_style import FUTURE, RELATIVE, HouseStyle, Origin
from .lines import after_line, is_blank, line_before, line_start
from .naming import dotted_name


@dataclass(frozen=True, slots=True)
class New:
    """A statement to place: its section, what it is sorted by, and its text."""

    origin: Origin
    is_from: bool
    module: str
    text: str


@dataclass(frozen=True, slots=True)
class _Line:
    """An import that stands in the file, and where."""

    origin: Origin
    is_from: bool
    module: str
    start: int
    below: int


@dataclass(frozen=True, slots=True)
class _Gap:
    """Where a statement goes, and whether blank lines part it from what is around."""

    at: int
    before: str
    after: str


_Order = Callable[[New | _Line], object]
_ORDERS: Final[tuple[_Order, ...]] = (
    lambda each: (each.is_from, each.module.lower()),
    lambda each: each.module.lower(),
    lambda each: (not each.is_from, each.module.lower()),
    lambda each: (each.is_from, each.module),
)


class Block:
    """The imports at the top of one file."""

    def __init__(self, document: Document, style: HouseStyle) -> None:
        self._document = document
        self._text = document.text
        self._style = style
        self._runs = list(self._find_runs())

    def placed(self, new: Sequence[New]) -> list[Edit]:
        """The edits that place statements; those that go to one place are one edit."""
        gaps: dict[int, list[tuple[New, _Gap]]] = {}
        for each in sorted(new, key=lambda each: (each.origin, _ORDERS[0](each))):
            gap = self._gap(each)
            gaps.setdefault(gap.at, []).append((each, gap))
        return [self._edit(at, members) for at, members in gaps.items()]

    def _edit(self, at: int, members: list[tuple[New, _Gap]]) -> Edit:
        first, last = members[0][1], members[-1][1]
        sections = [
            "\n".join(each.text for each, _ in group)
            for _, group in groupby(members, key=lambda member: member[0].origin)
        ]
        parted = any(gap.before or gap.after for _, gap in members)
        text = ("\n\n" if parted else "\n").join(sections) + "\n"
        if at > 0 and self._text[at - 1] not in "\r\n":  # the last line has no end
            return self._document.edit(at, at, "\n" + first.before + text.removesuffix("\n"))
        return self._document.edit(at, at, first.before + text + last.after)

    # --- what stands in the file ---------------------------------------------------------------

    def _find_runs(self) -> Iterator[list[_Line]]:
        """Stretches of import statements, up to the first function or class."""
        run: list[_Line] = []
        for statement in self._document.tree.body:
            if isinstance(statement, cst.FunctionDef | cst.ClassDef):
                break
            line = self._line(statement)
            if line is None:
                if run:
                    yield run
                run = []
            elif line.origin != FUTURE:
                run.append(line)
        if run:
            yield run

    def _line(self, statement: cst.CSTNode) -> _Line | None:
        if not isinstance(statement, cst.SimpleStatementLine):
            return None
        if not all(isinstance(each, cst.Import | cst.ImportFrom) for each in statement.body):
            return None
        first = statement.body[0]
        start, end = self._document.spans[statement]
        below = after_line(self._text, end)
        if isinstance(first, cst.ImportFrom):
            module = dotted_name(first.module)
            origin = RELATIVE if first.relative else self._style.origin(module)
            return _Line(origin, True, "." * len(first.relative) + module, start, below)
        assert isinstance(first, cst.Import)
        module = dotted_name(first.names[0].name)
        return _Line(self._style.origin(module), False, module, start, below)

    # --- where a new one goes ------------------------------------------------------------------

    def _gap(self, new: New) -> _Gap:
        if not self._runs:
            return self._at_head()
        fitting = (run for run in self._runs if any(e.origin == new.origin for e in run))
        run = next(fitting, self._runs[0])
        same = [each for each in run if each.origin == new.origin]
        return self._among(new, same, run) if same else self._new_section(new, run)

    def _among(self, new: New, same: list[_Line], run: list[_Line]) -> _Gap:
        """In the section that is there, in the order that it has."""
        order = self._order(same if len(same) > 1 else run)
        if order is None:
            return _Gap(same[-1].below, "", "")
        at = next((i for i, e in enumerate(same) if order(new) < order(e)), len(same))  # type: ignore[operator]
        if at == 0:
            return _Gap(same[0].start, "", "")
        before = same[at - 1]
        if at < len(same) and same[at].is_from == new.is_from != before.is_from:
            if is_blank(self._text, before.below):  # the two kinds stand apart
                return _Gap(same[at].start, "", "")
        return _Gap(before.below, "", "")

    @staticmethod
    def _order(lines: list[_Line]) -> _Order | None:
        """The order that every section of some lines is in."""
        sections = [list(group) for _, group in groupby(lines, key=lambda each: each.origin)]
        for order in _ORDERS:
            if all(sorted(section, key=order) == section for section in sections):  # type: ignore[arg-type]
                return order
        return None

    def _new_section(self, new: New, run: list[_Line]) -> _Gap:
        lower = [each for each in run if each.origin < new.origin]
        parts = self._parts_sections(run)
        if not lower:
            return _Gap(run[0].start, "", "\n" if parts else "")
        anchor = lower[-1]
        if not parts:
            return _Gap(anchor.below, "", "")
        apart = is_blank(self._text, anchor.below)
        return _Gap(anchor.below, "\n", "" if apart else "\n")

    def _parts_sections(self, run: list[_Line]) -> bool:
        """Whether blank lines part the sections: unless the file shows that none do."""
        borders = [
            is_blank(self._text, one.below)
            for one, other in pairwise(run)
            if one.origin != other.origin
        ]
        return any(borders) or not borders

    # --- files without imports -----------------------------------------------------------------

    def _at_head(self) -> _Gap:
        """Behind the docstring and ``__future__`` imports; else before the first statement."""
        body = self._document.tree.body
        behind = [each for i, each in enumerate(body) if self._opens(each, first=i == 0)]
        if behind:
            at = after_line(self._text, self._document.spans[behind[-1]][1])
            return _Gap(at, "\n", "" if is_blank(self._text, at) else "\n")
        start = self._start_of(body[0]) if body else len(self._text)
        own = self._comments_above(start)
        apart = own == 0 or is_blank(self._text, line_before(self._text, own))
        is_definition = bool(body) and isinstance(body[0], cst.FunctionDef | cst.ClassDef)
        return _Gap(own, "" if apart else "\n", "\n\n" if is_definition else "\n")

    def _opens(self, statement: cst.CSTNode, *, first: bool) -> bool:
        if not isinstance(statement, cst.SimpleStatementLine):
            return False
        opening = statement.body[0]
        if isinstance(opening, cst.ImportFrom):
            return dotted_name(opening.module) == "__future__"
        return (
            first
            and isinstance(opening, cst.Expr)
            and isinstance(opening.value, cst.SimpleString | cst.ConcatenatedString)
        )

    def _start_of(self, statement: cst.CSTNode) -> int:
        spans = self._document.spans
        decorators = getattr(statement, "decorators", ())
        return min(spans[each][0] for each in (statement, *decorators))

    def _comments_above(self, start: int) -> int:
        """Where the comments begin that belong to the first statement; those at the top of the
        file are the file's own."""
        at = start = line_start(self._text, start)
        while at > 0:
            above = line_before(self._text, at)
            if is_blank(self._text, above):
                return at
            at = above
        return start
