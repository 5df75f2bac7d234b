"""The full form: each finding with its code and, step by step, the way the context took."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Final, TextIO

import msgspec
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from ctxlint.findings import Finding, Step
from ctxlint.reports import View
from ctxlint.reports.excerpts import one_line, shown_path
from ctxlint.reports.frame import lay_out

_LINES_BEFORE: Final = 2
_LINES_AFTER: Final = 1
_LONGEST_SPAN: Final = 4  # lines of a spot that are shown
_HOW: Final = {"safe": "safe", "unsafe": "unsafe", "display": "by hand"}
_PLAIN_WIDTH: Final = 100  # where the stream has no width of its own
_WIDEST: Final = 120  # longer lines of prose are hard to read, however wide the terminal is


class _Marks(msgspec.Struct, frozen=True):
    """The characters that frames are drawn with."""

    rail: str
    step: str
    under: str


_DRAWN = _Marks("│", "●", "━")
_ASCII = _Marks("|", "*", "^")


def render(findings: Sequence[Finding], view: View, stream: TextIO) -> None:
    """Write each finding as a code frame with its trail below."""
    console = _console(stream, view.colors)
    for finding in findings:
        _Page(console, view, finding).write()


def _console(stream: TextIO, colors: bool) -> Console:
    console = Console(
        file=stream,
        force_terminal=colors,
        color_system="standard" if colors else None,
        no_color=not colors,
        highlight=False,
        markup=False,
        emoji=False,
    )
    if not stream.isatty() and not os.environ.get("COLUMNS"):
        console.width = _PLAIN_WIDTH
    return console


class _Page:
    """One finding on the console."""

    def __init__(self, console: Console, view: View, finding: Finding) -> None:
        self._console = console
        self._view = view
        self._finding = finding
        self._marks = _ASCII if console.options.ascii_only else _DRAWN
        self._width = min(console.width, _WIDEST)
        numbers = (finding.line + _LONGEST_SPAN, len(finding.trail))
        self._gutter = max(len(str(number)) for number in numbers) + 1

    def write(self) -> None:
        """Write heading, code frame, trail and help."""
        self._heading()
        framed = self._frame()
        if framed and self._finding.trail:
            self._row("", Text())
        self._trail()
        if framed or self._finding.trail:
            self._line(Text())
        self._help()
        self._line(Text())

    def _heading(self) -> None:
        finding = self._finding
        place = self._place(finding.path, finding.line, finding.column)
        told = Text.assemble((place, "bold"), " ", (finding.code, "bold red"), " ")
        if self._view.is_fixable(finding):
            told.append("[*] ", "cyan")  # as in ruff
        self._line(told.append(finding.name))
        for line in self._wrapped(one_line(finding.message), self._width - 2):
            self._line(Text("  ").append_text(line))
        self._line(Text())

    def _frame(self) -> bool:
        """Write the lines around the finding; False when they cannot be read."""
        finding = self._finding
        last = max(min(finding.end_line, finding.line + _LONGEST_SPAN - 1), finding.line)
        numbers = range(max(finding.line - _LINES_BEFORE, 1), last + _LINES_AFTER + 1)
        lines = {number: self._view.excerpts.line(finding.path, number) for number in numbers}
        if lines.get(finding.line) is None:
            return False
        shown = [number for number in numbers if lines[number] is not None]
        while not (lines[shown[0]] or "").strip() and shown[0] < finding.line:
            del shown[0]
        while not (lines[shown[-1]] or "").strip() and shown[-1] > last:
            del shown[-1]
        for number in shown:
            self._source(
                number,
                lines[number] or "",
                inside=finding.line <= number <= max(finding.end_line, finding.line),
            )
        return True

    def _source(self, number: int, line: str, *, inside: bool) -> None:
        """Write one line of the frame; where the finding starts it is underlined to its end."""
        finding = self._finding
        begins = number == finding.line
        start = finding.column - 1 if begins else 0
        end = finding.end_column - 1 if number == finding.end_line else len(line.rstrip())
        laid = lay_out(line, start, end if begins else 0, self._room)
        self._row(str(number), Text(laid.text, "" if inside else "dim"))
        if begins:
            self._row("", Text(" " * laid.start + self._marks.under * laid.width, "red"))

    def _trail(self) -> None:
        """Write the steps: where each is, what happens there, and its line of code."""
        steps = self._finding.trail
        places = [self._place(step.path, step.line, step.column) for step in steps]
        told = [one_line(step.message) for step in steps]
        # All steps in one shape: what happens beside its place, or below it if that gets too long.
        beside = all(
            cell_len(place) + 2 + cell_len(message) <= self._room
            for place, message in zip(places, told, strict=True)
        )
        for number, (step, place, message) in enumerate(zip(steps, places, told, strict=True), 1):
            last = number == len(steps)
            head = Text(place, "cyan")
            below = self._wrapped(message, self._room)
            if beside:
                head = Text.assemble(head, "  ", below.pop())
            self._row(str(number), head, rail=self._marks.step)
            for line in below:
                self._row("", line, ends=last)
            self._code_of(step, ends=last)

    def _code_of(self, step: Step, *, ends: bool) -> None:
        source = self._view.excerpts.line(step.path, step.line)
        if source is None or not source.strip():
            return
        indent = len(source) - len(source.lstrip())
        start = step.column - 1 - indent
        laid = lay_out(source[indent:], start, start + 1, self._room - 2)
        self._row("", Text("  " + laid.text, "dim"), ends=ends)

    def _help(self) -> None:
        finding = self._finding
        if finding.fix is not None:
            told = one_line(finding.fix.title)
            how = _HOW[finding.fix.applicability]
            if f"{how}: " not in told:  # a title that gives a reason says so itself
                told += f" ({how})"
            self._note("fix", self._wrapped(told, self._width - 8))
        self._note("help", [Text(f"ctxlint --explain {finding.code}")])

    def _note(self, label: str, lines: list[Text]) -> None:
        for line in lines:
            self._line(Text.assemble("  ", (f"{label:<6}", "green")).append_text(line))
            label = ""

    def _place(self, path: str, line: int, column: int) -> str:
        return f"{shown_path(path, self._view.directory)}:{line}:{column}"

    @property
    def _room(self) -> int:
        """Cells left for code beside the gutter and its rail."""
        return max(self._width - self._gutter - 4, 20)

    def _row(
        self, label: str, content: Text, *, rail: str | None = None, ends: bool = False
    ) -> None:
        """Write a line with the gutter before it; the rail stops where the trail `ends`."""
        drawn = " " if ends else rail or self._marks.rail
        style = "red" if rail else "dim"
        gutter = Text.assemble((f"{label:>{self._gutter}} ", "dim"), (drawn, style), " ")
        self._line(gutter.append_text(content))

    def _wrapped(self, text: str, width: int) -> list[Text]:
        told = Text(text)
        told.highlight_regex(r"`[^`]+`", "bold")
        return list(told.wrap(self._console, max(width, 20))) or [told]

    def _line(self, text: Text) -> None:
        text.rstrip()
        self._console.print(text, soft_wrap=True)
