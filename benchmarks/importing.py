"""Whether the modules that a fix has changed can still be imported."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from copies import newest_interpreter, texts

_INSTALL_TIMEOUT = 900
_IMPORT_TIMEOUT = 300

# Prints the modules that cannot be imported, each tried in this one process.
_IMPORT = """
import importlib, sys
for module in sys.argv[1:]:
    try:
        importlib.import_module(module)
    except BaseException as error:
        print(module, "%s: %s" % (type(error).__name__, str(error).splitlines()[:1]))
"""


@dataclass(frozen=True)
class Imported:
    """How many changed modules could be imported as released, and which cannot be any more."""

    tried: bool
    modules: int = 0
    importable: int = 0
    broken: tuple[str, ...] = ()
    why_not: str = ""

    def __str__(self) -> str:
        if not self.tried:
            return f"not imported ({self.why_not})"
        return f"imported {self.importable - len(self.broken)} of {self.modules}"


def import_changed(
    package: str, original: Path, copy: Path, temporary: Path, cache: Path
) -> Imported:
    """Import every changed module, as released and as fixed, where dependencies install."""
    before, after = texts(original), texts(copy)
    changed = [path for path in after if after[path] != before.get(path)]
    modules = [_module(path) for path in changed if path.endswith(".py")]
    python, problem = _environment(original, cache)
    if python is None:
        return Imported(False, why_not=problem)
    helpers = _helpers(copy.parent)
    could = set(modules) - _failing(python, modules, [original])
    broken = _failing(python, sorted(could), [copy, helpers])
    return Imported(True, len(modules), len(could), tuple(sorted(broken)))


def _module(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _failing(python: Path, modules: Sequence[str], paths: Sequence[Path]) -> set[str]:
    if not modules:
        return set()
    found = {"PYTHONPATH": os.pathsep.join(map(str, paths)), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(
            [str(python), "-c", _IMPORT, *modules],
            env={**os.environ, **found},
            cwd=paths[0],
            capture_output=True,
            text=True,
            check=False,
            timeout=_IMPORT_TIMEOUT,
        )
    except subprocess.TimeoutExpired:
        return set(modules)
    if done.returncode != 0:
        return set(modules)
    said = (line.split(" ", 1)[0] for line in done.stdout.splitlines())
    return {module for module in said if module in modules}


def _environment(original: Path, cache: Path) -> tuple[Path | None, str]:
    """A Python with the dependencies of a release, or why there is none."""
    directory = cache / "environments" / original.name
    python = directory / "bin" / "python"
    complete, failed = directory / "complete", directory / "failed"
    if failed.exists():
        return None, failed.read_text("utf-8")
    if not complete.exists():
        name, _, version = original.name.rpartition("-")
        command = [str(newest_interpreter(original)), "-m", "venv", "--clear", str(directory)]
        subprocess.run(command, capture_output=True, check=True)
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        try:
            done = subprocess.run(
                [*pip, "--prefer-binary", f"{name}=={version}"],
                capture_output=True,
                text=True,
                check=False,
                timeout=_INSTALL_TIMEOUT,
            )
        except subprocess.TimeoutExpired:
            failed.write_text(f"pip took more than {_INSTALL_TIMEOUT} seconds", "utf-8")
            return _environment(original, cache)
        if done.returncode != 0:
            lines = done.stderr.strip().splitlines() or ["no message"]
            failed.write_text(lines[-1], "utf-8")
            return _environment(original, cache)
        complete.touch()
    return python, ""


def _helpers(workplace: Path) -> Path:
    """A directory from which ctxlint can be imported, and nothing else of this environment."""
    import ctxlint

    directory = workplace / "helpers"
    if not directory.exists():
        directory.mkdir()
        (directory / "ctxlint").symlink_to(Path(ctxlint.__file__).parent)
    return directory
