"""Why a spawn is reported, or is not."""

from __future__ import annotations

from typing import Final

from .. import apis
from ..program.index import ModuleIndex
from ..program.leftovers import names
from ..program.losses import Loss, crosses
from ..program.places import Place
from ..program.program import Judgement, Program
from ..program.spawns import Spawn
from .words import at, listed, verdict, who_leads_here

_WHAT: Final[dict[apis.Kind, str]] = {
    "task": "starts a task",
    "thread": "starts a thread",
    "timer": "sets a timer",
    "callback": "registers a callback",
    "executor": "hands work to a pool",
}


def spawns_on(program: Program, module: ModuleIndex, line: int) -> list[str]:
    """What is known of the spawns on a line."""
    return [_spawn(program, each) for each in spawns_in(program, module) if _line(each) == line]


def lines_of_spawns(program: Program, module: ModuleIndex) -> set[int]:
    """The lines with spawns."""
    return {_line(each) for each in spawns_in(program, module)}


def spawns_in(program: Program, module: ModuleIndex) -> list[Spawn]:
    """All spawns of a module."""
    module.calls()  # all of it is read: also what no rule would ask about
    return list(program.spawns.in_module(module))


def _line(spawn: Spawn) -> int:
    return spawn.module.line(spawn.call.at)


def _spawn(program: Program, spawn: Spawn) -> str:
    judgement = program.judge(spawn)
    lines = [f"This call {_WHAT[spawn.kind]} ({spawn.row.name})."]
    if crosses(spawn) and judgement.worker is None and judgement.chain is None:
        loss = program.losses.judge(spawn)
        return "\n".join([*lines, *_loss(loss), verdict(loss.is_leak)])
    lines += _answers(judgement, spawn)
    forgotten = program.forgotten.of(judgement)
    if forgotten is not None:
        about = f"It is left to itself: {forgotten.reason}"
        lines += [f"{about} (CTX105, which is off by default).", *listed(forgotten.steps)]
        if not (judgement.leaks or judgement.leaks_partly):
            return "\n".join([*lines, "Apart from that, there is nothing to report."])
    return "\n".join([*lines, verdict(judgement.leaks or judgement.leaks_partly)])


def _loss(loss: Loss) -> list[str]:
    """What is known of work that is given to a thread, which starts with an empty context."""
    spawn = loss.spawn
    if loss.carried is not None:
        return [f"No context is lost: {loss.carried}."]
    lines = ["It starts with an empty context."]
    if loss.read is None:
        if not spawn.values:
            return [*lines, "What it runs could not be resolved."]
        return [
            *lines,
            "As far as ctxlint can follow it, it asks its context for nothing.",
        ]
    lines += [f"But what it runs {loss.read.access.phrase}.", *listed(loss.read.steps)]
    if loss.reach is None:
        return [*lines, "It is a worker that never ends, and no work of one request."]
    return [*lines, *who_leads_here(loss.reach)]


def _answers(judgement: Judgement, spawn: Spawn) -> list[str]:
    if not spawn.values:
        return ["What it starts could not be resolved, so whether that ever ends is not known."]
    if judgement.worker is None and judgement.chain is None:
        return ["It is no worker: what it starts ends by itself, as far as ctxlint can tell."]
    lines = []
    if judgement.worker is not None:
        worker = judgement.worker
        last = worker.steps[-1] if worker.steps else Place(spawn.module, spawn.call.at, "")
        reason = f"{worker.reason}, {at(last)}"
        lines.append(f"It is a worker: {worker.function.label} never ends ({reason}).")
    elif judgement.chain is not None:
        lines.append(f"It never ends: {judgement.chain.callback.label} arms itself again.")
    if judgement.detached is not None:
        return [*lines, f"It is detached: {judgement.detached}."]
    lines += _detached_from(judgement, spawn)
    if judgement.bounded is not None:
        return [*lines, f"It is bounded: {judgement.bounded}."]
    lines.append("Nothing bounds it: nothing in the same call waits for it or ends it.")
    return lines if judgement.reach is None else [*lines, *who_leads_here(judgement.reach)]


def _detached_from(judgement: Judgement, spawn: Spawn) -> list[str]:
    """What a worker is not detached from, though it may be from something else."""
    partly = judgement.partly
    if partly is None and spawn.kind == "thread":
        return ["Nothing detaches it: it sees its starter's context wherever threads inherit it."]
    if partly is None:
        return ["Nothing detaches it: it runs in a copy of the caller's context."]
    parts = f"{names(partly.cleared)} cleared, {names(partly.left)} kept"
    return [f"It is detached in part: {parts}.", *listed(partly.steps)]
