"""Items that only tell their worker something, such as to stop: there is no request in them."""

from __future__ import annotations

import re
from typing import Final

from .. import apis
from ..facts import model as m
from .resolve import Resolver
from .scope import Scope
from .trees import last_name
from .values import ClassValue, Instance, Literal, Value

_SENTINEL: Final = re.compile(
    r"stop|sentinel|terminat|shut|eof|end_?of|done|quit|poison|finish|close|exit|cancel|wake",
    re.IGNORECASE,
)


class Markers:
    """Knows them by what they are made of, and by their names."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver: Final = resolver

    def is_marker(self, item: m.Expression, scope: Scope) -> bool:
        """Whether an item is a sentinel or a bare code that holds nothing of a request."""
        if isinstance(item, m.Constant) or (isinstance(item, m.Opaque) and not item.operands):
            return True  # a literal
        if isinstance(item, m.Sequence):
            return all(self.is_marker(each, scope) for each in item.elements)
        if isinstance(item, m.Boolean):
            return all(self.is_marker(each, scope) for each in item.operands)
        if isinstance(item, m.Conditional):
            return self.is_marker(item.body, scope) and self.is_marker(item.orelse, scope)
        if isinstance(item, m.Call):
            given = (*item.args, *(keyword.value for keyword in item.keywords))
            if given:  # a control message: nothing of a request is in it
                return all(isinstance(each, m.Constant) for each in given)
            return bool(_SENTINEL.search(last_name(item.func))) or self._is_bare(item, scope)
        name = last_name(item)
        if name and (name.strip("_").isupper() or _SENTINEL.search(name)):
            return True
        values = self._resolver.evaluate(item, scope)
        return bool(values) and all(_is_constant(v) or _has_run(v) for v in values)

    def _is_bare(self, made: m.Call, scope: Scope) -> bool:
        """Whether an object is made of nothing: its class has neither constructor nor fields."""
        values = self._resolver.evaluate(made.func, scope)
        return bool(values) and all(
            isinstance(value, ClassValue)
            and not self._resolver.classes.external_bases(value.scope)
            and not any(
                _takes_something(each) for each in self._resolver.classes.lineage(value.scope)
            )
            for value in values
        )


def _has_run(value: Value) -> bool:
    """A task or future is no work to be done: its code runs, or ran, in a context of its own."""
    return isinstance(value, Instance) and value.of in apis.RUNNING_TYPES


def _takes_something(cls: Scope) -> bool:
    return any(
        name in ("__init__", "__new__") or any(each.annotation is not None for each in bindings)
        for name, bindings in cls.bindings.items()
    )


def _is_constant(value: Value) -> bool:
    if isinstance(value, Instance):
        return value.of in ("builtins.object", "builtins.object()")
    return isinstance(value, Literal) and isinstance(value.node, m.Constant)
