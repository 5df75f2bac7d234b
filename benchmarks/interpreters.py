"""The Pythons of this machine: one for each minor version."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

# A version manager's shims stand on PATH for versions that they then refuse to run.
_ASK = """
import sys, sysconfig, venv, ensurepip
if sys.implementation.name == "cpython" and not sysconfig.get_config_var("Py_GIL_DISABLED"):
    print(*sys.version_info[:2], sys.executable)
"""
_OLDEST, _NEWEST = 9, 20  # minor versions of Python 3 that are looked for


@cache
def interpreters() -> dict[tuple[int, int], Path]:
    """Every CPython that can make environments, by its version."""
    found: dict[tuple[int, int], Path] = {}
    for candidate in _candidates():
        done = subprocess.run(
            [candidate, "-I", "-c", _ASK],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode == 0 and done.stdout:
            major, minor, path = done.stdout.strip().split(" ", 2)
            found.setdefault((int(major), int(minor)), Path(path))
    return found


def _candidates() -> list[str]:
    on_path = [shutil.which(f"python3.{minor}") for minor in range(_OLDEST, _NEWEST)]
    versions = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions")
    pyenv = sorted(str(path) for path in versions.glob("3.*/bin/python"))
    return [sys.executable, *(path for path in on_path if path), *pyenv]
