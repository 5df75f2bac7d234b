"""What ctxlint does with code that nobody wrote for it.

That is the standard library, what is installed, what is downloaded most, and the corpus.

    python benchmarks/world.py [--only NAME]... [--limit SECONDS] [--memory MB] [--cache DIR]

Each package is copied, checked with every rule, fixed with --unsafe-fixes, and fixed again.
Nothing may crash, hang or take too much memory; every file that compiled must compile after the
fix; and the second fix must change nothing. Exit status: 0 when all of that holds, 1 when not.
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
import sys
import sysconfig
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from accuracy import label_files
from copies import Found, findings, survey
from corpus_files import DEFAULT_CACHE, CorpusError, release_directory
from peers.processes import Run, run
from scoring import read_labels

LIMIT = 900  # seconds for one run on one package
MOST_MEMORY = 2_000  # MB, the largest process of a run
PYTHON = Path(sys.executable)
COMMAND = (sys.executable, "-P", "-m", "ctxlint", "--isolated", "--no-cache", "--select", "ALL")
# The pure-Python packages that were downloaded most in 2026, by their newest releases.
POPULAR = """
anyio==4.16.0 attrs==26.1.0 beautifulsoup4==4.15.0 boto3==1.44.5 botocore==1.44.5 cachetools==8.0.1
certifi==2026.10.18 click==8.5.1 colorama==0.4.6 decorator==5.3.1 distlib==0.4.4 docutils==0.23
fastapi==0.165.0 filelock==4.2.11 flask==3.1.3 fsspec==2026.9.0 google-api-core==2.44.0
google-auth==2.62.2 h11==0.16.0 httpcore==1.0.9 httpx==0.28.1 idna==3.20 importlib-metadata==10.2.0
iniconfig==2.3.1 jinja2==3.1.6 jmespath==1.1.0 markdown-it-py==4.3.0 networkx==3.7 oauthlib==4.0.1
packaging==26.3 pip==26.3 platformdirs==4.14.7 pluggy==1.7.0 pyasn1==0.6.5 pygments==2.21.0
pyjwt==2.15.1 pyparsing==3.3.3 pytest==9.2.0 python-dateutil==4.0.0 pytz==2026.6 requests==2.34.2
rich==15.0.0 rsa==4.9.1 s3fs==2026.9.0 s3transfer==0.19.3 setuptools==84.2.1 six==1.17.0
starlette==1.10.0 tenacity==9.2.1 tqdm==4.70.1 typing-extensions==4.16.0 urllib3==2.8.0
uvicorn==0.54.0 virtualenv==21.15.8 werkzeug==3.1.9 wheel==0.48.0
"""


@dataclass
class Seen:
    """What became of one package."""

    name: str
    files: int = 0
    lines: int = 0
    seconds: float = 0.0
    memory: float = 0.0
    found: int = 0
    unreadable: int = 0
    changed: int = 0
    faults: list[str] = field(default_factory=list)

    def add(self, other: Seen) -> None:
        """Add up what became of another package."""
        self.files += other.files
        self.lines += other.lines
        self.seconds += other.seconds
        self.memory = max(self.memory, other.memory)
        self.found += other.found
        self.unreadable += other.unreadable
        self.changed += other.changed
        self.faults += [f"{other.name}: {each}" for each in other.faults]


def subjects(cache: Path) -> Iterator[tuple[str, str, Path]]:
    """The packages: what kind each is of, its name, and where it lies."""
    yield "the standard library", sysconfig.get_python_version(), Path(sysconfig.get_path("stdlib"))
    installed = Path(sysconfig.get_path("purelib"))
    for directory in sorted(installed.iterdir()):
        if directory.is_dir() and any(directory.rglob("*.py")):
            yield "installed", directory.name, directory
    for pinned in POPULAR.split():
        package, version = pinned.split("==")
        yield "popular", pinned, release_directory(package, version, cache)
    for path in label_files(()):
        label = read_labels(path)[0]
        yield "the corpus", path.stem, release_directory(label.package, label.version, cache)


def look(name: str, original: Path, limit: float, most_memory: float) -> Seen:
    """Check and fix a copy of one package."""
    seen = Seen(name)
    with tempfile.TemporaryDirectory() as temporary:
        copy = Path(temporary, "package")
        left_out = shutil.ignore_patterns("__pycache__", "site-packages", ".ctxlint_cache")
        shutil.copytree(original, copy, ignore=left_out, symlinks=True)
        seen.files, seen.lines = _size(copy)
        before = _digests(copy)
        compiled = survey(copy, PYTHON)
        _check(seen, copy, limit)
        _fix(seen, copy, limit)
        after = _digests(copy)
        seen.changed = sum(after[path] != before.get(path) for path in after)
        broken = survey(copy, PYTHON).broken - compiled.broken
        seen.faults += [f"compiles no more: {each}" for each in sorted(broken)]
        if seen.changed:
            _fix(seen, copy, limit)
            if _digests(copy) != after:
                seen.faults.append("a second fix changes files")
    if seen.memory > most_memory:
        seen.faults.append(f"takes {seen.memory:.0f} MB")
    return seen


def _size(directory: Path) -> tuple[int, int]:
    """The Python files in a directory, and their lines."""
    lines = [path.read_bytes().count(b"\n") for path in directory.rglob("*.py") if path.is_file()]
    return len(lines), sum(lines)


def _digests(directory: Path) -> dict[str, str]:
    """What each file holds, whatever it is, in few bytes.

    A process is measured from its birth, when it still is the one that starts it: what is kept
    here would be counted there.
    """
    digests = {}
    for path in sorted(directory.rglob("*")):
        if path.is_file():
            with path.open("rb") as stream:
                digest = hashlib.file_digest(stream, "sha256")
            digests[path.relative_to(directory).as_posix()] = digest.hexdigest()
    return digests


def _check(seen: Seen, copy: Path, limit: float) -> None:
    done = _run(seen, copy, limit, "--exit-zero", "--output-format", "json")
    if done is not None:
        found: list[Found] = findings(done.output.encode())
        seen.seconds = done.seconds
        seen.found = sum(each.code != "CTX900" for each in found)
        seen.unreadable = len(found) - seen.found
        seen.faults += [f"{f.path}: {f.message}" for f in found if "to be analysed" in f.message]


def _fix(seen: Seen, copy: Path, limit: float) -> None:
    _run(seen, copy, limit, "--exit-zero", "--fix", "--unsafe-fixes", "--output-format", "json")


def _run(seen: Seen, copy: Path, limit: float, *flags: str) -> Run | None:
    try:
        done = run([*COMMAND, *flags, "."], directory=copy, limit=limit)
    except CorpusError as error:
        seen.faults.append(str(error))
        return None
    seen.memory = max(seen.memory, done.memory)
    if done.cut:
        seen.faults.append(f"no result after {limit:.0f} s: {' '.join(flags)}")
        return None
    return done


def show(seen: Seen) -> None:
    """One line for a package, and one for each thing that went wrong."""
    print(
        f"{seen.name:<40} {seen.files:>6,} {seen.lines:>9,} {seen.seconds:>7.1f}"
        f" {seen.memory:>6.0f} {seen.found:>5} {seen.unreadable:>5} {seen.changed:>5}"
        f" {'WRONG' if seen.faults else ''}".rstrip(),
        flush=True,
    )
    for fault in seen.faults:
        print(f"    {fault}", flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="every package that is to be had")
    parser.add_argument("--only", action="append", help="packages whose name holds this")
    parser.add_argument("--limit", type=float, default=LIMIT, help="seconds for one run")
    parser.add_argument("--memory", type=float, default=MOST_MEMORY, help="MB for one process")
    parser.add_argument("--cache", type=Path, default=DEFAULT_CACHE, help="where releases are kept")
    options = parser.parse_args(arguments)
    print(f"{'':<40} {'files':>6} {'lines':>9} {'seconds':>7} {'MB':>6} found CTX900 fixed files")
    totals: dict[str, Seen] = {}
    try:
        for kind, name, original in subjects(options.cache):
            if options.only and not any(each in f"{kind}: {name}" for each in options.only):
                continue
            seen = look(f"{kind}: {name}", original, options.limit, options.memory)
            show(seen)
            totals.setdefault(kind, Seen(f"{kind}, all")).add(seen)
    except CorpusError as error:
        print(error, file=sys.stderr)
        return 1
    print()
    for total in totals.values():
        show(total)
    return 1 if any(total.faults for total in totals.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
