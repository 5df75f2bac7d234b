"""Other names of methods: ``old_name = new_name`` in a class, and who still uses them."""

from __future__ import annotations

from collections.abc import Iterator

from ..facts import model as m
from . import searches
from .index import ModuleIndex
from .resolve import Resolver
from .scope import Scope
from .uses import Use, call_of, member_uses
from .values import ClassValue, Instance, Value


def is_alias(statement: m.Node, function: m.Expression) -> bool:
    """Whether all that a statement does is to give a function another name."""
    return isinstance(statement, m.Assign) and statement.value is function


def uses_of_aliases(method: Scope, resolver: Resolver) -> Iterator[Use]:
    """Where the names that a class gives a method beside its own are read; often nowhere."""
    owner = method.owner
    if owner is None:
        return
    for name in _aliases(method, owner):
        for module in resolver.modules.matching(searches.attribute(name)):
            for node in member_uses(name, module):
                if _may_be_of(node, module, owner, resolver):
                    yield Use(node, module, call_of(node, module), certain=False)


def _aliases(method: Scope, owner: Scope) -> Iterator[str]:
    for name, bindings in owner.bindings.items():
        for binding in bindings:
            value = binding.value if binding.kind == "value" else None
            if isinstance(value, m.Name) and value.id == method.name and not binding.path:
                yield name


def _may_be_of(node: m.Expression, module: ModuleIndex, owner: Scope, resolver: Resolver) -> bool:
    """Whether an attribute is one of a class or of its objects, as far as that is known."""
    if not isinstance(node, m.Attribute):
        return False
    holders = [_class_of(v) for v in resolver.evaluate(node.value, module.scope_of(node))]
    return not holders or any(
        holder is not None and resolver.classes.related(holder, owner) for holder in holders
    )


def _class_of(value: Value) -> Scope | None:
    if isinstance(value, ClassValue):
        return value.scope
    return value.of if isinstance(value, Instance) and isinstance(value.of, Scope) else None
