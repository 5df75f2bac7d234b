"""The concise form: one line for each finding, in flake8's shape."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TextIO

from ctxlint.findings import Finding
from ctxlint.reports import View
from ctxlint.reports.excerpts import one_line, shown_path


def render(findings: Sequence[Finding], view: View, stream: TextIO) -> None:
    """Write `path:line:column: CODE message` lines."""
    for finding in findings:
        path = shown_path(finding.path, view.directory)
        place = f"{path}:{finding.line}:{finding.column}"
        stream.write(f"{place}: {finding.code} {one_line(finding.message)}\n")


def summary(findings: Sequence[Finding], files: int) -> str:
    """Return the closing line of the text forms."""
    checked = _count(files, "file")
    if not findings:
        return f"No problems found in {checked}."
    places = _count(len({finding.path for finding in findings}), "file")
    return f"Found {_count(len(findings), 'problem')} in {places} ({checked} checked)."


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
