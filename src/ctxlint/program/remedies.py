"""What is to be done about a finding: the intent of its fix, and how far that may be trusted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..findings import Fix
from .handoffs import Handoff

if TYPE_CHECKING:
    from .program import Judgement, Program

_TITLES: Final = {
    "task": "Start {} with create_detached_background_task()",
    "thread": "Start {} with create_detached_thread()",
    "timer": "Arm {} with context=contextvars.Context()",
}


class Remedies:
    """Says for each finding what its fix is; asked by the rules."""

    def __init__(self, program: Program) -> None:
        self._program: Final = program

    def of_spawn(self, judgement: Judgement, worker: str) -> Fix:
        """The fix of a leaking spawn; ``worker`` is how the message names what it starts."""
        return Fix("display", _TITLES[judgement.spawn.kind].format(worker))

    def of_handoff(self, handoff: Handoff) -> Fix:
        """The fix of a put that loses its producer's context."""
        return Fix("display", "Put WorkItem(item) and activate its context in the consumer")
