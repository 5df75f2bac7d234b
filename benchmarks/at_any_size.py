"""What every file of a project costs by itself, and what 100 million lines would cost like that.

    python benchmarks/at_any_size.py DIRECTORY...

Prints a row for each directory, which is measured, and one for 100 million lines of such code,
which follows. docs/at-any-size.md tells what the columns mean.
"""

from __future__ import annotations

import argparse
import gc
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ctxlint import hands
from ctxlint.facts.model import Module
from ctxlint.facts.remote import facts_of, restored
from ctxlint.projects import Project, projects_of
from ctxlint.settings import Settings

LINES = 100_000_000
WORKERS = 100
BANDWIDTH = 1e9 / 8  # bytes a second: a network of 1 Gbit/s between this machine and the workers


@dataclass
class Measured:
    """A project in numbers; seconds are those of one processor."""

    files: int
    lines: int
    source: int
    facts: int
    asked: int  # modules that linking asked for
    making: float
    restoring: float
    linking: float
    memory: int  # bytes that the facts of all files take as objects
    resident: int  # bytes of the whole process when it has linked

    def grown_to(self, lines: int) -> Measured:
        """As if there were so many lines of the same kind."""
        times = lines / self.lines
        return Measured(
            files=int(self.files * times),
            lines=lines,
            source=int(self.source * times),
            facts=int(self.facts * times),
            asked=int(self.asked * times),
            making=self.making * times,
            restoring=self.restoring * times,
            linking=self.linking * times,
            memory=int(self.memory * times),
            resident=int(self.resident * times),
        )


def measure(directory: Path) -> Measured:
    """Look at every file as a worker does, and link as the one machine does."""
    [project] = projects_of([directory], Settings(), fixes=False)
    sources = [project.session.read(path) for path in project.session.files]
    before = resident()
    linking, asked = linked(project)
    linked_size = resident() - before
    facts: list[bytes] = []
    making = timed(lambda: facts.extend(filter(None, map(facts_of, sources))))
    before = resident()
    modules: list[Module | None] = []
    restoring = timed(lambda: modules.extend(map(restored, facts)))
    return Measured(
        files=len(sources),
        lines=sum(each.count(b"\n") for each in sources),
        source=sum(map(len, sources)),
        facts=sum(map(len, facts)),
        asked=asked,
        making=making,
        restoring=restoring,
        linking=linking,
        memory=resident() - before,
        resident=linked_size + sum(map(len, sources)),
    )


def linked(project: Project) -> tuple[float, int]:
    """Seconds for judging all files without making facts, and the number of modules asked for."""
    from ctxlint.program import modules

    spent = 0.0
    extract = vars(modules)["extract"]

    def noted(source: bytes) -> Module:
        nonlocal spent
        begun = time.process_time()
        try:
            made: Module = extract(source)
            return made
        finally:
            spent += time.process_time() - begun

    vars(modules)["extract"] = noted
    session = project.session
    seconds = timed(lambda: [None for _ in hands.judged(session, project.files, 1, lambda: None)])
    vars(modules)["extract"] = extract
    return seconds - spent, sum(1 for _ in session.program.modules.loaded())


def timed(do: Callable[[], object]) -> float:
    """The seconds of the processor that something takes."""
    begun = time.process_time()
    do()
    return time.process_time() - begun


def resident() -> int:
    """The memory of this process, in bytes (Linux)."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


def shown(name: str, it: Measured) -> str:
    """A row."""
    mb = 1e6
    return (
        f"| {name} | {it.files:,} | {it.lines:,} | {it.source / mb:,.1f} | {it.facts / mb:,.1f} "
        f"| {it.making:,.1f} | {it.restoring:,.2f} | {it.asked:,} | {it.linking:,.1f} "
        f"| {it.memory / mb:,.0f} | {it.resident / mb:,.0f} |"
    )


HEAD = """\
| project | files | lines | source MB | facts MB | make facts s | restore s | modules asked for | \
link s | all facts MB | linked MB |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("directories", nargs="+", type=Path, metavar="DIRECTORY")
    directories: list[Path] = parser.parse_args().directories
    gc.disable()
    rows = {each.name: measure(each) for each in directories}
    print(HEAD)
    for name, it in rows.items():
        print(shown(name, it))
    print(f"\n{LINES:,} lines of such code, on {WORKERS} workers and a network of 1 Gbit/s:\n")
    print(HEAD)
    for name, it in rows.items():
        print(shown(name, it.grown_to(LINES)))
    print()
    for name, it in rows.items():
        all_of_it = it.grown_to(LINES)
        moved = all_of_it.source + all_of_it.facts
        print(f"{name}: {moved / 1e9:.1f} GB moved in {moved / BANDWIDTH:,.0f} s;", end=" ")
        print(f"{all_of_it.making / WORKERS:,.0f} s on each worker;", end=" ")
        print(f"linking {all_of_it.linking:,.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
