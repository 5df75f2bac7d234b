"""Items that are collected to be handled later: several together, or each by itself in a loop."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from typing import Final

from ..facts import model as m
from .index import ModuleIndex
from .scope import Scope
from .suites import everything, names_in
from .takings import Hindrance, Taking, where
from .trees import dotted_name, last_name, own_statements

_SPAWNING: Final = frozenset({"create_task", "ensure_future"})
_COLLECTING: Final = frozenset({"append", "add", "extend", "appendleft", "insert"})


def check_released(handled: m.Body, taking: Taking) -> None:
    """Raise Hindrance where a consumer lets go of an item: what carries it would still hold it."""
    for statement in own_statements(handled):
        if _lets_go(statement) & taking.names:
            raise Hindrance(f"{where(taking.get)} lets go of an item before it takes the next")


def _lets_go(statement: m.Statement) -> set[str]:
    """The names that a statement deletes or sets to None."""
    if isinstance(statement, m.Evaluate) and isinstance(statement.value, m.Opaque):
        return names_in(*statement.value.operands)
    if isinstance(statement, m.Assign) and isinstance(statement.value, m.Constant):
        return names_in(*statement.targets) if statement.value.value is None else set()
    return set()


def check_collecting(handled: m.Body, taking: Taking) -> None:
    """Raise Hindrance where a consumer only gathers items for code that handles them later."""
    known = _derived(handled, taking.names)
    scope = taking.get.scope
    for call in _calls(handled):
        if not isinstance(call.func, m.Attribute) or call.func.attr not in _COLLECTING:
            continue
        kept = [each for each in call.args if isinstance(each, m.Name) and each.id in known]
        collection = dotted_name(call.func.value)
        if kept and collection is not None and _is_used(collection, scope):
            raise Hindrance(f"{where(taking.get)} collects items to handle several together")


def _calls(body: m.Body) -> Iterator[m.Call]:
    for node in everything(*body):
        if isinstance(node, m.Call):
            yield node


def _derived(body: m.Body, names: Set[str]) -> set[str]:
    """The names that hold the item, its parts, or what is made of it.

    A task that handles it is none of these: it has the context that it was made in.
    """
    known = set(names)
    for statement in own_statements(body):
        if isinstance(statement, m.Assign) and statement.value is not None:
            if isinstance(statement.value, m.Call) and last_name(statement.value.func) in _SPAWNING:
                continue
            if names_in(statement.value) & known:
                known |= names_in(*statement.targets)
    return known


def _is_used(collection: str, scope: Scope) -> bool:
    """Whether a collection is looked into where it is filled, or by the same object elsewhere."""
    module, method = scope.module, scope.enclosing_method
    owner = method.owner if method is not None and "." in collection else None
    found: Iterable[m.Node] = everything(*scope.body)
    if owner is not None:  # in whichever of its methods; they need not have been read yet
        found = module.uses(collection.rpartition(".")[2])
    return any(
        dotted_name(node) == collection
        and (owner is None or _owner(node, module) is owner)
        and not _only_fills(node, module)
        for node in found
        if isinstance(node, m.Name | m.Attribute)
    )


def _owner(node: m.Node, module: ModuleIndex) -> Scope | None:
    """The class in whose methods a node stands."""
    method = module.scope_of(node).enclosing_method
    return method.owner if method is not None else None


def _only_fills(node: m.Node, module: ModuleIndex) -> bool:
    """Whether a reference to a collection adds to it, or is where the collection is made."""
    parent = module.parents.get(node)
    if isinstance(parent, m.Attribute):
        return parent.attr in _COLLECTING
    if isinstance(parent, m.Assign):
        return node in parent.targets and _is_made_once(parent, module)
    return False


def _is_made_once(statement: m.Assign, module: ModuleIndex) -> bool:
    """Whether an assignment does not stand in a loop, where it would begin a new batch."""
    return not any(isinstance(each, m.While | m.For) for each in module.ancestors(statement))
