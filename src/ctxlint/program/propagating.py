"""How work that loses its context can be rewritten so that it takes a copy along, or why not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from ..facts import model as m
from ..findings import Fix
from ..intents import Handover, Propagate, Spot
from .index import ModuleIndex
from .losses import Loss
from .recapturing import Unmovable, argument_of, handover_of
from .rewriting import Rewriting
from .spawns import Spawn

if TYPE_CHECKING:
    from .program import Program

_MAPS: Final = (
    "concurrent.futures.ThreadPoolExecutor.map",
    "concurrent.futures.Executor.map",
)
_IN_EXECUTOR: Final = ".run_in_executor"

Form = Literal["beside", "wrapped", "thread", "each", "awaited"]


class Propagating:
    """Says what to do about losses."""

    def __init__(self, program: Program, rewriting: Rewriting) -> None:
        self._program: Final = program
        self._rewriting: Final = rewriting

    def of_loss(self, loss: Loss, work: str) -> Fix:
        """The fix of one loss; ``work`` is how the message names what is handed over."""
        title = f"Run {work} in a copy of the caller's context"
        try:
            handover = self._handover(loss)
        except Unmovable as reason:
            return Fix("display", f"{title}, by hand: {reason}")
        return Fix("unsafe", title, Propagate(handovers=(handover,)))

    def _handover(self, loss: Loss) -> Handover:
        spawn = loss.spawn
        if loss.pool == "unknown":
            raise Unmovable("its pool may be one of processes, to which no context can be sent")
        if self._program.losses.evidence.runs_own_loop(spawn):
            raise Unmovable("it runs an event loop that would take the caller's for its own")
        if spawn.started is not None:
            raise Unmovable("its class can take the copy in __init__, and run its work in it")
        argument = argument_of(spawn)
        if argument is None:
            raise Unmovable("the function is not written in the call")
        form = self._form(spawn, argument)
        loop = self._loop(spawn) if form == "awaited" else None
        return handover_of(spawn, argument, form, loop)

    def _form(self, spawn: Spawn, argument: int | str) -> Form:
        row = spawn.row
        starred = any(isinstance(each, m.Starred) for each in spawn.call.args)
        if row.many:
            if row.name in _MAPS and argument == 0 and not starred:
                return "each"
            raise Unmovable("each item needs a copy of its own: submit them one by one")
        if starred and row.arguments != "rest":
            raise Unmovable("its arguments are unpacked from a variable")
        if row.name.endswith(_IN_EXECUTOR) and self._can_be_awaited(spawn, argument):
            return "awaited"
        if row.arguments == "args":
            return "thread"
        return "beside" if row.arguments == "rest" and isinstance(argument, int) else "wrapped"

    # --- to_thread -----------------------------------------------------------------------------

    def _can_be_awaited(self, spawn: Spawn, argument: int | str) -> bool:
        """``await loop.run_in_executor(None, f)``, of the loop that runs: the work starts at once,
        as that of ``to_thread`` does when it is awaited."""
        call, func = spawn.call, spawn.call.func
        if argument != 1 or call.keywords or not _is_none(call.args[0]):
            return False
        if not isinstance(spawn.module.parents.get(call), m.Await):
            return False
        if not isinstance(func, m.Attribute):
            return False
        if isinstance(func.value, m.Call):
            return self._rewriting.is_running_loop(func.value, spawn.scope)
        return self._loop(spawn) is not None

    def _loop(self, spawn: Spawn) -> Spot | None:
        """Where the variable is assigned that holds the running loop."""
        func = spawn.call.func
        if not isinstance(func, m.Attribute) or not isinstance(func.value, m.Name):
            return None
        assign = self._rewriting.loop_assignment(func.value, spawn)
        return None if assign is None else _spot(assign, spawn.module)


def _is_none(node: m.Expression) -> bool:
    return isinstance(node, m.Constant) and node.value is None


def _spot(assign: m.Assign, module: ModuleIndex) -> Spot:
    return Spot(module.path.as_posix(), assign.at)
