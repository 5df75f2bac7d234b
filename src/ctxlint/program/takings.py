"""How a consumer takes an item: by a statement of its own, in a loop's head, or where it is used.

What is not one of the known shapes is a `Hindrance`: its message says, for users, why the queue
cannot be rewritten.
"""

from __future__ import annotations

from itertools import takewhile
from typing import Final, Literal

from msgspec import Struct
from msgspec.structs import replace

from ..facts import model as m
from .index import ModuleIndex
from .queues import Get
from .suites import everything, names_in, seat_of
from .trees import last_name, walk

Form = Literal["bound", "inline", "walrus", "iterated", "kept", "discarded"]
ASYNC_WRAPPERS: Final = frozenset({"wait_for", "shield"})
_HANDED_TO: Final = frozenset({"iter", "to_thread", "run_in_executor", "run_sync"})
_COLLECTING: Final = frozenset({"append", "add", "extend", "appendleft", "insert", "setdefault"})
_TRANSPARENT: Final = (
    m.Call, m.Keyword, m.Attribute, m.Subscript, m.Sequence, m.Starred, m.Compare, m.Opaque,
    m.Formatted, m.Await,
)  # fmt: skip


class Hindrance(Exception):
    """Why a queue cannot be rewritten."""


class Taking(Struct, frozen=True):
    """A get with the expression that is the item, and the statement in which it stands.

    ``form`` is as of intents; ``kept`` items go to the list of that name, ``discarded`` ones
    nowhere. Of tuples, the ``element`` of that name alone carries a context.

    ``target`` is what the item is bound to, ``stop`` what a loop's head compares it with (None
    where it only asks whether it is true); ``patient`` says that it waits as long as it takes.
    """

    get: Get
    form: Form
    received: m.Expression
    statement: m.Node
    target: m.Expression | None = None
    stop: m.Expression | None = None
    patient: bool = True
    element: str = ""
    kept: str = ""

    @property
    def method(self) -> str:
        node = self.get.node
        return node.attr if isinstance(node, m.Attribute) else ""

    @property
    def names(self) -> frozenset[str]:
        """The names that hold the item or its parts."""
        if self.element:
            return frozenset({self.element})
        return frozenset(names_in(self.target)) if self.target is not None else frozenset()

    @property
    def item(self) -> str:
        """The one name that holds the item; empty where it is taken apart."""
        return self.target.id if isinstance(self.target, m.Name) else ""

    def of_element(self, name: str) -> Taking:
        """The same, where only the last element of a tuple carries a context."""
        return replace(self, element=name)


def taking(get: Get) -> Taking:
    """The shape of a get. Raises Hindrance."""
    module, node = get.module, get.node
    if not isinstance(node, m.Attribute):
        raise Hindrance(f"{where(get)} loops over it")
    function = get.scope.function
    if function is not None and function.is_generator:
        raise Hindrance(f"{get.scope.label}() is a generator")
    received = received_item(node, get)
    patient = _is_patient(received, node)
    parent = module.parents.get(received)
    if isinstance(parent, m.Call) and last_name(parent.func) == "iter":
        return _iterated(get, received, parent)
    if get.scope.name == "<lambda>":
        raise Hindrance(f"{where(get)} takes items in a lambda")
    if isinstance(parent, m.Evaluate):
        return Taking(get, "discarded", received, parent)
    if isinstance(parent, m.Assign) and parent.value is received:
        if any(isinstance(target, m.Attribute | m.Subscript) for target in parent.targets):
            raise Hindrance(f"{where(get)} keeps the item where other code can find it")
        if len(parent.targets) != 1 or not _is_assignable(parent.targets[0]):
            raise Hindrance(f"{where(get)} assigns the item in an unusual way")
        return Taking(get, "bound", received, parent, parent.targets[0], None, patient)
    if isinstance(parent, m.Assigned):
        return _walrus(get, received, parent)
    kept = kept_in(received, module)
    if kept is not None:
        return Taking(get, "kept", received, module.statement_of(received), kept=kept)
    return _inline(get, received)


def kept_in(item: m.Expression, module: ModuleIndex) -> str | None:
    """The list that an item becomes an element of: ``batch.append(item)``, ``batch = [item]``."""
    parent = module.parents.get(item)
    if isinstance(parent, m.Call) and parent.args == (item,):
        func = parent.func
        if isinstance(func, m.Attribute) and func.attr == "append":
            return func.value.id if isinstance(func.value, m.Name) else None
    if isinstance(parent, m.Sequence):
        assign = module.parents.get(parent)
        if isinstance(assign, m.Assign) and len(assign.targets) == 1 and assign.value is parent:
            target = assign.targets[0]
            return target.id if isinstance(target, m.Name) else None
    return None


def is_thrown_away(taken: Taking) -> bool:
    """Whether nothing is done with an item: it is bound to no name, or to one nobody reads."""
    if taken.form != "bound":
        return taken.form == "discarded"
    names = [
        node.id
        for node in everything(*taken.get.scope.body)
        if isinstance(node, m.Name) and node.id in taken.names
    ]
    return len(names) == len(taken.names)


def where(get: Get) -> str:
    """How a reason names the place of a get."""
    if get.scope.function is None or get.scope.name == "<lambda>":
        return place(get.module, get.node)
    return f"{get.scope.label}()"


def place(module: ModuleIndex, node: m.Node) -> str:
    """A file and line."""
    at: object = getattr(node, "at", 0)
    return f"{module.path.name}:{module.line(at if isinstance(at, int) else 0)}"


# --- the expression that is the item -----------------------------------------------------------


def received_item(node: m.Attribute, get: Get) -> m.Expression:
    """The whole expression whose value is the item: ``await wait_for(q.get(), 1)``."""
    parents = get.module.parents
    call = parents.get(node)
    name = last_name(call.func) if isinstance(call, m.Call) else ""
    if not isinstance(call, m.Call) or (call.func is not node and name not in _HANDED_TO):
        raise Hindrance(f"{where(get)} hands the get on as a function")
    if name == "iter":
        return node
    found: m.Expression = call
    parent = parents.get(found)
    while isinstance(parent, m.Call) and last_name(parent.func) in ASYNC_WRAPPERS:
        if parent.args[:1] != (found,):
            break
        found, parent = parent, parents.get(parent)
    if isinstance(parent, m.Await):
        return parent
    if get.asynchronous or found is not call or call.func is not node:
        raise Hindrance(f"{where(get)} does not wait for the item where it asks for it")
    return found


def _is_patient(received: m.Expression, node: m.Attribute) -> bool:
    """Whether a get waits for as long as it takes, and so cannot fail for want of an item."""
    if node.attr != "get":
        return False
    call = received.value if isinstance(received, m.Await) else received
    if not isinstance(call, m.Call) or call.func is not node:
        return False
    if any(keyword.name == "timeout" for keyword in call.keywords) or len(call.args) > 1:
        return False
    block = [keyword.value for keyword in call.keywords if keyword.name == "block"]
    given = (*call.args, *block)
    return all(isinstance(each, m.Constant) and each.value is True for each in given)


# --- shapes ------------------------------------------------------------------------------------


def _is_assignable(target: m.Expression) -> bool:
    if isinstance(target, m.Sequence):
        return all(_is_assignable(each) for each in target.elements)
    if isinstance(target, m.Starred):
        return _is_assignable(target.value)
    return isinstance(target, m.Name)


def _iterated(get: Get, received: m.Expression, call: m.Call) -> Taking:
    """``for item in iter(queue.get, STOP)``"""
    loop = get.module.parents.get(call)
    if not isinstance(loop, m.For) or loop.iter is not call or len(call.args) != 2:
        raise Hindrance(f"{where(get)} iterates over the items in an unusual way")
    if loop.orelse or get.asynchronous or not isinstance(loop.target, m.Name):
        raise Hindrance(f"{where(get)} has a loop that cannot be spelled out")
    stop = call.args[1]
    if not isinstance(stop, m.Constant | m.Name | m.Attribute):
        raise Hindrance(f"{where(get)} computes its sentinel")
    return Taking(get, "iterated", received, loop, loop.target, stop)


def _walrus(get: Get, received: m.Expression, bound: m.Assigned) -> Taking:
    """``while item := queue.get()``, ``while (item := queue.get()) is not STOP``"""
    module = get.module
    test: m.Node = bound
    parent = module.parents.get(bound)
    stop: m.Expression | None = None
    if isinstance(parent, m.Compare) and len(parent.operands) == 2 and parent.operands[0] is bound:
        if parent.operators[0] not in ("is not", "!="):
            raise Hindrance(f"{where(get)} has a loop that cannot be spelled out")
        stop = parent.operands[1]
        test, parent = parent, module.parents.get(parent)
    if not isinstance(parent, m.While) or parent.test is not test:
        raise Hindrance(f"{where(get)} takes an item inside another expression")
    if parent.orelse or not isinstance(bound.target, m.Name):
        raise Hindrance(f"{where(get)} has a loop that cannot be spelled out")
    if stop is not None and not isinstance(stop, m.Constant | m.Name | m.Attribute):
        raise Hindrance(f"{where(get)} computes its sentinel")
    return Taking(get, "walrus", received, parent, bound.target, stop)


def _inline(get: Get, received: m.Expression) -> Taking:
    """``handle(queue.get())``: the statement can take the item before, if nothing else is."""
    module = get.module
    statement = module.statement_of(received)
    here: m.Node = received
    while (parent := module.parents.get(here)) is not None and here is not statement:
        if parent is not statement and not isinstance(parent, _TRANSPARENT):
            raise Hindrance(f"{where(get)} takes an item inside another expression")
        if isinstance(parent, m.Call) and here is not parent.func:
            if last_name(parent.func) in _COLLECTING:
                raise Hindrance(f"{where(get)} collects items to handle several together")
        if not _goes_first(here, parent):
            raise Hindrance(f"{where(get)} takes an item in the middle of an expression")
        here = parent
    if isinstance(statement, m.Return) and statement.value is received:
        raise Hindrance(f"{where(get)} hands the items on to its callers")
    if isinstance(statement, m.While) or not _is_line(statement, module):
        raise Hindrance(f"{where(get)} takes an item in the head of a statement")
    return Taking(get, "inline", received, statement)


def _goes_first(part: m.Node, whole: m.Node) -> bool:
    """Whether nothing of weight is evaluated before a part of an expression."""
    if isinstance(whole, m.Call) and part is not whole.func:
        given = (*whole.args, *whole.keywords)
        before: list[m.Node] = [whole.func, *takewhile(lambda each: each is not part, given)]
    elif isinstance(whole, m.Sequence):
        before = list(whole.elements[: whole.elements.index(part)])
    elif isinstance(whole, m.Compare | m.Opaque | m.Formatted):
        before = list(whole.operands[: whole.operands.index(part)])
    elif isinstance(whole, m.Subscript):
        before = [whole.value] if whole.index is part else []
    elif isinstance(whole, m.Assign) and whole.value is not None:
        before = [whole.value] if whole.value is not part else []
    else:
        return True
    heavy = (m.Call, m.Await, m.Subscript, m.Yield)
    return not any(isinstance(node, heavy) for node in walk(*before))


def _is_line(statement: m.Node, module: ModuleIndex) -> bool:
    """Whether a statement can have another one put before it; an ``elif`` cannot."""
    if isinstance(statement, m.Evaluate | m.Assign | m.Augment | m.Return | m.Raise):
        return True
    if isinstance(statement, m.If):
        seat = seat_of(statement, module)
        chained = isinstance(seat.holder, m.If) and seat.suite is seat.holder.orelse
        return not chained
    return isinstance(statement, m.Match | m.For)
