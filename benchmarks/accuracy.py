"""Recall and precision of ctxlint on the labelled releases in corpus/.

    python benchmarks/accuracy.py [--package NAME]... [--codes CTX101,CTX102] [--cache DIR]
                                  [--labels DIR]

Exit status: 0 when the target is met, 1 when it is missed, 2 when something could not be measured.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

import msgspec
from corpus_files import CORPUS, DEFAULT_CACHE, CorpusError, normalised, release_directory
from scoring import LABEL_CODES, LabelError, Reported, Score, read_label_file, score

DEFAULT_CODES = ("CTX101", "CTX102", "CTX103", "CTX201")
MOST_MISSED = 2
MOST_FALSE_ALARMS = 2
# Seconds after which a run on one release counts as hung.
TIMEOUT = 900
# The releases the corpus began with; every label file of neither set is the extension.
FIRST_SET = frozenset(
    {
        "agentex-sdk-0.12.0",
        "anyio-4.13.0",
        "asgiref-3.11.1",
        "crewai-1.10.1",
        "fastmcp-3.2.0",
        "langgraph-checkpoint-4.0.1",
        "lightrag-hku-1.5.3",
        "lightrag-hku-1.5.7",
        "llama-stack-0.6.0",
        "llama-stack-0.7.0",
        "pynetdicom-3.0.1",
        "sentry-sdk-2.55.0",
        "sse-starlette-3.3.3",
        "starlette-0.52.1",
        "uvicorn-0.42.0",
    }
)

# Labelled before the tool was first run on them, while it was already tuned to the others.  Their
# first results are in README.md; they have been used for mending since.
SECOND_SET = frozenset(
    {
        "aiojobs-1.4.0",
        "aiomqtt-2.5.1",
        "aiormq-7.2.4",
        "asyncua-2.1.0",
        "elastic-apm-6.26.2",
        "honeybadger-1.3.0",
        "langfuse-5.0.4",
        "launchdarkly-server-sdk-9.18.4",
        "mcp-2.3.0",
        "nats-py-2.16.0",
        "opentelemetry-sdk-1.45.2",
        "pymodbus-3.16.1",
        "python-engineio-4.15.1",
        "rollbar-1.5.0",
        "slack-sdk-3.47.0",
    }
)


def run_ctxlint(directory: Path) -> list[Reported]:
    """The findings of a default run on an unpacked release. Raises CorpusError when it fails."""
    # -P: the release lies in the working directory, and nothing of it may be imported.
    command = [sys.executable, "-P", "-m", "ctxlint", "--isolated", "--no-cache"]
    command += ["--output-format", "json", "--exit-zero", "."]
    try:
        done = subprocess.run(
            command, cwd=directory, capture_output=True, check=False, timeout=TIMEOUT
        )
    except subprocess.TimeoutExpired as error:
        raise CorpusError(f"{directory.name}: no result after {TIMEOUT} seconds") from error
    if done.returncode != 0:
        lines = done.stderr.decode(errors="replace").strip().splitlines() or ["no message"]
        raise CorpusError(f"{directory.name}: exit status {done.returncode}: {lines[-1]}")
    try:
        findings = msgspec.json.decode(done.stdout, type=list[Reported])
    except msgspec.DecodeError as error:
        raise CorpusError(f"{directory.name}: no list of findings: {error}") from error
    return [
        msgspec.structs.replace(finding, path=str(PurePosixPath(finding.path)))
        for finding in findings
    ]


def label_files(packages: Sequence[str], folder: Path = CORPUS) -> list[Path]:
    """The label files asked for, by package or by package-version; all when none is named."""
    files = sorted(folder.glob("*.tsv"))
    if not packages:
        return files
    wanted = {normalised(package) for package in packages}
    chosen = [
        path for path in files if wanted & {normalised(path.stem), path.stem.rpartition("-")[0]}
    ]
    if not chosen:
        raise CorpusError(f"no labels for {', '.join(packages)} in {folder}")
    return chosen


def show_release(name: str, result: Score, codes: Sequence[str]) -> None:
    """One line per rule that has anything to say, then every miss and false alarm by name."""
    print(f"\n{name}")
    for code in codes:
        part = result.only(code)
        if part.leaks or part.false_alarms:
            print(f"  {row(code, part)}")
    for label in result.missed:
        print(f"  MISSED       {label.path}:{label.line} {label.code} {label.reason}")
    for alarm in result.false_alarms:
        finding, why = alarm.finding, alarm.label
        judged = f"labelled clean: {why.reason}" if why else f"no label: {finding.message}"
        print(f"  FALSE ALARM  {finding.path}:{finding.line} {finding.code} {judged}")


def show_group(title: str, result: Score, codes: Sequence[str]) -> None:
    print(f"\n{title}")
    for code in codes:
        print(f"  {row(code, result.only(code))}")
    print(f"  {row('together', result)}  {verdict(result)}")


def row(name: str, part: Score) -> str:
    return (
        f"{name:<9} leaks {part.leaks:>3}  missed {len(part.missed):>3}"
        f"  false alarms {len(part.false_alarms):>3}"
        f"  recall {percent(part.recall)}  precision {percent(part.precision)}"
    )


def percent(share: float | None) -> str:
    return "     -" if share is None else f"{share:6.1%}"


def meets_target(result: Score) -> bool:
    return len(result.missed) <= MOST_MISSED and len(result.false_alarms) <= MOST_FALSE_ALARMS


def verdict(result: Score) -> str:
    return "target met" if meets_target(result) else "TARGET MISSED"


def measure(path: Path, cache: Path, codes: Sequence[str]) -> Score | None:
    """Score one release; None when it was read for none of the rules asked for.

    Raises CorpusError or LabelError.
    """
    file = read_label_file(path)
    if not file.codes & set(codes):
        return None
    directory = release_directory(file.labels[0].package, file.labels[0].version, cache)
    findings = [one for one in run_ctxlint(directory) if file.covers(one.code, one.path)]
    return score(file.labels, findings, codes)


def parse_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="recall and precision on the labelled releases")
    parser.add_argument("--package", action="append", default=[], help="only this one (repeatable)")
    parser.add_argument("--codes", default=",".join(DEFAULT_CODES), help="rules, comma-separated")
    parser.add_argument("--cache", type=Path, default=DEFAULT_CACHE, help="where releases are kept")
    parser.add_argument("--labels", type=Path, default=CORPUS, help="the folder of label files")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    options = parse_arguments(arguments)
    codes: list[str] = [code.strip() for code in options.codes.split(",") if code.strip()]
    unknown = sorted(set(codes) - set(LABEL_CODES.values()))
    if unknown or not codes:
        print(f"no labels for {', '.join(unknown) or 'no code'}", file=sys.stderr)
        return 2
    first, extension, second, failures = Score(), Score(), Score(), 0
    try:
        files = label_files(options.package, options.labels)
    except CorpusError as error:
        print(error, file=sys.stderr)
        return 2
    for path in files:
        try:
            result = measure(path, options.cache, codes)
        except (CorpusError, LabelError) as error:
            print(f"\n{path.stem}\n  NOT MEASURED {error}")
            failures += 1
            continue
        if result is None:
            continue
        show_release(path.stem, result, codes)
        if path.stem in FIRST_SET:
            first += result
        elif path.stem in SECOND_SET:
            second += result
        else:
            extension += result
    show_group("First set", first, codes)
    show_group("Extension", extension, codes)
    show_group("Second set", second, codes)
    whole = first + extension + second
    show_group("Whole corpus", whole, codes)
    print(f"\nTarget: at most {MOST_MISSED} missed and {MOST_FALSE_ALARMS} false alarms in all.")
    if failures:
        print(f"{failures} release(s) could not be measured.")
        return 2
    return 0 if meets_target(whole) else 1


if __name__ == "__main__":
    sys.exit(main())
