"""What was measured on one release, as text or as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from peers.measuring import Result
from peers.targets import Verdict

HEADER = ("", "jobs", "seconds", "least-most", "x libcst", "MB", "runs")
TARGET_HEADER = ("", "figure", "target", "")


@dataclass(frozen=True)
class Measured:
    """One release: its results and what they say of the targets."""

    title: str
    files: int
    skipped: int
    results: Sequence[Result]
    verdicts: Sequence[Verdict]
    notes: Sequence[str]


def text(measured: Measured) -> str:
    """For a terminal."""
    lines = ["", _headline(measured)]
    lines += _aligned([HEADER, *_rows(measured.results)], numbers=range(1, len(HEADER)))
    if measured.verdicts:
        rows = [TARGET_HEADER, *_targets(measured.verdicts)]
        lines += ["", *_aligned(rows, numbers=range(1, 2))]
    lines += ["", *(f"  {note}".replace("`", "") for note in _notes(measured))]
    return "\n".join(lines)


def markdown(measured: Measured) -> str:
    """For benchmarks/README.md."""
    lines = ["", f"**{_headline(measured)}**", ""]
    lines += _piped([HEADER, *_rows(measured.results)], ":--" + "|--:" * (len(HEADER) - 1))
    if measured.verdicts:
        lines += ["", *_piped([TARGET_HEADER, *_targets(measured.verdicts)], ":--|--:|:--|:--")]
    lines += [line for note in _notes(measured) for line in ("", note)]
    return "\n".join(lines)


def _headline(measured: Measured) -> str:
    return (
        f"{measured.title}: {measured.files} files, "
        f"{measured.skipped} of which are left out where files are parsed one by one"
    )


def _rows(results: Sequence[Result]) -> Iterable[tuple[str, ...]]:
    base = next((each for each in results if each.kind.key == "libcst" and each.measured), None)
    for result in results:
        kind = result.kind
        if not result.measured:
            yield (kind.what, kind.jobs, "-", "", "", "", "0")
        elif result.cut:
            seconds = f"> {result.most:.0f}"
            yield (kind.what, kind.jobs, seconds, "", "", "", str(len(result.runs)))
        else:
            times = f"{result.seconds / base.seconds:.3f}" if base and not base.cut else ""
            span = f"{result.least:.2f}-{result.most:.2f}"
            memory = f"{result.memory:.0f}"
            runs = str(len(result.runs))
            yield (kind.what, kind.jobs, f"{result.seconds:.3f}", span, times, memory, runs)


def _targets(verdicts: Iterable[Verdict]) -> Iterable[tuple[str, ...]]:
    for verdict in verdicts:
        target = verdict.target
        if verdict.value is None:
            yield (target.words, "-", target.bound, f"not measured: {verdict.missing}")
            continue
        word = {None: "", True: "pass", False: "FAIL"}[verdict.met]
        shown = f"{verdict.value:.0f}" if verdict.value >= 100 else f"{verdict.value:.3g}"
        yield (target.words, f"{shown} {target.unit}", target.bound, word)


def _notes(measured: Measured) -> list[str]:
    ended = (f"{each.kind.what}: was ended" for each in measured.results if each.cut)
    problems = (f"{each.kind.what}: {each.problem}" for each in measured.results if each.problem)
    return [*ended, *problems, *measured.notes]


def _aligned(rows: Sequence[Sequence[str]], numbers: range) -> list[str]:
    rows = [[cell.replace("`", "") for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = (
            cell.rjust(width) if column in numbers else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        lines.append(f"  {'  '.join(cells)}".rstrip())
    return lines


def _piped(rows: Sequence[Sequence[str]], rule: str) -> list[str]:
    head, *body = (f"| {' | '.join(row)} |" for row in rows)
    return [head, f"|{rule}|", *body]
