"""Real packages before and after `ctxlint --fix --unsafe-fixes`: whose work is done in whose name.

    python benchmarks/behaviour/run.py [--package NAME]... [--cache DIR] [--keep DIR]

Each scenario drives a released package with two overlapping requests, under the OpenTelemetry SDK
and with a user's identity in context variables. It has to show the leak in the package as it was
released, and to show that all is right in a copy that ctxlint has fixed. Exit status: 0 when all
do, 1 when not, 2 when something could not be run.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))  # scripts that import each other, not a package

from corpus_files import DEFAULT_CACHE, CorpusError, normalised, release_directory  # noqa: E402
from environments import environment  # noqa: E402

TIMEOUT = 300

Verdict = Literal["leaks", "right", "neither", "fails"]


@dataclass(frozen=True)
class Release:
    """A release of a package, and the scripts in scenarios/ that drive it."""

    package: str
    version: str
    scenarios: tuple[str, ...]


RELEASES = (
    Release("llama-stack", "0.6.0", ("llama_stack_inference_store", "llama_stack_responses")),
    Release("agentex-sdk", "0.12.0", ("agentex_span_queue",)),
    Release("fastmcp", "3.2.0", ("fastmcp_subscriber",)),
)


@dataclass(frozen=True)
class Outcome:
    """What a scenario has said of one variant of the package, and all that it saw."""

    verdict: Verdict
    details: str = ""


@dataclass(frozen=True)
class Result:
    release: Release
    scenario: str
    before: Outcome
    after: Outcome

    @property
    def good(self) -> bool:
        return (self.before.verdict, self.after.verdict) == ("leaks", "right")


def fixed_copy(original: Path, copy: Path) -> str:
    """Copy a release and fix the copy; what ctxlint printed. Raises CorpusError when it fails."""
    shutil.copytree(original, copy)
    # -P: the release lies in the working directory, and nothing of it may be imported.
    command = [sys.executable, "-P", "-m", "ctxlint", "--isolated", "--fix", "--unsafe-fixes"]
    command += ["--exit-zero", "--output-format", "concise", "."]
    done = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines() or ["no message"]
        raise CorpusError(f"{original.name}: exit status {done.returncode}: {lines[-1]}")
    return (done.stdout + done.stderr).strip()


def outcome(scenario: str, python: Path, paths: Sequence[Path]) -> Outcome:
    """Run a scenario in the package's environment, with the package itself found in `paths`."""
    found = {"PYTHONPATH": os.pathsep.join(map(str, paths)), "PYTHONDONTWRITEBYTECODE": "1"}
    script = HERE / "scenarios" / f"{scenario}.py"
    try:
        done = subprocess.run(
            [str(python), str(script)],
            env={**os.environ, **found},
            capture_output=True,
            text=True,
            check=False,
            timeout=TIMEOUT,
        )
    except subprocess.TimeoutExpired:
        return Outcome("fails", f"no end after {TIMEOUT} seconds")
    if done.returncode != 0:
        return Outcome("fails", done.stderr.strip())
    told = json.loads(done.stdout.splitlines()[-1])
    return Outcome(told["verdict"], json.dumps(told["outcome"], indent=2))


def compare(release: Release, cache: Path, workplace: Path) -> list[Result]:
    """Run the scenarios of a release, before and after the fix. Raises CorpusError."""
    original = release_directory(release.package, release.version, cache)
    python = environment(release.package, cache)
    copy = workplace / original.name
    print(f"\n{original.name}: ctxlint --fix --unsafe-fixes")
    for line in fixed_copy(original, copy).splitlines():
        print(f"  {line}")
    helpers = helpers_only(workplace)
    return [
        Result(
            release,
            scenario,
            outcome(scenario, python, [original]),
            outcome(scenario, python, [copy, helpers]),
        )
        for scenario in release.scenarios
    ]


def helpers_only(workplace: Path) -> Path:
    """A directory from which ctxlint can be imported, and nothing else of this environment."""
    import ctxlint

    directory = workplace / "helpers"
    if not directory.exists():
        directory.mkdir()
        (directory / "ctxlint").symlink_to(Path(ctxlint.__file__).parent)
    return directory


def show(results: Sequence[Result]) -> None:
    print(f"\n{'package':<20} {'scenario':<29} {'before':<8} {'after':<8}")
    for result in results:
        name = f"{result.release.package} {result.release.version}"
        before, after = result.before.verdict, result.after.verdict
        word = "ok" if result.good else "WRONG"
        print(f"{name:<20} {result.scenario:<29} {before:<8} {after:<8} {word}")
    for result in results:
        for when, seen, wanted in (
            ("before", result.before, "leaks"),
            ("after", result.after, "right"),
        ):
            if seen.verdict != wanted:
                print(f"\n{result.scenario}, {when} the fix: {seen.verdict}\n{seen.details}")


def parse_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="real packages before and after their fix")
    parser.add_argument("--package", action="append", default=[], help="only this one (repeatable)")
    parser.add_argument("--cache", type=Path, default=DEFAULT_CACHE, help="releases, environments")
    parser.add_argument("--keep", type=Path, help="leave the fixed copies in this new directory")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    options = parse_arguments(arguments)
    wanted = {normalised(package) for package in options.package}
    releases = [each for each in RELEASES if not wanted or each.package in wanted]
    results: list[Result] = []
    try:
        if not releases:
            raise CorpusError(f"no scenario for {', '.join(options.package)}")
        with tempfile.TemporaryDirectory() as temporary:
            workplace = options.keep or Path(temporary)
            workplace.mkdir(parents=True, exist_ok=True)
            for release in releases:
                results += compare(release, options.cache, workplace.resolve())
    except (CorpusError, OSError) as error:
        print(f"behaviour: error: {error}", file=sys.stderr)
        return 2
    show(results)
    return 0 if all(result.good for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
