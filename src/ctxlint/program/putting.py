"""What becomes of the puts of a queue whose items are to carry their context."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

from .. import intents
from ..facts import model as m
from ..intents import Spot
from .handling import Handling
from .queues import Put
from .suites import everything, names_in
from .takings import Hindrance, place
from .told import Telling
from .trees import last_name, offset, walk

if TYPE_CHECKING:
    from .program import Program

# Functions that call what they are handed with the arguments that follow.
_CALLING: Final = frozenset(
    {
        "call_soon_threadsafe", "call_soon", "call_later", "call_at", "submit", "run_in_executor",
        "to_thread", "run_sync", "partial",
    }
)  # fmt: skip


def check_put(put: Put, program: Program) -> None:
    """Raise Hindrance unless the item of a put is written there, and carries nothing yet."""
    at = place(put.module, put.call)
    if put.item is None or isinstance(put.item, m.Starred):
        raise Hindrance(f"the item at {at} is not written there")
    if put.handed and last_name(put.call.func) not in _CALLING:
        raise Hindrance(f"{at} hands the put on as a function")
    if program.handoffs.carries(put):
        raise Hindrance(f"the item at {at} carries a context already")


def judged_items(puts: Iterable[Put], found: Sequence[Handling]) -> list[Put]:
    """The puts whose items can be sentinels or not; those left out pass on what a test found."""
    return [put for put in puts if not _passes_on(put, found, None)]


def rewritten(puts: Iterable[Put], found: Sequence[Handling], telling: Telling) -> list[Put]:
    """The puts that change by themselves: not of bare sentinels, nor within tests for such."""
    return [put for put in puts if put not in telling.bare and not _passes_on(put, found, telling)]


def _passes_on(put: Put, found: Sequence[Handling], telling: Telling | None) -> bool:
    """Whether a put passes on, as it is, an item that a test has found to be a sentinel."""
    for each in found:
        if each.taking.get.scope is not put.scope or not isinstance(put.item, m.Name):
            continue
        first = len(each.tests) if telling is None else telling.first[each]
        tests = [test.statement for test in each.tests[:first]]
        if put.item.id == each.taking.item and put.call in everything(*tests):
            return True
    return False


def put_intent(
    put: Put, found: Sequence[Handling], telling: Telling, *, last: bool = False
) -> intents.Put:
    """How a put is rewritten. Raises Hindrance."""
    call, item = put.call, put.item
    words = [keyword.name for keyword in call.keywords if keyword.value is item and keyword.name]
    positions = [index for index, each in enumerate(call.args) if each is item]
    return intents.Put(
        spot=Spot(put.module.path.as_posix(), call.at),
        argument=positions[0] if positions else words[0],
        inner=sum(1 for e in walk(call.func) if isinstance(e, m.Call) and e.at == call.at),
        last=last,
        taken=_taken(put, found, telling),
    )


def _taken(put: Put, found: Sequence[Handling], telling: Telling) -> int | None:
    """The get whose item, unchanged, is put back while it is handled."""
    for each in found:
        taking = each.taking
        if taking.get.scope is not put.scope or put.item is None:
            continue
        if not names_in(put.item) & taking.names:
            continue
        if put.call not in everything(*each.handled(telling.first[each])):
            raise Hindrance(f"{put.scope.label}() puts an item back that it does not handle")
        same = isinstance(put.item, m.Name) and put.item.id == taking.item
        if same and len(put.scope.bindings.get(taking.item, ())) == 1:
            return offset(taking.get.node)
    return None
