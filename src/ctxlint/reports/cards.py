"""One finding on the html page: its code and its trail, each step of it a place to go to."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Final

from ctxlint.findings import Finding, Step
from ctxlint.reports import View
from ctxlint.reports.excerpts import one_line, shown_path
from ctxlint.reports.frame import pieces_of

_AROUND: Final = 2
_LONGEST_SPAN: Final = 4  # lines of a spot that are shown
_LONGEST_LINE: Final = 400  # characters: nobody reads on in a line of generated code
_HOW: Final = {"safe": "--fix", "unsafe": "--fix --unsafe-fixes", "display": "by hand"}


class Cards:
    """The findings of one page; they lead to each other where a trail meets another finding."""

    def __init__(self, findings: Sequence[Finding], view: View) -> None:
        self._view: Final = view
        self._at: Final[dict[tuple[str, int], list[tuple[int, str]]]] = {}
        for number, finding in enumerate(findings, 1):
            place = finding.path, finding.line
            self._at.setdefault(place, []).append((number, finding.code))

    def of(self, number: int, finding: Finding) -> str:
        """The card of a finding."""
        path = escape(shown_path(finding.path, self._view.directory))
        name = path.rpartition("/")[2]  # the whole of it stands above
        code = escape(one_line(finding.code))
        parts = [
            f'<article id="f{number}" data-rule="{code}" data-file="{path}" '
            f'aria-labelledby="f{number}-title">',
            f'<h4 id="f{number}-title"><a class="place" href="#f{number}">{name}:{finding.line}:'
            f'{finding.column}</a> <span class="code">{code}</span> '
            f"{escape(one_line(finding.name))}</h4>",
            f"<p>{_prose(finding.message)}</p>",
            self._frame(finding),
            self._trail(number, finding),
            _fix(finding),
            "</article>",
        ]
        return "\n".join(filter(None, parts))

    def _frame(self, finding: Finding) -> str:
        last = max(min(finding.end_line, finding.line + _LONGEST_SPAN - 1), finding.line)
        whole = finding.end_line == finding.line
        end = finding.end_column if whole else None
        return self._lines(finding.path, finding.line, last, finding.column, end)

    def _trail(self, number: int, finding: Finding) -> str:
        if not finding.trail:
            return ""
        steps = [
            self._step(f"f{number}-s{count}", number, step)
            for count, step in enumerate(finding.trail, 1)
        ]
        return f'<ol class="trail" aria-label="Trail">{"".join(steps)}</ol>'

    def _step(self, name: str, number: int, step: Step) -> str:
        path = escape(shown_path(step.path, self._view.directory))
        told = f'<a class="place" href="#{name}">{path}:{step.line}:{step.column}</a> '
        told += _prose(step.message)
        others = [each for each in self._at.get((step.path, step.line), ()) if each[0] != number]
        links = ", ".join(
            f'<a href="#f{each}">{escape(one_line(code))}</a>' for each, code in others
        )
        also = f'<div class="also">Also reported here: {links}</div>' if links else ""
        source = self._view.excerpts.line(step.path, step.line)
        if source is None or not source.strip():
            return f'<li id="{name}">{told}{also}</li>'
        code = escape("".join(pieces_of(source[:_LONGEST_LINE])).strip())
        frame = self._lines(step.path, step.line, step.line, step.column, step.column)
        return (
            f'<li id="{name}">{told}{also}'
            f"<details><summary><code>{code}</code></summary>{frame}</details></li>"
        )

    def _lines(self, path: str, line: int, last: int, column: int, end: int | None) -> str:
        """Lines of source around a place; nothing where they cannot be read."""
        numbers = range(max(line - _AROUND, 1), last + _AROUND + 1)
        texts = {number: self._view.excerpts.line(path, number) or "" for number in numbers}
        told = [number for number in numbers if texts[number].strip() or number == line]
        if not any(texts.values()):
            return ""
        rows: list[str] = []
        for number in range(told[0], told[-1] + 1):
            text, hit = texts[number], line <= number <= last
            shown = _marked(text, column - 1, end) if number == line else _plain(text)
            marked = ' class="hit"' if hit else ""
            rows.append(f"<span{marked}><i>{number}</i>{shown}</span>")
        return f'<pre class="frame" tabindex="0">{"".join(rows)}</pre>'


def _marked(text: str, start: int, end: int | None) -> str:
    """A line with the spot in it marked, from one column to before another, or to the end."""
    pieces = pieces_of(text[:_LONGEST_LINE])
    stop = len(pieces) if end is None else end - 1
    before, spot, after = ("".join(p) for p in (pieces[:start], pieces[start:stop], pieces[stop:]))
    told = f"{escape(before)}<mark>{escape(spot)}</mark>" if spot else escape(before)
    return told + escape(after) + _cut(text)


def _plain(text: str) -> str:
    return escape("".join(pieces_of(text[:_LONGEST_LINE]))) + _cut(text)


def _cut(text: str) -> str:
    return "&#8230;" if len(text) > _LONGEST_LINE else ""


def _prose(text: str) -> str:
    """A message, with what stands in backticks as code."""
    parts = escape(one_line(text)).split("`")
    if len(parts) % 2 == 0:
        return "`".join(parts)
    told = [f"<code>{part}</code>" if odd % 2 else part for odd, part in enumerate(parts)]
    return "".join(told)


def _fix(finding: Finding) -> str:
    if finding.fix is None:
        return ""
    how = _HOW[finding.fix.applicability]
    return f'<p><span class="fix">Fix</span> ({how}): {_prose(finding.fix.title)}</p>'
