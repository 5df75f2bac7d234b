"""Uses: places where a function is called, handed on, or named by a string."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from msgspec import Struct

from ..facts import model as m
from .arguments import Arguments, passed_beside
from .index import ModuleIndex
from .scope import Scope
from .searches import member
from .surroundings import Search

_MIN_PREFIX: Final = 3  # as in `searches.string_beginning`


class Use(Struct, frozen=True):
    """A place where a function is called or handed on.

    ``call`` is None for a bare reference; ``certain`` is False where only the name matched.
    """

    node: m.Expression
    module: ModuleIndex
    call: m.Call | None
    certain: bool = True

    @property
    def scope(self) -> Scope:
        return self.module.scope_of(self.node)


def passed_arguments(use: Use) -> Arguments | None:
    """The arguments that reach the function used: of its call, or given beside a reference."""
    if use.call is not None:
        return use.call.args, use.call.keywords
    return passed_beside(use.node, use.module)


def member_uses(name: str, module: ModuleIndex) -> Iterator[m.Name | m.Attribute]:
    """Where a module reads a method: as a member, or by a name that a member is bound to."""
    yield from _read(module.uses(name, member(name)), module)


def named_uses(
    name: str,
    module: ModuleIndex,
    finder: Callable[[str], Search[str]] | None = None,
) -> Iterator[m.Name | m.Attribute]:
    """Where a module reads a name, also under the names it imports it as.

    With a finder, at least where that finds uses of the name.
    """
    names = {name}
    for node in module.imports_of(name):
        if node.is_from:
            names.update(each.alias for each in node.names if each.name == name and each.alias)
    for each in sorted(names):
        yield from _read(module.uses(each, finder(each) if finder else None), module)


def _read(uses: list[m.Name | m.Attribute], module: ModuleIndex) -> Iterator[m.Name | m.Attribute]:
    for use in uses:
        parent = module.parents.get(use)
        if not (isinstance(parent, m.Assign) and use in parent.targets):
            yield use


def may_name(attribute: m.Expression, scope: Scope, name: str) -> bool:
    """Whether the second argument of ``getattr`` can be a name: given in place, or by a local."""
    if isinstance(attribute, m.Constant):
        return attribute.value == name
    if isinstance(attribute, m.Formatted):
        return len(attribute.prefix) >= _MIN_PREFIX and name.startswith(attribute.prefix)
    if isinstance(attribute, m.Opaque) and attribute.operands:  # "prefix_" + kind
        first = attribute.operands[0]
        prefix = first.value if isinstance(first, m.Constant) else None
        return isinstance(prefix, str) and len(prefix) >= _MIN_PREFIX and name.startswith(prefix)
    if isinstance(attribute, m.Name):
        return any(
            binding.value is not None
            and not isinstance(binding.value, m.Name)
            and may_name(binding.value, scope, name)
            for binding in scope.bindings.get(attribute.id, ())
        )
    return False


def call_of(node: m.Expression, module: ModuleIndex) -> m.Call | None:
    """The call whose function an expression is, or can be: ``(given or Default)()``."""
    node = alternatives_around(node, module)
    parent = module.parents.get(node)
    return parent if isinstance(parent, m.Call) and parent.func is node else None


def alternatives_around(node: m.Expression, module: ModuleIndex) -> m.Expression:
    """The ``or`` and conditional expressions of which an expression is one outcome."""
    parent = module.parents.get(node)
    while isinstance(parent, m.Boolean | m.Conditional):
        node, parent = parent, module.parents.get(parent)
    return node
