"""What is to be done about a finding: the intent of its fix, and how far that may be trusted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from ..findings import Fix
from ..intents import Detach, Form
from ..rows import Role
from .conversions import Conversions
from .handoffs import Handoff
from .rewriting import Rewriting, Unwritable

if TYPE_CHECKING:
    from .program import Judgement, Program


class Remedies:
    """Says for each finding what its fix is; asked by the rules."""

    def __init__(self, program: Program) -> None:
        self._program: Final = program
        self._rewriting: Final = Rewriting(program)
        self._conversions: Final = Conversions(program, self._rewriting)

    def of_spawn(self, judgement: Judgement, worker: str) -> Fix:
        """The fix of a leaking spawn; ``worker`` is how the message names what it starts."""
        shared = self._conversions.of_worker(judgement)
        if shared is not None:
            return shared
        try:
            detach = self._rewriting.of(judgement)
        except Unwritable as reason:
            return Fix("display", f"Start {worker} detached, by hand: {reason}")
        return Fix("unsafe", self._title(detach, worker), detach)

    def _title(self, detach: Detach, worker: str) -> str:
        if detach.form == "timer":
            return f"Arm {worker} with context=contextvars.Context()"
        role = _ROLES.get(detach.form)
        helper = self._program.supply.helpers.get(role) if role is not None else None
        if helper is None:
            return f"Start {worker} in an empty context"
        how = "through" if role == "run" else "with"
        return f"Start {worker} {how} {helper.name}()"

    def of_handoff(self, handoff: Handoff) -> Fix:
        """The fix of a put that loses its producer's context."""
        return self._conversions.of_handoff(handoff)


_ROLES: Final[Mapping[Form, Role]] = {
    "task": "task",
    "thread": "thread",
    "through": "run",
    "runner": "run",
}
