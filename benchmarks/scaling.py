"""How the cost of a run grows with the size of what is checked: exponents, and peak memory.

    python benchmarks/scaling.py [--quick] [--only SERIES]... [--keep DIR] [--timeout SECONDS]

For each series, projects of growing size are written to a temporary directory and checked by a
whole process each, with one job and no settings. Cost is user CPU time, less that of a run on a
project with one finding; the exponent of its growth is the slope of the line that fits best, by
least squares, on logarithmic scales: 1 is linear, 2 quadratic. Exit status: 0 when every exponent
and the memory are within their limits, 1 when not, 2 when a run failed.
"""

from __future__ import annotations

import argparse
import math
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import scaling_projects as made

MOST_GROWTH = 1.2
MOST_MEMORY = 2000.0  # MB (10**6 bytes), peak resident set on the largest project of many files
TIMEOUT = 3600.0


class ScalingError(Exception):
    """A run that did not end as it should."""


@dataclass(frozen=True)
class Series:
    """Projects of one shape: what is counted, in which sizes, and what ctxlint is asked to do."""

    name: str
    sizes: tuple[int, ...]
    quick: tuple[int, ...]
    make: Callable[[int], Iterator[tuple[str, str]]]
    options: tuple[str, ...] = ()


CHECK: tuple[str, ...] = ()
FIX: tuple[str, ...] = ("--fix", "--unsafe-fixes")
SERIES = (
    Series("files", (1_000, 10_000, 100_000), (250, 1_000, 4_000), made.many_files),
    Series("lines of one file", (10_000, 30_000, 100_000), (3_000, 10_000, 30_000), made.one_file),
    Series("methods of one class", (1_000, 3_000, 10_000), (300, 1_000, 3_000), made.one_class),
    Series("calls in a chain", (500, 1_600, 5_000), (200, 600, 1_800), made.call_chain),
    Series("classes in a tree", (1_000, 3_000, 10_000), (300, 1_000, 3_000), made.hierarchy),
    Series("users of one queue", (1_000, 3_000, 10_000), (300, 1_000, 3_000), made.queue_users),
    Series("findings", (500, 1_600, 5_000), (200, 600, 1_800), made.findings),
    Series("findings fixed", (500, 1_600, 5_000), (100, 300, 900), made.findings, FIX),
)


@dataclass(frozen=True)
class Run:
    """One process: wall and user CPU seconds, peak memory in MB, and how much it found."""

    wall: float
    cpu: float
    memory: float
    found: int


@dataclass
class Measured:
    """The runs of a series by size, and what a run costs that has next to nothing to do."""

    series: Series
    idle: float
    runs: dict[int, Run] = field(default_factory=dict)

    @property
    def exponent(self) -> float:
        """How cost grows with size."""
        points = {size: max(run.cpu - self.idle, 1e-3) for size, run in self.runs.items()}
        return slope([(math.log(size), math.log(cost)) for size, cost in points.items()])

    @property
    def memory(self) -> float:
        """The most that any run needed."""
        return max(run.memory for run in self.runs.values())


def slope(points: Sequence[tuple[float, float]]) -> float:
    """The slope of the line through points with the least squares of distances."""
    x_mean = sum(x for x, _ in points) / len(points)
    y_mean = sum(y for _, y in points) / len(points)
    spread = sum((x - x_mean) ** 2 for x, _ in points)
    return sum((x - x_mean) * (y - y_mean) for x, y in points) / spread


def run(project: Path, options: Sequence[str], timeout: float) -> Run:
    """Check a project by a process of its own.

    Raises:
        ScalingError: it failed, or did not end in time.
    """
    command = [sys.executable, "-m", "ctxlint", "--isolated", "--exit-zero", "--jobs", "1"]
    command += ["--output-format", "concise", *options, str(project)]
    # What is installed has been compiled; so is what runs from a checkout, if Python may keep it.
    compiled = {key: text for key, text in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    with tempfile.TemporaryFile() as errors, tempfile.TemporaryFile() as output:
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=output, stderr=errors, env=compiled, cwd=project)
        status, usage = _wait(process.pid, start + timeout)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            errors.seek(0)
            told = errors.read().decode(errors="replace").strip().splitlines()
            reason = told[-1] if told else "nothing said"
            raise ScalingError(f"exit status {process.returncode} after {wall:.0f} s: {reason}")
        output.seek(0)
        found = sum(b" CTX" in line for line in output)
    unit = 1 if sys.platform == "darwin" else 1024
    return Run(wall, usage[0], usage[1] * unit / 1e6, found)


def _wait(pid: int, until: float) -> tuple[int, tuple[float, int]]:
    """Wait for a process, and end it at some time: its status, CPU seconds and peak memory."""
    ended = False
    while True:
        # wait4 and not RUSAGE_CHILDREN: that one is the maximum over all children so far.
        found, status, usage = os.wait4(pid, os.WNOHANG)
        if found:
            return status, (usage.ru_utime, usage.ru_maxrss)
        if time.perf_counter() > until and not ended:
            os.kill(pid, 9)
            ended = True
        time.sleep(0.01)


def measure(series: Series, quick: bool, where: Path, idle: float, timeout: float) -> Measured:
    """Make the projects of a series one after the other, and run ctxlint on each."""
    found = Measured(series, idle)
    for size in series.quick if quick else series.sizes:
        project = where / f"{series.name.replace(' ', '-')}-{size}"
        made.write(project, series.make(size))
        try:
            found.runs[size] = run(project, series.options, timeout)
        except ScalingError as error:
            raise ScalingError(f"{series.name}, {size:,}: {error}") from None
        finally:
            shutil.rmtree(project)
        show(series.name, size, found.runs[size])
    return found


def least_of(where: Path, options: Sequence[str], timeout: float) -> Run:
    """A run that finds one thing: the second, for the first may have to compile ctxlint."""
    made.write(where, made.findings(1))
    run(where, options, timeout)
    made.write(where, made.findings(1))
    return run(where, options, timeout)


def show(name: str, size: int, one: Run) -> None:
    """Print one line of the table."""
    print(
        f"{name:22} {size:>8,} {one.wall:9.2f} {one.cpu:9.2f} {one.memory:9.0f} {one.found:9,}",
        flush=True,
    )


def verdict(found: Measured) -> bool:
    """Print what a series comes to; whether it is within the limits."""
    linear = found.exponent <= MOST_GROWTH
    limit = f"{'pass' if linear else 'FAIL'}: at most {MOST_GROWTH:g}"
    print(f"{found.series.name:22} grows with exponent {found.exponent:.2f}   {limit}")
    if found.series.make is not made.many_files:
        return linear
    small = found.memory <= MOST_MEMORY
    limit = f"{'pass' if small else 'FAIL'}: at most {MOST_MEMORY:g}"
    print(f"{found.series.name:22} peak memory {found.memory:.0f} MB   {limit}")
    return linear and small


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="how the cost of a run grows with its input")
    names = [series.name for series in SERIES]
    parser.add_argument("--quick", action="store_true", help="small sizes")
    parser.add_argument(
        "--only", action="append", choices=names, metavar="SERIES", help="only this"
    )
    parser.add_argument("--keep", type=Path, help="where projects are written (default: temporary)")
    parser.add_argument("--timeout", type=float, default=TIMEOUT, help="seconds for one run")
    options = parser.parse_args(arguments)
    results: list[Measured] = []
    failed = False
    with tempfile.TemporaryDirectory(prefix="ctxlint-scaling-", dir=options.keep) as directory:
        where = Path(directory)
        print(f"{'series':22} {'size':>8} {'wall s':>9} {'CPU s':>9} {'MB':>9} {'findings':>9}")
        try:
            least = {how: least_of(where / "least", how, options.timeout) for how in (CHECK, FIX)}
        except ScalingError as error:
            print(f"one finding: {error}", file=sys.stderr)
            return 2
        for how, one in least.items():
            show("one finding fixed" if how else "one finding", 1, one)
        for series in SERIES:
            if options.only and series.name not in options.only:
                continue
            try:
                idle = least[series.options].cpu
                results.append(measure(series, options.quick, where, idle, options.timeout))
            except ScalingError as error:
                print(error, file=sys.stderr)
                failed = True
    print()
    within = [verdict(each) for each in results]
    return 2 if failed else 0 if all(within) else 1


if __name__ == "__main__":
    sys.exit(main())
