"""Speed and memory of ctxlint beside other tools, on pinned releases: one table for each.

    python benchmarks/speed.py [--package NAME]... [--tool NAME]... [--runs N] [--markdown]

Every number is that of a whole process, start-up included, the kinds of run taking turns, so that a
slow minute of the machine falls on all of them. Each tool has an environment of its own, of the
Python this is started with, and ctxlint is installed there as it stands in the checkout. Exit
status: 0 when the targets are met that were measured, 1 when not, 2 on an error.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from corpus_files import DEFAULT_CACHE, CorpusError, check_cache, release_directory
from peers.environments import CTXLINT, programs
from peers.measuring import Effort, measure
from peers.processes import run
from peers.table import Measured, markdown, text
from peers.targets import CREWAI, HOME_ASSISTANT, LLAMA_STACK, TARGETS, judge
from peers.tools import Kind, kinds
from peers.trees import Trees

# The newest home-assistant whose wheel holds no compiled code.
RELEASES = {LLAMA_STACK: "0.6.0", CREWAI: "1.10.1", HOME_ASSISTANT: "2024.3.3"}
RUNS, SLOW_RUNS = 5, 1
SLOW = 30.0  # seconds
LIMIT = 1200.0
TOOLS = list(dict.fromkeys(kind.tool for kind in kinds()))


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    wanted = [kind for kind in kinds() if kind.tool in (options.tool or TOOLS)]
    effort = Effort(options.runs, options.slow_runs, options.slow, options.limit)
    show = markdown if options.markdown else text
    status = 0
    for package in options.package or RELEASES:
        name, _, version = package.partition("==")
        title = f"{name} {version or RELEASES[name]}"
        try:
            measured = _measure(name, version or RELEASES[name], wanted, effort, options.cache)
        except CorpusError as error:
            print(f"{title}: {error}", file=sys.stderr)
            return 2
        print(show(measured), flush=True)
        if any(each.problem for each in measured.results if each.kind.tool == "ctxlint"):
            status = 2
        elif any(verdict.met is False for verdict in measured.verdicts):
            status = max(status, 1)
    return status


def _measure(
    package: str, version: str, wanted: Sequence[Kind], effort: Effort, cache: Path
) -> Measured:
    """One release. Raises CorpusError when it, or what all of it needs, cannot be had."""
    check_cache(cache)
    release = release_directory(package, version, cache)
    with tempfile.TemporaryDirectory(prefix="speed-", dir=cache) as home:
        trees = Trees(release, Path(home), cache)
        results = measure(wanted, trees, cache, effort)
    by_key = {result.kind.key: result for result in results}
    if package in RELEASES:
        targets = [each for each in TARGETS if package in each.packages]
    else:  # another release is shown with every figure, and judged by none
        targets = [replace(each, most=None, least=None) for each in TARGETS]
    return Measured(
        title=f"{package} {version}",
        files=trees.files,
        skipped=trees.files - len(trees.parsable),
        results=results,
        verdicts=[verdict for each in targets if (verdict := judge(each, by_key))],
        notes=_notes(effort, cache),
    )


def _notes(effort: Effort, cache: Path) -> list[str]:
    said = (
        f"What takes more than {effort.slow:.0f} s is run {effort.slow_runs} x, "
        f"and ended after {effort.limit:.0f} s."
    )
    usage = run([str(programs(CTXLINT, cache) / "ctxlint"), "--help"]).output
    if "--no-cache" in usage:
        return [said]
    return [said, "This ctxlint keeps nothing: warm is what a second run takes."]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="speed and memory of ctxlint beside other tools")
    parser.add_argument(
        "--package", action="append", type=_package, help="only this; NAME==VERSION is any release"
    )
    parser.add_argument("--tool", action="append", choices=TOOLS, help="only what this runs")
    parser.add_argument("--runs", type=_count, default=RUNS, help="runs of each kind (default 5)")
    parser.add_argument(
        "--slow-runs", type=_count, default=SLOW_RUNS, help="of a slow kind (default 1)"
    )
    parser.add_argument(
        "--slow", type=float, default=SLOW, help="seconds from which on a kind is a slow one"
    )
    parser.add_argument(
        "--limit", type=float, default=LIMIT, help="seconds after which a run is ended"
    )
    parser.add_argument("--markdown", action="store_true", help="print tables for the README")
    parser.add_argument("--cache", type=Path, default=DEFAULT_CACHE, help="where releases are kept")
    return parser


def _package(written: str) -> str:
    if "==" not in written and written not in RELEASES:
        raise argparse.ArgumentTypeError(f"one of {', '.join(RELEASES)}, or NAME==VERSION")
    return written


def _count(written: str) -> int:
    number = int(written)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


if __name__ == "__main__":
    sys.exit(main())
