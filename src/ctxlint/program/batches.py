"""Batches: items kept in a list, in their envelopes, until a loop handles each by itself."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Final

from ..facts import model as m
from ..intents import Declared, Get, Spot
from .dividing import division, rebound
from .handling import Handling, check_around
from .index import ModuleIndex
from .queues import Get as QueueGet
from .scope import Scope
from .suites import everything
from .takings import Hindrance, Taking, kept_in, where
from .told import Telling
from .trees import last_name, offset


class Batches:
    """The lists of a component's consumers, with the items that go there."""

    def __init__(self, kept: dict[Taking, str], telling: Telling) -> None:
        self._kept: Final = kept
        self._telling: Final = telling

    def gets(self, found: Iterable[Handling], taken: Iterable[QueueGet]) -> Iterator[Get]:
        """The loops and statements that handle the items. Raises Hindrance."""
        nodes = {get.node for get in taken}
        for each in found:
            if each.taking in self._kept and each.tests:
                if self._telling.first[each] != len(each.tests):
                    raise Hindrance(f"{where(each.taking.get)} tests items before it handles them")
        intents = (each for pair in self._kept.items() for each in self._of_list(*pair, nodes))
        yield from dict.fromkeys(intents)

    def _of_list(self, taken: Taking, name: str, gets: Collection[m.Node]) -> Iterator[Get]:
        path = taken.get.module.path.as_posix()
        try:
            loops = loops_over(name, taken, list(self._kept))
        except Hindrance:
            divided = division(name, taken, gets, self._fills(taken.get.module))
            yield Get(
                spot=Spot(path, divided.handled.at),
                method=name,
                form="divided",
                frame=divided.made.at,
                until=divided.until.at if divided.until is not None else None,
            )
        else:
            for loop in loops:
                yield Get(spot=Spot(path, loop.at), method="", form="looped")

    def _fills(self, module: ModuleIndex) -> Callable[[m.Name], bool]:
        """Whether a use of a list leaves nothing in it but items, and none less."""
        items = {each.received for each in self._kept}
        names = {each.item for each in self._kept if each.item}

        def fills(use: m.Name) -> bool:
            parent = module.parents.get(use)
            empties = isinstance(parent, m.Attribute) and parent.attr == "clear"
            counted = _is_counted(use, module)
            return not empties and (counted or _is_filled(use, module, items, names))

        return fills

    def annotations(self) -> Iterator[Declared]:
        """Where the type of the lists' elements is declared."""
        seen: set[m.Node] = set()
        for taken, name in self._kept.items():
            for binding in taken.get.scope.bindings.get(name, ()):
                if isinstance(binding.annotation, m.Subscript) and binding.node not in seen:
                    seen.add(binding.node)
                    spot = Spot(taken.get.module.path.as_posix(), offset(binding.node))
                    yield Declared(spot=spot, form="list")


def list_of(found: Handling) -> str | None:
    """The list that keeps an item, if nothing else is done with it but to tell sentinels apart."""
    taken = found.taking
    if taken.form == "kept":
        return taken.kept
    if taken.form not in ("bound", "walrus") or not taken.item:
        return None
    module = taken.get.module
    lists: set[str] = set()
    others = rebound(taken.item, taken.get.scope.body)
    tests = {node for each in found.tests for node in everything(each.statement.test)}
    for use in _uses(taken.item, taken.get.scope):
        if use in others or use in tests or _is_bound(use, module):
            continue
        name = kept_in(use, module)
        if name is None:
            return None
        lists.add(name)
    return lists.pop() if len(lists) == 1 else None


def loops_over(name: str, taken: Taking, kept: list[Taking]) -> list[m.For]:
    """The loops that handle the elements of a list. Raises Hindrance."""
    get, module = taken.get, taken.get.module
    items = {each.received for each in kept}
    names = {each.item for each in kept if each.item}
    found: list[m.For] = []
    for use in _uses(name, get.scope):
        parent = module.parents.get(use)
        if isinstance(parent, m.For) and parent.iter is use:
            if not isinstance(parent.target, m.Name):
                raise Hindrance(f"{where(get)} takes the items of a batch apart")
            found.append(parent)
        elif not (_is_counted(use, module) or _is_filled(use, module, items, names)):
            raise Hindrance(f"{where(get)} collects items to handle several together")
    if not found:
        raise Hindrance(f"{where(get)} collects items to handle several together")
    for loop in found:
        check_around(loop, taken)
    return found


def _is_filled(
    use: m.Expression, module: ModuleIndex, items: set[m.Expression], names: set[str]
) -> bool:
    """Whether a reference to a list makes it, adds an item that was taken, or empties it."""
    parent = module.parents.get(use)
    if isinstance(parent, m.Assign) and use in parent.targets:
        value = parent.value
        if isinstance(value, m.Call):
            return last_name(value.func) == "list" and not value.args
        held = value.elements if isinstance(value, m.Sequence) else (value,)
        return value is None or all(_is_kept(each, items, names) for each in held)
    if isinstance(parent, m.Attribute):
        call = module.parents.get(parent)
        if not isinstance(call, m.Call) or call.func is not parent:
            return False
        if parent.attr == "clear":
            return True
        return parent.attr == "append" and all(_is_kept(a, items, names) for a in call.args)
    return False


def _is_kept(element: m.Expression | None, items: set[m.Expression], names: set[str]) -> bool:
    return element in items or (isinstance(element, m.Name) and element.id in names)


def _is_bound(use: m.Expression, module: ModuleIndex) -> bool:
    parent = module.parents.get(use)
    if isinstance(parent, m.Assigned):
        return parent.target is use
    return isinstance(parent, m.Assign) and use in parent.targets


def _is_counted(use: m.Expression, module: ModuleIndex) -> bool:
    """Whether a list is asked for nothing but its length, or whether it holds anything."""
    here, parent = use, module.parents.get(use)
    if isinstance(parent, m.Call):
        return last_name(parent.func) in ("len", "bool")
    while isinstance(parent, m.Boolean):
        here, parent = parent, module.parents.get(parent)
    if isinstance(parent, m.Not):
        return True
    return isinstance(parent, m.If | m.While) and parent.test is here


def _uses(name: str, scope: Scope) -> list[m.Name]:
    return [
        node for node in everything(*scope.body) if isinstance(node, m.Name) and node.id == name
    ]
