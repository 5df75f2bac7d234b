"""What upstream repaired: reported in the release before, silent in the one after.

    python benchmarks/history.py [--package NAME]... [--cache DIR]

Repaired are the leaks of the release before whose file has none in the one after, and what its
labels leave open and call "fixed upstream". Exit status: 0 when every such leak is reported before
and nothing is reported after that its labels do not say is still there; 1 otherwise; 2 when
something could not be measured.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from accuracy import run_ctxlint
from corpus_files import CORPUS, DEFAULT_CACHE, CorpusError, normalised, release_directory
from scoring import LINE_TOLERANCE, FalseAlarm, Label, LabelError, Reported, read_label_file, score

REPAIRED = "fixed upstream"


@dataclass(frozen=True)
class Repair:
    """Two releases of a package, and the rules whose sites were repaired between them."""

    package: str
    before: str
    after: str
    codes: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"{self.package} {self.before} -> {self.after}"


REPAIRS = (
    Repair("crewai", "1.10.1", "1.11.0", ("CTX301",)),
    Repair("dash", "4.2.0", "4.4.1", ("CTX302",)),
    Repair("llama-stack", "0.6.0", "0.7.0", ("CTX101", "CTX201")),
)


@dataclass
class Outcome:
    """How the findings before and after a repair meet what was repaired."""

    found: list[Label] = field(default_factory=list)
    missed: list[Label] = field(default_factory=list)
    doubtful: list[Label] = field(default_factory=list)
    """Repaired, not reported, and no leak for certain: the reason says why."""
    unrepaired: list[Label] = field(default_factory=list)
    """Leaks that the release after still has, reported or not."""
    still_reported: list[FalseAlarm] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        return not self.missed and not self.still_reported


def compare(
    repair: Repair,
    before: Sequence[Label],
    found_before: Sequence[Reported],
    after: Sequence[Label],
    found_after: Sequence[Reported],
) -> Outcome:
    """What was found of a repair, by the labels of both releases."""
    first = score(before, found_before, repair.codes)
    second = score(after, found_after, repair.codes)
    outcome = Outcome()
    left = {(row.path, row.code) for row in second.found + second.missed}
    outcome.found = [row for row in first.found if (row.path, row.code) not in left]
    outcome.missed = [row for row in first.missed if (row.path, row.code) not in left]
    for row in first.unscored:
        if REPAIRED in row.reason:
            met = any(_meets(row, finding) for finding in found_before)
            (outcome.found if met else outcome.doubtful).append(row)
    outcome.unrepaired = second.found + second.missed
    outcome.still_reported = second.false_alarms
    return outcome


def _meets(row: Label, finding: Reported) -> bool:
    return (
        finding.code == row.code
        and finding.path == row.path
        and abs(finding.line - row.line) <= LINE_TOLERANCE
    )


def measure(repair: Repair, cache: Path, labels: Path) -> Outcome:
    """Run ctxlint on both releases. Raises CorpusError or LabelError."""
    rows: list[list[Label]] = []
    findings: list[list[Reported]] = []
    for version in (repair.before, repair.after):
        file = read_label_file(labels / f"{repair.package}-{version}.tsv")
        directory = release_directory(repair.package, version, cache)
        reported = [one for one in run_ctxlint(directory) if file.covers(one.code, one.path)]
        rows.append(file.labels)
        findings.append(reported)
    return compare(repair, rows[0], findings[0], rows[1], findings[1])


def show(repair: Repair, outcome: Outcome) -> None:
    """Every site by name: what is not found, and why, stands with the rest."""
    print(f"\n{repair.name}  {', '.join(repair.codes)}")
    for row in outcome.found:
        print(f"  found before, silent after  {row.path}:{row.line}")
    for row in outcome.missed:
        print(f"  NOT FOUND BEFORE            {row.path}:{row.line} {row.reason}")
    for row in outcome.doubtful:
        print(f"  not reported, with reason   {row.path}:{row.line} {row.reason}")
    for row in outcome.unrepaired:
        print(f"  not repaired upstream       {row.path}:{row.line} {row.reason}")
    for alarm in outcome.still_reported:
        print(f"  STILL REPORTED AFTER        {alarm.finding.path}:{alarm.finding.line}")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="releases before and after a repair upstream")
    parser.add_argument("--package", action="append", default=[], help="only this one (repeatable)")
    parser.add_argument("--cache", type=Path, default=DEFAULT_CACHE, help="where releases are kept")
    parser.add_argument("--labels", type=Path, default=CORPUS, help="the folder of label files")
    options = parser.parse_args(arguments)
    wanted = {normalised(package) for package in options.package}
    repairs = [each for each in REPAIRS if not wanted or each.package in wanted]
    if not repairs:
        print(f"no repair of {', '.join(options.package)} is known", file=sys.stderr)
        return 2
    holds, failed = True, False
    for repair in repairs:
        try:
            outcome = measure(repair, options.cache, options.labels)
        except (CorpusError, LabelError) as error:
            print(f"\n{repair.name}\n  NOT MEASURED {error}")
            failed = True
            continue
        show(repair, outcome)
        holds = holds and outcome.holds
    return 2 if failed else 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
