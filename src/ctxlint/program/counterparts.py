"""What is set in one method and taken back in another: ``__exit__``, ``stop``, a response hook."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final, Literal

from msgspec import Struct

from ..facts import model as m
from .places import Place
from .scope import Scope
from .stores import SETTING, Store
from .trees import offset
from .ways import WayOut, Ways

if TYPE_CHECKING:
    from .program import Program

_EXITS: Final = {"__enter__": "__exit__", "__aenter__": "__aexit__"}
Verdict = Literal["sure", "skips", "never", "none"]
Through = Callable[[Scope, bool], Ways]


class Counterpart(Struct, frozen=True):
    """What becomes of a set elsewhere.

    ``sure``: a function takes it back on each of its ways; ``skips``: each that does can leave
    before; ``never``: the context manager's exit does not; ``none``: there is no such function.
    """

    verdict: Verdict
    function: Scope | None = None
    out: WayOut | None = None

    @property
    def place(self) -> Place | None:
        if self.function is None:
            return None
        label, module = self.function.label, self.function.module
        if self.out is None:
            return Place(module, self.function.at, f"{label} does not take it back")
        return Place(module, self.out.at, f"{label} can leave here without taking it back")


class Counterparts:
    """Finds the function that is to take back what another one sets."""

    def __init__(self, program: Program) -> None:
        self._program: Final = program

    def exit_of(self, function: Scope) -> Scope | None:
        """The exit method that belongs to an enter method."""
        name = _EXITS.get(function.name)
        if name is None or function.owner is None:
            return None
        return self._program.resolver.classes.method(function.owner, name)

    def of(self, function: Scope, store: Store, through: Through) -> Counterpart:
        """What becomes of what ``function`` sets; ``through`` searches another one's ways."""
        leaving = self.exit_of(function)
        if leaving is not None:
            return self._judged(leaving, through(leaving, True), required=True)
        found = [
            self._judged(other, through(other, False), required=False)
            for other in self._others(function)
            if self._program.restoring.does_itself(other, store)
        ]
        for verdict in ("sure", "skips"):
            for each in found:
                if each.verdict == verdict:
                    return each
        return Counterpart("none")

    def _others(self, function: Scope) -> Iterator[Scope]:
        """The functions beside one: of its class, or of its module's level."""
        owner = function.owner
        lineage = self._program.resolver.classes.lineage(owner) if owner is not None else ()
        for home in lineage or (function.parent,):
            for other in home.inner if home is not None else ():
                if other.function is None or other is function:
                    continue
                if other.name not in ("__init__", *_EXITS) and other.may_hold(SETTING):
                    yield other

    def _judged(self, function: Scope, ways: Ways, *, required: bool) -> Counterpart:
        reset = ways.reset or ways.some
        if reset is None:
            return Counterpart("never" if required else "none", function)
        out = next(
            (each for each in ways.outs if each.at < reset.at and self._counts(each, function)),
            None,
        )
        return Counterpart("sure" if out is None else "skips", function, out)

    def _counts(self, out: WayOut, function: Scope) -> bool:
        """Whether a way out skips the reset: a return, a raise, or an await on the straight way.

        That any call may fail is no reason: something always stands before.
        """
        if out.kind in ("return", "raise"):
            return True
        if out.kind != "await":
            return False
        for around in function.module.ancestors(self._node_at(out, function)):
            if isinstance(around, m.If | m.While | m.For | m.Handler | m.Conditional):
                return False
        return True

    @staticmethod
    def _node_at(out: WayOut, function: Scope) -> m.Node:
        return next(
            node
            for node in function.nodes
            if isinstance(node, m.Await | m.With | m.For) and offset(node) == out.at
        )
