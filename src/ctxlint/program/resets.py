"""What is set in a context per item and not surely taken back: the judgement behind CTX401.

A set is followed to the end of its function (or of the loop's turn), then into the function that
is to take it back, then into the callers: each of them may do so.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from msgspec import Struct
from msgspec.structs import replace

from .. import apis
from ..facts import model as m
from .asking import Questions
from .counterparts import Counterpart, Counterparts, Through
from .handed_tokens import HandedTokens
from .index import ModuleIndex
from .levels import Level, Levels
from .places import Place
from .scope import Scope
from .stores import Store, Touch
from .surviving import Survival, Surviving
from .tokens import Kept, kept
from .trees import offset
from .values import ClassValue
from .ways import WayOut, Ways
from .ways_out import Search

if TYPE_CHECKING:
    from .program import Program

Reason = Literal["skipped", "never", "dropped", "shared", "sometimes"]
_MAX_DEPTH: Final = 4


class Unreset(Struct, frozen=True):
    """A set that can outlive its item.

    - ``skipped``: control can leave at ``out`` before the reset (in ``reset_in`` where another
      function is to do it); ``never``: a context manager's exit, or a generator, does not take it
      back; ``dropped``: nothing can, the token is thrown away; ``shared``: the token is kept on an
      object that several requests share; ``sometimes``: it is set for some items only, the next
      one sees what the last one left.
    - ``function`` is where that shows: the set's own, or the one that calls it. ``ways`` are those
      of the set itself, where no other function is involved; ``reset_in`` is the function that is
      to take back.
    """

    touch: Touch
    reason: Reason
    function: Scope
    survival: Survival
    steps: tuple[Place, ...]
    out: WayOut | None = None
    ways: Ways | None = None
    kept: Kept | None = None
    reset_in: Scope | None = None
    counterpart: tuple[Place, ...] = ()


class Resets:
    """Judges sets; memoised per call."""

    def __init__(self, program: Program) -> None:
        self._program: Final = program
        self._stores: Final = program.stores
        self._handed: Final = HandedTokens(program, self._returns_token)
        self._counterparts: Final = Counterparts(program)
        self._questions: Final = Questions(program)
        self._levels: Final = Levels(program)
        self.surviving: Final = Surviving(program)
        self._judged: dict[m.Call, Unreset | None] = {}

    def in_file(self, path: Path) -> Iterator[Unreset]:
        """The leaking sets of one file, in source order."""
        module = self._program.module(path) if self._program.sieve.may_set(path) else None
        if module is None or self._supports_tests(module):
            return
        for touch in self.sets_in(module):
            found = self.judge(touch)
            if found is not None:
                yield found

    def sets_in(self, module: ModuleIndex) -> list[Touch]:
        """The calls of a module that set something, or whose result is the token of a set."""
        stores = self._stores
        own = stores.in_module(module) if self._program.sieve.sets(module.path) else ()
        found = {each.call: each for each in (*self._handed.in_module(module), *own)}
        return sorted(
            (
                each
                for each in found.values()
                if each.kind == "set" and not stores.is_clearing(each)
            ),
            key=lambda each: each.call.at,
        )

    def _returns_token(self, touch: Touch) -> bool:
        """Whether a function returns the token of what it sets."""
        level = self._first_level(touch)
        if level.kept.where != "local":
            return level.kept.where == "returned"
        return self._ways(level, touch.store).returned

    def judge(self, touch: Touch) -> Unreset | None:
        """Why a set can outlive its item; None where it cannot, or that is not known."""
        if touch.call not in self._judged:
            self._judged[touch.call] = self._judge(touch)
        return self._judged[touch.call]

    def _judge(self, touch: Touch) -> Unreset | None:
        level = self._first_level(touch)
        if touch.scope.function is None or level.kept.where in ("returned", "passed"):
            return None
        if touch.scope.name == "<lambda>" or self._questions.escapes(
            level.kept, touch.call, touch.scope
        ):
            return None
        if level.kept.where == "dropped" and self._levels.is_own(touch):
            return None
        return self._at(level, touch, _MAX_DEPTH)

    @staticmethod
    def _first_level(touch: Touch) -> Level:
        return Level(touch.call, touch.scope, kept(touch.call, touch.scope.module), (), False)

    # --- one level -----------------------------------------------------------------------------

    def _at(self, level: Level, touch: Touch, depth: int) -> Unreset | None:
        store = touch.store
        if self._levels.is_cleared_before(level, store) or self._levels.is_known_to_nested(
            level, store
        ):
            return None
        if self._is_shared(level):
            return self._found("shared", level, touch)
        ways = self._ways(level, store)
        if ways.returned:
            return None
        if ways.reset is not None:
            dealt_with = ways.guarded or ways.handled
            outs = [out for out in ways.outs if not dealt_with or out.kind != "call"]
            if outs and not level.sometimes:
                out = min(outs, key=lambda each: _TELLING.index(each.kind))
                return self._found("skipped", level, touch, out=out, ways=ways)
            return None
        if ways.some:
            return None
        counterpart = self._counterparts.of(level.scope, store, self._through(level, store))
        if counterpart.verdict in ("skips", "never"):
            return self._elsewhere(level, touch, counterpart)
        if counterpart.verdict == "sure" and self._counterparts.exit_of(level.scope) is not None:
            return None
        paired = counterpart.verdict == "sure"
        if not paired:
            here = self._here(level, touch, ways)
            if here is not None:
                return here
        if depth == 0 or self._levels.extent(level) is not level.scope.node:
            return None
        if ways.leaves_by("await", "yield") is not None:
            return None  # what it sets, it works with: it sets it for itself
        return self._in_callers(level, touch, depth, paired=paired)

    def _here(self, level: Level, touch: Touch, ways: Ways) -> Unreset | None:
        """Whether a level from which nothing is taken back is where the set leaks."""
        yields = ways.leaves_by("yield")
        definition = level.scope.function
        if yields is not None and definition is not None and definition.is_generator:
            return self._found("never", level, touch, out=yields, ways=ways)
        if touch.store.row is not None and touch.store.row.stacks:
            if level.kept.where in ("dropped", "local") and (
                self._levels.extent(level) is not level.scope.node
                or any(out.kind != "return" for out in ways.outs)
            ):
                return self._found("dropped", level, touch, ways=ways)
            return None
        if self._stores.is_replay(level.call, level.scope):
            survival = self.surviving.of(level.call, level.module)
            if survival is not None and survival.kind == "pool":
                return self._found("dropped", level, touch, ways=ways)
        return self._sometimes(level, touch)

    def _sometimes(self, level: Level, touch: Touch) -> Unreset | None:
        """Set for some items only, in the loop of a worker or a handler that shares its context."""
        if not (level.sometimes or self._levels.is_conditional(level, touch)):
            return None
        extent = self._levels.extent(level)
        if extent is not level.scope.node:
            worker = self._program.lifetimes.of_function(level.scope)
            entry = self._program.entries.of(level.scope)
            if worker is None or (entry is not None and entry[0] == "request"):
                return None
            return self._found("sometimes", level, touch)
        entry = self._program.entries.of(level.scope)
        if entry is None or entry[0] != "request" or self._is_taken_back(touch.store):
            return None
        if self.surviving.has_own_context(level.scope):
            return None
        return self._found("sometimes", level, touch)

    def _elsewhere(self, level: Level, touch: Touch, counterpart: Counterpart) -> Unreset | None:
        reason: Reason = "never" if counterpart.verdict == "never" else "skipped"
        place = counterpart.place
        steps = (place,) if place is not None else ()
        found = self._found(reason, level, touch, out=counterpart.out)
        if found is None:
            return None
        return replace(found, reset_in=counterpart.function, counterpart=steps)

    def _in_callers(
        self, level: Level, touch: Touch, depth: int, *, paired: bool
    ) -> Unreset | None:
        """The callers of a function that leaves it set."""
        sometimes = level.sometimes or self._levels.is_conditional(level, touch)
        for use in self._program.calls.uses(level.scope):
            if use.call is None or not use.certain or use.scope is level.scope:
                continue
            if self._program.scopes.spawning(use) is not None or use.scope.function is None:
                continue
            text = f"{use.scope.label} calls {level.scope.label}"
            steps = (Place(use.module, offset(use.node), text), *level.steps)
            further = Level(use.call, use.scope, Kept("dropped"), steps, sometimes)
            if self._supports_tests(use.module):
                continue
            found = self._at(further, touch, depth - 1)
            if found is None or (paired and found.reason != "skipped"):
                continue
            if found.reason == "skipped" or not self._is_taken_back(touch.store):
                return found
        return None

    def _is_taken_back(self, store: Store) -> bool:
        return store.row is None and self._program.restoring.somewhere(store)

    def _supports_tests(self, module: ModuleIndex) -> bool:
        parts = module.path.relative_to(self._program.modules.sources.root).parts
        return self._program.calls.is_test(module) or not apis.TEST_SUPPORT_PARTS.isdisjoint(parts)

    def _found(
        self,
        reason: Reason,
        level: Level,
        touch: Touch,
        *,
        out: WayOut | None = None,
        ways: Ways | None = None,
    ) -> Unreset | None:
        """The finding, if what is left set is still there for the next item."""
        survival = self.surviving.of(level.call, level.module)
        if survival is None:
            return None
        own = ways if level.call is touch.call else None
        steps = (*survival.steps, *level.steps)
        return Unreset(touch, reason, level.scope, survival, steps, out, own, level.kept)

    # --- questions about a level ---------------------------------------------------------------

    def _ways(self, level: Level, store: Store) -> Ways:
        search = Search(level.module, self._questions.of(level.scope, level.kept, store))
        return search.after(level.statement, self._levels.extent(level))

    def _through(self, level: Level, store: Store) -> Through:
        def through(function: Scope, leaving: bool) -> Ways:
            asked = self._questions.of(function, level.kept, store, leaving=leaving)
            return Search(function.module, asked).through(function.body)

        return through

    def _is_shared(self, level: Level) -> bool:
        """Whether the token is kept where the next request overwrites it."""
        for holder in level.kept.holders:
            for value in self._program.resolver.evaluate(holder, level.scope):
                if isinstance(value, ClassValue):
                    return True
            method = level.scope.enclosing_method
            own = method.function.parameters[:1] if method and method.function else ()
            if own and isinstance(holder, m.Name) and holder.id == own[0].name:
                if self.surviving.is_middleware(level.scope):
                    return True
        return False


_TELLING: Final = ("return", "raise", "continue", "yield", "await", "call")
