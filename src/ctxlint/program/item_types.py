"""Where the type of a queue's items is declared."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, Literal

from ..facts import model as m
from ..intents import Declared, Spot
from .index import ModuleIndex
from .scope import Scope
from .trees import last_name, offset, walk
from .values import Instance

if TYPE_CHECKING:
    from .components import Component
    from .program import Program

_QUEUES: Final = frozenset({"Queue", "LifoQueue", "PriorityQueue", "SimpleQueue"})


def declarations(
    component: Component, program: Program, sentinels: tuple[str, ...]
) -> tuple[Declared, ...]:
    """Every declaration of what the items of some queues are, each once."""
    found: dict[tuple[str, int], Declared] = {}
    for module, at, form in _Search(component, program).places():
        spot = Spot(module.path.as_posix(), at)
        found[spot.path, at] = Declared(spot=spot, form=form, sentinels=sentinels)
    return tuple(found[key] for key in sorted(found))


_Form = Literal["parameter", "assigned", "returned", "made", "alias", "item", "taken"]


class _Search:
    def __init__(self, component: Component, program: Program) -> None:
        self._component = component
        self._program = program

    def places(self) -> Iterator[tuple[ModuleIndex, int, _Form]]:
        for queue in self._component.queues:
            if isinstance(queue.made.func, m.Subscript):
                yield queue.module, queue.made.at, "made"
            for giver in queue.givers:
                if giver.function is not None and giver.function.returns is not None:
                    yield from self._declared(
                        giver.function.returns, giver.module, giver.function.at, "returned", giver
                    )
        for scope, name in self._component.slots:
            yield from self._of_slot(scope, name)

    def _of_slot(self, scope: Scope, name: str) -> Iterator[tuple[ModuleIndex, int, _Form]]:
        classes = self._program.resolver.classes
        bindings = (
            classes.members(scope, name)
            if scope.is_class
            else [(binding, scope) for binding in scope.bindings.get(name, ())]
        )
        for binding, where in bindings:
            if binding.annotation is None:
                continue
            form: _Form = "parameter" if isinstance(binding.node, m.Parameter) else "assigned"
            at = offset(binding.node)
            yield from self._declared(binding.annotation, where.module, at, form, where)

    def _declared(
        self, annotation: m.Expression, module: ModuleIndex, at: int, form: _Form, scope: Scope
    ) -> Iterator[tuple[ModuleIndex, int, _Form]]:
        if isinstance(annotation, m.Constant):
            if any(f"{name}[" in str(annotation.value) for name in _QUEUES):
                yield module, at, form
        elif _names_items(annotation):
            yield module, at, form
        else:
            yield from self._alias(annotation, scope)
            yield from self._interface(annotation, scope)

    def _alias(
        self, annotation: m.Expression, scope: Scope
    ) -> Iterator[tuple[ModuleIndex, int, _Form]]:
        """``Jobs = asyncio.Queue[Job]``, of a module that names it in this annotation only."""
        if not isinstance(annotation, m.Name):
            return
        home = self._program.resolver.binding_scope(annotation.id, scope)
        if home is None or home.parent is not None:
            return
        bindings = home.bindings[annotation.id]
        value = bindings[0].value
        if len(bindings) == 1 and value is not None and _names_items(value):
            uses = [u for u in home.module.uses(annotation.id) if u is not annotation]
            if all(isinstance(home.module.parents.get(use), m.Assign) for use in uses):
                yield home.module, offset(bindings[0].node), "alias"

    def _interface(
        self, annotation: m.Expression, scope: Scope
    ) -> Iterator[tuple[ModuleIndex, int, _Form]]:
        """A protocol of the project that promises a queue's methods."""
        resolver = self._program.resolver
        for value in resolver.annotations.types(annotation, scope):
            cls = value.of if isinstance(value, Instance) else None
            if not isinstance(cls, Scope):
                continue
            for method in cls.inner:
                if method.function is not None:
                    yield from _promised(method.function, cls.module)


def _promised(method: m.Function, module: ModuleIndex) -> Iterator[tuple[ModuleIndex, int, _Form]]:
    if method.name in ("put", "put_nowait") and len(method.parameters) > 1:
        if method.parameters[1].annotation is not None:
            yield module, method.parameters[1].at, "item"
    elif method.name in ("get", "get_nowait") and method.returns is not None:
        yield module, method.at, "taken"


def _names_items(annotation: m.Expression) -> bool:
    return any(
        isinstance(node, m.Subscript) and last_name(node.value) in _QUEUES
        for node in walk(annotation)
    )
