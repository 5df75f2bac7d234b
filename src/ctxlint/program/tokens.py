"""Where the token of a set goes: a name, an attribute, a collection, the caller, or nowhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal

from msgspec import Struct
from msgspec.structs import replace

from ..facts import model as m
from .index import ModuleIndex
from .scope import Scope
from .suites import everything

Where = Literal["dropped", "local", "attribute", "collection", "returned", "passed"]
_MAX_DEPTH: Final = 3
_ADDING: Final = frozenset(
    {"append", "appendleft", "add", "insert", "push", "extend", "setdefault"}
)


class Kept(Struct, frozen=True):
    """Where the result of a call is kept.

    ``names`` are those that lead to it; ``holders`` are the objects of which it is an attribute.
    """

    where: Where
    names: frozenset[str] = frozenset()
    holders: tuple[m.Expression, ...] = ()

    def is_named_in(self, node: m.Node) -> bool:
        """Whether the token is spoken of below a node, in nested functions, too."""
        return bool(self.names) and any(
            (isinstance(each, m.Name) and each.id in self.names)
            or (isinstance(each, m.Attribute) and each.attr in self.names)
            or (isinstance(each, m.Constant) and each.value in self.names)
            for each in everything(node)
        )

    def spread(self, scope: Scope) -> Kept:
        """The same with the names that a function binds to what it takes from there."""
        found = self
        for _ in range(_MAX_DEPTH if self.names else 0):
            more = {
                name
                for name, bindings in scope.bindings.items()
                if any(b.value is not None and found.is_named_in(b.value) for b in bindings)
            }
            if more <= found.names:
                break
            found = replace(found, names=found.names | more)
        return found


def kept(call: m.Call, module: ModuleIndex) -> Kept:
    """Where a call's result goes."""
    where = _kept(call, module)
    if where.where != "local":
        return where
    # A local that is put elsewhere: ``self._token = token``, ``tokens.append(token)``.
    names, holders = set(where.names), list(where.holders)
    kind: Where = where.where
    scope = module.scope_of(call)
    for use in scope.nodes:
        if isinstance(use, m.Name) and use.id in where.names and use.at > call.at:
            further = _kept(use, module)
            if further.where in ("attribute", "collection"):
                kind = further.where
                names |= further.names
                holders += further.holders
    return Kept(kind, frozenset(names), tuple(holders))


def _kept(node: m.Expression, module: ModuleIndex) -> Kept:
    inner: m.Node = node
    parent = module.parents.get(inner)
    inside = False
    while isinstance(parent, _AROUND):
        inside = inside or not isinstance(parent, m.Keyword | m.Conditional | m.Starred | m.Await)
        inner, parent = parent, module.parents.get(parent)
    if isinstance(parent, m.Assigned):
        return _bound((parent.target,), inside=inside)
    if isinstance(parent, m.Assign):
        return _bound(parent.targets, inside=inside) if inner not in parent.targets else _PASSED
    if isinstance(parent, m.Return):
        return Kept("returned")
    if isinstance(parent, m.Evaluate):
        return Kept("dropped")
    if isinstance(parent, m.Call) and inner is not parent.func:
        if isinstance(parent.func, m.Attribute) and parent.func.attr in _ADDING:
            return _bound((parent.func.value,), inside=True)
    return _PASSED


_PASSED: Final = Kept("passed")
_AROUND: Final = (
    m.Keyword,
    m.Sequence,
    m.Mapping,
    m.Starred,
    m.Conditional,
    m.Comprehension,
    m.Await,
)


def _bound(targets: tuple[m.Expression, ...], *, inside: bool) -> Kept:
    names: set[str] = set()
    holders: list[m.Expression] = []
    for target in _flat(targets):
        while isinstance(target, m.Subscript):
            target, inside = target.value, True
        if isinstance(target, m.Attribute):
            names.add(target.attr)
            holders.append(target.value)
        elif isinstance(target, m.Name):
            names.add(target.id)
    where: Where = "attribute" if holders else "collection" if inside else "local"
    return Kept(where, frozenset(names), tuple(holders))


def _flat(targets: tuple[m.Expression, ...]) -> Iterator[m.Expression]:
    for target in targets:
        if isinstance(target, m.Sequence):
            yield from _flat(target.elements)
        else:
            yield target
