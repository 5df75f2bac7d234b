"""The gitlab form: a Code Quality report, which merge requests of GitLab show.

It is a part of what Code Climate defined, and other readers of that want the type and category.
https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TextIO

from ctxlint.findings import Finding
from ctxlint.fingerprints import Identity
from ctxlint.reports import View
from ctxlint.reports.excerpts import one_line


def render(findings: Sequence[Finding], view: View, stream: TextIO) -> None:
    """Write the findings as one JSON list, in ASCII."""
    rows = [
        _violation(finding, identity)
        for finding, identity in zip(findings, view.identities(findings), strict=True)
    ]
    json.dump(rows, stream, indent=2)
    stream.write("\n")


def _violation(finding: Finding, identity: Identity) -> Mapping[str, object]:
    return {
        "type": "issue",
        "categories": ["Bug Risk"],
        "description": one_line(finding.message),
        "check_name": finding.code,
        "fingerprint": identity.fingerprint,
        "severity": "critical" if finding.code == "CTX900" else "major",
        "location": {
            "path": identity.path,
            "lines": {"begin": finding.line, "end": max(finding.end_line, finding.line)},
        },
    }
