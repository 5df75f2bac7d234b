"""References to a queue that neither add nor take an item: tested, compared, counted, printed."""

from __future__ import annotations

from typing import Final

from ..facts import model as m
from .index import ModuleIndex
from .trees import last_name

IDLE_MEMBERS: Final = frozenset(
    {
        "task_done", "join", "qsize", "empty", "full", "maxsize", "shutdown", "unfinished_tasks",
        "all_tasks_done", "not_empty", "not_full", "mutex",
    }
)  # fmt: skip
_IDLE_CONTAINER_MEMBERS: Final = frozenset({"clear", "keys", "remove", "discard", "index", "count"})
_IDLE_CALLS: Final = frozenset(
    {
        "isinstance", "len", "bool", "id", "print", "repr", "str", "type", "hasattr", "callable",
        "debug", "info", "warning", "error", "exception", "log", "critical",
    }
)  # fmt: skip
_TESTING: Final = (m.Compare, m.Not, m.Formatted, m.Evaluate, m.If, m.While)


def is_idle_member(name: str) -> bool:
    """Whether ``queue.name`` (or ``queues.name``, of a collection of queues) moves no item."""
    return name in IDLE_MEMBERS or name in _IDLE_CONTAINER_MEMBERS


def is_idle(node: m.Expression, module: ModuleIndex) -> bool:
    """Whether the expression or statement around a reference leaves the queue alone."""
    parent = module.parents.get(node)
    if isinstance(parent, m.Assign):
        return node in parent.targets  # what is assigned is followed from where it is made
    if isinstance(parent, m.For):
        return parent.target is node
    if isinstance(parent, m.Conditional):
        return parent.test is node
    if isinstance(parent, m.Opaque):  # an assert with a message, a del
        return isinstance(module.parents.get(parent), m.Evaluate)
    return parent is None or isinstance(parent, _TESTING)


def is_idle_call(call: m.Call) -> bool:
    """Whether a call that is given a queue only looks at it."""
    name = last_name(call.func)
    if isinstance(call.func, m.Attribute) and name in _IDLE_CONTAINER_MEMBERS:
        return True
    return name in _IDLE_CALLS


def takes_key(call: m.Call) -> bool:
    """``queues.get(key)``: a dict of queues is asked, not a queue."""
    return bool(call.args) and not isinstance(call.args[0], m.Constant)
