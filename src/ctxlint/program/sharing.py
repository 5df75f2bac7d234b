"""Shared contexts: one ``Context`` object entered by runs that can overlap."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from msgspec import Struct

from ..facts import model as m
from .arguments import argument_for
from .classes import self_name
from .entering import Entering, Run, Source
from .index import ModuleIndex
from .overlaps import can_overlap, is_rebound, repeating_loop
from .places import Place
from .scope import Scope
from .trees import offset
from .uses import passed_arguments

if TYPE_CHECKING:
    from .program import Program

Reason = Literal["items", "loop", "again", "requests"]
_MAX_LEVELS: Final = 3


class SharedContext(Struct, frozen=True):
    """A run in a context that another run can be in, and why: one for all ``items`` of a map, one
    for all rounds of a ``loop``, entered ``again``, or kept for all ``requests``."""

    run: Run
    reason: Reason
    steps: tuple[Place, ...]


class _Site(Struct, frozen=True):
    """Where a run is started, seen from the function that knows its context as ``source``."""

    node: m.Call
    module: ModuleIndex
    source: Source
    run: Run


class Sharing:
    """Judges the runs in contexts by position and count."""

    def __init__(self, program: Program) -> None:
        self._program: Final = program
        self.runs: Final = Entering(
            program.resolver, program.spawns, program.captures, program.late.crossings
        )

    def in_file(self, path: Path) -> Iterator[SharedContext]:
        """The runs of one file that share a context, each once, in source order."""
        module = self._program.module(path) if self._program.sieve.may_capture(path) else None
        if module is None:
            return
        found: dict[m.Call, SharedContext] = {}
        sites: list[_Site] = []
        for run in self.runs.in_module(module):
            for shared in self._alone(run, sites):
                found.setdefault(run.call, shared)
        for shared in self._together(sites):
            found.setdefault(shared.run.call, shared)
        yield from sorted(found.values(), key=lambda each: each.run.call.at)

    def _alone(self, run: Run, sites: list[_Site]) -> Iterator[SharedContext]:
        """What is wrong with one run by itself; adds where it is started to ``sites``."""
        if run.many and run.kind != "here":
            yield SharedContext(run, "items", (_here(run),))
        if run.source is None:
            return
        for site in self._sites(run, run.call, run.module, run.source, _MAX_LEVELS):
            sites.append(site)
            if run.kind == "here":
                continue
            loop = repeating_loop(site.node, site.module, site.source.names)
            if loop is not None:
                text = "each round starts another run in the same context"
                yield SharedContext(run, "loop", (Place(site.module, loop.at, text), _here(run)))
            elif self._is_kept(site):
                reach = self._program.scopes.reach(site.node, site.module)
                if reach.in_request:
                    yield SharedContext(run, "requests", (*reach.steps, _here(run)))

    # --- where a run is started ----------------------------------------------------------------

    def _sites(
        self, run: Run, node: m.Call, module: ModuleIndex, source: Source, levels: int
    ) -> Iterator[_Site]:
        """The run itself, and the calls of the functions around it that know the context too."""
        scope = module.scope_of(node)
        if scope is source.home or source.home.function is None:
            yield _Site(node, module, source, run)
            if source.home.function is not None and levels > 0:
                yield from self._passing_sites(run, source, levels)
            return
        if levels == 0 or scope.function is None:
            return
        loop = repeating_loop(node, module, source.names)
        if loop is not None:
            yield _Site(node, module, source, run)
        for use in self._program.calls.uses(scope):
            if use.call is not None and use.certain and use.module is module:
                yield from self._sites(run, use.call, module, source, levels - 1)

    def _passing_sites(self, run: Run, source: Source, levels: int) -> Iterator[_Site]:
        """The calls that pass the context for a parameter."""
        function = source.home.function
        parameters = function.parameters if function is not None else ()
        parameter = next((p for p in parameters if p.name == source.name), None)
        if parameter is None:
            return
        for use in self._program.calls.uses(source.home):
            passed = passed_arguments(use) if use.certain and use.call is not None else None
            given = argument_for(source.home, parameter, *passed) if passed is not None else None
            if given is None or use.call is None:
                continue
            outer = self.runs.known(given, use.scope)
            if outer is not None:
                yield from self._sites(run, use.call, use.module, outer, levels - 1)

    # --- several runs --------------------------------------------------------------------------

    def _together(self, sites: list[_Site]) -> Iterator[SharedContext]:
        """Runs that enter the context of an earlier one, which may still go on."""
        by_source: dict[tuple[Source, Scope], list[_Site]] = {}
        for site in sites:
            key = site.source, site.module.scope_of(site.node)
            by_source.setdefault(key, []).append(site)
        for (source, _), group in by_source.items():
            group.sort(key=lambda each: offset(each.node))
            for index, second in enumerate(group):
                first = next((e for e in group[:index] if _meets(e, second, source)), None)
                if first is not None:
                    text = "the same context is given to this run, which can still go on"
                    place = Place(first.module, offset(first.node), text)
                    yield SharedContext(second.run, "again", (place, _here(second.run)))

    # --- contexts that are kept ----------------------------------------------------------------

    def _is_kept(self, site: _Site) -> bool:
        """Whether a context outlives the call: a global's, or an attribute of such an object."""
        source = site.source
        if not source.is_attribute:
            return source.home.function is None and not source.home.is_class
        method = site.module.scope_of(site.node).enclosing_method
        owner = method.owner if method is not None else None
        root, _, attribute = source.name.partition(".")
        if method is None or owner is None or root != self_name(method):
            return False
        members = self._program.resolver.classes.members(owner, attribute)
        if not members or not all(
            where.name == "__init__" or where.is_class for _, where in members
        ):
            return False
        makers = [where for _, where in members if where.name == "__init__"]
        return bool(makers) and all(self._is_made_at_startup(each) for each in makers)

    def _is_made_at_startup(self, constructor: Scope) -> bool:
        """Whether every object is made before requests come."""
        uses = self._program.calls.uses(constructor)
        return bool(uses) and all(
            self._program.scopes.reach(use.node, use.module).ending == "startup" for use in uses
        )


def _meets(first: _Site, second: _Site, source: Source) -> bool:
    """Whether the second run can enter the context while the first is in it."""
    if first.run.kind == "here" or first.node is second.node:
        return False
    if second.run.kind == "here" and first.run.kind != "thread":
        return False  # the loop runs nothing of a task while this goes on
    return can_overlap(first.node, second.node, first.module) and not is_rebound(
        first.node, second.node, source.names, first.module
    )


def _here(run: Run) -> Place:
    return Place(run.entered.module, offset(run.entered.context), "it is entered here")
