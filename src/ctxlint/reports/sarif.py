"""The sarif form: SARIF 2.1.0, which code hosts and editors show with trails and fixes.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Final, TextIO

from ctxlint import __version__
from ctxlint.findings import Finding, Fix
from ctxlint.fingerprints import Identity
from ctxlint.reports import Change, View
from ctxlint.reports.excerpts import one_line
from ctxlint.reports.sarif_places import Places, json_object, replacements
from ctxlint.rules import RULES
from ctxlint.rules.codes import page_address
from ctxlint.rules.rule import Rule

_SCHEMA: Final = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_FINGERPRINT: Final = "ctxlint/v1"  # a new number wherever identities come to differ
_HEADING: Final = re.compile(r"^## What it does\n+(.*?)(?=^#|\Z)", re.MULTILINE | re.DOTALL)


def render(findings: Sequence[Finding], view: View, stream: TextIO) -> None:
    """Write the findings as the only run of one log, in ASCII."""
    places = Places(view)
    told = zip(findings, view.identities(findings), strict=True)
    run = {
        "tool": {"driver": _driver()},
        "columnKind": "utf16CodeUnits",
        "newlineSequences": ["\r\n", "\n", "\r"],
        "originalUriBaseIds": {places.base: {"uri": places.root}},
        "results": [_result(finding, identity, view, places) for finding, identity in told],
    }
    json.dump({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, stream, indent=2)
    stream.write("\n")


def _driver() -> Mapping[str, object]:
    return {
        "name": "ctxlint",
        "version": __version__,
        "rules": [_rule(rule) for rule in RULES.values()],
    }


def _rule(rule: Rule) -> Mapping[str, object]:
    what = _HEADING.search(rule.documentation)
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": " ".join((what[1] if what else rule.summary).split())},
        "helpUri": page_address(rule.code),
        "help": {"text": rule.documentation, "markdown": rule.documentation},
        "defaultConfiguration": {"level": _level(rule.code)},
        "properties": {
            "tags": ["context-propagation", "correctness"],
            "precision": "high",
            "problem.severity": _level(rule.code),
        },
    }


def _level(code: str) -> str:
    return "error" if code == "CTX900" else "warning"


def _result(
    finding: Finding, identity: Identity, view: View, places: Places
) -> Mapping[str, object]:
    location = places.physical(
        finding.path, finding.line, finding.column, finding.end_line, finding.end_column
    )
    logical = [{"fullyQualifiedName": identity.function}] if identity.function else None
    changes = view.changes_of(finding)
    return json_object(
        ruleId=finding.code,
        ruleIndex=list(RULES).index(finding.code),
        level=_level(finding.code),
        message=_message(finding.message),
        locations=[json_object(physicalLocation=location, logicalLocations=logical)],
        partialFingerprints={_FINGERPRINT: identity.fingerprint},
        codeFlows=[_flow(finding, places)] if finding.trail else None,
        fixes=[_fix(finding.fix, changes, places)] if finding.fix and changes else None,
        properties=_properties(finding.fix) if finding.fix else None,
    )


def _flow(finding: Finding, places: Places) -> Mapping[str, object]:
    steps = [
        {
            "location": {
                "physicalLocation": places.physical(step.path, step.line, step.column),
                "message": _message(step.message),
            }
        }
        for step in finding.trail
    ]
    return {"threadFlows": [{"locations": steps}]}


def _fix(fix: Fix, changes: Sequence[Change], places: Places) -> Mapping[str, object]:
    told = fix.title if fix.applicability == "safe" else f"{fix.title} ({fix.applicability})"
    return {
        "description": _message(told),
        "artifactChanges": [
            {
                "artifactLocation": places.artifact(change.path.as_posix()),
                "replacements": replacements(change),
            }
            for change in changes
        ],
        "properties": {"applicability": fix.applicability},
    }


def _properties(fix: Fix) -> Mapping[str, object]:
    return {"fix": {"applicability": fix.applicability, "title": one_line(fix.title)}}


def _message(text: str) -> Mapping[str, str]:
    """A message in which nothing looks like a link: `[text](target)` would be one."""
    told = one_line(text)
    if "](" in told:
        told = told.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")
    return {"text": told}
