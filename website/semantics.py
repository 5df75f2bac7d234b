"""What Python copies and when: the programs of `tests/semantics/`, run with every Python found.

Each program prints lines of the form ``construct -> what the callee sees``. What they have printed
is kept in `tests/semantics/executed.json`, from which the page of the documentation is made, so
that building it needs no other interpreter. `python website/semantics.py [PYTHON ...]` runs the
programs and writes that file; a test compares it with what they print.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

ROOT = Path(__file__).resolve().parents[1]
PROGRAMS = sorted((ROOT / "tests" / "semantics").glob("*.py"))
RECORD = ROOT / "tests" / "semantics" / "executed.json"
OLDEST = (3, 9)  # for which the helpers are written
ARROW = " -> "

# Libraries that a program needs; it is not run where they are not installed. Programs for the
# standard library need none.
NEEDS: Mapping[str, tuple[str, ...]] = {
    "60_anyio": ("anyio",),
    "61_trio": ("trio",),
    "62_asgiref": ("asgiref",),
    "70_opentelemetry": ("opentelemetry-sdk", "opentelemetry-instrumentation-threading"),
    "71_sentry": ("sentry-sdk",),
    "72_ddtrace": ("ddtrace",),
}

_ASK = """
import sys
from importlib.metadata import PackageNotFoundError, version
print("%d.%d" % sys.version_info[:2], "%d.%d.%d" % sys.version_info[:3])
for name in sys.argv[1:]:
    try:
        print(name, version(name))
    except PackageNotFoundError:
        pass
"""
# ddtrace must talk to nobody; and nothing of this Python's may get into the others.
_QUIET: Mapping[str, str] = {
    "DD_REMOTE_CONFIGURATION_ENABLED": "false",
    "DD_INSTRUMENTATION_TELEMETRY_ENABLED": "false",
    "DD_TRACE_STARTUP_LOGS": "false",
    "DD_TRACE_AGENT_URL": "http://127.0.0.1:9",
}


class Python(msgspec.Struct, frozen=True):
    """An interpreter, with the versions of the libraries that programs need."""

    path: Path
    minor: str
    version: str
    libraries: Mapping[str, str]


class Executed(msgspec.Struct):
    """What the programs have printed: by program, by minor version of Python, by construct.

    ``pythons`` and ``libraries`` say what they were run with, for the reader only.
    """

    pythons: dict[str, str]
    libraries: dict[str, dict[str, str]]
    answers: dict[str, dict[str, dict[str, str]]]


def python_at(path: Path) -> Python | None:
    """An interpreter, asked what it is; None if it cannot be run, or is too old."""
    wanted = sorted({name for names in NEEDS.values() for name in names})
    done = _run(path, "-c", _ASK, *wanted)
    if done.returncode != 0:
        return None
    first, *rest = done.stdout.splitlines()
    minor, version = first.split()
    if tuple(map(int, minor.split("."))) < OLDEST:
        return None
    return Python(path, minor, version, dict(line.split() for line in rest))


def can_run(program: Path, python: Python) -> bool:
    """Whether all that a program needs is there."""
    return set(NEEDS.get(program.stem, ())) <= python.libraries.keys()


def printed(program: Path, python: Python) -> dict[str, str]:
    """What a program prints, by construct. Raises RuntimeError when it fails."""
    done = _run(python.path, str(program))
    if done.returncode != 0:
        raise RuntimeError(f"{program.name} with Python {python.version}: {done.stderr}")
    answers: dict[str, str] = {}
    for line in done.stdout.splitlines():
        construct, arrow, seen = line.partition(ARROW)
        if arrow:
            assert construct not in answers, f"{program.name} tells of {construct} twice"
            answers[construct] = seen
    return answers


def execute(pythons: Iterable[Python]) -> Executed:
    """Run every program with the first interpreter of each version that can run it."""
    found = Executed({}, {}, {program.stem: {} for program in PROGRAMS})
    for python in sorted(pythons, key=lambda each: tuple(map(int, each.minor.split(".")))):
        found.pythons.setdefault(python.minor, python.version)
        for program in PROGRAMS:
            answers = found.answers[program.stem]
            if python.minor in answers or not can_run(program, python):
                continue
            answers[python.minor] = printed(program, python)
            for name in NEEDS.get(program.stem, ()):
                found.libraries.setdefault(name, {})[python.minor] = python.libraries[name]
    return found


def recorded() -> Executed:
    """What is kept of the last run."""
    return msgspec.json.decode(RECORD.read_bytes(), type=Executed)


def record(executed: Executed) -> str:
    """The text of the file that keeps a run."""
    return msgspec.json.format(msgspec.json.encode(executed), indent=2).decode() + "\n"


def _run(python: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(python), "-I", *arguments],
        env={**os.environ, **_QUIET},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


def main(paths: Sequence[str]) -> int:
    """Run the programs with these interpreters, then with those of this machine, and keep it."""
    sys.path.insert(0, str(ROOT / "benchmarks"))
    from interpreters import interpreters

    candidates = [*map(Path, paths), *interpreters().values()]
    executed = execute(python for path in candidates if (python := python_at(path)) is not None)
    RECORD.write_text(record(executed), encoding="utf-8")
    print(f"{len(PROGRAMS)} programs, Python {', '.join(executed.pythons.values())}")
    return 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("pythons", nargs="*", metavar="PYTHON", help="interpreters to use first")
    sys.exit(main(parser.parse_args().pythons))
