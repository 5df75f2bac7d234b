"""Attributes that other code assigns: ``store.queue = make()``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..facts import model as m
from .scope import Scope
from .values import ClassValue, Instance, Value

if TYPE_CHECKING:
    from .program import Program


def assigned_elsewhere(
    cls: Scope, name: str, program: Program
) -> Iterator[tuple[m.Expression, Scope]]:
    """What an attribute is given where the object is a class, or one of its, or may be."""
    for module in program.modules.with_word(name):
        for node in module.uses(name):
            assign = module.parents.get(node)
            if not isinstance(node, m.Attribute) or not isinstance(assign, m.Assign):
                continue
            if node in assign.targets and assign.value is not None:
                scope = module.scope_of(node)
                values = program.resolver.evaluate(node.value, scope)
                if not values or any(_is_object_of(cls, value, program) for value in values):
                    yield assign.value, scope


def _is_object_of(cls: Scope, value: Value, program: Program) -> bool:
    own = value.of if isinstance(value, Instance) else None
    own = value.scope if isinstance(value, ClassValue) else own
    return isinstance(own, Scope) and cls in program.resolver.classes.lineage(own)
