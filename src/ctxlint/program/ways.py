"""What is asked about the ways out of a function, and what is found: plain data.

What counts as a reset, and which calls cannot fail, is for the one who asks to say.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from msgspec import Struct, field

from ..facts import model as m

Exit = Literal["return", "raise", "continue", "await", "yield", "call"]


class WayOut(Struct, frozen=True):
    """A place at which control can leave before the reset."""

    kind: Exit
    at: int
    call: m.Call | None = None


class Asked(Struct, frozen=True):
    """What the search asks about code: each is given a node.

    ``resets``: it takes back what was set. ``in_exit``: the same of what stands in a ``finally``.
    ``holds``: it passes on what a reset needs. ``tells``: a test whether there is anything to take
    back. ``harmless``: a call that cannot fail. ``restores``: a ``with`` that takes back what is
    set inside it.
    """

    resets: Callable[[m.Call], bool]
    in_exit: Callable[[m.Call], bool]
    holds: Callable[[m.Node], bool]
    tells: Callable[[m.Expression], bool]
    harmless: Callable[[m.Call], bool]
    restores: Callable[[m.WithItem], bool]


class Ways(Struct):
    """What was found.

    ``places`` are all places on the way; which of the calls among them are ``harmless`` is asked
    only by `outs`, for it has to be found out what they call.
    ``reset``: the call that takes back, in ``statement``; ``guarded``: it stands in a ``finally``
    or a ``with``, and runs also after an exception; ``handled``: what can fail is dealt with.
    ``returned``: the token is handed to the caller. ``some``: a reset under a condition.
    """

    harmless: Callable[[m.Call], bool]
    places: list[WayOut] = field(default_factory=list)
    reset: m.Call | None = None
    guarded: bool = False
    handled: bool = False
    returned: bool = False
    some: m.Call | None = None
    statement: m.Node | None = None

    @property
    def outs(self) -> list[WayOut]:
        """Where control can leave."""
        return [each for each in self.places if each.call is None or not self.harmless(each.call)]

    def leaves_by(self, *kinds: Exit) -> WayOut | None:
        """The first place of some kinds, other than a call."""
        return next((each for each in self.places if each.kind in kinds), None)
