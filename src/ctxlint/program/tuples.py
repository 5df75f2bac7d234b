"""Tuples that are compared on their way: only their last element can carry a context.

A priority queue compares items, and an envelope has no order. Where something unique stands before
it, the last element of each tuple is never looked at, and can be an envelope. Code that only passes
tuples or last elements on passes envelopes on; code that uses the last element unpacks it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct, field

from ..facts import model as m
from .components import PRIORITY, Component
from .index import ModuleIndex
from .putting import check_put
from .queues import Put, Queue
from .scope import Scope
from .suites import everything
from .takings import Hindrance, Taking, place, taking, where
from .trees import last_name

if TYPE_CHECKING:
    from .program import Program


class Carried(Struct):
    """What is to be done so that last elements carry contexts: puts and gets to be rewritten."""

    puts: list[Put] = field(default_factory=list)
    takings: list[Taking] = field(default_factory=list)
    relays: set[m.Node] = field(default_factory=set)


class LastElements:
    """Follows the last elements of tuples from the puts of queues to where they are used."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._queues = program.queues.all()
        self._length = 0
        self.found = Carried()

    def follow(self, component: Component) -> None:
        """Go through the gets of a component; `found.relays` are the items passed on."""
        self._length = self._common_length(component)
        for get in component.gets:
            taken = taking(get)
            if taken.form == "discarded":
                continue
            if taken.form != "bound":
                raise Hindrance(f"{where(get)} does not take the tuples apart where it takes them")
            if isinstance(taken.target, m.Sequence):
                self._unpacked(taken, taken.target)
            else:
                self._whole(taken.item, taken)

    def wrap(self, component: Component) -> None:
        """Go through the puts of a component, those left out that pass envelopes on."""
        for put in component.puts:
            if put.item in self.found.relays:
                continue
            check_put(put, self._program)
            if not isinstance(put.item, m.Sequence) or len(put.item.elements) < 2:
                raise Hindrance(f"the item at {place(put.module, put.call)} is no tuple")
            if any(isinstance(each, m.Starred) for each in put.item.elements):
                raise Hindrance(f"the item at {place(put.module, put.call)} is no plain tuple")
            if _is_compared(component) and not self._has_order(put.item, put.scope):
                at = place(put.module, put.call)
                raise Hindrance(f"the item at {at} has nothing unique before its last element")
            self.found.puts.append(put)

    @staticmethod
    def _common_length(component: Component) -> int:
        """The number of elements of the tuples; 0 where it is not always the same."""
        lengths = {
            len(put.item.elements)
            for put in component.puts
            if isinstance(put.item, m.Sequence)
            and not any(isinstance(each, m.Starred) for each in put.item.elements)
        }
        return lengths.pop() if len(lengths) == 1 else 0

    # --- consumers -----------------------------------------------------------------------------

    def _unpacked(self, taken: Taking, target: m.Sequence) -> None:
        *others, last = target.elements or (None,)
        if not isinstance(last, m.Name) or not all(isinstance(each, m.Name) for each in others):
            raise Hindrance(f"{where(taken.get)} takes the tuples apart in an unusual way")
        uses = [use for use in self._uses(last.id, taken) if use is not last]
        relayed = [use for use in uses if self._is_relayed(use, taken)]
        if uses and not relayed:
            self.found.takings.append(taken.of_element(last.id))
        elif len(relayed) != len(uses):
            raise Hindrance(f"{where(taken.get)} both uses the item and passes it on")

    def _whole(self, name: str, taken: Taking) -> None:
        """An item that stays whole: its elements are asked for, or it is passed on."""
        module = taken.get.module
        for use in self._uses(name, taken):
            parent = module.parents.get(use)
            if isinstance(parent, m.Assign | m.For):
                if use is (parent.value if isinstance(parent, m.Assign) else parent.iter):
                    raise Hindrance(f"{where(taken.get)} takes the tuples apart in an unusual way")
            elif isinstance(parent, m.Subscript) and parent.value is use:
                self._element(parent, taken)
            elif isinstance(parent, m.Call) and use in parent.args:
                if not self._is_put(use) and not self._is_collected(parent, taken):
                    raise Hindrance(f"{where(taken.get)} uses the whole tuple")
                if self._is_put(use):
                    self.found.relays.add(use)
            else:
                raise Hindrance(f"{where(taken.get)} uses the whole tuple")

    def _element(self, element: m.Subscript, taken: Taking) -> None:
        """``item[2]``; of the last element, the name it is bound to is followed."""
        index = element.index.value if isinstance(element.index, m.Constant) else None
        if not isinstance(index, int) or not self._length:
            raise Hindrance(f"{where(taken.get)} takes the tuples apart in an unusual way")
        if index != self._length - 1:
            return
        name = _bound_to(element, taken.get.module)
        if name is None:
            raise Hindrance(f"{where(taken.get)} takes the tuples apart in an unusual way")
        for use in self._uses(name, taken):
            if not _is_target(use, taken.get.module) and not self._is_relayed(use, taken):
                raise Hindrance(f"{where(taken.get)} uses the item behind taking it apart")

    def _is_collected(self, call: m.Call, taken: Taking) -> bool:
        """``kept.append(item)`` with a list whose every element is put back by a loop."""
        if not isinstance(call.func, m.Attribute) or call.func.attr != "append":
            return False
        if not isinstance(call.func.value, m.Name):
            return False
        module = taken.get.module
        for use in self._uses(call.func.value.id, taken):
            parent = module.parents.get(use)
            if isinstance(parent, m.For) and parent.iter is use:
                if not isinstance(parent.target, m.Name):
                    return False
                if parent.target.id != taken.item:
                    self._whole(parent.target.id, taken)
            elif isinstance(parent, m.Attribute):
                if parent.attr not in ("append", "clear"):
                    return False
            elif isinstance(parent, m.Call):
                if last_name(parent.func) != "len":
                    return False
            elif not isinstance(parent, m.If | m.While | m.Not) and not _is_target(use, module):
                return False
        return True

    # --- passing on ----------------------------------------------------------------------------

    def _is_relayed(self, use: m.Node, taken: Taking) -> bool:
        """Whether a last element becomes that of another tuple, which is put on a queue."""
        module = taken.get.module
        made = module.parents.get(use)
        if not isinstance(made, m.Sequence) or made.elements[-1] is not use:
            return False
        if self._is_put(made):
            self.found.relays.add(made)
            return True
        name = _bound_to(made, module)
        if name is None:
            return False
        relays: set[m.Node] = set()
        for each in self._uses(name, taken):
            parent = module.parents.get(each)
            if isinstance(parent, m.Starred):
                outer = module.parents.get(parent)
                if not isinstance(outer, m.Sequence) or outer.elements[-1] is not parent:
                    return False
                if not self._is_put(outer):
                    return False
                relays.add(outer)
            elif not isinstance(parent, m.Compare | m.If | m.While | m.Not):
                if not _is_target(each, module):
                    return False
        self.found.relays |= relays
        return bool(relays)

    def passed_to(self) -> list[Queue]:
        """The queues that last elements are passed on to."""
        return [
            queue
            for queue in self._queues
            if any(put.item in self.found.relays for put in queue.puts)
        ]

    def _is_put(self, item: m.Node) -> bool:
        return any(put.item is item for queue in self._queues for put in queue.puts)

    @staticmethod
    def _uses(name: str, taken: Taking) -> list[m.Name]:
        return [
            node
            for node in everything(*taken.get.scope.body)
            if isinstance(node, m.Name) and node.id == name
        ]

    # --- order ---------------------------------------------------------------------------------

    def _has_order(self, item: m.Sequence, scope: Scope) -> bool:
        """Whether an element before the last one is never the same in two tuples."""
        return any(self._is_unique(each, scope) for each in item.elements[:-1])

    def _is_unique(self, element: m.Expression, scope: Scope) -> bool:
        if isinstance(element, m.Call):
            return last_name(element.func) == "next" and len(element.args) == 1
        if not isinstance(element, m.Name):
            return False
        home = self._program.resolver.binding_scope(element.id, scope)
        values = [b.value for b in home.bindings[element.id]] if home is not None else []
        return bool(values) and all(
            value is not None
            and home is not None
            and (
                self._is_unique(value, home)
                if isinstance(value, m.Call)
                else _is_counter(value, home)
            )
            for value in values
        )


def _is_counter(value: m.Expression, scope: Scope) -> bool:
    """Whether a variable is copied that the same function then counts up."""
    if not isinstance(value, m.Name | m.Attribute):
        return False
    return any(
        isinstance(statement, m.Augment) and last_name(statement.target) == last_name(value)
        for statement in scope.statements
    )


def _is_compared(component: Component) -> bool:
    return any(queue.type in PRIORITY for queue in component.queues)


def _bound_to(value: m.Expression, module: ModuleIndex) -> str | None:
    """The one name that an expression is assigned to, maybe as part of a tuple."""
    parent = module.parents.get(value)
    index = None
    if isinstance(parent, m.Sequence):
        index = next(i for i, each in enumerate(parent.elements) if each is value)
        parent = module.parents.get(parent)
    if not isinstance(parent, m.Assign) or len(parent.targets) != 1:
        return None
    target = parent.targets[0]
    if index is not None:
        if not isinstance(target, m.Sequence) or len(target.elements) <= index:
            return None
        target = target.elements[index]
    return target.id if isinstance(target, m.Name) else None


def _is_target(name: m.Name, module: ModuleIndex) -> bool:
    """Whether a name is bound where it stands."""
    parent = module.parents.get(name)
    here: m.Node = name
    while isinstance(parent, m.Sequence):
        here, parent = parent, module.parents.get(parent)
    return isinstance(parent, m.Assign) and here in parent.targets
