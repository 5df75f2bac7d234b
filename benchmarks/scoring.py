"""Labels of the corpus and how findings are scored against them (words: corpus/README.md)."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

LABEL_CODES = {
    "TASK": "CTX101",
    "THREAD": "CTX102",
    "TIMER": "CTX103",
    "PUT": "CTX201",
    "LOST": "CTX301",
    "SIDE": "CTX302",
    "SHARED": "CTX303",
    "RESET": "CTX401",
    "FALSY": "CTX304",
    "IGNORED": "CTX202",
    "PARTIAL": "CTX104",
}
# What a label file was read for when it does not say: these rules had no label of their own then.
UNSTATED = frozenset(LABEL_CODES.values()) - {"CTX104", "CTX202", "CTX304"}
VERDICTS = ("leak", "either", "clean")
COLUMNS = ("package", "version", "path", "line", "code", "verdict", "reason")
# A spawn or put may span lines, and readers differ on which of them it "begins" on.
LINE_TOLERANCE = 2


class LabelError(Exception):
    """A label file that cannot be used; the message names the file and the line."""


@dataclass(frozen=True)
class Label:
    """One judged site. `line` counts from 1; `label` is the corpus' word for the rule."""

    package: str
    version: str
    path: str
    line: int
    label: str
    verdict: str
    reason: str

    @property
    def code(self) -> str:
        return LABEL_CODES[self.label]


class Reported(msgspec.Struct, frozen=True):
    """What scoring needs of one finding in `--output-format json`."""

    code: str
    path: str
    line: int
    message: str


@dataclass(frozen=True)
class LabelFile:
    """The labels of one release, and what of it was read: no row elsewhere means nothing."""

    labels: list[Label]
    codes: frozenset[str]
    """The rules it was read for."""
    only: tuple[str, ...]
    """The files and folders it was read in; all of the release when empty."""

    def covers(self, code: str, path: str) -> bool:
        """Whether a site of this rule in this file would have a row."""
        return code in self.codes and (
            not self.only or any(f"{path}/".startswith(f"{part}/") for part in self.only)
        )


@dataclass(frozen=True)
class FalseAlarm:
    """A finding on a row labelled clean, or (`label` is None) where there is no row at all."""

    finding: Reported
    label: Label | None


@dataclass
class Score:
    """How findings and labels met; scores add up over releases and codes."""

    found: list[Label] = field(default_factory=list)
    missed: list[Label] = field(default_factory=list)
    false_alarms: list[FalseAlarm] = field(default_factory=list)
    unscored: list[Label] = field(default_factory=list)

    def __add__(self, other: Score) -> Score:
        return Score(
            self.found + other.found,
            self.missed + other.missed,
            self.false_alarms + other.false_alarms,
            self.unscored + other.unscored,
        )

    @property
    def leaks(self) -> int:
        return len(self.found) + len(self.missed)

    @property
    def recall(self) -> float | None:
        """Leak rows reported / leak rows; None when there is no leak row."""
        return len(self.found) / self.leaks if self.leaks else None

    @property
    def precision(self) -> float | None:
        """Leak rows reported / scored findings; None when no finding counts."""
        scored = len(self.found) + len(self.false_alarms)
        return len(self.found) / scored if scored else None

    def only(self, code: str) -> Score:
        """The part of this score that belongs to one rule."""
        return Score(
            [label for label in self.found if label.code == code],
            [label for label in self.missed if label.code == code],
            [alarm for alarm in self.false_alarms if alarm.finding.code == code],
            [label for label in self.unscored if label.code == code],
        )


def read_labels(path: Path) -> list[Label]:
    """The rows of one label file. Raises LabelError on the first row that makes no sense."""
    return read_label_file(path).labels


def read_label_file(path: Path) -> LabelFile:
    """One label file. Raises LabelError on the first line that makes no sense."""
    with path.open(encoding="utf-8", newline="") as stream:
        # Reasons hold quotes and apostrophes as they are: only tabs separate.
        rows = list(csv.reader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))
    codes, only, first = _scope(rows, path)
    if not rows[first:] or tuple(rows[first]) != COLUMNS:
        raise LabelError(f"{path}:{first + 1}: the header must be {' '.join(COLUMNS)}")
    labels = [
        _label(row, f"{path}:{number}")
        for number, row in enumerate(rows[first + 1 :], start=first + 2)
    ]
    if not labels:
        raise LabelError(f"{path}: no rows")
    if len({(label.package, label.version) for label in labels}) != 1:
        raise LabelError(f"{path}: rows of more than one release")
    file = LabelFile(labels, codes, only)
    seen: set[tuple[str, int, str]] = set()
    for label in labels:
        site = (label.path, label.line, label.label)
        if site in seen:
            raise LabelError(f"{path}: {label.path}:{label.line} {label.label} stands twice")
        if not file.covers(label.code, label.path):
            raise LabelError(f"{path}: {label.path}:{label.line} {label.label} was not to be read")
        seen.add(site)
    return file


def _scope(
    rows: Sequence[Sequence[str]], path: Path
) -> tuple[frozenset[str], tuple[str, ...], int]:
    """What the lines `# codes: CTX301 …` and `# only: PATH` above the header say, and how many."""
    codes: frozenset[str] = UNSTATED
    only: list[str] = []
    for number, row in enumerate(rows):
        if not row or not row[0].startswith("# "):
            return codes, tuple(only), number
        key, _, value = row[0][2:].partition(": ")
        if key == "only" and value:
            only.append(value.rstrip("/"))
        elif key == "codes" and set(value.split()) <= set(LABEL_CODES.values()) and value.split():
            codes = frozenset(value.split())
        else:
            raise LabelError(f"{path}:{number + 1}: {row[0]!r} is neither `# codes:` nor `# only:`")
    return codes, tuple(only), len(rows)


def _label(row: Sequence[str], where: str) -> Label:
    if len(row) != len(COLUMNS):
        raise LabelError(f"{where}: {len(row)} columns, not {len(COLUMNS)}")
    package, version, path, line, label, verdict, reason = row
    if label not in LABEL_CODES:
        raise LabelError(f"{where}: unknown label {label!r}, known: {', '.join(LABEL_CODES)}")
    if verdict not in VERDICTS:
        raise LabelError(f"{where}: unknown verdict {verdict!r}, known: {', '.join(VERDICTS)}")
    if not line.isdecimal() or int(line) < 1:
        raise LabelError(f"{where}: {line!r} is not a line number")
    if not reason.strip():
        raise LabelError(f"{where}: a label needs a reason")
    return Label(package, version, path, int(line), label, verdict, reason)


def score(labels: Iterable[Label], findings: Iterable[Reported], codes: Iterable[str]) -> Score:
    """Match the findings of one release with its labels, one to one, the nearest pairs first.

    Only rows and findings of `codes` take part. A finding matches a row of its rule in the same
    file within LINE_TOLERANCE lines; whatever matches no row is a false alarm.
    """
    wanted = frozenset(codes)
    rows = [label for label in labels if label.code in wanted]
    alarms = [finding for finding in findings if finding.code in wanted]
    matched = _match(rows, alarms)
    row_of = {finding: row for row, finding in matched.items()}
    result = Score()
    for index, row in enumerate(rows):
        if row.verdict == "either":
            result.unscored.append(row)
        elif row.verdict == "leak":
            (result.found if index in matched else result.missed).append(row)
    for index, alarm in enumerate(alarms):
        met = rows[row_of[index]] if index in row_of else None
        if met is None or met.verdict == "clean":
            result.false_alarms.append(FalseAlarm(alarm, met))
    return result


def _match(rows: Sequence[Label], alarms: Sequence[Reported]) -> dict[int, int]:
    """Row index → finding index."""
    pairs = sorted(
        (abs(row.line - alarm.line), VERDICTS.index(row.verdict), row_index, alarm_index)
        for row_index, row in enumerate(rows)
        for alarm_index, alarm in enumerate(alarms)
        if row.code == alarm.code
        and row.path == alarm.path
        and abs(row.line - alarm.line) <= LINE_TOLERANCE
    )
    matched: dict[int, int] = {}
    taken: set[int] = set()
    for _, _, row_index, alarm_index in pairs:
        if row_index not in matched and alarm_index not in taken:
            matched[row_index] = alarm_index
            taken.add(alarm_index)
    return matched
