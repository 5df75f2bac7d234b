"""Overlaps: whether what two places start, or one place again and again, can run at one time."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import takewhile
from typing import Final

from ..facts import model as m
from .bounds import WAITING, handles_of
from .index import ModuleIndex
from .trees import last_name, mentions, offset, own_statements, suites, walk

Loop = m.While | m.For | m.Comprehension
_LEAVING: Final = (m.Return, m.Raise, m.Break, m.Continue)
_ENDING: Final = ("result", "join", "exception", "shutdown", "close", "wait_closed")


def repeating_loop(node: m.Call, module: ModuleIndex, names: frozenset[str]) -> Loop | None:
    """The loop or comprehension that starts a run in each round while earlier ones still go on.

    None as well where a round binds one of ``names`` anew: then each has an object of its own.
    """
    inner: m.Node = node
    for around in module.ancestors(node):
        if isinstance(around, m.Comprehension):
            if not isinstance(inner, m.Clause) and not _is_waited_in_place(node, module):
                return around
        elif isinstance(around, m.While | m.For) and inner in around.body:
            if _binds(around, names):
                return None
            if not _waits_in(around, node, module) and not _leaves(node, around, module):
                return around
        inner = around
    return None


def can_overlap(first: m.Call, second: m.Call, module: ModuleIndex) -> bool:
    """Whether the run that ``first`` starts can still go on when ``second`` starts another."""
    if _excludes(first, second, module) or _is_waited_in_place(first, module):
        return False
    within = list(module.ancestors(second))
    for around in module.ancestors(first):
        if isinstance(around, m.With) and around not in within and _holds(around, first):
            return False
    function = module.scope_of(first)
    between = (
        node
        for node in function.nodes
        if offset(first) < offset(node) < offset(second) or isinstance(node, m.For)
    )
    return not _is_waited(between, first, module)


def is_rebound(first: m.Node, second: m.Node, names: frozenset[str], module: ModuleIndex) -> bool:
    """Whether one of some names gets another value between two places of a function."""
    return any(
        offset(first) < offset(statement) < offset(second) and _assigns(statement, names)
        for statement in own_statements(module.scope_of(first).body)
    )


# --- names -----------------------------------------------------------------------------------


def _binds(loop: m.While | m.For, names: frozenset[str]) -> bool:
    if isinstance(loop, m.For) and mentions(loop.target, names):
        return True
    return any(_assigns(statement, names) for statement in own_statements(loop.body))


def _assigns(statement: m.Statement, names: frozenset[str]) -> bool:
    targets: list[m.Expression] = []
    if isinstance(statement, m.Assign):
        targets += statement.targets
    elif isinstance(statement, m.For):
        targets.append(statement.target)
    elif isinstance(statement, m.With):
        targets += [item.target for item in statement.items if item.target is not None]
    if not any(suites(statement)):
        targets += [each.target for each in walk(statement) if isinstance(each, m.Assigned)]
    return any(mentions(target, names) for target in targets)


# --- waiting ---------------------------------------------------------------------------------


def _is_waited_in_place(node: m.Node, module: ModuleIndex) -> bool:
    """``await run()``, ``await wait_for(run(), 5)``, ``submit().result()``."""
    parent = module.parents.get(node)
    while isinstance(parent, m.Call) and last_name(parent.func) in ("wait_for", "shield"):
        node, parent = parent, module.parents.get(parent)
    return isinstance(parent, m.Await) or (
        isinstance(parent, m.Attribute) and parent.attr in _ENDING
    )


def _waits_in(loop: m.While | m.For, node: m.Call, module: ModuleIndex) -> bool:
    """Whether each round waits for the run it starts."""
    if _is_waited_in_place(node, module):
        return True
    for around in takewhile(lambda each: each is not loop, module.ancestors(node)):
        if isinstance(around, m.With) and _holds(around, node):
            return True
    return _is_waited(walk(*loop.body), node, module)


def _is_waited(nodes: Iterator[m.Node], started: m.Call, module: ModuleIndex) -> bool:
    """Whether some of these nodes wait for what a call starts, by the names that hold it."""
    names = {handle.name for handle in handles_of(started, module)}
    receiver = _receiver(started)
    for node in nodes:
        names |= _names_of_each(node, names)
        if isinstance(node, m.Await) and mentions(node.value, names):
            return True
        if isinstance(node, m.Call):
            if isinstance(node.func, m.Attribute) and node.func.attr in _ENDING:
                if mentions(node.func.value, names | receiver):
                    return True
            if last_name(node.func) in {*WAITING, "as_completed"}:
                if any(mentions(each, names) for each in node.args):
                    return True
    return False


def _names_of_each(node: m.Node, names: set[str]) -> set[str]:
    """What a loop over what the names hold calls each of it."""
    loops = node.clauses if isinstance(node, m.Comprehension) else (node,)
    return {
        each.id
        for loop in loops
        if isinstance(loop, m.For | m.Clause) and mentions(loop.iter, names)
        for each in walk(loop.target)
        if isinstance(each, m.Name)
    }


def _receiver(call: m.Call) -> set[str]:
    """The name of the pool or group that a run is given to."""
    return {last_name(call.func.value)} - {""} if isinstance(call.func, m.Attribute) else set()


def _holds(block: m.With, node: m.Call) -> bool:
    """Whether leaving a ``with`` waits for what a call in it starts: a pool's or a group's."""
    names = _receiver(node) | {name for each in node.args[:1] if (name := last_name(each))}
    return any(item.target is not None and mentions(item.target, names) for item in block.items)


# --- ways ------------------------------------------------------------------------------------


def _leaves(node: m.Node, loop: m.While | m.For, module: ModuleIndex) -> bool:
    """Whether the loop ends when a node in it has run: by the next jump in the same suite."""
    inner = node
    while inner is not loop:
        around = module.parents[inner]
        if _jumps_after(inner, around, (m.Return, m.Raise, m.Break)):
            return True
        inner = around
    return False


def _jumps_after(inner: m.Node, around: m.Node, kinds: tuple[type[m.Node], ...]) -> bool:
    if isinstance(inner, m.Return):
        return True
    holding = (around.body,) if isinstance(around, m.Handler | m.Case) else suites(around)
    for suite in holding:
        if inner in suite:
            behind = suite[suite.index(inner) + 1 :]
            return any(isinstance(each, kinds) for each in behind)
    return False


def _excludes(first: m.Node, second: m.Node, module: ModuleIndex) -> bool:
    """Whether one call of the function runs only one of two places."""
    above: dict[m.Node, m.Node] = {}
    inner = second
    for around in module.ancestors(second):
        above[around] = inner
        inner = around
    inner = first
    for around in module.ancestors(first):
        if around in above:
            branches = _branch(around, inner), _branch(around, above[around])
            return all(branches) and branches[0] != branches[1]
        if _jumps_after(inner, around, _LEAVING):
            return True
        inner = around
    return False


def _branch(around: m.Node, inner: m.Node) -> int:
    """Which of several alternatives a part of a node belongs to; 0 where there are none."""
    if isinstance(around, m.If):
        return 1 if inner in around.body else 2 if inner in around.orelse else 0
    if isinstance(around, m.Conditional):
        return 1 if inner is around.body else 2 if inner is around.orelse else 0
    if isinstance(around, m.Match):
        return 1 + around.cases.index(inner) if isinstance(inner, m.Case) else 0
    if isinstance(around, m.Try):
        if isinstance(inner, m.Handler):
            return 2 + around.handlers.index(inner)
        return 1 if inner in around.body else 0
    return 0
