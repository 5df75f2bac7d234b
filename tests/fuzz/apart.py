"""Where the functions and classes stand by which something is started: beside it, in a module of
their own under their name or another, or in a package that passes them on.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from .cell import Cell
from .loops import Pick
from .spawning import Spawn

_DEFINED = re.compile(r"(?:async def|def|class) ([A-Za-z]\w*)|([A-Z]+) = ")


def apart(pick: Pick, cell: Cell, spawn: Spawn, guarded: Sequence[str]) -> tuple[list[str], Spawn]:
    """The imports of a module, and a spawn in it with what is left to stand beside it."""
    said = "\n".join(spawn.lines)
    found = (match[1] or match[2] for row in spawn.beside if (match := _DEFINED.match(row)))
    names = [name for name in found if re.search(rf"\b{name}\b", said)]
    where = pick("here", "here", "module", "renamed", "whole", "package", "absolute")
    if where == "here" or not names or "go" in names:
        return [], spawn
    home = f"{cell.label}_kit"
    listed = ", ".join(names)
    own = [*guarded, "", "", *spawn.beside]
    if where == "package":
        cell.modules[f"{home}/starting"] = own
        cell.modules[f"{home}/__init__"] = [f"from .starting import {listed}"]
        return [f"from .{home} import {listed}"], Spawn(spawn.lines)
    cell.modules[home] = own
    if where == "renamed":
        renamed = {name: f"the_{name}" for name in names}
        lines = _called(spawn.lines, renamed)
        taken = ", ".join(f"{name} as {other}" for name, other in renamed.items())
        return [f"from .{home} import {taken}"], Spawn(lines)
    if where == "whole":
        lines = _called(spawn.lines, {name: f"{home}.{name}" for name in names})
        return [f"from . import {home}"], Spawn(lines)
    origin = f"shop.{home}" if where == "absolute" else f".{home}"
    return [f"from {origin} import {listed}"], Spawn(spawn.lines)


def _called(lines: Sequence[str], names: dict[str, str]) -> tuple[str, ...]:
    pattern = re.compile(r"\b(" + "|".join(names) + r")\b(?=[.(,)])")
    return tuple(pattern.sub(lambda match: names[match[1]], line) for line in lines)
