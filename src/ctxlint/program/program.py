"""The program as the rules see it: every question answered once, and the judgements on spawns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from .. import apis
from ..facts import model as m
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
from .handoffs import Handoffs
from .index import ModuleIndex, Scope
from .late import LateCopies
from .lifetimes import Endless, Lifetimes
from .losses import Losses
from .makers import Queues
from .modules import Modules, Sources
from .remedies import Remedies
from .resolve import Resolver
from .scopes import Reach, Scopes
from .sharing import Sharing
from .sieve import Sieve
from .spawns import Spawn, Spawns
from .supplies import OwnHelpers
from .timers import Chain, Timers
from .uses import Use, passed_arguments
from .values import Values


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is known of one spawn: worker? detached? bounded? in whose scope?

    ``passed_at`` is the call that hands the worker to a project function that spawns it.
    A question that an earlier answer made pointless stays None.
    """

    spawn: Spawn
    worker: Endless | None
    chain: Chain | None
    detached: str | None
    bounded: str | None
    reach: Reach | None
    passed_at: Use | None = None

    @property
    def leaks(self) -> bool:
        """Whether all three conditions of a leak hold."""
        return (
            (self.worker is not None or self.chain is not None)
            and self.detached is None
            and self.bounded is None
            and self.reach is not None
            and self.reach.in_request
        )


class Program:
    """A project, linked on demand."""

    def __init__(
        self,
        sources: Sources,
        table: apis.Table,
        sieve: Sieve,
        hazard: Callable[[bytes], str | None],
        supply: Supply,
    ) -> None:
        self._declared_supply: Final = supply
        self.sieve: Final = sieve
        self.table: Final = table
        self.modules: Final = Modules(sources, hazard)
        self.resolver: Final = Resolver(self.modules, table, sieve.inheritance)
        self.calls: Final = CallGraph(self.resolver)
        self.entries: Final = Entries(self.resolver, table)
        self.spawns: Final = Spawns(self.resolver, table)
        self.detachment: Final = Detachment(self.resolver, table)
        self.carriers: Final = Carriers(self.resolver)
        self.lifetimes: Final = Lifetimes(self.resolver, self.spawns)
        self.timers: Final = Timers(self.resolver, self.spawns, self.calls, self.lifetimes)
        self.bounds: Final = Bounds(self.resolver, self.calls)
        self.scopes: Final = Scopes(
            self.calls, self.entries, self.spawns, self.detachment, self.lifetimes
        )
        self.queues: Final = Queues(self.resolver, self.calls, table, sieve)
        self.handoffs: Final = Handoffs(self)
        self.contexts: Final = Contexts(self)
        self.losses: Final = Losses(self)
        self.captures: Final = Captures(self.resolver)
        self.late: Final = LateCopies(self)
        self.sharing: Final = Sharing(self)
        self.fallbacks: Final = Fallbacks(self)
        self.remedies: Final = Remedies(self)
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
        """Answer the three questions of section 4 for one spawn, cheapest first."""
        if spawn not in self._judged:
            self._judged[spawn] = self._judge(spawn)
        return self._judged[spawn]

    def _judge(self, spawn: Spawn) -> Judgement:
        worker = self.lifetimes.of_any(spawn.values) if spawn.kind != "executor" else None
        chain = None
        if worker is None and spawn.kind in ("timer", "task"):
            chain = self.timers.chain(spawn)
        if worker is None and chain is None:
            return Judgement(spawn, None, None, None, None, None)
        detached = self.detachment.of(spawn)
        bounded = self.bounds.of(spawn) if detached is None else None
        if detached is not None or bounded is not None:
            return Judgement(spawn, worker, chain, detached, bounded, None)
        passed_at, reach = self._reach(spawn)
        return Judgement(spawn, worker, chain, None, None, reach, passed_at)

    def _reach(self, spawn: Spawn) -> tuple[Use | None, Reach]:
        """How the spawn comes to run; for a wrapper, how the call that passes the worker does."""
        passed = self._passing_uses(spawn)
        best: tuple[Use | None, Reach] | None = None
        for use in passed:
            detached = self.detachment.of_run(use.node, use.module)
            if detached is not None:
                reach = Reach("detached", use.scope, (), detached)
            else:
                reach = self.scopes.reach(use.node, use.module)
            if reach.in_request:
                return use, reach
            best = best or (use, reach)
        return best or (None, self.scopes.reach(spawn.call, spawn.module))

    def _passing_uses(self, spawn: Spawn) -> list[Use]:
        """The calls that pass a worker into the parameter that is spawned."""
        callee = spawn.callee
        while isinstance(callee, m.Call):
            callee = callee.func
        return self._passed(callee, spawn.scope, set())

    def _passed(self, callee: m.Expression | None, scope: Scope, seen: set[Scope]) -> list[Use]:
        """The calls in which a parameter's value is a worker, wrappers of wrappers followed."""
        if not isinstance(callee, m.Name):
            return []
        home = self.resolver.binding_scope(callee.id, scope)
        if home is None or home.function is None or home in seen:
            return []
        seen.add(home)
        found: list[Use] = []
        for parameter in home.function.parameters:
            if parameter.name != callee.id:
                continue
            for use in self.calls.uses(home):
                arguments = passed_arguments(use)
                given = argument_for(home, parameter, *arguments) if arguments else None
                if given is None:
                    continue
                further = self._passed(given, use.scope, seen)
                if further:
                    found += further
                elif self._is_worker(given, use.scope):
                    found.append(use)
        return found

    def _is_worker(self, expression: m.Expression, scope: Scope) -> bool:
        values: Values = self.resolver.evaluate(expression, scope)
        return self.lifetimes.of_any(values) is not None

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
