"""An environment for each package: its dependencies, pinned, made once and outside the checkout."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))  # scripts that import each other, not a package

from corpus_files import CorpusError  # noqa: E402
from interpreters import interpreters  # noqa: E402

# The pinned dependencies have wheels for these.
PYTHONS = ((3, 12), (3, 13))


def environment(package: str, cache: Path) -> Path:
    """The Python of an environment that holds what `package` imports, but not `package` itself.

    Raises CorpusError where it cannot be made.
    """
    requirements = HERE / "requirements" / f"{package}.txt"
    version = next((version for version in PYTHONS if version in interpreters()), None)
    if version is None:
        wanted = " or ".join(f"{major}.{minor}" for major, minor in PYTHONS)
        raise CorpusError(f"{package}: needs Python {wanted}")
    pinned = hashlib.sha256(requirements.read_bytes()).hexdigest()[:12]
    directory = cache / "environments" / f"{package}-{version[0]}.{version[1]}-{pinned}"
    python = directory / "bin" / "python"
    complete = directory / "complete"
    if not complete.exists():
        _run(package, [str(interpreters()[version]), "-m", "venv", "--clear", str(directory)])
        command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        _run(package, [*command, "--no-deps", "--only-binary=:all:", "-r", str(requirements)])
        complete.touch()
    return python


def _run(package: str, command: Sequence[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines() or ["no message"]
        raise CorpusError(f"{package}: no environment: {lines[-1]}")
