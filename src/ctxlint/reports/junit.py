"""The junit form: findings as failed test cases, for whatever shows test results.

There is no one definition of JUnit's XML; this is what its readers have in common:
https://github.com/testmoapp/junitxml
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final, TextIO
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from ctxlint.findings import Finding
from ctxlint.fingerprints import Identity
from ctxlint.reports import View
from ctxlint.reports.excerpts import one_line
from ctxlint.reports.text import with_trail

# What XML 1.0 cannot hold, not even escaped: https://www.w3.org/TR/xml/#charsets
_FORBIDDEN: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(findings: Sequence[Finding], view: View, stream: TextIO) -> None:
    """Write a test suite for each file with findings, and for none a suite with a passed test.

    Only ASCII is written, other characters as references to them.
    """
    root = Element("testsuites", _counts("ctxlint", len(findings), len(findings)))
    if not findings:
        root.attrib.update(_counts("ctxlint", 1, 0))
        suite = SubElement(root, "testsuite", _counts("ctxlint", 1, 0))
        SubElement(suite, "testcase", classname="ctxlint", name="no findings", time="0")
    told = zip(findings, view.identities(findings), strict=True)
    for path, group in groupby(told, key=lambda each: each[1].path):
        members = list(group)
        counts = _counts(_text(path), len(members), len(members))
        suite = SubElement(root, "testsuite", counts)
        suite.extend(_cases(members, view))
    indent(root)
    document = tostring(root, encoding="us-ascii", xml_declaration=True)
    stream.write(document.decode("ascii") + "\n")


def _counts(name: str, tests: int, failures: int) -> dict[str, str]:
    return {
        "name": name,
        "tests": str(tests),
        "failures": str(failures),
        "errors": "0",
        "skipped": "0",
        "time": "0",
    }


def _cases(members: Sequence[tuple[Finding, Identity]], view: View) -> Iterator[Element]:
    """The test cases of one file; readers tell them apart by their names, from run to run."""
    known: Counter[str] = Counter()
    for finding, identity in members:
        name = f"{finding.code} {finding.name}"
        if identity.function:
            name += f" in {identity.function}"
        known[name] += 1
        if known[name] > 1:
            name += f" ({known[name]})"
        path = _text(identity.path)
        case = Element(
            "testcase",
            classname=path,
            name=_text(name),
            file=path,
            line=str(finding.line),
            time="0",
        )
        failure = SubElement(case, "failure", message=_text(finding.message), type=finding.code)
        failure.text = "\n".join(map(_text, with_trail(finding, view)))
        yield case


def _text(text: str) -> str:
    return _FORBIDDEN.sub("\ufffd", one_line(text))
