"""How copies that come too late, and contexts that are shared, can be rewritten, or why not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from ..facts import model as m
from ..findings import Fix
from ..intents import AskForNone, Handover, HandoverForm, Propagate, Recopy, Spot
from .index import ModuleIndex
from .trees import dotted_name, offset, walk

if TYPE_CHECKING:
    from .crossings import Crossing
    from .fallbacks import Fallback
    from .late import LateCopy
    from .sharing import SharedContext
    from .spawns import Spawn

_CAPTURE: Final = "Copy the context where the work is handed over"
_PLAIN: Final = (m.Name, m.Attribute, m.Constant)


class Unmovable(Exception):
    """A copy that no edit of ours moves; the message says why."""


class Recapturing:
    """Says what to do about copies."""

    def of_late_copy(self, late: LateCopy) -> Fix:
        try:
            handovers = self._handovers(late)
        except Unmovable as reason:
            return Fix("display", f"{_CAPTURE}, by hand: {reason}")
        return Fix("unsafe", _CAPTURE, Propagate(handovers=handovers))

    def _handovers(self, late: LateCopy) -> tuple[Handover, ...]:
        if late.consumer is not None:
            raise Unmovable("put the copy with the item, and run the item's work in it")
        found = {each.spot: each for each in (_handover(c, late) for c in late.crossings)}
        return tuple(found.values())

    def of_shared_context(self, shared: SharedContext) -> Fix:
        """A copy of the same context for the run: what it holds is the same at any moment."""
        entered = shared.run.entered
        title = "Give each run a copy of the context"
        name = dotted_name(entered.context)
        if name is None:
            reason = "the copy is made once, before the runs"
            return Fix("display", f"{title}, by hand: {reason}")
        form: Literal["run", "argument", "each"] = "run"
        if entered.form == "argument":
            form = "argument"
        elif entered.form == "bound":
            if entered.anchor is not entered.context:
                reason = "its run() is kept under another name"
                return Fix("display", f"{title}, by hand: {reason}")
            form = "each" if shared.run.many else "run"
        intent = Recopy(spot=_spot(entered.context, entered.module), form=form)
        return Fix("unsafe", f"{title}: {name}.copy()", intent)

    def of_fallback(self, fallback: Fallback) -> Fix:
        name = dotted_name(fallback.tested)
        title = f"Test `{name or '...'} is not None`"
        if fallback.form == "or":
            reason = _unwritable(fallback)
            if reason is not None:
                return Fix("display", f"{title}, by hand: {reason}")
            spot = _spot(fallback.tested, fallback.module)
        else:
            spot = _spot(fallback.node, fallback.module)
        intent = AskForNone(spot=spot, copy=fallback.copy.at, form=fallback.form)
        return Fix("safe" if fallback.certain else "unsafe", title, intent)


def _handover(crossing: Crossing, late: LateCopy) -> Handover:
    spawn = crossing.spawn
    if spawn is None:
        raise Unmovable("a Thread's class can only do it in __init__")
    if spawn.row.many:
        raise Unmovable("each item needs a copy of its own: submit them one by one")
    callee = spawn.callee
    argument = argument_of(spawn)
    if callee is None or argument is None:
        raise Unmovable("the function is not written in the call")
    if isinstance(callee, m.Name) and any(
        binding.kind == "parameter" for binding in spawn.scope.bindings.get(callee.id, ())
    ):
        raise Unmovable(f"{spawn.scope.label}() starts it, and starts other functions, too")
    beside = spawn.row.arguments == "rest" and isinstance(argument, int)
    form: Literal["beside", "wrapped", "lambda", "wrapped-lambda"]
    form = "beside" if beside else "wrapped"
    if _can_unfold(callee, late):
        only = beside and not late.entry.keywords and callee is spawn.call.args[-1]
        form = "lambda" if only else "wrapped-lambda"
    return handover_of(spawn, argument, form)


def handover_of(
    spawn: Spawn, argument: int | str, form: HandoverForm, loop: Spot | None = None
) -> Handover:
    """The call of a spawn as what hands a function over."""
    inner = sum(1 for e in walk(spawn.call.func) if isinstance(e, m.Call) and e.at == spawn.call.at)
    spot = Spot(spawn.module.path.as_posix(), spawn.call.at)
    return Handover(spot=spot, argument=argument, form=form, inner=inner, loop=loop)


def argument_of(spawn: Spawn) -> int | str | None:
    """The position or keyword of what a spawn starts."""
    if spawn.callee in spawn.call.args:
        return spawn.call.args.index(spawn.callee)
    return next((k.name for k in spawn.call.keywords if k.value is spawn.callee), None)


def _can_unfold(callee: m.Expression, late: LateCopy) -> bool:
    """``lambda: copy_context().run(f, x)``, with nothing to be computed in the lambda."""
    entry = late.entry
    return (
        isinstance(callee, m.Lambda)
        and not callee.function.parameters
        and isinstance(late.function.node, m.Function)
        and callee.function is late.function.node
        and isinstance(callee.function.body[0], m.Return)
        and callee.function.body[0].value is entry
        and isinstance(entry.func, m.Attribute)
        and entry.func.value is late.copy
        and bool(entry.args)
        and all(isinstance(each, _PLAIN) for each in entry.args)
        and all(isinstance(each.value, _PLAIN) and each.name for each in entry.keywords)
    )


def _unwritable(fallback: Fallback) -> str | None:
    """Why an ``or`` is not rewritten."""
    if isinstance(fallback.node, m.Boolean) and len(fallback.node.operands) > 2:
        return "there are several fallbacks"
    return None if fallback.twice else "what gives the context would run twice"


def _spot(node: m.Expression, module: ModuleIndex) -> Spot:
    return Spot(module.path.as_posix(), offset(node))
