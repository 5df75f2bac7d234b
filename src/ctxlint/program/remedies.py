"""What is to be done about a finding: the intent of its fix, and how far that may be trusted."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Concatenate, Final, Literal, ParamSpec

from ..facts import model as m
from ..findings import Fix
from ..intents import Detach
from .conversions import Conversions
from .handoffs import Handoff
from .propagating import Propagating
from .recapturing import Recapturing
from .resets import Unreset
from .rewriting import ROLES, Rewriting, Unwritable, is_all_known, started_functions
from .unwinding import Unwinding

if TYPE_CHECKING:
    from .fallbacks import Fallback
    from .forgotten import Forgotten
    from .late import LateCopy
    from .losses import Loss
    from .program import Judgement, Program
    from .sharing import SharedContext


P = ParamSpec("P")


def _if_wanted(
    remedy: Callable[Concatenate[Remedies, P], Fix],
) -> Callable[Concatenate[Remedies, P], Fix | None]:
    """A remedy that is looked for only where fixes are wanted."""

    def asked(self: Remedies, /, *args: P.args, **kwargs: P.kwargs) -> Fix | None:
        return remedy(self, *args, **kwargs) if self.wanted else None

    return asked


class Remedies:
    """Says for each finding what its fix is; asked by the rules.

    Whether a fix can be trusted is a question to all that a worker can reach, and costs as much as
    finding the leak.  So it is answered only where fixes are ``wanted``.
    """

    def __init__(self, program: Program, *, wanted: bool) -> None:
        self.wanted: Final = wanted
        self._program: Final = program
        self._rewriting: Final = Rewriting(program)
        self._conversions: Final = Conversions(program, self._rewriting)
        self._propagating: Final = Propagating(program, self._rewriting)
        self._recapturing: Final = Recapturing()
        self._unwinding: Final = Unwinding(program)

    @_if_wanted
    def of_spawn(self, judgement: Judgement, worker: str) -> Fix:
        """The fix of a leaking spawn; ``worker`` is how the message names what it starts."""
        shared = self._conversions.of_worker(judgement)
        if shared is not None:
            return shared
        try:
            detach = self._rewriting.of(judgement)
            self._must_not_starve(judgement)
        except Unwritable as reason:
            return Fix("display", f"Start {worker} detached, by hand: {reason}")
        return Fix(self._trust(judgement), self._title(detach, worker), detach)

    @_if_wanted
    def of_forgotten(self, forgotten: Forgotten, task: str) -> Fix:
        """The fix of a task that nobody waits for; what it reads of its request, it needs."""
        judgement = forgotten.judgement
        try:
            detach = self._rewriting.of(judgement)
            self._must_not_lose(judgement)
        except Unwritable as reason:
            return Fix("display", f"Start {task} detached, or wait for it, by hand: {reason}")
        return Fix(self._trust(judgement), self._title(detach, task), detach)

    def _must_not_lose(self, judgement: Judgement) -> None:
        """Raises Unwritable where a task reads a variable that its request may have set."""
        functions = started_functions(judgement)
        callee, spawner = judgement.spawn.callee, judgement.spawn.scope.function
        if isinstance(callee, m.Name) and spawner is not None:
            if callee.id in {parameter.name for parameter in spawner.parameters}:
                raise Unwritable(f"{spawner.name}() starts whatever it is handed")
        if not functions or not is_all_known(judgement):
            raise Unwritable("it is not known what it starts")
        kept = self._program.contexts.kept(functions)
        for read in self._program.contexts.footprint(functions).reads:
            if read.variable is not None and read.variable not in kept:
                raise Unwritable(f"{read.scope.label} reads {read.label} of the request")

    def _must_not_starve(self, judgement: Judgement) -> None:
        """Raises Unwritable where a worker would miss what its spawner's context gives it."""
        spawner = (judgement.passed_at or judgement.spawn).scope
        missed = self._program.contexts.starved(started_functions(judgement), spawner)
        if missed is not None:
            raise Unwritable(f"it reads {missed.label}, which it would not have")

    def _trust(self, judgement: Judgement) -> Literal["safe", "unsafe"]:
        """*safe* where the worker, and all that it runs, reads nothing that it would lose."""
        functions = started_functions(judgement)
        found = self._program.contexts.footprint(functions)
        kept = self._program.contexts.kept(functions)
        lost = [each for each in found.reads if each.variable not in kept]
        whole = is_all_known(judgement) and found.is_whole
        return "safe" if whole and not lost else "unsafe"

    def _title(self, detach: Detach, worker: str) -> str:
        if detach.form == "timer":
            return f"Arm {worker} with context=contextvars.Context()"
        role = ROLES.get(detach.form)
        helper = self._program.supply.helper(role) if role is not None else None
        if helper is None:
            return f"Start {worker} in an empty context"
        how = "through" if role == "run" else "with"
        return f"Start {worker} {how} {helper.name}()"

    @_if_wanted
    def of_handoff(self, handoff: Handoff) -> Fix:
        """The fix of a put that loses its producer's context."""
        return self._conversions.of_handoff(handoff)

    @_if_wanted
    def of_loss(self, loss: Loss, work: str) -> Fix:
        """The fix of work that is given to a thread without its context."""
        return self._propagating.of_loss(loss, work)

    @_if_wanted
    def of_late_copy(self, late: LateCopy) -> Fix:
        """The fix of a copy that is made on the far side."""
        return self._recapturing.of_late_copy(late)

    @_if_wanted
    def of_shared_context(self, shared: SharedContext) -> Fix:
        """The fix of a run in a context that another run can be in."""
        return self._recapturing.of_shared_context(shared)

    @_if_wanted
    def of_fallback(self, fallback: Fallback) -> Fix:
        """The fix of a fallback that takes an empty context for none."""
        return self._recapturing.of_fallback(fallback)

    @_if_wanted
    def of_unreset(self, unreset: Unreset) -> Fix:
        """The fix of a set that can outlive its item."""
        return self._unwinding.of(unreset)
