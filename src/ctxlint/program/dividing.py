"""Batches whose items are handled together: whether a batch can be divided by contexts.

No context is right for items of several requests. But the statements that handle a batch can be run
once for each run of neighbours that carry the same context: what one request has put one after the
other stays together, and all stays in its order.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from msgspec import Struct

from ..facts import model as m
from .handling import check_around
from .index import ModuleIndex
from .suites import everything, may_stay_outside, names_in, seat_of
from .takings import Hindrance, Taking, kept_in, where
from .trees import last_name, own_statements, suites


class Division(Struct, frozen=True):
    """The statement that makes the list, the first of those that handle what is in it, and the
    first that no longer does.
    """

    made: m.Statement
    handled: m.Statement
    until: m.Statement | None


def division(
    name: str, taken: Taking, gets: Collection[m.Node], fills: Callable[[m.Name], bool]
) -> Division:
    """Where the handling of a list's items begins, all of them taken. Raises Hindrance.

    ``gets`` are all places that take items off the queue; ``fills`` says of a use of the list that
    it adds nothing but items, or only asks for the list's length.
    """
    get, module = taken.get, taken.get.module
    together = f"{where(get)} collects items to handle several together"
    made = _made(name, taken)
    if made is None:
        raise Hindrance(together)
    seat = seat_of(made, module)
    last = max(
        (
            index
            for index, each in enumerate(seat.suite)
            if any(node in gets for node in everything(each))
        ),
        default=0,
    )
    last = max(last, seat.index)
    filling, handled = seat.suite[seat.index : last + 1], seat.suite[last + 1 :]
    if not all(fills(node) for node in _names(filling) if node.id == name):
        raise Hindrance(together)
    inside = {node for each in (*filling, *handled) for node in everything(each)}
    if any(node.id == name and node not in inside for node in _names(get.scope.body)):
        raise Hindrance(f"{together}, over more than one round")
    handled, behind = _parted(name, handled)
    if not (_fills_for_sure(name, filling, module) or _asks_first(name, handled)):
        raise Hindrance(f"{together}, and may have none to handle")
    known = _bound_in(filling) - {name}
    known |= {each for each in names_in(*filling) if _is_item(each, get.scope.body, gets)}
    others = {node for each in known for node in rebound(each, handled)}
    if not handled or any(n.id in known and n not in others for n in _names(handled)):
        raise Hindrance(together)
    _check_leaving(handled, not behind and isinstance(seat.holder, m.While | m.For), together)
    _check_counts(name, handled, module, together)
    check_around(handled[0], taken)
    return Division(made, handled[0], behind[0] if behind else None)


def rebound(name: str, body: m.Body) -> set[m.Node]:
    """All that stands in loops and comprehensions whose own variable has a name."""
    found: set[m.Node] = set()
    for node in everything(*body):
        if isinstance(node, m.For) and _is_name(node.target, name):
            found.update(everything(node.target, *node.body))
        elif isinstance(node, m.Comprehension):
            if any(_is_name(clause.target, name) for clause in node.clauses):
                found.update(everything(node))
    return found


def _bound_in(body: m.Body) -> set[str]:
    """The names that statements bind: what they hold is of the whole batch, or of one item."""
    pending: list[m.Expression] = []
    for node in everything(*body):
        if isinstance(node, m.Assign):
            pending += node.targets
        elif isinstance(node, m.Augment | m.Assigned | m.For):
            pending.append(node.target)
    found: set[str] = set()
    while pending:
        target = pending.pop()
        if isinstance(target, m.Name):
            found.add(target.id)
        elif isinstance(target, m.Sequence):
            pending += target.elements
        elif isinstance(target, m.Starred):
            pending.append(target.value)
    return found


def _is_name(node: m.Node, name: str) -> bool:
    return isinstance(node, m.Name) and node.id == name


def _parted(name: str, body: m.Body) -> tuple[m.Body, m.Body]:
    """The statements that handle a list, and those behind that have nothing to do with it."""
    last = max((i for i, each in enumerate(body) if name in names_in(each)), default=-1)
    handled, behind = body[: last + 1], body[last + 1 :]
    bound = {
        name
        for each in own_statements(handled)
        if isinstance(each, m.Assign)
        for name in names_in(*each.targets)
    }
    if not handled or not may_stay_outside(behind, bound):
        return (body, ()) if handled else ((), body)
    return handled, behind


def _asks_first(name: str, handled: m.Body) -> bool:
    """Whether nothing is done with an empty list: ``if batch and ...`` around everything."""
    if len(handled) != 1 or not isinstance(handled[0], m.If) or handled[0].orelse:
        return False
    test = handled[0].test
    asked = test.operands if isinstance(test, m.Boolean) and test.operator == "and" else (test,)
    return _is_name(asked[0], name)


def _made(name: str, taken: Taking) -> m.Statement | None:
    """The one statement that binds the list."""
    bindings = taken.get.scope.bindings.get(name, ())
    if len(bindings) != 1 or not isinstance(bindings[0].node, m.Assign):
        return None
    return bindings[0].node


def _fills_for_sure(name: str, filling: m.Body, module: ModuleIndex) -> bool:
    """Whether the list holds an item whenever the statements behind are reached."""
    for each in filling:
        if isinstance(each, m.Assign) and isinstance(each.value, m.Sequence):
            if each.value.elements and name in names_in(*each.targets):
                return True
        if isinstance(each, m.Evaluate) and isinstance(each.value, m.Call):
            if each.value.args and kept_in(each.value.args[0], module) == name:
                return True
    return False


def _is_item(name: str, body: m.Body, gets: Collection[m.Node]) -> bool:
    """Whether a name is bound to what a get gives."""
    for each in everything(*body):
        targets = each.targets if isinstance(each, m.Assign) else ()
        value = each.value if isinstance(each, m.Assign | m.Assigned) else None
        if isinstance(each, m.Assigned):
            targets = (each.target,)
        if value is None or isinstance(value, m.Sequence) or name not in names_in(*targets):
            continue
        if any(node in gets for node in everything(value)):
            return True
    return False


def _names(body: m.Body) -> Iterator[m.Name]:
    return (node for node in everything(*body) if isinstance(node, m.Name))


def _check_leaving(handled: m.Body, in_loop: bool, together: str) -> None:
    """Raise Hindrance where the handling of one part of a batch could end that of the others.

    A ``continue`` of the consumer's own loop does so only where more stands behind the handling.
    """
    pending = [(each, False) for each in handled]
    while pending:
        statement, looping = pending.pop()
        leaves = isinstance(statement, m.Return)
        leaves = leaves or (isinstance(statement, m.Break) and not looping)
        leaves = leaves or (isinstance(statement, m.Continue) and not looping and not in_loop)
        if leaves:
            raise Hindrance(f"{together}, and leaves its loop from there")
        inner = looping or isinstance(statement, m.While | m.For)
        pending += [(each, inner) for suite in suites(statement) for each in suite]


def _check_counts(name: str, handled: m.Body, module: ModuleIndex, together: str) -> None:
    """Raise Hindrance where items are counted as done, but not one by one."""
    for statement in handled:
        for node in everything(statement):
            if isinstance(node, m.Call) and last_name(node) == "task_done":
                loops = (each for each in module.ancestors(node) if isinstance(each, m.For))
                if not any(name in names_in(loop.iter) for loop in loops):
                    raise Hindrance(f"{together}, and counts them otherwise")
