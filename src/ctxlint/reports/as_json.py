"""The forms json, a list of objects, and json-lines, an object on each line: for programs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TextIO

from ctxlint.findings import Finding, Fix, Step
from ctxlint.intents import spots_of
from ctxlint.reports import View
from ctxlint.reports.excerpts import relative_path


def render(findings: Sequence[Finding], view: View, stream: TextIO) -> None:
    """Write the findings as one JSON list.

    Only ASCII is written (other characters as \\u escapes), so that the list is valid JSON
    whatever the encoding of the stream is.
    """
    rows = [_finding(finding, view) for finding in findings]
    json.dump(rows, stream, indent=2)
    stream.write("\n")


def render_lines(findings: Sequence[Finding], view: View, stream: TextIO) -> None:
    """Write each finding as the same object on a line of its own."""
    for finding in findings:
        stream.write(f"{json.dumps(_finding(finding, view))}\n")


def _finding(finding: Finding, view: View) -> Mapping[str, object]:
    directory = view.directory
    return {
        "code": finding.code,
        "name": finding.name,
        "message": finding.message,
        "path": relative_path(finding.path, directory),
        "line": finding.line,
        "column": finding.column,
        "end_line": finding.end_line,
        "end_column": finding.end_column,
        "trail": [_step(step, directory) for step in finding.trail],
        "fix": finding.fix and _fix(finding.fix, view),
    }


def _fix(fix: Fix, view: View) -> Mapping[str, object]:
    """What the fix does, and where: every place that it changes, whichever finding it is of."""
    places = []
    for spot in spots_of(fix.intent) if fix.intent is not None else ():
        line, column = view.excerpts.position(spot.path, spot.at)
        path = relative_path(spot.path, view.directory)
        places.append({"path": path, "line": line, "column": column})
    return {"applicability": fix.applicability, "title": fix.title, "places": places}


def _step(step: Step, directory: str) -> Mapping[str, object]:
    return {
        "path": relative_path(step.path, directory),
        "line": step.line,
        "column": step.column,
        "message": step.message,
    }
