"""Would the tests notice? Small changes are made to the code; a test has to fail for each.

    python benchmarks/mutation.py [--sample N] [--seed N] [--group program] [--kind conditions]
                                  [--jobs N] [--only FILE:LINE]... [--lines FILE] [TEST...]

mutmut makes the changes: `and` becomes `or`, `is` becomes `is not`, an argument None, a text
another one, and so on, in functions that are not decorated. Of all changes to `program/` and to
`fixes/`, 30,000 together, a random sample of each is tried, spread evenly over files and lines.
Each meets the tests that execute the changed lines (as coverage sees it), the quick ones first,
until one fails or takes ten times as long as it should. What no test has noticed is printed as
diffs, and at the end a table.

Left out are tests that are slow, that start other processes, which have the code as it is, and
those of LEFT_OUT: what survives here may still be noticed by one of them. Nor may the tests of one
mutant take more than --patience seconds together; what survives so is marked. The exit status is 0.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pytest
from mutants.sampling import KINDS, Mutant, sample
from mutants.trial import KILLED, SURVIVED, TIMED_OUT, UNSEEN, Limits, Trial

REPOSITORY = Path(__file__).resolve().parents[1]
PACKAGE = REPOSITORY / "src" / "ctxlint"
GROUPS = ("program", "fixes")
# Browsers, clusters, editors, packages, what the helpers do at run time, random programs: nothing
# of them runs the code under change in this process, or they take long.
LEFT_OUT = """
benchmarks broken_off code_hosts dask detached detached_libraries detached_loops detached_types docs
executors fixing_benchmark fuzz handout hostile_projects house html jobs language_server packaging
patience pre_commit pylsp speed_benchmark
""".split()


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    sys.path.insert(0, str(REPOSITORY / "tests"))
    mutants = [
        each
        for group in options.group or GROUPS
        for each in sample(PACKAGE, group, options.sample, options.seed, options.kind or KINDS)
        if not options.only or f"{group}/{each.path.name}:{each.at}" in options.only
    ]
    limits = Limits(options.jobs, options.slowest, options.patience)
    with tempfile.TemporaryDirectory() as directory:
        lines = options.lines or Path(directory) / "lines"
        lines.touch()
        say = partial(print, flush=True)
        trial = Trial(PACKAGE, GROUPS, mutants, limits, lines, say)
        status = pytest.main([*_pytest(Path(directory)), *_tests(options.tests)], plugins=[trial])
    if status != pytest.ExitCode.OK:
        return int(status)
    print()
    _table([(each, trial.outcomes[number]) for number, each in enumerate(mutants)])
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("tests", nargs="*", metavar="TEST", help="files of tests; all quick ones")
    parser.add_argument("--sample", type=int, default=200, help="mutants of each group")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--group", action="append", choices=GROUPS)
    parser.add_argument("--kind", action="append", choices=KINDS)
    parser.add_argument("--only", action="append", metavar="FILE:LINE", help="of the sample, these")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument(
        "--lines",
        type=Path,
        help="a file that keeps what each test executes: for runs in which only tests are new",
    )
    parser.add_argument("--slowest", type=float, default=2.0, help="seconds that a test may take")
    parser.add_argument("--patience", type=float, default=60.0, help="... and all for one mutant")
    return parser.parse_args(arguments)


def _pytest(directory: Path) -> list[str]:
    return [
        f"--rootdir={REPOSITORY}",
        f"--basetemp={directory / 'tests'}",
        "--override-ini=tmp_path_retention_policy=failed",
        "--hypothesis-seed=0",
        "--tb=no",
        "-q",
        *("-m", "not slow"),
        *("-p", "no:cacheprovider"),
        *("-p", "no:xdist"),
    ]


def _tests(named: Sequence[str]) -> list[str]:
    left_out = {f"test_{each}" for each in LEFT_OUT}
    files = sorted((REPOSITORY / "tests").glob("test_*.py"))
    return list(named) or [str(each) for each in files if each.stem not in left_out]


def _table(results: Sequence[tuple[Mutant, str]]) -> None:
    """A row for each kind of change in each group, and one for the whole group."""
    outcomes = (KILLED, TIMED_OUT, SURVIVED, UNSEEN)
    print(_row("", "mutants", *outcomes, "score"))
    for group in dict.fromkeys(each.path.parent.name for each, _ in results):
        for kind in (*KINDS, "all"):
            counts = Counter(
                outcome
                for each, outcome in results
                if each.path.parent.name == group and kind in (each.kind, "all")
            )
            if total := counts.total():
                score = f"{(counts[KILLED] + counts[TIMED_OUT]) / total:.1%}"
                print(_row(f"{group}/ {kind}", total, *(counts[o] for o in outcomes), score))


def _row(first: str, *others: object) -> str:
    return f"{first:22}" + "".join(f"{other!s:>10}" for other in others)


if __name__ == "__main__":
    sys.exit(main())
