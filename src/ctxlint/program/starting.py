"""Where a thread or timer object that a call makes is started."""

from __future__ import annotations

from ..facts import model as m
from .index import ModuleIndex
from .spawns import Spawn
from .trees import dotted_name


def starts_of(spawn: Spawn) -> list[m.Attribute]:
    """The mentions of ``t.start`` behind ``t = Thread(...)``, in the function that makes it."""
    return starts_behind(spawn.call, spawn.module)


def starts_behind(call: m.Call, module: ModuleIndex) -> list[m.Attribute]:
    """The same of any call that makes an object."""
    parent = module.parents.get(call)
    if isinstance(parent, m.Attribute):
        return [parent] if parent.attr == "start" else []
    targets = parent.targets if isinstance(parent, m.Assign) else ()
    names = {name for name in map(dotted_name, targets) if name is not None}
    return [
        node
        for node in module.scope_of(call).nodes
        if isinstance(node, m.Attribute)
        and node.at > call.at
        and node.attr == "start"
        and dotted_name(node.value) in names
    ]
