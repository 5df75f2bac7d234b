"""Loops that wait for the next item: where it is received, and what is done per item."""

from __future__ import annotations

from .. import apis
from ..facts import model as m
from .trees import last_name, walk

Loop = m.While | m.For


def is_receiving(loop: Loop) -> bool:
    """Whether a loop waits for the next item in its head or body."""
    if isinstance(loop, m.For):
        return loop.is_async or is_receive(last_name(_iterated_getter(loop.iter)))
    return receive_position(loop) is not None


def receive_position(loop: Loop) -> int | None:
    """Where, in a loop's head or body, the next item is waited for."""
    roots: tuple[m.Node, ...] = (loop.test, *loop.body) if isinstance(loop, m.While) else loop.body
    for node in walk(*roots):
        if isinstance(node, m.Call) and is_receive_call(node):
            return node.at
    return None


def holds_receive(node: m.Expression) -> bool:
    """Whether an expression receives an item somewhere inside."""
    return any(is_receive_call(each) for each in walk(node))


def is_receive(name: str) -> bool:
    """Whether a name is that of a method which waits for the next item."""
    return name in apis.RECEIVERS


def is_receive_call(node: m.Node) -> bool:
    """``x.get()`` and its kin; a dict's ``get(key)`` is none."""
    if not isinstance(node, m.Call) or not isinstance(node.func, m.Attribute):
        return False
    name = node.func.attr
    if name in ("get", "poll"):
        first = node.args[0] if node.args else None
        return first is None or (isinstance(first, m.Constant) and not isinstance(first.value, str))
    return is_receive(name)


def _iterated_getter(node: m.Expression) -> m.Expression:
    """The getter of ``iter(get, sentinel)``, else the expression itself."""
    if isinstance(node, m.Call) and last_name(node.func) == "iter" and node.args:
        return node.args[0]
    return node
