"""The github form: workflow commands that GitHub Actions turns into annotations of the diff.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, TextIO

from ctxlint.findings import Finding
from ctxlint.reports import View
from ctxlint.reports.excerpts import one_line
from ctxlint.reports.text import with_trail

_IN_DATA: Final = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_IN_PROPERTIES: Final = str.maketrans(
    {"%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"}
)


def render(findings: Sequence[Finding], view: View, stream: TextIO) -> None:
    """Write one command for each finding: its place, the message, and below it the trail.

    Paths in the text are those of the other forms, for people who read the log.
    """
    for finding in findings:
        properties = ",".join(
            f"{key}={value.translate(_IN_PROPERTIES)}" for key, value in _properties(finding, view)
        )
        message = "\n".join(with_trail(finding, view)).translate(_IN_DATA)
        stream.write(f"::error {properties}::{message}\n")


def _properties(finding: Finding, view: View) -> Iterator[tuple[str, str]]:
    yield "title", f"{finding.code} {finding.name}"
    yield "file", one_line(view.hosted_path(finding.path))
    yield "line", str(finding.line)
    if finding.end_line > finding.line:
        yield "endLine", str(finding.end_line)
    else:  # the runner takes columns within one line only
        yield "col", str(finding.column)
        yield "endLine", str(finding.line)
        yield "endColumn", str(max(finding.end_column, finding.column))
