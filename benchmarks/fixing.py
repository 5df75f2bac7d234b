"""What `ctxlint --fix --unsafe-fixes` does to the releases of the corpus.

    python benchmarks/fixing.py [--package NAME]... [--import] [--jobs N] [--cache DIR]

Each release is copied and fixed. Every file must still compile, nothing may change but what a
finding explains, `--diff` must tell the same, no finding that was offered a fix may be left, and a
second run must change and tell nothing new. With --import every changed module must still be
importable, where the release's dependencies can be installed. Exit status: 0 when all of that holds
and the targets are met, 1 when not, 2 when something could not be measured.
"""

from __future__ import annotations

import argparse
import re
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from accuracy import label_files
from copies import (
    Found,
    applied,
    ctxlint,
    findings,
    newest_interpreter,
    strays,
    survey,
    texts,
)
from corpus_files import DEFAULT_CACHE, CorpusError, release_directory
from importing import Imported, import_changed
from scoring import Label, LabelError, Reported, read_labels, score

FIX = ("--fix", "--unsafe-fixes")
JSON = ("--output-format", "json")
SPAWNS = ("CTX101", "CTX102", "CTX103")
PUTS = ("CTX201",)
LEAST_SPAWNS = 0.9
LEAST_PUTS = 0.5


@dataclass
class Result:
    """What was found in a release, what became of it, and what went wrong."""

    name: str
    found: list[Found] = field(default_factory=list)
    fixed: list[Found] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)
    changed: int = 0
    faults: list[str] = field(default_factory=list)
    imported: Imported | None = None

    def converted(self, codes: Sequence[str]) -> tuple[int, int]:
        """How many of the labelled leaks of these rules were fixed, and of how many found ones."""
        fixed, found = (
            score(self.labels, [_reported(each) for each in some], codes).found
            for some in (self.fixed, self.found)
        )
        return len(fixed), len(found)


def _reported(found: Found) -> Reported:
    return Reported(found.code, found.path, found.line, found.message)


def measure(path: Path, cache: Path, importing: bool) -> Result:
    """Fix a copy of one release and look at it. Raises CorpusError or LabelError."""
    labels = read_labels(path)
    original = release_directory(labels[0].package, labels[0].version, cache)
    result = Result(original.name, labels=labels)
    with tempfile.TemporaryDirectory() as temporary:
        copy, patched = Path(temporary, "fixed"), Path(temporary, "patched")
        for target in (copy, patched):
            shutil.copytree(original, target, ignore=shutil.ignore_patterns("__pycache__"))
        _fix(result, copy, patched)
        if importing:
            result.imported = import_changed(labels[0].package, original, copy, patched, cache)
            result.faults += [f"imports no more: {each}" for each in result.imported.broken]
    return result


def _fix(result: Result, copy: Path, patched: Path) -> None:
    """Fix `copy`, and check it in every way; `patched` is made from what --diff says."""
    before = texts(copy)
    python = newest_interpreter(copy)
    compiled = survey(copy, python)
    checked = ctxlint(copy, *JSON)
    result.found = findings(checked.stdout)
    told = [each for each in result.found if each.offered]
    diff = ctxlint(copy, *FIX, "--diff").stdout if told else b""
    if texts(copy) != before:
        result.faults.append("--diff has changed files")
    first = ctxlint(copy, *FIX, *JSON)
    after = texts(copy)
    result.changed = sum(after[path] != before.get(path) for path in after)

    left = Counter(map(_identity, findings(first.stdout)))
    for each in result.found:
        if left[_identity(each)]:
            left[_identity(each)] -= 1
            if each.offered:
                result.faults.append(f"not fixed: {each.path}:{each.line} {each.code}")
        else:
            result.fixed.append(each)
    result.faults += [f"new: {' '.join(each)}" for each in left.elements()]

    fixed = survey(copy, python)
    broken = fixed.broken - compiled.broken
    result.faults += [f"compiles no more: {each}" for each in sorted(broken)]
    stray = strays(before, after, told, compiled.extents, fixed.extents)
    result.faults += [f"stray: {each}" for each in stray]
    try:
        applied(diff, patched)
        if texts(patched) != after:
            result.faults.append("--diff tells something else than --fix does")
    except CorpusError as error:
        result.faults.append(str(error))

    if not told and after == before and first.stdout == checked.stdout:
        return  # a second run would be the same run
    second = ctxlint(copy, *FIX, *JSON)
    if texts(copy) != after:
        result.faults.append("a second run changes files")
    if second.stdout != first.stdout:
        result.faults.append("a second run finds something else")
    if re.search(rb"(?i)\bfixed [1-9]", second.stderr):
        result.faults.append(f"a second run says: {second.stderr.decode().strip()}")


def _identity(found: Found) -> tuple[str, str, str]:
    """What stays the same of a finding where its line has moved."""
    return found.path, found.code, found.message


def show(result: Result) -> None:
    """One line for a release, and one for each thing that went wrong."""
    offered = sum(each.offered for each in result.found)
    print(
        f"{result.name:<34} found {len(result.found):>3}  offered {offered:>3}"
        f"  fixed {len(result.fixed):>3}  files {result.changed:>2}"
        + (f"  {result.imported}" if result.imported else "")
        + ("" if not result.faults else "  WRONG")
    )
    for fault in result.faults:
        print(f"    {fault}")


def show_rates(results: Sequence[Result]) -> None:
    """How many findings of each rule have which kind of fix, and why some are for display."""
    print(f"\n{'rule':<8} {'found':>5} {'safe':>5} {'unsafe':>6} {'display':>7} {'none':>5}")
    everything = [each for result in results for each in result.found]
    for code in sorted({each.code for each in everything}):
        mine = [each for each in everything if each.code == code]
        kinds = Counter(each.fix.applicability if each.fix else "none" for each in mine)
        print(
            f"{code:<8} {len(mine):>5} {kinds['safe']:>5} {kinds['unsafe']:>6}"
            f" {kinds['display']:>7} {kinds['none']:>5}"
        )
    for code in sorted({each.code for each in everything}):
        reasons = Counter(
            _reason(each.fix.title)
            for each in everything
            if each.code == code and each.fix and each.fix.applicability == "display"
        )
        if reasons:
            print(f"\nWhy {code} is left to people:")
            for reason, count in reasons.most_common():
                print(f"  {count:>4}  {reason}")


def _reason(title: str) -> str:
    """What a title of a fix says, with the names that differ from place to place left out."""
    _, _, reason = title.partition(": ")
    text = reason or title
    text = re.sub(r"\b[\w/.-]+\.py(:\d+)?", "FILE", text)
    text = re.sub(r"(?<![\w.])[\w.]+\(\)", "F()", text)
    return re.sub(r"\b(self|cls|[A-Z]\w+)(\.\w+)+", "NAME", text)


def show_targets(results: Sequence[Result]) -> bool:
    """How many of the corpus' leaks were converted; whether that is enough."""
    print()
    met = True
    for word, codes, least in (("spawns", SPAWNS, LEAST_SPAWNS), ("puts", PUTS, LEAST_PUTS)):
        pairs = [result.converted(codes) for result in results]
        fixed, found = (sum(each) for each in zip(*pairs, strict=True))
        share = fixed / found if found else 1.0
        enough = share >= least
        met = met and enough
        print(
            f"labelled leaks, {word:<7} found {found:>3}, converted {fixed:>3}: {share:6.1%}"
            f"  (target {least:.0%}: {'met' if enough else 'MISSED'})"
        )
        findings_of = [e for r in results for e in r.found if e.code in codes]
        fixed_of = [e for r in results for e in r.fixed if e.code in codes]
        print(
            f"all findings,   {word:<7} found {len(findings_of):>3}, fixed     {len(fixed_of):>3}"
        )
    return met


def parse_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="what --fix does to the releases of the corpus")
    parser.add_argument("--package", action="append", default=[], help="only this one (repeatable)")
    parser.add_argument("--import", dest="importing", action="store_true", help="import them, too")
    parser.add_argument("--jobs", type=int, default=2, help="releases at once")
    parser.add_argument("--cache", type=Path, default=DEFAULT_CACHE, help="where releases are kept")
    return parser.parse_args(arguments)


def _attempt(path: Path, work: Callable[[Path], Result]) -> Result | str:
    try:
        return work(path)
    except (CorpusError, LabelError, OSError) as error:
        return f"{path.stem}: {error}"


def main(arguments: Sequence[str] | None = None) -> int:
    options = parse_arguments(arguments)
    try:
        files = label_files(options.package)
    except CorpusError as error:
        print(error, file=sys.stderr)
        return 2
    results: list[Result] = []
    failures = 0
    with ThreadPoolExecutor(options.jobs) as pool:
        work = lambda path: measure(path, options.cache, options.importing)  # noqa: E731
        for outcome in pool.map(lambda path: _attempt(path, work), files):
            if isinstance(outcome, str):
                print(f"NOT MEASURED {outcome}", flush=True)
                failures += 1
            else:
                show(outcome)
                sys.stdout.flush()
                results.append(outcome)
    if not results:
        return 2
    show_rates(results)
    met = show_targets(results)
    if options.importing:
        tried = [result.imported for result in results if result.imported]
        print(f"\nimported: {sum(each.tried for each in tried)} of {len(results)} releases")
    wrong = [result.name for result in results if result.faults]
    print(
        f"\n{len(results)} releases, {len(wrong)} with something wrong: {', '.join(wrong) or '-'}"
    )
    if failures:
        return 2
    return 1 if wrong or not met else 0


if __name__ == "__main__":
    sys.exit(main())
