"""Whether threads inherit their starter's context in a project."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Literal

from . import apis

_NAME = re.compile(r"[A-Za-z0-9._-]+")
_FLOOR = re.compile(r">=\s*3\.(\d+)")


def threads_inherit(setting: bool | Literal["auto"], root: Path) -> bool:
    """The setting, or for ``"auto"`` what the project's pyproject.toml says.

    Threads can inherit where a distribution that instruments them is among the dependencies, or
    where the project runs on 3.14 and later only (free-threaded builds inherit by default).
    """
    if setting != "auto":
        return setting
    try:
        data = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    project = data.get("project", {})
    if not isinstance(project, dict):
        return False
    floor = _FLOOR.search(str(project.get("requires-python", "")))
    if floor is not None and int(floor[1]) >= 14:
        return True
    groups = project.get("optional-dependencies", {})
    extras = groups.values() if isinstance(groups, dict) else ()
    declared = [project.get("dependencies", []), *extras]
    names = [
        match[0].lower().replace("_", "-")
        for group in declared
        if isinstance(group, list)
        for requirement in group
        if (match := _NAME.match(str(requirement)))
    ]
    return any(name in apis.THREAD_INSTRUMENTORS for name in names)
