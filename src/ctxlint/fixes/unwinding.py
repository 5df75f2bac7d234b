"""What is set is taken back in a ``finally``: the statements behind it go into a ``try``."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import libcst as cst

from ..intents import Unwind
from ..supply import Supply
from .changes import Changes, Needed
from .document import Document
from .edits import Edit, Unfixable, ordered
from .lines import after_line, line_before, line_start
from .naming import names_of
from .suites import Suite, Tree, indented, tree_of

_TRY: Final = re.compile(r"[ \t]*try[ \t]*:[ \t]*(?:\r\n?|\n)")
_NAMES: Final = ("token", "context_token", "reset_token", "previous_token")
_SHARED_LINE: Final = "several statements stand on one line"
_MOVED: Final = "the code is not where it was found"


def edits(
    intent: Unwind, documents: Callable[[Path], Document], _supply: Supply
) -> Mapping[Path, Changes]:
    """What taking back does to the file that sets. Raises Unfixable."""
    path = Path(intent.spot.path)
    return {path: _Unwinding(intent, documents(path)).changes()}


class _Unwinding:
    """One intent on its way to edits."""

    def __init__(self, intent: Unwind, document: Document) -> None:
        self.intent: Final = intent
        self.document: Final = document
        self.tree: Final[Tree] = tree_of(document)
        self.statement: Final = self.tree.small_statement_at(intent.spot.at)
        self.suite: Final[Suite] = self.tree.suite_of(self.statement)
        self.needed: Final[set[Needed]] = set()

    def changes(self) -> Changes:
        made = {"wrapped": self._wrapped, "widened": self._widened, "added": self._added}[
            self.intent.form
        ]()
        return Changes(ordered(made), frozenset(self.needed))

    # --- the reset is there --------------------------------------------------------------------

    def _wrapped(self) -> list[Edit]:
        """``set; work; reset`` → ``set; try: work; finally: reset``"""
        reset, unit = self._until(), self.suite.unit
        begin, top = self._behind(), self._top(reset)
        end = after_line(self.document.text, self.document.spans[reset][1])
        if self._shares_line(reset):
            raise Unfixable(_SHARED_LINE)
        following = self.suite.index(reset) + 1
        if following < len(self.suite.statements):
            if self.suite.gap_before(self.suite.statements[following]) is not None:
                raise Unfixable(_SHARED_LINE)
        return [
            self._line(begin, "try:"),
            *indented(self.document, begin, top, unit),
            self._line(top, "finally:"),
            *indented(self.document, top, end, unit),
        ]

    def _widened(self) -> list[Edit]:
        """``set; more; try: work; finally: reset`` → the ``try`` begins right behind the set."""
        statement, text = self._until(), self.document.text
        start = line_start(text, self.document.spans[statement][0])
        header = _TRY.match(text, start)
        if header is None or not isinstance(statement, cst.Try):
            raise Unfixable("the head of the try holds more than that")
        begin = self._behind()
        return [
            self._line(begin, "try:"),
            *indented(self.document, begin, start, self.suite.unit),
            self.document.edit(start, header.end(), ""),
        ]

    def _until(self) -> cst.CSTNode:
        if self.intent.until is None:
            raise Unfixable(_MOVED)
        found = self.tree.small_statement_at(self.intent.until)
        if found not in self.suite.statements:
            raise Unfixable(_MOVED)
        return found

    # --- the reset is added --------------------------------------------------------------------

    def _added(self) -> list[Edit]:
        """``set; rest`` → ``token = set; try: rest; finally: reset(token)``"""
        document, unit = self.document, self.suite.unit
        call = self._call()
        begin, end = self._behind(), self.suite.end
        name = self.intent.token or self._free_name()
        found = []
        if self.intent.token is None:
            start = document.spans[self.statement][0]
            found.append(document.edit(start, start, f"{name} = "))
        indent = self.suite.indent
        lines = f"{indent}finally:\n{indent}{unit}{self._reset(call)}({name})\n"
        if end == len(document.text) and not document.text.endswith(("\n", "\r")):
            lines = "\n" + lines.rstrip("\n")
        return [
            *found,
            self._line(begin, "try:"),
            *indented(document, begin, end, unit),
            document.edit(end, end, lines),
        ]

    def _call(self) -> cst.Call:
        value = getattr(self.statement, "value", None)
        if not isinstance(value, cst.Call):
            raise Unfixable(_MOVED)
        return value

    def _reset(self, call: cst.Call) -> str:
        """How to write the function that takes back."""
        func, text, spans = call.func, self.document.text, self.document.spans
        module, _, name = self.intent.resets.rpartition(".")
        if isinstance(func, cst.Attribute):
            return f"{text[slice(*spans[func.value])]}.{name or 'reset'}"
        if not name:
            raise Unfixable(_MOVED)
        needed = Needed(module, name)
        self.needed.add(needed)
        return names_of(self.document).of(needed)

    def _free_name(self) -> str:
        used: set[str] = set()
        pending: list[cst.CSTNode] = [self.tree.function_of(self.statement)]
        while pending:
            node = pending.pop()
            if isinstance(node, cst.Name):
                used.add(node.value)
            pending.extend(node.children)
        for name in _NAMES:
            if name not in used:
                return name
        raise Unfixable("all names for the token are taken")

    # --- places --------------------------------------------------------------------------------

    def _behind(self) -> int:
        """Where the line behind the set begins."""
        index = self.suite.index(self.statement)
        if index + 1 == len(self.suite.statements):
            raise Unfixable("nothing follows the set")
        following = self.suite.statements[index + 1]
        if self.suite.gap_before(following) is not None or isinstance(
            self.suite.block, cst.SimpleStatementSuite
        ):
            raise Unfixable(_SHARED_LINE)
        return after_line(self.document.text, self.document.spans[self.statement][1])

    def _shares_line(self, statement: cst.CSTNode) -> bool:
        return self.suite.gap_before(statement) is not None

    def _top(self, statement: cst.CSTNode) -> int:
        """Where the line of a statement begins, comments right above it included."""
        line = (
            self.tree.parents[statement]
            if isinstance(statement, cst.BaseSmallStatement)
            else statement
        )
        text = self.document.text
        start = line_start(text, self.document.spans[statement][0])
        for each in reversed(getattr(line, "leading_lines", ())):
            if each.comment is None:
                break
            start = line_before(text, start)
        return start

    def _line(self, at: int, text: str) -> Edit:
        return self.document.edit(at, at, f"{self.suite.indent}{text}\n")
