"""`--statistics`: how many findings of each rule there are, instead of the findings."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import TextIO

from ctxlint.findings import Finding


def render(findings: Sequence[Finding], form: str, stream: TextIO) -> None:
    """Write one row per rule, the most frequent first, as JSON when `form` is json."""
    counts = Counter((finding.code, finding.name) for finding in findings)
    rows = sorted(counts.items(), key=lambda row: (-row[1], row[0]))
    if form == "json":
        listed = [{"code": code, "name": name, "count": count} for (code, name), count in rows]
        json.dump(listed, stream, indent=2)
        stream.write("\n")
        return
    width = max((len(str(count)) for _, count in rows), default=0)
    for (code, name), count in rows:
        stream.write(f"{count:>{width}}  {code}  {name}\n")
