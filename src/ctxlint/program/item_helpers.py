"""Own helpers for queue items: a class that captures when it is made, and what activates that."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ..facts import model as m
from ..rows import Role
from ..supply import Helper
from .carriers import Carriers
from .index import ModuleIndex
from .resolve import Resolver
from .scope import Scope
from .trees import last_name, mentions, walk

_PAYLOAD: Final = "payload"
_CONTEXT: Final = "context"


class ItemHelpers:
    """Finds pairs: what an item's `context` holds must be what the other takes."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver
        self._carriers = Carriers(resolver)

    def of_module(self, module: ModuleIndex) -> Iterator[tuple[Role, Helper]]:
        """The item class of a module and the activation that goes with it, if it has both."""
        items = [(cls, kind) for cls in _top(module, "class") if (kind := self._captured(cls))]
        activations = [
            (function, kind) for function in _top(module, "function") if (kind := _taken(function))
        ]
        if len(items) != 1 or len(activations) != 1 or items[0][1] != activations[0][1]:
            return
        yield "item", Helper(module.name, items[0][0].name)
        yield "activate", Helper(module.name, activations[0][0].name)

    def _captured(self, cls: Scope) -> str | None:
        """The type of the context that an object captures when it is made of a payload alone."""
        if cls.node is None or (isinstance(cls.node, m.Class) and _is_special(cls.node)):
            return None
        if cls.decorated_with("dataclass"):
            return self._of_dataclass(cls)
        constructor = cls.bindings.get("__init__", ())
        if len(constructor) != 1 or cls.decorators:
            return None
        return self._of_constructor(cls.module.scopes.get(constructor[0].node))

    def _of_dataclass(self, cls: Scope) -> str | None:
        """``payload: T`` and ``context: C = field(default_factory=capture)``, and nothing else."""
        fields = [each for each in cls.body if isinstance(each, m.Assign) and each.annotation]
        if [last_name(each.targets[0]) for each in fields] != [_PAYLOAD, _CONTEXT]:
            return None
        payload, context = fields
        if payload.value is not None or not isinstance(context.value, m.Call):
            return None
        factory = {keyword.name: keyword.value for keyword in context.value.keywords}
        made = factory.get("default_factory")
        if made is None or context.value.args or len(factory) != 1:
            return None
        call = m.Call(made, (), (), context.at)
        return _type(context.annotation) if self._carriers.carries(call, cls) else None

    def _of_constructor(self, constructor: Scope | None) -> str | None:
        """``self.payload = payload`` and ``self.context = capture()``."""
        function = constructor.function if constructor is not None else None
        if constructor is None or function is None or len(function.parameters) != 2:
            return None
        own, payload = function.parameters
        if payload.kind != "" or payload.default is not None:
            return None
        stored = {
            target.attr: each
            for each in constructor.statements
            if isinstance(each, m.Assign)
            for target in each.targets
            if isinstance(target, m.Attribute) and last_name(target.value) == own.name
        }
        if stored.keys() != {_PAYLOAD, _CONTEXT}:
            return None
        value, context = stored[_PAYLOAD].value, stored[_CONTEXT]
        if not isinstance(value, m.Name) or value.id != payload.name or context.value is None:
            return None
        captured = self._carriers.carries(context.value, constructor)
        return _type(context.annotation) if captured else None


def _top(module: ModuleIndex, kind: str) -> Iterator[Scope]:
    """Public functions or classes of a module that have their name to themselves."""
    for name, bindings in module.top.bindings.items():
        if not name.startswith("_") and len(bindings) == 1 and bindings[0].kind == kind:
            yield module.scopes[bindings[0].node]


def _is_special(node: m.Class) -> bool:
    """Whether it is made by rules that are not looked at here: other bases than Generic."""
    return bool(node.keywords) or any(
        not isinstance(base, m.Subscript) or last_name(base.value) != "Generic"
        for base in node.bases
    )


def _type(annotation: m.Expression | None) -> str | None:
    """The name of a plain type."""
    return last_name(annotation) or None if isinstance(annotation, m.Name | m.Attribute) else None


def _taken(scope: Scope) -> str | None:
    """The type that a context manager takes which sets each variable of it, and resets each."""
    function = scope.function
    if function is None or function.is_async or not function.is_generator:
        return None
    if not scope.decorated_with("contextmanager") or len(function.parameters) != 1:
        return None
    if len(scope.decorators) != 1 or len([n for n in scope.nodes if isinstance(n, m.Yield)]) != 1:
        return None
    parameter = function.parameters[0]
    sets = any(
        isinstance(node, m.For)
        and mentions(node.iter, {parameter.name}, m.Name)
        and _calls(node.body, "set")
        for node in scope.nodes
    )
    resets = any(
        isinstance(node, m.Try)
        and any(isinstance(each, m.Yield) for each in walk(*node.body))
        and _calls(node.final, "reset")
        for node in scope.nodes
    )
    return _type(parameter.annotation) if sets and resets else None


def _calls(body: m.Body, method: str) -> bool:
    return any(
        isinstance(node, m.Call) and isinstance(node.func, m.Attribute) and node.func.attr == method
        for node in walk(*body)
    )
