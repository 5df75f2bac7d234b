"""Speed and peak memory of ctxlint against libcst.parse_module alone, on two pinned releases.

    python benchmarks/speed.py [--package NAME]... [--runs N] [--cache DIR]

Every number is that of a whole process, the kinds of run taking turns, so that a slow minute of the
machine falls on all of them. Exit status: 0 when the targets are met, 1 when not, 2 on an error.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from corpus_files import DEFAULT_CACHE, CorpusError, python_files, release_directory

RELEASES = {"llama-stack": "0.6.0", "crewai": "1.10.1"}
MOST_TIME = 0.50  # ctxlint's wall time / libcst.parse_module's
MOST_MEMORY = 400.0  # MB (10**6 bytes), peak resident set of ctxlint
RUNS = 5

# Prints the seconds inside the parse loop: what parse_module *alone* needs, without start-up and
# reading. Files libcst cannot parse (crewai ships templates named .py) are not in the list.
PARSE_ALL = """
import sys, time
from libcst import parse_module
sources = [open(path, "rb").read() for path in sys.stdin.read().splitlines()]
start = time.perf_counter()
for source in sources:
    parse_module(source)
print(time.perf_counter() - start)
"""
LIST_PARSABLE = """
import sys
from libcst import ParserSyntaxError, parse_module
for path in sys.stdin.read().splitlines():
    try:
        parse_module(open(path, "rb").read())
    except (ParserSyntaxError, UnicodeDecodeError, RecursionError):
        continue
    print(path)
"""


# What is installed has been compiled, and so is what runs from a checkout, if Python may keep it.
COMPILED = {key: text for key, text in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}


@dataclass(frozen=True)
class Run:
    """One process: wall seconds from before its start to its end, peak memory in MB, output."""

    seconds: float
    memory: float
    output: str


def run(command: Sequence[str], text: str = "") -> Run:
    """Run a command to its end. Raises CorpusError when it exits with anything but 0."""
    start = time.perf_counter()
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=COMPILED,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(text.encode())
    process.stdin.close()
    output = process.stdout.read()
    process.stdout.close()
    # wait4 and not RUSAGE_CHILDREN: that one is the maximum over all children so far.
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise CorpusError(f"{' '.join(command[:4])} …: exit status {process.returncode}")
    unit = 1 if sys.platform == "darwin" else 1024
    return Run(seconds, usage.ru_maxrss * unit / 1e6, output.decode(errors="replace"))


@dataclass(frozen=True)
class Measured:
    """Medians over the runs on one release; seconds and MB."""

    files: int
    skipped: int
    startup: float
    parse: float
    parse_alone: float
    ctxlint: float
    memory: float

    @property
    def ratio(self) -> float:
        """ctxlint's whole process over the parse loop alone: the target's reading of the words."""
        return self.ctxlint / self.parse_alone


def measure(directory: Path, runs: int) -> Measured:
    """Time the three kinds of process in turns. Raises CorpusError when one of them fails."""
    python = sys.executable
    everything = "\n".join(str(path) for path in python_files(directory))
    parsable = run([python, "-c", LIST_PARSABLE], everything).output
    ctxlint = [python, "-m", "ctxlint", "--isolated", "--exit-zero", "--jobs", "1", str(directory)]
    startups: list[Run] = []
    parses: list[Run] = []
    checks: list[Run] = []
    run(ctxlint)
    for _ in range(runs):
        startups.append(run([python, "-c", "pass"]))
        parses.append(run([python, "-c", PARSE_ALL], parsable))
        checks.append(run(ctxlint))
    files = len(everything.splitlines())
    return Measured(
        files=files,
        skipped=files - len(parsable.splitlines()),
        startup=statistics.median(one.seconds for one in startups),
        parse=statistics.median(one.seconds for one in parses),
        parse_alone=statistics.median(float(one.output) for one in parses),
        ctxlint=statistics.median(one.seconds for one in checks),
        memory=max(one.memory for one in checks),
    )


def show(name: str, result: Measured) -> bool:
    """Print one release's numbers; whether both targets are met."""
    fast = result.ratio <= MOST_TIME
    small = result.memory <= MOST_MEMORY
    print(f"\n{name}: {result.files} files, {result.skipped} that libcst cannot parse left out")
    print(f"  python -c pass                    {result.startup:8.3f} s")
    print(f"  libcst.parse_module, the process  {result.parse:8.3f} s")
    print(f"  libcst.parse_module alone         {result.parse_alone:8.3f} s")
    print(f"  ctxlint, the process              {result.ctxlint:8.3f} s")
    print(f"  ctxlint / parsing process         {result.ctxlint / result.parse:8.3f} x")
    print(f"  ctxlint / parse_module alone      {result.ratio:8.3f} x   {judged(fast, MOST_TIME)}")
    print(
        f"  ctxlint, peak memory              {result.memory:8.1f} MB  {judged(small, MOST_MEMORY)}"
    )
    return fast and small


def judged(met: bool, target: float) -> str:
    return f"{'pass' if met else 'FAIL'}: at most {target:g}"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="speed and memory against libcst.parse_module")
    parser.add_argument("--package", action="append", choices=sorted(RELEASES), help="only this")
    parser.add_argument("--runs", type=int, default=RUNS, help="runs of each kind (default 5)")
    parser.add_argument("--cache", type=Path, default=DEFAULT_CACHE, help="where releases are kept")
    options = parser.parse_args(arguments)
    if options.runs < 1:
        parser.error("--runs: at least 1")
    met = True
    for package in options.package or RELEASES:
        version = RELEASES[package]
        try:
            directory = release_directory(package, version, options.cache)
            met &= show(f"{package} {version}", measure(directory, options.runs))
        except CorpusError as error:
            print(f"{package} {version}: {error}", file=sys.stderr)
            return 2
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
