"""The pinned PyPI releases of the corpus: fetched and unpacked once, outside the repository."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from pathlib import Path

CORPUS = Path(__file__).resolve().parent / "corpus"
DEFAULT_CACHE = Path.home() / ".cache" / "ctxlint-corpus"
# Labels were made from what pip chooses for this version; another one could mean another wheel.
PYTHON_VERSION = "3.12"


class CorpusError(Exception):
    """A release cannot be had; the message is one line that says which and why."""


def normalised(name: str) -> str:
    """A distribution's name as PyPI compares names: lower case, runs of `-_.` as one dash."""
    return re.sub(r"[-_.]+", "-", name).lower()


def check_cache(cache: Path) -> None:
    """Refuse a cache inside a repository: ctxlint would take the repository for the project."""
    for directory in (cache.absolute(), *cache.absolute().parents):
        if (directory / ".git").exists():
            raise CorpusError(
                f"{cache}: lies in the repository {directory}, choose another --cache"
            )


def release_directory(package: str, version: str, cache: Path) -> Path:
    """The unpacked wheel of a release, downloaded and unpacked if it is not in `cache` yet.

    Raises CorpusError when pip cannot fetch the wheel or it is no valid archive.
    """
    check_cache(cache)
    directory = cache / f"{package}-{version}"
    if directory.is_dir():
        return directory
    wheel = _cached_wheel(package, version, cache / "wheels") or _download(package, version, cache)
    # Unpacked beside and renamed: an interrupted run leaves no half release that looks whole.
    unfinished = cache / f"{package}-{version}.unfinished"
    try:
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(unfinished)
    except (OSError, zipfile.BadZipFile) as error:
        raise CorpusError(f"{wheel}: cannot be unpacked: {error}") from error
    unfinished.rename(directory)
    return directory


def python_files(directory: Path) -> list[Path]:
    """Every Python file of an unpacked release, sorted."""
    return sorted(path for path in directory.rglob("*.py") if path.is_file())


def _cached_wheel(package: str, version: str, wheels: Path) -> Path | None:
    for wheel in sorted(wheels.glob("*.whl")):
        name, wheel_version = wheel.name.split("-")[:2]
        if normalised(name) == normalised(package) and wheel_version == version:
            return wheel
    return None


def _download(package: str, version: str, cache: Path) -> Path:
    wheels = cache / "wheels"
    wheels.mkdir(parents=True, exist_ok=True)
    requirement = f"{package}=={version}"
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    command += ["--only-binary=:all:", "--python-version", PYTHON_VERSION]
    command += ["--dest", str(wheels), requirement]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    wheel = _cached_wheel(package, version, wheels)
    if done.returncode != 0 or wheel is None:
        lines = done.stderr.strip().splitlines() or ["no wheel"]
        raise CorpusError(f"{requirement}: pip download failed: {lines[-1]}")
    return wheel
