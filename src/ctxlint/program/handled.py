"""Small questions about what is done with an item: is it handled, looked at, or thrown away?"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from typing import Final

from ..facts import model as m
from .index import ModuleIndex
from .trees import last_name

_DATA: Final = (str, bytes, int, float, list, tuple, dict, set, deque)
COMPLETING: Final = frozenset({"set_result", "set_exception", "add_done_callback"})
"""Methods that tell whoever waits for an item what became of it."""
_SIGNALS: Final = COMPLETING | {
    "cancel", "cancelled", "done", "running", "result", "exception", "get_loop",
    "set_running_or_notify_cancel", "set", "is_set", "wait", "release",
}  # fmt: skip
PLAIN_METHODS: Final = _SIGNALS | {
    name for kind in _DATA for name in dir(kind) if not name.startswith("_")
}
"""Methods of plain data, futures and events: they do nothing that depends on a context."""

_DROPPING: Final = re.compile(
    r"(?:^|_)(?:drop|discard|reject|cancel|abandon|abort|skip|ignore|expire|forget|lost|fail|count)",
    re.IGNORECASE,
)
_SIGNAL: Final = re.compile(r"fut|task|event|done|ready|finish|result|reply|respon", re.IGNORECASE)


def is_dropping(call: m.Call) -> bool:
    """Whether a call says by its name that the item is given up, or only counted."""
    return _DROPPING.search(last_name(call.func)) is not None


def is_coroutine(node: m.Expression) -> bool:
    """Whether a part of an item that is awaited is work, and nothing that work elsewhere ends."""
    if not isinstance(node, m.Name | m.Attribute | m.Subscript):
        return False
    return _SIGNAL.search(last_name(node)) is None


def begins_batch(node: m.Sequence, module: ModuleIndex) -> bool:
    """``batch = [item]``"""
    return len(node.elements) == 1 and isinstance(module.parents.get(node), m.Assign)


def is_target(node: m.Expression, module: ModuleIndex) -> bool:
    """Whether an expression is bound where it stands, alone or as one of several."""
    parent = module.parents.get(node)
    while isinstance(parent, m.Sequence | m.Starred):
        node, parent = parent, module.parents.get(parent)
    if isinstance(parent, m.Assign):
        return node in parent.targets
    if isinstance(parent, m.For | m.Clause | m.Assigned | m.Augment | m.WithItem):
        return parent.target is node
    return False


def parts_of_target(target: m.Expression) -> Iterator[tuple[object, m.Expression]]:
    """The names that a tuple is unpacked to, with their places; none behind a starred one."""
    if isinstance(target, m.Sequence):
        for index, element in enumerate(target.elements):
            if isinstance(element, m.Starred):
                return
            yield index, element
