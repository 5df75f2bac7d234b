"""`--statistics`: how many findings of each rule there are, instead of the findings."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import TextIO

from ctxlint.findings import Finding
from ctxlint.reports.colors import painted


def render(findings: Sequence[Finding], form: str, stream: TextIO, *, colors: bool = False) -> None:
    """Write one row per rule, the most frequent first; as JSON when `form` is one of JSON."""
    counts = Counter((finding.code, finding.name) for finding in findings)
    rows = sorted(counts.items(), key=lambda row: (-row[1], row[0]))
    listed = [{"code": code, "name": name, "count": count} for (code, name), count in rows]
    if form == "json":
        json.dump(listed, stream, indent=2)
        stream.write("\n")
        return
    if form == "json-lines":
        stream.writelines(f"{json.dumps(row)}\n" for row in listed)
        return
    width = max((len(str(count)) for _, count in rows), default=0)
    for (code, name), count in rows:
        stream.write(f"{count:>{width}}  {painted(code, 'bold red', colors)}  {name}\n")
