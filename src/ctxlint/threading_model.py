"""Whether threads inherit their starter's context in a project."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

from . import apis
from .declared import declared

_FLOOR = re.compile(r">=\s*3\.(\d+)")


def threads_inherit(setting: bool | Literal["auto"], root: Path) -> bool:
    """The setting, or for ``"auto"`` what the project's files say.

    Threads can inherit where a distribution that instruments them is among the dependencies, or
    where the project runs on 3.14 and later only (free-threaded builds inherit by default).
    """
    if setting != "auto":
        return setting
    project = declared(root)
    if project is None:
        return False
    floor = _FLOOR.search(project.requires_python)
    if floor is not None and int(floor[1]) >= 14:
        return True
    return bool(apis.THREAD_INSTRUMENTORS & (project.dependencies | project.extras))
