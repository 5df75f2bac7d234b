"""The program as the rules see it: every question answered once, and the judgements on spawns."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Final

from msgspec import Struct

from .. import apis
from ..facts import model as m
from ..patience import Patience
from ..supply import Supply, with_own
from .arguments import argument_for
from .bounds import Bounds
from .calls import CallGraph
from .captures import Captures
from .carriers import Carriers
from .contexts import Contexts
from .detachment import Detachment
from .entries import Entries
from .fallbacks import Fallbacks
from .forgotten import ForgottenTasks
from .handoffs import Handoffs
from .index import ModuleIndex
from .late import LateCopies
from .leftovers import Leftovers, Partly
from .lifetimes import Endless, Lifetimes
from .losses import Losses
from .makers import Queues
from .markers import Markers
from .modules import Modules, Sources
from .once import OnceFlags
from .remedies import Remedies
from .resets import Resets
from .resolve import Resolver
from .restoring import Restoring
from .scope import Scope
from .scopes import Reach, Scopes
from .sharing import Sharing
from .sieve import Sieve
from .spawns import Spawn, Spawns
from .stores import Stores
from .supplies import OwnHelpers
from .timers import Chain, Timers
from .unheeded import UnheededItems
from .uses import Use, passed_arguments
from .values import Instance, Values, union
from .wrappers import Wrappers


class Reached(Struct, frozen=True):
    """How a spawn comes to run, by which calls that pass a worker, and the workers passed."""

    reach: Reach
    passed: tuple[Use, ...] = ()
    given: Values = ()


class Judgement:
    """What is known of one spawn: worker? detached? bounded? in whose scope?

    Each question is answered when it is asked, and none that an earlier answer makes pointless.
    """

    def __init__(self, program: Program, spawn: Spawn) -> None:
        self._program: Final = program
        self.spawn: Final = spawn

    @cached_property
    def worker(self) -> Endless | None:
        """Why what is started never ends."""
        if self._lasts and self.given:
            return self._program.lifetimes.of_any(self.given)
        return self.worker_alone

    @cached_property
    def chain(self) -> Chain | None:
        """How what is started arms itself again, if it is no worker."""
        if self.worker_alone is not None or self.spawn.kind not in ("timer", "task"):
            return None
        return self._program.timers.chain(self.spawn)

    @cached_property
    def detached(self) -> str | None:
        """What keeps the spawner's context from it, as far as it would look at that."""
        own = self._program.detachment.by_context(self.spawn)
        if own is None and self.partly is not None and not self.partly.left:
            return self.partly.cleared[0].phrase
        return own

    @cached_property
    def partly(self) -> Partly | None:
        """What is cleared of the spawner's context for it, and what is left."""
        return self._program.leftovers.of(self)

    @cached_property
    def bounded(self) -> str | None:
        """Who waits for it, or ends it, within the same call."""
        return self._program.bounds.of(self.spawn)

    @property
    def reach(self) -> Reach | None:
        """How it comes to be started; for a wrapper, how the call that passes the worker does."""
        return self.reached.reach if self._lasts else None

    @property
    def passed(self) -> tuple[Use, ...]:
        """All calls in request scope that hand a worker to a project function that spawns it."""
        return self.reached.passed if self._lasts else ()

    @property
    def given(self) -> Values:
        """The workers that these calls hand over."""
        return self.reached.given if self._lasts else ()

    @property
    def started(self) -> Values:
        """What is started: all that the spawn can start, or the workers that are handed to it."""
        return self.given or self.spawn.values

    @property
    def passed_at(self) -> Use | None:
        """The first call that hands over a worker."""
        return self.passed[0] if self.passed else None

    @property
    def leaks(self) -> bool:
        """Whether all three conditions of a leak hold."""
        return (
            self._lasts
            and self.reached.reach.in_request
            and (self.worker is not None or self.chain is not None)
            and self.partly is None
        )

    @property
    def leaks_partly(self) -> bool:
        """Whether they do for a part of the context, while another part is cleared."""
        return (
            self._lasts
            and self.partly is not None
            and self.reached.reach.in_request
            and (self.worker is not None or self.chain is not None)
        )

    @cached_property
    def _lasts(self) -> bool:
        """Whether a worker outlives the call and keeps its context; the cheapest is asked first."""
        return (
            self.bounded is None
            and (self.worker_alone is not None or self.chain is not None)
            and self.detached is None
        )

    @cached_property
    def worker_alone(self) -> Endless | None:
        """Why something that the spawn can start never ends."""
        if self.spawn.kind == "executor":
            return None
        return self._program.lifetimes.of_any(self.spawn.values)

    @cached_property
    def reached(self) -> Reached:
        """How it comes to be started, whatever else is known of it."""
        return self._program.reach_of(self.spawn)


class Program:
    """A project, linked on demand; ``fixes`` says whether findings are to have theirs."""

    def __init__(
        self,
        sources: Sources,
        table: apis.Table,
        sieve: Sieve,
        supply: Supply,
        patience: Patience,
        *,
        fixes: bool = True,
    ) -> None:
        self._declared_supply: Final = supply
        self.sieve: Final = sieve
        self.table: Final = table
        self.modules: Final = Modules(sources)
        self.resolver: Final = Resolver(self.modules, table, sieve.inheritance, patience)
        self.calls: Final = CallGraph(self.resolver)
        self.entries: Final = Entries(self.resolver, table)
        self.spawns: Final = Spawns(self.resolver, table)
        self.detachment: Final = Detachment(self.resolver, table)
        self.carriers: Final = Carriers(self.resolver)
        self.lifetimes: Final = Lifetimes(self.resolver, self.spawns)
        self.timers: Final = Timers(self.resolver, self.spawns, self.calls, self.lifetimes)
        self.bounds: Final = Bounds(self.resolver, self.calls)
        self.wrappers: Final = Wrappers(self.resolver, self.spawns)
        self.scopes: Final = Scopes(
            self.calls, self.entries, self.spawns, self.wrappers, self.detachment, self.lifetimes
        )
        self.queues: Final = Queues(self.resolver, self.calls, table, sieve)
        self.markers: Final = Markers(self.resolver)
        self.handoffs: Final = Handoffs(self)
        self.unheeded: Final = UnheededItems(self)
        self.contexts: Final = Contexts(self)
        self.losses: Final = Losses(self)
        self.leftovers: Final = Leftovers(self)
        self.forgotten: Final = ForgottenTasks(self)
        self.captures: Final = Captures(self.resolver)
        self.late: Final = LateCopies(self)
        self.sharing: Final = Sharing(self)
        self.fallbacks: Final = Fallbacks(self)
        self.stores: Final = Stores(self)
        self.restoring: Final = Restoring(self)
        self.resets: Final = Resets(self)
        self.once_flags: Final = OnceFlags(self)
        self.remedies: Final = Remedies(self, wanted=fixes)
        self._judged: dict[Spawn, Judgement] = {}

    @cached_property
    def supply(self) -> Supply:
        """What fixes may use, the helpers that the project has of its own included."""
        own = OwnHelpers(self.resolver, self.spawns, self.calls)
        if self._declared_supply.settled:
            return own.signed(self._declared_supply)
        return with_own(self._declared_supply, own.found())

    def module(self, path: Path) -> ModuleIndex | None:
        """The module at a path, parsed; None if it cannot be read."""
        return self.modules.load(path)

    def spawns_in(self, path: Path) -> list[Spawn]:
        """The spawn sites of one file; none where it cannot be read or spawns nothing."""
        if not self.sieve.may_spawn(path):
            return []
        module = self.module(path)
        return [] if module is None else list(self.spawns.in_module(module))

    def judge(self, spawn: Spawn) -> Judgement:
        """The three questions of section 4 for one spawn."""
        if spawn not in self._judged:
            self._judged[spawn] = Judgement(self, spawn)
        return self._judged[spawn]

    def reach_of(self, spawn: Spawn) -> Reached:
        """How a spawn comes to run; for a wrapper, how the calls that pass a worker do."""
        passed = list(self._passing_uses(spawn))
        if not passed:
            return Reached(self.scopes.reach(spawn.call, spawn.module))
        reaches = [self._reach(use, spawn) for use, _ in passed]
        leaking = [i for i, reach in enumerate(reaches) if reach.in_request] or [0]
        given = union(*(passed[i][1] for i in leaking))
        return Reached(reaches[leaking[0]], tuple(passed[i][0] for i in leaking), given)

    def _reach(self, use: Use, spawn: Spawn) -> Reach:
        """How a call comes to run that hands a worker to its spawner."""
        detached = self.detachment.of_run(use.node, use.module) or self._bounded(use, spawn)
        if detached is not None:
            return Reach("detached", use.scope, (), detached)
        return self.scopes.reach(use.node, use.module)

    def _bounded(self, use: Use, spawn: Spawn) -> str | None:
        """What bounds a worker whose task or thread is handed back to who passed the worker."""
        if use.call is None:
            return None
        returned = self.resolver.evaluate(use.call, use.scope)
        if any(isinstance(each, Instance) and each.origin is spawn.call for each in returned):
            return self.bounds.of_result(use.call, use.module)
        return None

    def _passing_uses(self, spawn: Spawn) -> Iterator[tuple[Use, Values]]:
        """The calls that pass a worker into the parameter that is spawned."""
        callee = spawn.callee
        while isinstance(callee, m.Call):
            callee = callee.func
        return self._passed(callee, spawn.scope, set())

    def _passed(
        self, callee: m.Expression | None, scope: Scope, seen: set[Scope]
    ) -> Iterator[tuple[Use, Values]]:
        """The calls in which a parameter's value is a worker, wrappers of wrappers followed."""
        if not isinstance(callee, m.Name):
            return
        home = self.resolver.binding_scope(callee.id, scope)
        if home is None or home.function is None or home in seen:
            return
        seen.add(home)
        for parameter in home.function.parameters:
            if parameter.name != callee.id:
                continue
            for use in (*self.calls.uses(home), *self.calls.handed_out(home)):
                arguments = passed_arguments(use)
                given = argument_for(home, parameter, *arguments) if arguments else None
                if given is None:
                    continue
                further = list(self._passed(given, use.scope, seen))
                yield from further
                if not further:
                    values = self.resolver.evaluate(given, use.scope)
                    if self.lifetimes.of_any(values) is not None:
                        yield use, values

    def is_first_armed_elsewhere(self, judgement: Judgement) -> bool:
        """Whether a spawn only continues a chain that another place first arms."""
        chain, spawn = judgement.chain, judgement.spawn
        if chain is None or spawn.scope not in chain.functions:
            return False
        outside = list(self.timers.outside_uses(chain))
        arming = [use for use in outside if self._arms(use)]
        called = [use for use in outside if use.call is not None and use not in arming]
        return bool(arming) and not any(
            self.scopes.reach(use.node, use.module).in_request for use in called
        )

    def _arms(self, use: Use) -> bool:
        """Whether a use starts the function by a timer or as a task, a lambda looked through."""
        if self.scopes.spawning(use) is not None:
            return True
        scope = use.scope
        return scope.name == "<lambda>" and any(
            self.scopes.spawning(outer) is not None for outer in self.calls.uses(scope)
        )
